// build_ast.cpp - statements and blocks: one case per statement rule of rules.h. Expressions are in
// build_expressions.cpp. Knows no PEGTL: it reads the nodes the rules left, whose shapes are the rules'. Invariant: a
// compound statement's span ends with the last token of its last block.
#include "grammar/build_ast.h"

#include <algorithm>

#include "grammar/builder.h"
#include "grammar/operators.h"
#include "grammar/parse.h"

namespace inlay::grammar {

using ast::ExprPtr;

Builder::Nodes Builder::children(const Node& node) const {
  Nodes nodes;
  for (Tree::Index child = node.first_child; child != Tree::kNone; child = tree_[child].next_sibling) {
    nodes.push_back(&tree_[child]);
  }
  return nodes;
}

std::string Builder::dotted(const Node& node) const {
  std::string name;
  for (const Node* part : children(node)) name.append(name.empty() ? "" : ".").append(text(*part));
  return name;
}

ast::Block Builder::block(const Node& node) {
  ++block_depth_;
  ast::Block statements;
  for (const Node* child : children(node)) statements.push_back(statement(*child));
  --block_depth_;
  return statements;
}

ast::StmtPtr Builder::statement(const Node& node) {
  return std::make_unique<ast::Stmt>(ast::Stmt{node.span, statement_node(node)});
}

Builder::StmtNode Builder::statement_node(const Node& node) {
  const Nodes nodes = children(node);
  const auto optional = [&](std::size_t at) { return at < nodes.size() ? expression(*nodes[at]) : nullptr; };
  switch (node.kind) {
    case Kind::if_statement:
      return if_statement(node);
    case Kind::while_statement:
      return while_statement(node);
    case Kind::for_statement:
      return for_statement(node);
    case Kind::function_definition:
      return function_definition(node);
    case Kind::pass_statement:
      return ast::Pass{};
    case Kind::break_statement:
      return ast::Break{};
    case Kind::continue_statement:
      return ast::Continue{};
    case Kind::return_statement:
      return ast::Return{optional(0)};
    case Kind::assert_statement:
      return ast::Assert{expression(*nodes[0]), optional(1)};
    case Kind::raise_statement:
      return raise_statement(node);
    case Kind::del_statement:
      return del_statement(node);
    case Kind::import_statement:
      return import_statement(node);
    case Kind::from_statement:
      return from_statement(node);
    default:
      return expression_statement(node);
  }
}

Builder::StmtNode Builder::expression_statement(const Node& node) {
  const Nodes nodes = children(node);
  ExprPtr first = nodes.size() > 1 ? target(*nodes[0]) : expression(*nodes[0]);
  if (nodes.size() == 1) return ast::ExprStmt{std::move(first)};
  if (nodes[1]->kind == Kind::augmented_operator) {
    const std::string_view op = text(*nodes[1]);
    return ast::AugAssign{std::move(first), binary_operator(op.substr(0, op.size() - 1)).op, expression(*nodes[2]),
                          nodes[1]->span};
  }
  if (nodes[1]->kind == Kind::annotated) {
    const Nodes parts = children(*nodes[1]);
    return ast::AnnAssign{std::move(first), expression(*parts[0]), parts.size() > 1 ? expression(*parts[1]) : nullptr};
  }
  ast::Assign assign;
  assign.targets.push_back(std::move(first));
  for (std::size_t at = 1; at + 1 < nodes.size(); ++at) assign.targets.push_back(target(*nodes[at]));
  assign.value = expression(*nodes.back());
  return assign;
}

Builder::StmtNode Builder::if_statement(const Node& node) {
  Nodes nodes = children(node);
  ast::If result;
  if (nodes.back()->kind == Kind::else_clause) {
    result.otherwise = block(*children(*nodes.back())[0]);
    nodes.pop_back();
  }
  for (std::size_t at = 0; at + 1 < nodes.size(); at += 2) {
    ExprPtr condition = expression(*nodes[at]);
    result.arms.push_back({std::move(condition), block(*nodes[at + 1])});
  }
  return result;
}

Builder::StmtNode Builder::while_statement(const Node& node) {
  const Nodes nodes = children(node);
  ast::While result{expression(*nodes[0]), block(*nodes[1]), {}};
  if (nodes.size() > 2) result.otherwise = block(*children(*nodes[2])[0]);
  return result;
}

Builder::StmtNode Builder::for_statement(const Node& node) {
  const Nodes nodes = children(node);
  ast::For result{target(*nodes[0]), expression(*nodes[1]), block(*nodes[2]), {}};
  if (nodes.size() > 3) result.otherwise = block(*children(*nodes[3])[0]);
  return result;
}

Builder::StmtNode Builder::function_definition(const Node& node) {
  const Nodes nodes = children(node);
  ast::FunctionDef result;
  result.name = text(*nodes[0]);
  result.name_span = nodes[0]->span;
  result.parameters = parameters(*nodes[1]);
  if (nodes[2]->kind == Kind::returns) result.returns = expression(*children(*nodes[2])[0]);
  result.body = block(*nodes.back());
  const auto* first = std::get_if<ast::ExprStmt>(&result.body.front()->node);
  const auto* doc = first != nullptr ? std::get_if<ast::StringLiteral>(&first->value->node) : nullptr;
  if (doc != nullptr) result.doc = doc->value;
  return result;
}

Builder::StmtNode Builder::raise_statement(const Node& node) {
  const Nodes nodes = children(node);
  const Node& kind = *children(*nodes[0]).back();  // `linalg.LinAlgError` is LinAlgError
  return ast::Raise{text(kind), kind.span, nodes.size() > 1 ? expression(*nodes[1]) : nullptr};
}

Builder::StmtNode Builder::del_statement(const Node& node) {
  const Node& list = *children(node)[0];
  ast::Delete result;
  if (list.kind == Kind::target_list) {
    result.targets = elements(children(list));
  } else {
    result.targets.push_back(expression(list));
  }
  return result;
}

Builder::StmtNode Builder::import_statement(const Node& node) {
  ast::Import result;
  for (const Node* name : children(node)) {
    const Nodes parts = children(*name);
    result.names.push_back(
        {dotted(*parts[0]), parts[0]->span, parts.size() > 1 ? text(*parts[1]) : std::string_view{}});
  }
  return result;
}

Builder::StmtNode Builder::from_statement(const Node& node) {
  const Nodes nodes = children(node);
  ast::FromImport result{dotted(*nodes[0]), nodes[0]->span, {}, nodes[1]->kind == Kind::from_star};
  for (std::size_t at = 1; at < nodes.size() && !result.star; ++at) {
    const Nodes parts = children(*nodes[at]);
    result.items.push_back({text(*parts[0]), parts.size() > 1 ? text(*parts[1]) : std::string_view{}, nodes[at]->span});
  }
  return result;
}

ast::Module build_ast(const Tree& tree, SourcePtr source, int most_depth) {
  ast::Module module;
  module.body = Builder(tree, *source, most_depth).block(tree[tree.last()]);
  module.source = std::move(source);
  return module;
}

}  // namespace inlay::grammar
