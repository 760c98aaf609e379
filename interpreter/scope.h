// scope.h - which names each function binds, and which of them closures see. Python's rules: a name bound anywhere in a
// function is the function's own; comprehensions have a scope of their own for their targets.
// Knows nothing of values.
// Invariant: a name is in `captured` of exactly the function that binds it, and in `free` of every function between
// there and its use.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "grammar/ast.h"

namespace inlay {

/// The names of one function (or of the module, whose names are all module variables).
struct Scope {
  const Scope* parent = nullptr;                // the function around this one; null for the module
  std::vector<std::string_view> bound;          // in order of first binding; parameters first
  std::set<std::string_view> captured;          // bound here, used by functions inside
  std::vector<std::string_view> free;           // bound by a function or comprehension around this one
  std::set<std::string_view> of_comprehension;  // those of `free` that a comprehension around this function binds
  /// A name that a comprehension here binds and functions inside use; `target` tells it from others of that name.
  struct ComprehensionCell {
    const ast::Expr* target;
    std::string_view name;
    bool operator==(const ComprehensionCell&) const = default;
  };
  std::vector<ComprehensionCell> comprehension_cells;
  std::map<const void*, std::unique_ptr<Scope>> inner;  // by FunctionDef or Lambda node

  [[nodiscard]] bool binds(std::string_view name) const;
};

/// The module's scope with those of all functions inside.
std::unique_ptr<Scope> analyze_scopes(const ast::Module& module);

/// Names that statements of a block bind (not those of functions inside), in order of first binding: targets, loops,
/// defs, imports, del.
std::vector<std::string_view> bound_names(const ast::Block& block);
/// The same, and the variables whose parts they update: `x` of `x[i] = v`, `x.fill(v)` and `put(x, i, v)`.
std::vector<std::string_view> rebound_names(const ast::Block& block);
void collect_rebound_names(const ast::Expr& target, std::vector<std::string_view>& out);
/// The same of one statement.
std::vector<std::string_view> bound_names(const ast::Stmt& stmt);
/// Names bound by an assignment target.
void collect_target_names(const ast::Expr& target, std::vector<std::string_view>& out);

}  // namespace inlay
