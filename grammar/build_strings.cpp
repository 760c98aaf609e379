// build_strings.cpp - string literals and f-strings: adjacent ones joined, fields with their format specs.
// Knows the shapes of the rules `strings`, `fstring` and `field`; escapes are resolved in literals.cpp.
// Invariant: no two neighbours in FString::parts are both text, and none is empty.
#include "grammar/builder.h"
#include "grammar/literals.h"
#include "grammar/parse.h"

namespace inlay::grammar {

using ast::ExprPtr;

namespace {

Escapes escapes_of(std::string_view literal) {
  const std::string_view prefix = literal.substr(0, literal.find_first_of("\"'"));
  return prefix.find_first_of("rR") == prefix.npos ? Escapes::resolve : Escapes::keep;
}

void append(ast::FString& out, std::string text) {
  if (text.empty()) return;
  if (!out.parts.empty() && std::holds_alternative<std::string>(out.parts.back())) {
    std::get<std::string>(out.parts.back()) += text;
  } else {
    out.parts.emplace_back(std::move(text));
  }
}

}  // namespace

/// Adjacent literals: one StringLiteral, or one FString if any is formatted.
Builder::ExprNode Builder::strings(const Node& node) {
  ast::FString result;
  bool formatted = false;
  for (const Node* literal : children(node)) {
    if (literal->kind == Kind::fstring) {
      formatted = true;
      fstring(*literal, result);
    } else {
      append(result, string_literal(text(*literal), literal->span.begin));
    }
  }
  if (formatted) return result;
  return ast::StringLiteral{result.parts.empty() ? std::string{} : std::get<std::string>(std::move(result.parts[0]))};
}

void Builder::fstring(const Node& node, ast::FString& out) {
  const Escapes escapes = escapes_of(text(node));
  for (const Node* part : children(node)) {
    if (part->kind == Kind::field) {
      out.parts.emplace_back(field(*part, escapes));
    } else {
      append(out, string_text(text(*part), part->span.begin, escapes, Braces::doubled));
    }
  }
}

ast::FormatField Builder::field(const Node& node, Escapes escapes) {
  ast::FormatField result;
  bool has_spec = false;
  for (const Node* part : children(node)) {
    if (part->kind == Kind::debug_sign) {
      result.text = debug_text(node, *part);
    } else if (part->kind == Kind::conversion) {
      result.conversion = text(*part).back();
    } else if (part->kind == Kind::format_spec) {
      has_spec = true;
      result.spec = format_spec(*part, escapes);
    } else {
      result.value = expression(*part);
    }
  }
  if (!result.text.empty() && !has_spec && result.conversion == 0) result.conversion = 'r';
  if (std::holds_alternative<ast::Lambda>(result.value->node) && !result.value->parenthesized) {
    throw SyntaxError("f-string: lambda expressions are not allowed without parentheses", result.value->span);
  }
  return result;
}

/// `x = ` of `{x = }`: as written, with the blanks on both sides of the sign.
std::string_view Builder::debug_text(const Node& field, const Node& sign) const {
  const std::uint32_t begin = field.span.begin + 1;
  const std::size_t end = source_.text().find_first_not_of(" \t\f\r\n", sign.span.end);
  return source_.text().substr(begin, end - begin);
}

std::vector<ExprPtr> Builder::format_spec(const Node& node, Escapes escapes) {
  std::vector<ExprPtr> result;
  for (const Node* part : children(node)) {
    if (part->kind != Kind::field) {
      std::string value = string_text(text(*part), part->span.begin, escapes);
      result.push_back(make(part->span, ast::StringLiteral{std::move(value)}));
      continue;
    }
    ast::FString nested;
    nested.parts.emplace_back(field(*part, escapes));
    result.push_back(make(part->span, std::move(nested)));
  }
  return result;
}

}  // namespace inlay::grammar
