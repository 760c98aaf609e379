// rough_tokens.h - tokens as an error message needs them: cut out of any text, wherever it is broken.
// Knows nothing of the rules, of the Layout, or of messages.
// Invariant: no function looks at a byte before `at`, and none takes more than one pass over the rest of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "grammar/source.h"

namespace inlay::grammar {

/// Whether the byte may be part of a name or a number.
bool is_word(char byte);
bool is_closing(char byte);
char closing_of(char opening);

/// Behind the name that begins at `at`.
std::uint32_t word_end(std::string_view text, std::uint32_t at);

/// The token at `at`, roughly: of a string only its prefix or its first quote. Empty at the end of a line.
Span token_at(std::string_view text, std::uint32_t at);

/// The number of the line that holds `at`, from 1.
std::uint32_t line_of(std::string_view text, std::uint32_t at);

/// Whether `depth` open brackets are closed from `at` on.
bool closes_later(std::string_view text, std::size_t at, std::size_t depth);

/// Where a string literal begins in the rest of the line that the line does not end; npos if none does.
std::size_t unterminated_string(std::string_view text, std::size_t at);

/// Whether the word is reserved, so that it can be no name.
bool is_keyword(std::string_view word);
/// Whether an operand may begin with the token.
bool starts_operand(std::string_view token);

/// A token as a message shows it: in quotes, shortened if it is long; strings are not repeated.
std::string shown(std::string_view text, Span token);

}  // namespace inlay::grammar
