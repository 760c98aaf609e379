// help.h - what help() says of a name or a value: its signature and its text. The texts stand in docstrings and in
// help/*.txt; this file finds and lays them out. It must not know what any function does.
// Invariant: looking something up runs nothing but the reading of a library file.
#pragma once

#include <string>
#include <string_view>

namespace inlay {

class Evaluator;
class Value;

/// Help on a name as a user types it: "sum", "np.linalg.norm", "str.upper". NameError with the nearest name.
std::string help_on_name(std::string_view name);
/// Help on a function, a module or a type; of any other value, on its type.
std::string help_on_value(const Value& value);
/// What there is, by page.
std::string help_overview();
/// The text alone, of a name of the catalogue; empty if nobody has written one. A method shares its function's text.
std::string_view help_text(std::string_view name);

}  // namespace inlay
