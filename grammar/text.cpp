// text.cpp - UTF-8 by the table of the Unicode standard (3-7, well-formed byte sequences).
// Invariant: overlong forms, surrogates and anything above U+10FFFF are ill-formed.
#include "grammar/text.h"

#include <limits>

#include "grammar/parse.h"

namespace inlay::grammar {
namespace {

constexpr bool between(unsigned char byte, int low, int high) { return byte >= low && byte <= high; }

/// The range of the second byte narrows for four lead bytes; all others are continuation bytes.
bool second_fits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return between(second, 0xA0, 0xBF);
    case 0xED:
      return between(second, 0x80, 0x9F);
    case 0xF0:
      return between(second, 0x90, 0xBF);
    case 0xF4:
      return between(second, 0x80, 0x8F);
    default:
      return between(second, 0x80, 0xBF);
  }
}

std::size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (between(lead, 0xC2, 0xDF)) return 2;
  if (between(lead, 0xE0, 0xEF)) return 3;
  return between(lead, 0xF0, 0xF4) ? 4 : 0;
}

[[noreturn]] void refuse(const char* why, std::size_t at) {
  const auto offset = static_cast<std::uint32_t>(at);
  throw SyntaxError(why, {offset, offset + 1});
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::size_t length = length_by_lead(byte(0));
  if (length == 0 || length > text.size()) return 0;
  if (length > 1 && !second_fits(byte(0), byte(1))) return 0;
  for (std::size_t at = 2; at < length; ++at) {
    if (!between(byte(at), 0x80, 0xBF)) return 0;
  }
  return length;
}

char32_t utf8_decode(std::string_view text) {
  const std::size_t length = utf8_length(text);
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length <= 1) return lead;
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) code = code << 6U | (static_cast<unsigned char>(text[at]) & 0x3FU);
  return code;
}

void utf8_append(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto continuation = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    continuation(6);
  } else {
    put(0xF0 | code >> 18);
    continuation(12);
    continuation(6);
  }
  continuation(0);
}

void check_text(std::string_view text) {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max())
    throw SyntaxError("source text of 4 GiB or more", Span{});
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at, 4));
    if (length == 0) refuse("the source is not UTF-8", at);
    if (text[at] == '\0') refuse("source code cannot contain null bytes", at);
    if (text[at] == '\r' && text.substr(at, 2) != "\r\n") refuse("a carriage return without a line feed", at);
    at += length;
  }
}

}  // namespace inlay::grammar
