// print_ast.cpp - the syntax tree as s-expressions.
// Knows only ast.h. One overload per struct; the head of each list is the struct's name in lower case.
// Invariant: output is linear in the tree, recursion as deep as the tree.
#include "grammar/print_ast.h"

#include <fmt/format.h>

#include "grammar/operators.h"

namespace inlay::ast {
namespace {

/// A string as a Python-like literal in double quotes; bytes of UTF-8 as they are.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += {'\\', byte};
    } else if (byte == '\n') {
      out += "\\n";
    } else if (code < 0x20 || code == 0x7F) {
      out += fmt::format("\\x{:02x}", code);
    } else {
      out.push_back(byte);
    }
  }
  return out + "\"";
}

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void print(const Block& block, int indent) {
    for (const StmtPtr& statement : block) {
      out_.append(static_cast<std::size_t>(indent) * 2, ' ');
      indent_ = indent;
      std::visit(*this, statement->node);
      out_.push_back('\n');
    }
  }

  void print(const Expr& expr) { std::visit(*this, expr.node); }

  // ---- expressions ----

  void operator()(const Name& node) { list("name", node.id); }
  void operator()(const NoneLiteral&) { list("none"); }
  void operator()(const BoolLiteral& node) { list(node.value ? "true" : "false"); }
  void operator()(const IntLiteral& node) { list("int", node.digits); }
  void operator()(const FloatLiteral& node) { list("float", fmt::format("{}", node.value)); }
  void operator()(const ComplexLiteral& node) { list("complex", fmt::format("{}j", node.imaginary)); }
  void operator()(const StringLiteral& node) { list("string", quoted(node.value)); }
  void operator()(const FString& node) { list("fstring", node.parts); }
  void operator()(const EllipsisLiteral&) { list("ellipsis"); }
  void operator()(const Tuple& node) { list("tuple", node.elements); }
  void operator()(const List& node) { list("list", node.elements); }
  void operator()(const Dict& node) { list("dict", node.items); }
  void operator()(const ListComprehension& node) { list("list_comprehension", node.element, node.clauses); }
  void operator()(const DictComprehension& node) { list("dict_comprehension", node.key, node.value, node.clauses); }
  void operator()(const Unary& node) { list("unary", spelling(node.op), node.operand); }
  void operator()(const Binary& node) { list("binary", spelling(node.op), node.left, node.right); }
  void operator()(const Compare& node) {
    out_ += "(compare";
    item(node.operands[0]);
    for (std::size_t at = 0; at < node.ops.size(); ++at) {
      item(node.ops[at] == CompareOp::not_in   ? "not_in"
           : node.ops[at] == CompareOp::is_not ? "is_not"
                                               : spelling(node.ops[at]));
      item(node.operands[at + 1]);
    }
    out_.push_back(')');
  }
  void operator()(const Logical& node) { list(node.op == BoolOp::logical_and ? "and" : "or", node.operands); }
  void operator()(const Conditional& node) { list("conditional", node.condition, node.then, node.otherwise); }
  void operator()(const Starred& node) { list("starred", node.value); }
  void operator()(const Call& node) { list("call", node.callee, node.arguments); }
  void operator()(const Attribute& node) { list("attribute", node.object, node.name); }
  void operator()(const Slice& node) { list("slice", Maybe{node.start}, Maybe{node.stop}, Maybe{node.step}); }
  void operator()(const Subscript& node) { list("subscript", node.object, node.index); }
  void operator()(const Lambda& node) { list("lambda", Group{node.parameters}, node.body); }

  // ---- statements ----

  void operator()(const ExprStmt& node) { list("expr", node.value); }
  void operator()(const Assign& node) { list("assign", node.targets, node.value); }
  void operator()(const AnnAssign& node) { list("ann_assign", node.target, node.annotation, node.value); }
  void operator()(const AugAssign& node) { list("aug_assign", spelling(node.op), node.target, node.value); }
  void operator()(const If& node) {
    const int indent = indent_;
    for (std::size_t at = 0; at < node.arms.size(); ++at) {
      list(at == 0 ? "if" : "elif", node.arms[at].condition);
      nested(node.arms[at].body, indent, at + 1 < node.arms.size() || !node.otherwise.empty());
    }
    otherwise(node.otherwise, indent);
  }
  void operator()(const While& node) {
    const int indent = indent_;
    list("while", node.condition);
    nested(node.body, indent, !node.otherwise.empty());
    otherwise(node.otherwise, indent);
  }
  void operator()(const For& node) {
    const int indent = indent_;
    list("for", node.target, node.iterable);
    nested(node.body, indent, !node.otherwise.empty());
    otherwise(node.otherwise, indent);
  }
  void operator()(const Break&) { list("break"); }
  void operator()(const Continue&) { list("continue"); }
  void operator()(const Pass&) { list("pass"); }
  void operator()(const FunctionDef& node) {
    list("def", node.name, Group{node.parameters}, node.returns);
    nested(node.body, indent_, false);
  }
  void operator()(const Return& node) { list("return", node.value); }
  void operator()(const Assert& node) { list("assert", node.condition, node.message); }
  void operator()(const Raise& node) { list("raise", node.kind, node.message); }
  void operator()(const Delete& node) { list("delete", node.targets); }
  void operator()(const Import& node) { list("import", node.names); }
  void operator()(const FromImport& node) {
    if (node.star) return list("from_import", node.module, "*");
    list("from_import", node.module, node.items);
  }

 private:
  /// A child that is `_` if absent, and a vector that is a list of its own.
  struct Maybe {
    const ExprPtr& expr;
  };
  template <typename T>
  struct Group {
    const std::vector<T>& members;
  };
  template <typename T>
  Group(const std::vector<T>&) -> Group<T>;

  template <typename... Items>
  void list(std::string_view head, const Items&... items) {
    out_.push_back('(');
    out_ += head;
    (item(items), ...);
    out_.push_back(')');
  }

  void item(std::string_view text) { out_.append(" ").append(text); }
  void item(const char* text) { item(std::string_view(text)); }
  void item(const std::string& text) { item(std::string_view(text)); }
  void item(const ExprPtr& expr) {
    if (expr == nullptr) return;
    out_.push_back(' ');
    print(*expr);
  }
  void item(const Maybe& child) { child.expr == nullptr ? item("_") : item(child.expr); }
  template <typename T>
  void item(const std::vector<T>& members) {
    for (const T& member : members) item(member);
  }
  template <typename T>
  void item(const Group<T>& group) {
    out_ += " (";
    const std::size_t begin = out_.size();
    item(group.members);
    if (out_.size() > begin) out_.erase(begin, 1);
    out_.push_back(')');
  }
  void item(const std::pair<ExprPtr, ExprPtr>& pair) { child("item", pair.first, pair.second); }
  void item(const ComprehensionFor& clause) { child("for", clause.target, clause.iterable, clause.conditions); }
  void item(const Argument& argument) {
    if (argument.keyword.empty()) return item(argument.value);
    child("keyword", argument.keyword, argument.value);
  }
  void item(const Parameter& parameter) {
    static constexpr std::string_view kKinds[] = {"positional_only", "parameter", "star_args", "keyword_only"};
    out_ += fmt::format(" ({} {}", kKinds[static_cast<std::size_t>(parameter.kind)], parameter.name);
    if (parameter.annotation != nullptr) child("annotation", parameter.annotation);
    if (parameter.default_value != nullptr) child("default", parameter.default_value);
    out_.push_back(')');
  }
  void item(const std::variant<std::string, FormatField>& part) {
    if (const auto* text = std::get_if<std::string>(&part)) return item(quoted(*text));
    const auto& field = std::get<FormatField>(part);
    out_ += " (field";
    if (!field.text.empty()) item(quoted(field.text));
    item(field.value);
    if (field.conversion != 0) item(fmt::format("!{}", field.conversion));
    if (!field.spec.empty()) child("spec", field.spec);
    out_.push_back(')');
  }
  void item(const ImportName& name) {
    if (name.alias.empty()) return item(name.module);
    child("as", name.module, name.alias);
  }
  void item(const FromImport::Item& name) {
    if (name.alias.empty()) return item(name.name);
    child("as", name.name, name.alias);
  }

  template <typename... Items>
  void child(std::string_view head, const Items&... items) {
    out_.push_back(' ');
    list(head, items...);
  }

  /// A block on lines of its own; `more` if the statement goes on behind it.
  void nested(const Block& block, int indent, bool more) {
    out_.push_back('\n');
    print(block, indent + 1);
    if (more) {
      out_.append(static_cast<std::size_t>(indent) * 2, ' ');
    } else {
      out_.pop_back();
    }
  }
  void otherwise(const Block& block, int indent) {
    if (block.empty()) return;
    list("else");
    nested(block, indent, false);
  }

  std::string out_;
  int indent_ = 0;
};

template <typename Table, typename Op>
std::string_view spelling_in(const Table& table, Op op) {
  return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.op == op; })->spelling;
}

}  // namespace

std::string_view spelling(BinaryOp op) { return spelling_in(grammar::kBinaryOperators, op); }
std::string_view spelling(UnaryOp op) { return spelling_in(grammar::kUnaryOperators, op); }
std::string_view spelling(CompareOp op) { return spelling_in(grammar::kCompareOperators, op); }

std::string print(const Module& module) {
  Printer printer;
  printer.print(module.body, 0);
  return printer.take();
}

std::string print(const Expr& expr) {
  Printer printer;
  printer.print(expr);
  return printer.take();
}

}  // namespace inlay::ast
