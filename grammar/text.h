// text.h - bytes as text: UTF-8, and which bytes a source may hold.
// Knows nothing of the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inlay::grammar {

/// Throws a SyntaxError at the first byte that is no part of a source text: invalid UTF-8, NUL, a carriage return
/// alone, or anything at all of a text too long for 32-bit offsets.
void check_text(std::string_view text);

/// The length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text);

/// The code point of the well-formed sequence at the start of `text`.
char32_t utf8_decode(std::string_view text);

/// Appends a code point as UTF-8.
void utf8_append(std::string& out, char32_t code);

}  // namespace inlay::grammar
