// long_text.cpp - see long_text.h.
#include "interpreter/texts/long_text.h"

#include <algorithm>

#include "interpreter/texts/quote.h"
#include "interpreter/values/value.h"

namespace inlay {
namespace {

std::size_t mixed(std::size_t seed, std::size_t more) {
  return (seed ^ (more + 0x9E3779B97F4A7C15ULL + (seed << 6) + (seed >> 2))) * 0xFF51AFD7ED558CCDULL;
}

/// -1, 0 or 1, as far as the shorter one goes.
int compare_parts(std::string_view a, std::string_view b) {
  const std::size_t shared = std::min(a.size(), b.size());
  int order = 0;
  for (std::size_t at = 0; at < shared && order == 0; at += kTextPart) {
    const std::size_t size = std::min(kTextPart, shared - at);
    charge_text(size);
    order = a.substr(at, size).compare(b.substr(at, size));
  }
  return order;
}

/// What appends to a text, or leaves it as it was.
template <class Append>
void append_whole(std::string& text, std::size_t more, const Append& append) {
  const std::size_t size = text.size();
  reserve_text(text, more);
  try {
    append();
  } catch (...) {
    text.resize(size);
    throw;
  }
}

}  // namespace

bool detail::same_long_text(std::string_view a, std::string_view b) {
  return a.data() == b.data() || compare_parts(a, b) == 0;
}

bool text_before(std::string_view a, std::string_view b) {
  const int order = compare_parts(a, b);
  return order < 0 || (order == 0 && a.size() < b.size());
}

std::size_t hash_text(std::string_view text) {
  const std::hash<std::string_view> hash;
  std::size_t out = hash(text.substr(0, kTextPart));
  for (std::size_t at = kTextPart; at < text.size(); at += kTextPart) {
    context().budget.poll();
    out = mixed(out, hash(text.substr(at, kTextPart)));
  }
  return out;
}

void move_text(std::string& text, std::size_t room) {
  if (room <= text.capacity()) return;
  if (text.size() <= kTextPart) return text.reserve(room);
  std::string moved;
  moved.reserve(room);
  in_text_parts(text, [&](std::string_view part) { moved += part; });
  text.swap(moved);
}

void reserve_text(std::string& text, std::size_t more) {
  if (more <= text.capacity() - text.size()) return;
  const std::size_t room = std::max(text.size() + more, 2 * text.capacity());
  context().budget.require(room);
  move_text(text, room);
}

void append_text(std::string& text, std::string_view piece) {
  if (piece.size() < kTextBytesPerStep && piece.size() <= text.capacity() - text.size()) {
    text += piece;
    return;
  }
  append_whole(text, piece.size(), [&] { in_text_parts(piece, [&](std::string_view part) { text += part; }); });
}

void append_text(std::string& text, std::size_t count, char character) {
  append_whole(text, count, [&] {
    for (std::size_t left = count; left > 0; left -= std::min(left, kTextPart)) {
      charge_text(std::min(left, kTextPart));
      text.append(std::min(left, kTextPart), character);
    }
  });
}

std::string joined_text(std::initializer_list<std::string_view> texts) {
  std::string out;
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  reserve_text(out, size);
  for (const std::string_view text : texts) append_text(out, text);
  return out;
}

std::size_t text_length(const Value& value) {
  const auto& object = value.object<StringObject>();
  if (object.text.size() < kTextBytesPerStep) return utf8_length(object.text);
  std::int64_t known = object.characters.load(std::memory_order_relaxed);
  if (known < 0) {
    known = static_cast<std::int64_t>(utf8_length(object.text));
    object.characters.store(known, std::memory_order_relaxed);
  }
  return static_cast<std::size_t>(known);
}

std::size_t text_offset(const Value& value, std::size_t index) {
  const std::string& text = value.string();
  const std::size_t length = text_length(value);
  if (index >= length) return text.size();
  if (length == text.size()) return index;
  return index <= length / 2 ? utf8_offset(text, index) : utf8_offset_from_end(text, length - index);
}

std::size_t text_hash(const Value& value) {
  const auto& object = value.object<StringObject>();
  if (object.text.size() < kTextBytesPerStep) return hash_text(object.text);
  std::size_t known = object.hash.load(std::memory_order_relaxed);
  if (known == 0) {
    known = hash_text(object.text);
    object.hash.store(known, std::memory_order_relaxed);
  }
  return known;
}

}  // namespace inlay
