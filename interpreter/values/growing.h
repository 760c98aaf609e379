// growing.h - a text or a list that an operation makes piece by piece. Must not know what the pieces mean.
// Invariant: room is asked of the budget before it is taken, and each piece is a step, at which the run may be stopped;
// a long piece is more of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/texts/long_text.h"
#include "interpreter/values/value.h"
#include "runtime/memory/context.h"

namespace inlay {

/// A text in the making.
class GrowingText {
 public:
  /// Throws LimitExceeded or KeyboardInterrupt.
  void add(std::string_view piece) {
    context().charge(1, 0);
    append_text(text_, piece);
  }
  /// Room for what is known to come.
  void reserve(std::uint64_t bytes) {
    context().charge(0, bytes);
    text_.reserve(static_cast<std::size_t>(bytes));
  }
  /// So many of one character.
  void add(std::size_t count, char character) {
    context().charge(1, 0);
    append_text(text_, count, character);
  }
  /// Takes away those of these characters that stand at the end.
  void trim(std::string_view characters) { text_.resize(text_.find_last_not_of(characters) + 1); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Puts more elements behind others, each of which is a step; it is stopped between parts. For vectors that are thrown
/// away then.
void append_elements(std::vector<Value>& out, std::span<const Value> more);
/// Another vector of the same elements, with room for `room`.
std::vector<Value> copied_elements(const std::vector<Value>& elements, std::size_t room = 0);

/// Room for more elements behind others: twice as many, or `least`.
template <class T>
[[gnu::noinline]] void double_room(std::vector<T>& out, std::size_t least) {
  const std::size_t room = std::max(least, 2 * out.capacity());
  context().charge(0, room * sizeof(T));
  out.reserve(room);
}

/// Puts one more element behind others.
template <class T, class Element>
void append_charged(std::vector<T>& out, Element&& element, std::size_t least) {
  context().charge(1, 0);
  if (out.size() == out.capacity()) double_room(out, least);
  out.push_back(std::forward<Element>(element));
}

/// The elements of a list or a tuple in the making.
class GrowingList {
 public:
  /// Room for what is known to come. Throws LimitExceeded, or MemoryError for more than any memory holds.
  void reserve(std::uint64_t count) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() / sizeof(Value);
    context().charge(0, std::min(count, kMost) * sizeof(Value));
    if (count > kMost) raise(ErrorKind::MemoryError, "the sequence would be too long");
    elements_.reserve(static_cast<std::size_t>(count));
  }
  /// Throws LimitExceeded or KeyboardInterrupt.
  void add(Value element) { append_charged(elements_, std::move(element), 4); }
  [[nodiscard]] bool empty() const { return elements_.empty(); }
  [[nodiscard]] std::vector<Value> take() { return std::move(elements_); }

 private:
  std::vector<Value> elements_;
};

}  // namespace inlay
