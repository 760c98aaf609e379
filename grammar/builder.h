// builder.h - the class that the build_*.cpp files share, one file per part of the grammar.
// Private to the grammar. Knows no PEGTL.
// Invariant: its recursion follows the brackets, blocks and lambdas of the text, so that the grammar's own limit bounds
// it; chains (`1+1+…`, `not not …`, `a.b.c…`) are loops, and no tree it makes is deeper than it was told.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "grammar/ast.h"
#include "grammar/literals.h"
#include "grammar/tree.h"

namespace inlay::grammar {

class Builder {
 public:
  using Node = Tree::Node;
  using Nodes = std::vector<const Node*>;
  using ExprNode = decltype(ast::Expr::node);
  using StmtNode = decltype(ast::Stmt::node);

  /// SyntaxError for a tree deeper than `most_depth`.
  Builder(const Tree& tree, const Source& source, int most_depth)
      : tree_(tree), source_(source), most_depth_(most_depth) {}

  /// The statements of a `module` or `block` node.
  ast::Block block(const Node& node);

 private:
  class Arithmetic;

  // ---- expressions (build_expressions.cpp) ----

  /// An expression; a starred one only where `element` is called.
  ast::ExprPtr expression(const Node& node);
  ast::ExprPtr element(const Node& node);
  ast::ExprPtr target(const Node& node);
  std::vector<ast::ExprPtr> elements(const Nodes& nodes);
  ExprNode expression_node(const Node& node);
  ExprNode literal(const Node& node);
  ast::ExprPtr parentheses(const Node& node);
  ast::ExprPtr conditional(const Node& node);
  ast::ExprPtr inversion(const Node& node);
  ast::ExprPtr arithmetic(const Node& node);
  ast::ExprPtr primary(const Node& node);
  ExprNode logical(const Node& node, ast::BoolOp op);
  ExprNode comparison(const Node& node);
  ExprNode list_display(const Node& node);
  ExprNode dict_display(const Node& node);
  ExprNode slice(const Node& node);
  std::vector<ast::Argument> arguments(const Node& node);
  ast::ComprehensionFor comprehension_for(const Node& node);

  // ---- build_strings.cpp ----

  ExprNode strings(const Node& node);
  void fstring(const Node& node, ast::FString& out);
  ast::FormatField field(const Node& node, Escapes escapes);
  [[nodiscard]] std::string_view debug_text(const Node& field, const Node& sign) const;
  std::vector<ast::ExprPtr> format_spec(const Node& node, Escapes escapes);

  // ---- build_parameters.cpp ----

  std::vector<ast::Parameter> parameters(const Node& node);
  ast::Parameter parameter(const Node& node);

  // ---- statements (build_ast.cpp) ----

  ast::StmtPtr statement(const Node& node);
  StmtNode statement_node(const Node& node);
  StmtNode expression_statement(const Node& node);
  StmtNode if_statement(const Node& node);
  StmtNode while_statement(const Node& node);
  StmtNode for_statement(const Node& node);
  StmtNode function_definition(const Node& node);
  StmtNode raise_statement(const Node& node);
  StmtNode del_statement(const Node& node);
  StmtNode import_statement(const Node& node);
  StmtNode from_statement(const Node& node);

  // ---- shared ----

  /// Wraps a node, with its depth. Throws SyntaxError if the tree gets too deep.
  ast::ExprPtr make(Span span, ExprNode node) const;
  [[nodiscard]] Nodes children(const Node& node) const;
  [[nodiscard]] std::string_view text(const Node& node) const { return source_.text(node.span); }
  /// A dotted name without the white space that may surround its dots.
  [[nodiscard]] std::string dotted(const Node& node) const;

  const Tree& tree_;
  const Source& source_;
  const int most_depth_;
  int block_depth_ = 0;
};

}  // namespace inlay::grammar
