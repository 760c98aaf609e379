// quote.cpp - UTF-8 by the byte, and what Python finds printable.
#include "interpreter/texts/quote.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "interpreter/values/growing.h"

namespace inlay {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;
constexpr std::size_t kShortText = 400;  // characters

struct Character {
  char32_t code;     // kInvalid for a byte that is no UTF-8
  std::size_t size;  // bytes
};

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// Bytes announced by a first byte; 0 if it cannot be first.
std::size_t announced_size(unsigned first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/// The first character of a text that is not empty.
Character decode(std::string_view text) {
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned first = byte_at(text, 0);
  const std::size_t size = announced_size(first);
  if (size == 1) return {first, 1};
  if (size == 0 || size > text.size()) return {kInvalid, 1};
  char32_t code = first & (0x7Fu >> size);
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte_at(text, at) & 0xC0u) != 0x80u) return {kInvalid, 1};
    code = (code << 6) | (byte_at(text, at) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < smallest[size] || code >= 0x110000 || surrogate ? Character{kInvalid, 1} : Character{code, size};
}

struct Range {
  char32_t first, last;
};

// Unicode's controls, formats, private use and separators other than ' ', from 0x7F on. Python also escapes code points
// that are not assigned yet; those differ from one Unicode version to the next and are kept here.
constexpr Range kUnprintable[] = {
    {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},
    {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},     {0x1680, 0x1680},   {0x180e, 0x180e},
    {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x2064},   {0x2066, 0x206f},   {0x3000, 0x3000},
    {0xd800, 0xf8ff},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x13438}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe00ff}, {0xf0000, 0x10ffff}};

bool is_printable(char32_t code) {
  if (code < 0x20) return false;
  const Range* range =
      std::partition_point(std::begin(kUnprintable), std::end(kUnprintable), [&](Range r) { return r.last < code; });
  return range == std::end(kUnprintable) || code < range->first;
}

std::string escape(char32_t code, char quote_mark) {
  switch (code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  if (code == static_cast<char32_t>(quote_mark)) return {'\\', quote_mark};
  const std::uint32_t number = code;
  return code <= 0xFF     ? fmt::format("\\x{:02x}", number)
         : code <= 0xFFFF ? fmt::format("\\u{:04x}", number)
                          : fmt::format("\\U{:08x}", number);
}

bool is_ascii(char c) { return static_cast<signed char>(c) >= 0; }

/// How many bytes in front are characters by themselves: in blocks where there are many, since most texts are nothing
/// else.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::size_t kFew = 64, kBlock = 1 << 12;
  std::size_t at = 0;
  while (at < std::min(text.size(), kFew) && is_ascii(text[at])) ++at;
  for (; at >= kFew && at + kBlock <= text.size(); at += kBlock) {
    unsigned char seen = 0;
    for (std::size_t each = 0; each < kBlock; ++each) seen |= static_cast<unsigned char>(text[at + each]);
    if (seen >= 0x80) break;
  }
  while (at < text.size() && is_ascii(text[at])) ++at;
  return at;
}

/// The characters from the last to the first.
std::string backwards(std::string_view text) {
  GrowingText out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = utf8_last_size(text);
    out.add(text.substr(text.size() - size));
    text.remove_suffix(size);
  }
  return out.take();
}

}  // namespace

std::string quote(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char mark = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  GrowingText out;
  out.add(1, mark);
  while (!text.empty()) {
    const Character c = decode(text);
    const bool plain =
        c.code != kInvalid && c.code != '\\' && c.code != static_cast<char32_t>(mark) && is_printable(c.code);
    if (plain)
      out.add(text.substr(0, c.size));
    else
      out.add(escape(c.code == kInvalid ? byte_at(text, 0) : c.code, mark));
    text.remove_prefix(c.size);
  }
  out.add(1, mark);
  return out.take();
}

