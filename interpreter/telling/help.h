// help.h - what help() says of a name or a value: its signature and its text. The texts stand in docstrings and in
// help/*.txt; this file finds and lays them out. It must not know what any function does.
// Invariant: looking something up runs nothing but the reading of a library file.
#pragma once

#include <string>
#include <string_view>

#include "grammar/ast.h"

namespace inlay {

class Value;
struct HelpEntry;

/// Help on a name as a user types it: "sum", "np.linalg.norm", "str.upper". NameError with the nearest name.
std::string help_on_name(std::string_view name);
/// Help on a function, a module or a type; of any other value, on its type.
std::string help_on_value(const Value& value);
/// What there is, by page.
std::string help_overview();
/// What `help(…)` of this expression is about, where that is no value: `put`, `np.put`, `list.append`; empty otherwise.
/// Asks nothing about variables: the caller knows whether the first name is one.
std::string help_subject(const ast::Expr& expression);
/// The entry of a name of the catalogue; null if there is none. A method shares its function's.
const HelpEntry* help_entry(std::string_view name);

}  // namespace inlay
