// scope.h - which names each function binds, and which of them closures see. Python's rules: a name bound anywhere in a
// function is the function's own; comprehensions have a scope of their own for their targets.
// Knows nothing of values.
// Invariant: a name is in `captured` of exactly the function that binds it, and in `free` of every function between
// there and its use.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "grammar/ast.h"

namespace inlay {

/// Names in the order they were first added in, each once. To look for one takes no longer where there are many.
class Names {
 public:
  void add(std::string_view name);
  [[nodiscard]] bool contains(std::string_view name) const;
  /// Takes away all but the first.
  void truncate(std::size_t size);
  void erase_if(const std::function<bool(std::string_view)>& wanted);
  [[nodiscard]] std::size_t size() const { return in_order_.size(); }
  [[nodiscard]] std::vector<std::string_view>::const_iterator begin() const { return in_order_.begin(); }
  [[nodiscard]] std::vector<std::string_view>::const_iterator end() const { return in_order_.end(); }

 private:
  std::vector<std::string_view> in_order_;
  std::unordered_set<std::string_view> known_;  // all of them, once they are many
};

/// The names of one function (or of the module, whose names are all module variables).
struct Scope {
  const Scope* parent = nullptr;                // the function around this one; null for the module
  Names bound;                                  // in order of first binding; parameters first
  std::set<std::string_view> captured;          // bound here, used by functions inside
  Names free;                                   // bound by a function or comprehension around this one
  std::set<std::string_view> of_comprehension;  // those of `free` that a comprehension around this function binds
  /// A name that a comprehension here binds and functions inside use; `target` tells it from others of that name.
  struct ComprehensionCell {
    const ast::Expr* target;
    std::string_view name;
    bool operator==(const ComprehensionCell&) const = default;
  };
  std::vector<ComprehensionCell> comprehension_cells;
  std::map<const void*, std::unique_ptr<Scope>> inner;  // by FunctionDef or Lambda node

  [[nodiscard]] bool binds(std::string_view name) const { return bound.contains(name); }
};

/// The module's scope with those of all functions inside.
std::unique_ptr<Scope> analyze_scopes(const ast::Module& module);

/// Names that statements of a block bind (not those of functions inside), in order of first binding: targets, loops,
/// defs, imports, del.
Names bound_names(const ast::Block& block);
/// The same without `op=`, which wants its target bound before.
Names assigned_names(const ast::Block& block);
/// Those of bound_names(), and the variables whose parts they update: `x` of `x[i] = v`, `x.fill(v)` and `put(x, i,
/// v)`.
Names rebound_names(const ast::Block& block);
void collect_rebound_names(const ast::Expr& target, Names& out);
/// The same of one statement.
Names bound_names(const ast::Stmt& stmt);
/// Names bound by an assignment target.
void collect_target_names(const ast::Expr& target, Names& out);

}  // namespace inlay