std::string short_quote(std::string_view text) {
  const std::size_t size = utf8_offset(text, kShortText);
  return quote(text.substr(0, size)) + (size < text.size() ? "..." : "");
}

std::string ascii_only(std::string_view text) {
  GrowingText out;
  for (; !text.empty(); text.remove_prefix(utf8_size(text))) {
    const char32_t code = utf8_decode(text);
    if (code < 0x80)
      out.add(1, text[0]);
    else
      out.add(escape(code == kInvalid ? byte_at(text, 0) : code, '\0'));
  }
  return out.take();
}

bool utf8_printable(std::string_view text) {
  const char32_t code = utf8_decode(text);
  return code != kInvalid && is_printable(code);
}

char32_t utf8_decode(std::string_view text) { return decode(text).code; }
std::size_t utf8_size(std::string_view text) { return decode(text).size; }

std::size_t utf8_last_size(std::string_view text) {
  for (std::size_t size = 2; size <= std::min<std::size_t>(4, text.size()); ++size)
    if (decode(text.substr(text.size() - size)).size == size) return size;
  return 1;
}

std::size_t utf8_length(std::string_view text) {
  std::size_t length = 0, at = 0;
  while (at < text.size()) {
    if (at > 0) context().budget.poll();
    const std::size_t end = at + std::min(kTextPart, text.size() - at);
    while (at < end) {
      const std::size_t ascii = ascii_prefix(text.substr(at, end - at));
      at += ascii;
      length += ascii;
      for (; at < end && !is_ascii(text[at]); ++length) at += utf8_size(text.substr(at));
    }
  }
  return length;
}

std::size_t utf8_offset(std::string_view text, std::size_t index) {
  constexpr std::size_t kMostBytes = 4;
  std::size_t offset = 0;
  while (index > 0 && offset < text.size()) {
    const std::size_t reach = index < kTextPart ? index * kMostBytes : kTextPart;
    const std::size_t end = offset + std::min({reach, kTextPart, text.size() - offset});
    charge_text(end - offset);
    while (index > 0 && offset < end) {
      const std::size_t ascii = ascii_prefix(text.substr(offset, std::min(index, end - offset)));
      offset += ascii;
      index -= ascii;
      for (; index > 0 && offset < end && !is_ascii(text[offset]); --index) offset += utf8_size(text.substr(offset));
    }
  }
  return offset;
}

std::size_t utf8_offset_from_end(std::string_view text, std::size_t count) {
  while (count > 0 && !text.empty()) {
    const std::size_t steps = std::min(count, kTextPart / 4);
    charge_text(steps);
    for (std::size_t step = 0; step < steps && !text.empty(); ++step) text.remove_suffix(utf8_last_size(text));
    count -= steps;
  }
  return text.size();
}

std::string_view utf8_at(std::string_view text, std::size_t index) {
  text.remove_prefix(utf8_offset(text, index));
  return text.substr(0, utf8_size(text));
}

std::string utf8_slice(std::string_view text, std::int64_t start, std::int64_t step, std::int64_t count) {
  if (count == 0) return {};
  if (step < 0) return backwards(utf8_slice(text, start + (count - 1) * step, -step, count));
  text.remove_prefix(utf8_offset(text, static_cast<std::size_t>(start)));
  if (step == 1) return joined_text({text.substr(0, utf8_offset(text, static_cast<std::size_t>(count)))});
  GrowingText out;
  for (std::int64_t n = 0; n < count; ++n) {
    out.add(text.substr(0, utf8_size(text)));
    text.remove_prefix(utf8_offset(text, static_cast<std::size_t>(step)));
  }
  return out.take();
}

std::string utf8_encode(char32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  std::string out(1, static_cast<char>(((0xFF00u >> (more + 1)) & 0xFFu) | (code >> (6 * more))));
  for (int at = more - 1; at >= 0; --at) out += static_cast<char>(0x80u | ((code >> (6 * at)) & 0x3Fu));
  return out;
}

}  // namespace inlay
