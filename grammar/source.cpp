// source.cpp - offsets to lines and columns.
// Invariant: line_starts_ is sorted, begins with 0 and holds the offset behind every line feed.
#include "grammar/source.h"

#include <algorithm>

namespace inlay {

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
}

Position Source::position(std::uint32_t offset) const {
  const auto end = std::min<std::size_t>(offset, text_.size());
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), end);
  const auto is_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
  const std::string_view before = text().substr(*(next - 1), end - *(next - 1));
  const auto column = std::count_if(before.begin(), before.end(), is_character) + 1;
  return {static_cast<std::uint32_t>(next - line_starts_.begin()), static_cast<std::uint32_t>(column)};
}

std::string_view Source::line(std::uint32_t line) const {
  if (line == 0 || line > line_starts_.size()) return {};
  const std::uint32_t begin = line_starts_[line - 1];
  std::string_view rest = text().substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace inlay
