// progress_bar.cpp - see progress_bar.h.
#include "repl/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "repl/fold.h"
#include "repl/quantity.h"

namespace inlay::program {
namespace {

constexpr int kWidestBar = 40;
constexpr int kNarrowestBar = 5;
constexpr const char* kEighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

/// `share` of `columns` filled.
std::string bar(double share, int columns, bool blocks) {
  const int eighths = static_cast<int>(share * columns * 8);
  std::string out;
  for (int column = 0; column < columns; ++column) {
    const int filled = std::clamp(eighths - 8 * column, 0, 8);
    if (blocks)
      out += filled == 8 ? "█" : kEighths[filled];
    else
      out += filled >= 4 ? '#' : ' ';
  }
  return "|" + out + "|";
}

/// What stands behind the bar.
std::string counts(const Progress& progress) {
  const double rate = progress.seconds > 0 ? static_cast<double>(progress.done) / progress.seconds : 0;
  const double left = rate > 0 ? static_cast<double>(progress.total - progress.done) / rate : 0;
  if (progress.is_operation)
    return fmt::format(" {}{}", clock_text(progress.seconds), rate > 0 ? ", " + clock_text(left) + " left" : "");
  std::string out = fmt::format(" {}/{}", progress.done, progress.total);
  out += progress.is_over ? fmt::format(" in {}", duration_text(progress.seconds))
         : rate > 0       ? fmt::format(", {} left", clock_text(left))
                          : "";
  if (rate > 0) out += rate >= 1 ? fmt::format(", {:.3g}/s", rate) : fmt::format(", {} each", duration_text(1 / rate));
  return out;
}

}  // namespace

std::string progress_bar(const Progress& progress, int columns, bool blocks) {
  if (progress.is_operation && progress.total == 0)
    return cut(fmt::format("{}: {}", progress.label, clock_text(progress.seconds)), columns);
  const double share =
      progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total) : 1;
  const std::string label = cut(progress.label, columns / 3);
  const std::string before = fmt::format("{}{}{:3.0f}% ", label, label.empty() ? "" : " ", std::floor(100 * share));
  const std::string behind = counts(progress);
  const int left = columns - columns_of(before) - columns_of(behind) - 2;
  const std::string text =
      before + (left < kNarrowestBar ? "" : bar(share, std::min(left, kWidestBar), blocks)) + behind;
  return cut(text, columns);
}

}  // namespace inlay::program
