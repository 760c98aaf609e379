// walk.h - the children of a syntax tree's nodes, for passes that visit everything.
// Invariant: children are visited in the order of evaluation as Python has it.
#pragma once

#include <type_traits>

#include "grammar/ast.h"

namespace inlay {

namespace walk_detail {
template <class F>
void visit_all(const std::vector<ast::ExprPtr>& list, F& f) {
  for (const auto& item : list)
    if (item) f(*item);
}
template <class F>
void visit_one(const ast::ExprPtr& item, F& f) {
  if (item) f(*item);
}
template <class F>
void visit_clauses(const std::vector<ast::ComprehensionFor>& clauses, F& f) {
  for (const auto& clause : clauses) {
    visit_one(clause.iterable, f);
    visit_one(clause.target, f);
    visit_all(clause.conditions, f);
  }
}
}  // namespace walk_detail

/// Calls `f(const ast::Expr&)` for every direct child expression. Bodies and defaults of lambdas are children too.
template <class F>
void for_each_child(const ast::Expr& expr, F&& f) {
  using namespace ast;
  using namespace walk_detail;
  std::visit(
      [&](const auto& n) {
        using T = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<T, FString>) {
          for (const auto& part : n.parts)
            if (const auto* field = std::get_if<FormatField>(&part))
              visit_one(field->value, f), visit_all(field->spec, f);
        } else if constexpr (std::is_same_v<T, Tuple> || std::is_same_v<T, List>) {
          visit_all(n.elements, f);
        } else if constexpr (std::is_same_v<T, Dict>) {
          for (const auto& [key, value] : n.items) visit_one(key, f), visit_one(value, f);
        } else if constexpr (std::is_same_v<T, ListComprehension>) {
          visit_clauses(n.clauses, f), visit_one(n.element, f);
        } else if constexpr (std::is_same_v<T, DictComprehension>) {
          visit_clauses(n.clauses, f), visit_one(n.key, f), visit_one(n.value, f);
        } else if constexpr (std::is_same_v<T, Unary>) {
          visit_one(n.operand, f);
        } else if constexpr (std::is_same_v<T, Binary>) {
          visit_one(n.left, f), visit_one(n.right, f);
        } else if constexpr (std::is_same_v<T, Compare> || std::is_same_v<T, Logical>) {
          visit_all(n.operands, f);
        } else if constexpr (std::is_same_v<T, Conditional>) {
          visit_one(n.condition, f), visit_one(n.then, f), visit_one(n.otherwise, f);
        } else if constexpr (std::is_same_v<T, Starred>) {
          visit_one(n.value, f);
        } else if constexpr (std::is_same_v<T, Call>) {
          visit_one(n.callee, f);
          for (const auto& argument : n.arguments) visit_one(argument.value, f);
        } else if constexpr (std::is_same_v<T, Attribute>) {
          visit_one(n.object, f);
        } else if constexpr (std::is_same_v<T, Slice>) {
          visit_one(n.start, f), visit_one(n.stop, f), visit_one(n.step, f);
        } else if constexpr (std::is_same_v<T, Subscript>) {
          visit_one(n.object, f), visit_one(n.index, f);
        } else if constexpr (std::is_same_v<T, Lambda>) {
          for (const auto& parameter : n.parameters) visit_one(parameter.default_value, f);
          visit_one(n.body, f);
        }
      },
      expr.node);
}

/// Calls `on_expr(const ast::Expr&)` for every expression directly in a statement and `on_block(const ast::Block&)` for
/// its blocks (a function's body is a block; its annotations are not visited).
template <class E, class B>
void for_each_child(const ast::Stmt& stmt, E&& on_expr, B&& on_block) {
  using namespace ast;
  using namespace walk_detail;
  std::visit(
      [&](const auto& n) {
        using T = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<T, ExprStmt>) {
          visit_one(n.value, on_expr);
        } else if constexpr (std::is_same_v<T, Assign>) {
          visit_one(n.value, on_expr), visit_all(n.targets, on_expr);
        } else if constexpr (std::is_same_v<T, AnnAssign> || std::is_same_v<T, AugAssign>) {
          visit_one(n.value, on_expr), visit_one(n.target, on_expr);
        } else if constexpr (std::is_same_v<T, If>) {
          for (const auto& arm : n.arms) visit_one(arm.condition, on_expr), on_block(arm.body);
          on_block(n.otherwise);
        } else if constexpr (std::is_same_v<T, While>) {
          visit_one(n.condition, on_expr), on_block(n.body), on_block(n.otherwise);
        } else if constexpr (std::is_same_v<T, For>) {
          visit_one(n.iterable, on_expr), visit_one(n.target, on_expr), on_block(n.body), on_block(n.otherwise);
        } else if constexpr (std::is_same_v<T, FunctionDef>) {
          for (const auto& parameter : n.parameters) visit_one(parameter.default_value, on_expr);
          on_block(n.body);
        } else if constexpr (std::is_same_v<T, Return>) {
          visit_one(n.value, on_expr);
        } else if constexpr (std::is_same_v<T, Assert>) {
          visit_one(n.condition, on_expr), visit_one(n.message, on_expr);
        } else if constexpr (std::is_same_v<T, Raise>) {
          visit_one(n.message, on_expr);
        } else if constexpr (std::is_same_v<T, Delete>) {
          visit_all(n.targets, on_expr);
        }
      },
      stmt.node);
}

}  // namespace inlay
