// text_search.cpp - see text_search.h. Invariant: a part holds every place that begins in it.
#include "interpreter/methods/text_search.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "runtime/dtypes/scalar.h"

namespace inlay {
namespace {

constexpr std::size_t kShort = 16;  // up to here comparing at every place costs a small factor at most
constexpr std::size_t kFirstPart = 1 << 8;
constexpr std::size_t kNowhere = std::string_view::npos;

/// C libraries search for long texts in linear time (two-way string matching), std::string_view does not.
std::size_t first_in(std::string_view part, std::string_view wanted) {
  if (wanted.size() <= kShort) return part.find(wanted);
  const void* const found = memmem(part.data(), part.size(), wanted.data(), wanted.size());
  return found == nullptr ? kNowhere : static_cast<std::size_t>(static_cast<const char*>(found) - part.data());
}

/// `backwards`: what is wanted, from its last byte to its first.
std::size_t last_in(std::string_view part, const std::string& backwards) {
  const std::string turned(part.rbegin(), part.rend());
  const std::size_t found = first_in(turned, backwards);
  return found == kNowhere ? kNowhere : part.size() - found - backwards.size();
}

// ---- what is longer than a part -------------------------------------------------------------------------------------

/// The bytes of a window as a number to the base kBase, modulo a prime: two windows that differ have the same one by
/// chance only, which costs a comparison (R. Karp and M. Rabin, IBM Journal of Research and Development 31, 1987).
class RollingHash {
 public:
  void add(unsigned char last) { value_ = modulo(static_cast<int128>(value_) * kBase + last + 1); }
  /// `weight`: what a byte counts that is one place in front of the window.
  void remove(unsigned char first, std::uint64_t weight) {
    value_ = modulo(value_ + kPrime - modulo(static_cast<int128>(weight) * (first + 1)));
  }
  static std::uint64_t next_weight(std::uint64_t weight) { return modulo(static_cast<int128>(weight) * kBase); }
  bool operator==(const RollingHash&) const = default;

 private:
  static constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
  static constexpr std::uint64_t kBase = 0x0B4E'8D1C'62F3'975B;
  static std::uint64_t modulo(int128 number) {
    const std::uint64_t folded = static_cast<std::uint64_t>(number & kPrime) + static_cast<std::uint64_t>(number >> 61);
    return folded >= kPrime ? folded - kPrime : folded;
  }
  std::uint64_t value_ = 0;
};

/// Charges bytes that are gone over one by one.
class Passing {
 public:
  void operator()() {
    if (++bytes_ % kTextPart == 0) charge_text(kTextPart);
  }

 private:
  std::size_t bytes_ = 0;
};

/// Searches for a text that is too long for a search that cannot be stopped; `backwards`: from the end of both.
template <bool backwards>
std::size_t find_long(std::string_view text, std::string_view wanted) {
  if (wanted.size() > text.size()) return kNowhere;
  const auto byte = [](std::string_view whole, std::size_t at) {
    return static_cast<unsigned char>(whole[backwards ? whole.size() - 1 - at : at]);
  };
  const std::size_t size = wanted.size(), places = text.size() - size;
  RollingHash sought, window;
  std::uint64_t weight = 1;
  Passing pass;
  for (std::size_t at = 0; at < size; ++at) {
    pass();
    sought.add(byte(wanted, at));
    window.add(byte(text, at));
    if (at > 0) weight = RollingHash::next_weight(weight);
  }
  for (std::size_t at = 0;; ++at) {
    pass();
    const std::size_t begin = backwards ? places - at : at;
    if (window == sought && same_text(text.substr(begin, size), wanted)) return begin;
    if (at == places) return kNowhere;
    window.remove(byte(text, at), weight);
    window.add(byte(text, at + size));
  }
}

}  // namespace

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (wanted.empty()) return from <= text.size() ? from : kNowhere;
  if (wanted.size() > kTextPart) {
    const std::size_t found = find_long<false>(text.substr(std::min(from, text.size())), wanted);
    return found == kNowhere ? kNowhere : from + found;
  }
  const std::size_t places = kTextPart;
  for (std::size_t at = from; at < text.size() && text.size() - at >= wanted.size(); at += places) {
    context().budget.poll();
    const std::string_view part = text.substr(at, places + wanted.size() - 1);
    const std::size_t found = first_in(part, wanted);
    charge_text(found == kNowhere ? part.size() : found + wanted.size());
    if (found != kNowhere) return at + found;
  }
  return kNowhere;
}

std::size_t find_last_text(std::string_view text, std::string_view wanted) {
  if (wanted.size() > text.size()) return kNowhere;
  if (wanted.empty()) return text.size();
  if (wanted.size() > kTextPart) return find_long<true>(text, wanted);
  const std::string backwards(wanted.rbegin(), wanted.rend());
  // Each part is turned round whole, however near its end the text stands: the first ones are small.
  std::size_t places = std::max(kFirstPart, wanted.size());
  for (std::size_t end = text.size() - wanted.size() + 1; end > 0;) {
    context().budget.poll();
    const std::size_t begin = end - std::min(end, places);
    const std::string_view part = text.substr(begin, end - begin + wanted.size() - 1);
    charge_text(part.size());
    const std::size_t found = last_in(part, backwards);
    if (found != kNowhere) return begin + found;
    end = begin;
    places = std::max(wanted.size(), std::min(2 * places, kTextPart));
  }
  return kNowhere;
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, count_until(rest, ends_line));
  rest.remove_prefix(line.size());
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(rest.size(), 1));
  return line;
}

}  // namespace inlay
