// grammar_rows.h - rows of a text and the tree or the error it gives: what the tests of the grammar share.
// Knows only parse.h and print_ast.h.
#pragma once

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

#include "grammar/parse.h"
#include "grammar/print_ast.h"

namespace grammar_test {

using inlay::parse;
using inlay::Source;
using inlay::SyntaxError;
namespace ast = inlay::ast;

inline inlay::SourcePtr source(std::string text) { return std::make_shared<Source>("test", std::move(text)); }

/// The printed tree without the line end of a single statement, or the error.
inline std::string tree(std::string text) {
  try {
    std::string printed = ast::print(parse(source(std::move(text))));
    if (!printed.empty()) printed.pop_back();
    return printed;
  } catch (const SyntaxError& error) {
    return fmt::format("{} [{}, {}){}", error.what(), error.span.begin, error.span.end,
                       error.incomplete ? " incomplete" : "");
  }
}

struct Row {
  std::string text;
  std::string result;
};

inline void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(tree(row.text) == row.result);
  }
}

inline std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t count = 0; count < times; ++count) out += text;
  return out;
}

}  // namespace grammar_test
