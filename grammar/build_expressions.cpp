// build_expressions.cpp - expressions: one case per expression rule of rules.h.
// The precedence of arithmetic is decided here, by the table in operators.h.
// Invariant: every node goes through make(), which keeps trees as deep as was allowed.
#include <algorithm>
#include <set>

#include "grammar/builder.h"
#include "grammar/literals.h"
#include "grammar/operators.h"
#include "grammar/parse.h"

namespace inlay::grammar {

using ast::ExprPtr;

namespace {

/// Calls `visit` with each child of an expression; null children are skipped.
template <typename Visit>
class Children {
 public:
  explicit Children(Visit visit) : visit_(visit) {}

  template <typename Leaf>
  void operator()(const Leaf&) const {}
  void operator()(const ast::FString& node) const {
    for (const auto& part : node.parts) {
      if (const auto* field = std::get_if<ast::FormatField>(&part)) all(field->value), all(field->spec);
    }
  }
  void operator()(const ast::Tuple& node) const { all(node.elements); }
  void operator()(const ast::List& node) const { all(node.elements); }
  void operator()(const ast::Dict& node) const {
    for (const auto& [key, value] : node.items) all(key), all(value);
  }
  void operator()(const ast::ListComprehension& node) const { all(node.element), clauses(node.clauses); }
  void operator()(const ast::DictComprehension& node) const { all(node.key), all(node.value), clauses(node.clauses); }
  void operator()(const ast::Unary& node) const { all(node.operand); }
  void operator()(const ast::Binary& node) const { all(node.left), all(node.right); }
  void operator()(const ast::Compare& node) const { all(node.operands); }
  void operator()(const ast::Logical& node) const { all(node.operands); }
  void operator()(const ast::Conditional& node) const { all(node.condition), all(node.then), all(node.otherwise); }
  void operator()(const ast::Starred& node) const { all(node.value); }
  void operator()(const ast::Call& node) const {
    all(node.callee);
    for (const ast::Argument& argument : node.arguments) all(argument.value);
  }
  void operator()(const ast::Attribute& node) const { all(node.object); }
  void operator()(const ast::Slice& node) const { all(node.start), all(node.stop), all(node.step); }
  void operator()(const ast::Subscript& node) const { all(node.object), all(node.index); }
  void operator()(const ast::Lambda& node) const {
    for (const ast::Parameter& parameter : node.parameters) all(parameter.annotation), all(parameter.default_value);
    all(node.body);
  }

 private:
  void all(const ExprPtr& child) const {
    if (child != nullptr) visit_(*child);
  }
  void all(const std::vector<ExprPtr>& children) const {
    for (const ExprPtr& child : children) all(child);
  }
  void clauses(const std::vector<ast::ComprehensionFor>& clauses) const {
    for (const ast::ComprehensionFor& clause : clauses)
      all(clause.target), all(clause.iterable), all(clause.conditions);
  }

