// long_text.h - work on texts of any length: charged by the byte, and stopped between parts.
// Must not know what is done with the results. Invariant: no part of more than kTextPart bytes is worked on between two
// looks at whether to stop; a short text costs nothing besides its instruction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/memory/context.h"

namespace inlay {

class Value;

/// Bytes that are one step. As many as the smallest text that is charged at all.
inline constexpr std::size_t kTextBytesPerStep = 64;
/// Bytes that are worked on between two looks at whether to stop: the steps after which the budget looks for itself.
inline constexpr std::size_t kTextPart = 1 << 18;

/// Charges an operation on so many bytes, before it. Throws LimitExceeded or KeyboardInterrupt.
inline void charge_text(std::size_t bytes) {
  if (bytes >= kTextBytesPerStep) context().budget.spend(bytes / kTextBytesPerStep);
}

/// Calls `work` with one part after the other, each charged before it.
template <class Work>
void in_text_parts(std::string_view text, const Work& work) {
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kTextPart))) {
    const std::string_view part = text.substr(0, kTextPart);
    charge_text(part.size());
    work(part);
  }
}

/// Copies bytes to memory that has room for them.
inline void copy_in_parts(std::string_view bytes, std::byte* to) {
  in_text_parts(bytes, [&](std::string_view part) {
    std::memcpy(to, part.data(), part.size());
    to += part.size();
  });
}

namespace detail {
bool same_long_text(std::string_view a, std::string_view b);
}

/// a == b
inline bool same_text(std::string_view a, std::string_view b) {
  // Most that differ do so in front: no call for them, and none for single characters.
  if (a.size() != b.size() || (!a.empty() && a.front() != b.front())) return false;
  return a.size() <= 1 || (a.size() < kTextBytesPerStep ? a == b : detail::same_long_text(a, b));
}
/// a < b, by bytes, which is by code points.
bool text_before(std::string_view a, std::string_view b);
/// What std::hash gives, where the text is one part.
std::size_t hash_text(std::string_view text);

/// Room for `more` bytes behind a text, asked of the budget first.
void reserve_text(std::string& text, std::size_t more);
/// Room for so many bytes, which somebody has charged. A long text moves there in parts.
void move_text(std::string& text, std::size_t room);
/// text += piece; room is asked of the budget before it is taken. If it throws, the text holds what it did before.
void append_text(std::string& text, std::string_view piece);
/// The same of so many of one character.
void append_text(std::string& text, std::size_t count, char character);

/// The texts one behind the other.
std::string joined_text(std::initializer_list<std::string_view> texts);

/// Characters of a str, counted once: the text's making has paid for it.
std::size_t text_length(const Value& text);
/// Byte offset of character `index` of a str; its size in bytes from its length on.
std::size_t text_offset(const Value& text, std::size_t index);
/// The hash of a str, computed once.
std::size_t text_hash(const Value& text);

}  // namespace inlay
