// layout.cpp - measuring indentation.
// Knows only bytes: a tab goes to the next multiple of 8, a form feed back to the margin.
// Invariant: widths of open blocks strictly increase from the outermost, which is 0.
#include "grammar/layout.h"

#include <algorithm>

namespace inlay::grammar {

Layout::Width Layout::width_at(std::uint32_t line_begin) const {
  constexpr int kTab = 8;
  Width width;
  for (std::size_t at = line_begin; at < text_.size(); ++at) {
    switch (text_[at]) {
      case ' ':
        width = {width.wide + 1, width.narrow + 1};
        break;
      case '\t':
        width = {(width.wide / kTab + 1) * kTab, width.narrow + 1};
        break;
      case '\f':
        width = {};
        break;
      default:
        return width;
    }
  }
  return width;
}

Indentation Layout::compare(std::uint32_t line_begin) const {
  const Width width = width_at(line_begin);
  const auto not_narrower = [&](const Width& block) { return block.wide >= width.wide; };
  const auto block = std::find_if(blocks_.begin(), blocks_.end(), not_narrower);
  if (block == blocks_.end()) {
    return width.narrow > blocks_.back().narrow ? Indentation::deeper : Indentation::inconsistent;
  }
  if (block->wide != width.wide) return Indentation::unmatched;
  if (block->narrow != width.narrow) return Indentation::inconsistent;
  return block + 1 == blocks_.end() ? Indentation::same : Indentation::shallower;
}

}  // namespace inlay::grammar