  Visit visit_;
};

}  // namespace

ExprPtr Builder::make(Span span, ExprNode node) const {
  int deepest = 0;
  std::visit(Children([&](const ast::Expr& child) { deepest = std::max(deepest, child.depth); }), node);
  if (deepest + 1 + block_depth_ > most_depth_) throw SyntaxError("too many nested expressions", span);
  return std::make_unique<ast::Expr>(ast::Expr{span, std::move(node), false, deepest + 1});
}

ExprPtr Builder::element(const Node& node) {
  if (node.kind == Kind::starred) return make(node.span, ast::Starred{expression(*children(node)[0])});
  return expression(node);
}

ExprPtr Builder::target(const Node& node) {
  if (node.kind == Kind::starred) throw SyntaxError("starred assignment target must be in a list or tuple", node.span);
  return expression(node);
}

std::vector<ExprPtr> Builder::elements(const Nodes& nodes) {
  std::vector<ExprPtr> result;
  for (const Node* node : nodes) {
    if (node->kind != Kind::tuple_comma) result.push_back(element(*node));
  }
  return result;
}

ExprPtr Builder::expression(const Node& node) {
  switch (node.kind) {
    case Kind::starred:
      throw SyntaxError("can't use starred expression here", node.span);
    case Kind::slice_stop:
    case Kind::slice_step:
    case Kind::default_value:
    case Kind::annotation:
      return expression(*children(node)[0]);
    case Kind::parentheses:
      return parentheses(node);
    case Kind::conditional:
      return conditional(node);
    case Kind::inversion:
      return inversion(node);
    case Kind::arithmetic:
      return arithmetic(node);
    case Kind::primary:
      return primary(node);
    default:
      return make(node.span, expression_node(node));
  }
}

Builder::ExprNode Builder::expression_node(const Node& node) {
  switch (node.kind) {
    case Kind::expression_list:
    case Kind::target_list:
    case Kind::index_list:
      return ast::Tuple{elements(children(node))};
    case Kind::disjunction:
      return logical(node, ast::BoolOp::logical_or);
    case Kind::conjunction:
      return logical(node, ast::BoolOp::logical_and);
    case Kind::comparison:
      return comparison(node);
    case Kind::list_display:
      return list_display(node);
    case Kind::dict_display:
      return dict_display(node);
    case Kind::slice:
    case Kind::slice_tail:
      return slice(node);
    case Kind::strings:
      return strings(node);
    case Kind::lambda: {
      const Nodes nodes = children(node);
      return ast::Lambda{parameters(*nodes[0]), expression(*nodes[1])};
    }
    default:
      return literal(node);
  }
}

Builder::ExprNode Builder::literal(const Node& node) {
  switch (node.kind) {
    case Kind::number:
      return number_literal(text(node), node.span.begin);
    case Kind::none_literal:
      return ast::NoneLiteral{};
    case Kind::true_literal:
      return ast::BoolLiteral{true};
    case Kind::false_literal:
      return ast::BoolLiteral{false};
    case Kind::ellipsis:
      return ast::EllipsisLiteral{};
    default:
      return ast::Name{text(node)};
  }
}

ExprPtr Builder::parentheses(const Node& node) {
  const Nodes nodes = children(node);
  ExprPtr inner = nodes.empty() ? make(node.span, ast::Tuple{}) : expression(*nodes[0]);
  inner->span = node.span;
  inner->parenthesized = true;
  return inner;
}

/// `then if condition else otherwise`
ExprPtr Builder::conditional(const Node& node) {
  const Nodes nodes = children(node);
  ExprPtr then = expression(*nodes[0]);
  ExprPtr condition = expression(*nodes[1]);
  return make(node.span, ast::Conditional{std::move(condition), std::move(then), expression(*nodes[2])});
}

/// `not not x`, from the inside out.
ExprPtr Builder::inversion(const Node& node) {
  const Nodes nodes = children(node);
  ExprPtr result = expression(*nodes.back());
  for (std::size_t at = nodes.size() - 1; at-- > 0;) {
    const Span span = nodes[at]->span.to(node.span);
    result = make(span, ast::Unary{ast::UnaryOp::logical_not, std::move(result)});
  }
  return result;
}

/// Operator precedence parsing with two stacks: an operator waits until one comes that binds no tighter.
class Builder::Arithmetic {
 public:
  explicit Arithmetic(Builder& builder) : builder_(builder) {}

  void add(const Node& part) {
    if (part.kind == Kind::binary_operator) reduce_for(precedence(part));
    if (part.kind == Kind::binary_operator || part.kind == Kind::prefix_operator) {
      waiting_.push_back(&part);
    } else {
      operands_.push_back(builder_.expression(part));
    }
  }

  ExprPtr take() {
    while (!waiting_.empty()) reduce();
    return pop();
  }

 private:
  [[nodiscard]] int precedence(const Node& op) const {
    return op.kind == Kind::prefix_operator ? kPrefixPrecedence : binary_operator(builder_.text(op)).precedence;
  }

  /// Applies what binds tighter than an operator to come; what binds as tightly too, unless it groups to the right.
  void reduce_for(int incoming) {
    const int least = incoming > kPrefixPrecedence ? incoming + 1 : incoming;
    while (!waiting_.empty() && precedence(*waiting_.back()) >= least) reduce();
  }

  void reduce() {
    const Node& op = *waiting_.back();
    waiting_.pop_back();
    const std::string_view spelling = builder_.text(op);
    ExprPtr right = pop();
    if (op.kind == Kind::prefix_operator) {
      const Span span = op.span.to(right->span);
      operands_.push_back(builder_.make(span, ast::Unary{row_of(kUnaryOperators, spelling).op, std::move(right)}));
      return;
    }
    ExprPtr left = pop();
    const Span span = left->span.to(right->span);
    operands_.push_back(
        builder_.make(span, ast::Binary{binary_operator(spelling).op, std::move(left), std::move(right), op.span}));
  }

  ExprPtr pop() {
    ExprPtr operand = std::move(operands_.back());
    operands_.pop_back();
    return operand;
  }

