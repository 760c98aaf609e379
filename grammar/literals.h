// literals.h - the text of a number or string literal to its value.
// Knows nothing of trees. `at` is where the text lies in the source, for the spans of errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "grammar/ast.h"

namespace inlay::grammar {

/// The node of a number as written: IntLiteral, FloatLiteral or ComplexLiteral.
decltype(ast::Expr::node) number_literal(std::string_view text, std::uint32_t at);

/// The value of a string literal with its prefix and quotes.
std::string string_literal(std::string_view text, std::uint32_t at);

enum class Escapes { resolve, keep };
enum class Braces { plain, doubled };

/// Text between quotes: line endings as "\n", escapes resolved unless the literal is raw, and in the text of an
/// f-string one brace for two.
std::string string_text(std::string_view text, std::uint32_t at, Escapes escapes, Braces braces = Braces::plain);

}  // namespace inlay::grammar
