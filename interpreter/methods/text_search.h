// text_search.h - where a text, or a byte of some kind, stands in a long text.
// Invariant: a search is linear in the length of both texts, whatever they hold, is charged what it has passed, and is
// stopped between parts.
#pragma once

#include <algorithm>
#include <string_view>

#include "interpreter/texts/long_text.h"

namespace inlay {

/// The byte offset of the first place at or behind `from` where `wanted` begins; npos if there is none. The empty text
/// is everywhere. Throws KeyboardInterrupt or LimitExceeded.
std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from = 0);
/// The same of the last place.
std::size_t find_last_text(std::string_view text, std::string_view wanted);

/// How many bytes a text begins with that do not match; all of them if none does.
template <class Matches>
std::size_t count_until(std::string_view text, const Matches& matches) {
  for (std::size_t at = 0; at < text.size(); at += kTextPart) {
    if (at != 0) context().budget.poll();  // what is near, as most is, takes less than a look at the clock
    const std::string_view part = text.substr(at, kTextPart);
    const auto found = std::find_if(part.begin(), part.end(), matches);
    charge_text(static_cast<std::size_t>(found - part.begin()));
    if (found != part.end()) return at + static_cast<std::size_t>(found - part.begin());
  }
  return text.size();
}
/// Whether a line ends here; "\r\n" is one end.
inline bool ends_line(char c) { return c == '\n' || c == '\r'; }
/// Removes the first line of `rest`, ended by "\n", "\r\n", "\r" or the text's end, and returns it without its end.
std::string_view take_line(std::string_view& rest);

/// How many it ends with.
template <class Matches>
std::size_t count_until_from_right(std::string_view text, const Matches& matches) {
  for (std::size_t done = 0; done < text.size(); done += kTextPart) {
    context().budget.poll();
    const std::string_view left = text.substr(0, text.size() - done);
    const std::string_view part = left.substr(left.size() - std::min(left.size(), kTextPart));
    const auto found = std::find_if(part.rbegin(), part.rend(), matches);
    charge_text(static_cast<std::size_t>(found - part.rbegin()));
    if (found != part.rend()) return done + static_cast<std::size_t>(found - part.rbegin());
  }
  return text.size();
}

}  // namespace inlay
