// text_search.cpp - see text_search.h. Invariant: a part holds every place that begins in it.
#include "interpreter/text_search.h"

#include <cstring>
#include <string>

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

}  // namespace

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (wanted.empty()) return from <= text.size() ? from : kNowhere;
  const std::size_t places = std::max(kTextPart, wanted.size());
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

}  // namespace inlay