  Builder& builder_;
  std::vector<ExprPtr> operands_;
  Nodes waiting_;
};

ExprPtr Builder::arithmetic(const Node& node) {
  Arithmetic arithmetic(*this);
  for (const Node* part : children(node)) arithmetic.add(*part);
  return arithmetic.take();
}

/// A head and its calls, subscripts and attributes, left to right.
ExprPtr Builder::primary(const Node& node) {
  const Nodes nodes = children(node);
  ExprPtr result = expression(*nodes[0]);
  for (std::size_t at = 1; at < nodes.size(); ++at) {
    const Node& tail = *nodes[at];
    const Span span = node.span.to(tail.span);
    if (tail.kind == Kind::call) {
      result = make(span, ast::Call{std::move(result), arguments(tail)});
    } else if (tail.kind == Kind::subscript) {
      result = make(span, ast::Subscript{std::move(result), element(*children(tail)[0])});
    } else {
      const Node& name = *children(tail)[0];
      result = make(span, ast::Attribute{std::move(result), text(name), name.span});
    }
  }
  return result;
}

Builder::ExprNode Builder::logical(const Node& node, ast::BoolOp op) {
  return ast::Logical{op, elements(children(node))};
}

Builder::ExprNode Builder::comparison(const Node& node) {
  ast::Compare result;
  for (const Node* part : children(node)) {
    if (part->kind != Kind::comparison_operator) {
      result.operands.push_back(expression(*part));
      continue;
    }
    // Any white space may stand inside the operators of two words.
    const std::string_view op = text(*part);
    const bool two_words = op.size() > 3;
    result.ops.push_back(row_of(kCompareOperators, !two_words ? op : op[0] == 'n' ? "not in" : "is not").op);
  }
  return result;
}

ast::ComprehensionFor Builder::comprehension_for(const Node& node) {
  const Nodes nodes = children(node);
  ast::ComprehensionFor result{target(*nodes[0]), expression(*nodes[1]), {}};
  for (std::size_t at = 2; at < nodes.size(); ++at) result.conditions.push_back(expression(*children(*nodes[at])[0]));
  return result;
}

Builder::ExprNode Builder::list_display(const Node& node) {
  const Nodes nodes = children(node);
  if (nodes.size() < 2 || nodes[1]->kind != Kind::comprehension_for) return ast::List{elements(nodes)};
  ast::ListComprehension result{expression(*nodes[0]), {}};
  for (std::size_t at = 1; at < nodes.size(); ++at) result.clauses.push_back(comprehension_for(*nodes[at]));
  return result;
}

Builder::ExprNode Builder::dict_display(const Node& node) {
  const Nodes nodes = children(node);
  if (nodes.size() > 2 && nodes[2]->kind == Kind::comprehension_for) {
    ast::DictComprehension result{expression(*nodes[0]), expression(*nodes[1]), {}};
    for (std::size_t at = 2; at < nodes.size(); ++at) result.clauses.push_back(comprehension_for(*nodes[at]));
    return result;
  }
  ast::Dict result;
  for (std::size_t at = 0; at < nodes.size(); at += 2) {
    ExprPtr key = expression(*nodes[at]);
    result.items.emplace_back(std::move(key), expression(*nodes[at + 1]));
  }
  return result;
}

Builder::ExprNode Builder::slice(const Node& node) {
  ast::Slice result;
  const Nodes nodes = children(node);
  if (node.kind == Kind::slice) result.start = expression(*nodes[0]);
  for (const Node* part : node.kind == Kind::slice ? children(*nodes[1]) : nodes) {
    (part->kind == Kind::slice_stop ? result.stop : result.step) = expression(*part);
  }
  return result;
}

std::vector<ast::Argument> Builder::arguments(const Node& node) {
  std::vector<ast::Argument> result;
  std::set<std::string_view> keywords;
  for (const Node* argument : children(node)) {
    const Nodes parts = children(*argument);
    if (parts[0]->kind == Kind::keyword_name) {
      const Node& name = *children(*parts[0])[0];
      if (!keywords.insert(text(name)).second) {
        throw SyntaxError("keyword argument repeated: " + std::string(text(name)), argument->span);
      }
      result.push_back({text(name), name.span, expression(*parts[1])});
      continue;
    }
    if (!keywords.empty() && parts[0]->kind != Kind::starred) {
      throw SyntaxError("positional argument follows keyword argument", argument->span);
    }
    result.push_back({{}, {}, element(*parts[0])});
  }
  return result;
}

}  // namespace inlay::grammar
