// lower.h - syntax tree to functional core.
#pragma once

#include <functional>

#include "grammar/ast.h"
#include "interpreter/lowering/ir.h"

namespace inlay {

struct LowerOptions {
  /// Names of `kInternal` ops are visible: the text is one of library/.
  bool library = false;
  /// The last expression statement is echoed.
  bool echo = false;
  /// Runs of elementwise ops become regions (fuse.h).
  bool fuse = true;
  /// The built-in module that a variable bound before this text holds ("numpy"), or empty.
  std::function<std::string(std::string_view)> module_of = [](std::string_view) { return std::string(); };
  /// Whether a module variable of this name exists already (a REPL's earlier entries, a host's bindings).
  std::function<bool(std::string_view)> is_bound = [](std::string_view) { return false; };
  /// The value that a module variable has before this text; null if that is not known, or may be another one when the
  /// text runs.
  std::function<const Value*(std::string_view)> value_of = [](std::string_view) { return nullptr; };
};

/// Lowers a checked module. Throws SyntaxError for what check() would have refused. The result is verified in debug
/// builds and has its last uses marked.
ir::ProgramPtr lower(const ast::Module& module, const LowerOptions& options = {});

}  // namespace inlay
