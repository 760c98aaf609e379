// quote.h - text as code points: Python's repr of a str, and lengths, indices and slices of UTF-8.
// Knows nothing of values. Texts may hold any bytes: one that is no UTF-8 counts as one character and is escaped as
// \xNN. Invariant: every view and offset returned lies on a character boundary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inlay {

/// How many code points Unicode has.
inline constexpr std::int64_t kCodePoints = 0x110000;

/// What Python's split() and strip() take for a blank, of the ASCII characters.
inline bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

/// Python's repr of a str: 'a', "it's", '\n'; printable characters stay as they are.
std::string quote(std::string_view text);

/// The same for messages: of a long text only the beginning, and "..." behind it.
std::string short_quote(std::string_view text);

/// `text` with \x, \u and \U escapes for what is not ASCII, as Python's ascii() makes of a repr.
std::string ascii_only(std::string_view text);

/// Characters in `text`.
std::size_t utf8_length(std::string_view text);
/// Byte offset of character `index`; text.size() from the length on.
std::size_t utf8_offset(std::string_view text, std::size_t index);
/// Byte offset of the character that has `count` - 1 behind it; 0 where there are fewer.
std::size_t utf8_offset_from_end(std::string_view text, std::size_t count);
/// Character `index` < utf8_length(text).
std::string_view utf8_at(std::string_view text, std::size_t index);
/// Bytes of the first character of a text that is not empty.
std::size_t utf8_size(std::string_view text);
/// Bytes of the last one. A first byte stands in no other character, so that the end tells it.
std::size_t utf8_last_size(std::string_view text);
/// `count` characters from `start` in steps of `step` (any sign, not 0); all of them exist.
std::string utf8_slice(std::string_view text, std::int64_t start, std::int64_t step, std::int64_t count);
/// The code point of the first character of a text that is not empty; 0xFFFFFFFF for a byte that is no UTF-8.
char32_t utf8_decode(std::string_view text);
/// Whether repr() leaves the first character of a text that is not empty as it is.
bool utf8_printable(std::string_view text);
/// A code point below 0x110000 as UTF-8.
std::string utf8_encode(char32_t code);

}  // namespace inlay
