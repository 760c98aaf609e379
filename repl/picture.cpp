// picture.cpp - see picture.h. Shrinking takes the mean of the pixels that fall into one, growing repeats them.
#include "repl/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace inlay::program {
namespace {

/// Columns that a very small picture is grown to, at most.
constexpr std::size_t kGrown = 64;
/// Letters by how much of the cell they fill.
constexpr std::string_view kRamp = " .:-=+*#%@";

std::uint8_t level(double share) {
  return std::isnan(share) ? 0 : static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

double luminance(Color c) { return (0.299 * c.red + 0.587 * c.green + 0.114 * c.blue) / 255; }

/// The nearest of the 6x6x6 cube and the 24 greys of a terminal of 256 colours.
int index_256(Color c) {
  if (c.red == c.green && c.green == c.blue && c.red > 4 && c.red < 247) return 232 + (c.red - 5) * 24 / 242;
  const auto step = [](std::uint8_t v) { return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40; };
  return 16 + 36 * step(c.red) + 6 * step(c.green) + step(c.blue);
}

std::string color_code(int layer, Color c, Palette palette) {
  if (palette == Palette::colors_256) return fmt::format("\x1b[{};5;{}m", layer, index_256(c));
  return fmt::format("\x1b[{};2;{};{};{}m", layer, c.red, c.green, c.blue);
}

/// A tensor's elements as doubles, from a channel of each pixel.
struct Elements {
  std::vector<double> values;
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  explicit Elements(const Value& tensor);
};

Elements::Elements(const Value& tensor) {
  const std::span<const double> all = *tensor.span<double>();
  values.assign(all.begin(), all.end());
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
}

}  // namespace

Picture::Picture(const Value& tensor)
    : Picture(static_cast<std::size_t>(tensor.shape()[1]), static_cast<std::size_t>(tensor.shape()[0])) {
  const Elements elements(tensor);
  const std::size_t channels = tensor.shape().size() == 3 ? static_cast<std::size_t>(tensor.shape()[2]) : 1;
  const double range = elements.greatest > elements.least ? elements.greatest - elements.least : 1;
  for (std::size_t at = 0; at < pixels_.size(); ++at) {
    const double* pixel = &elements.values[at * channels];
    if (channels == 1) {
      const std::uint8_t grey = level((pixel[0] - elements.least) / range);
      pixels_[at] = {grey, grey, grey};
    } else {
      const double opacity = channels == 4 ? std::clamp(pixel[3], 0.0, 1.0) : 1;
      pixels_[at] = {level(opacity * pixel[0]), level(opacity * pixel[1]), level(opacity * pixel[2])};
    }
  }
}

Picture Picture::scaled(std::size_t columns, std::size_t rows) const {
  Picture out(columns, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t top = row * height_ / rows, bottom = std::max(top + 1, (row + 1) * height_ / rows);
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t left = column * width_ / columns, right = std::max(left + 1, (column + 1) * width_ / columns);
      std::size_t red = 0, green = 0, blue = 0;
      for (std::size_t y = top; y < bottom; ++y)
        for (std::size_t x = left; x < right; ++x) {
          const Color c = at(y, x);
          red += c.red, green += c.green, blue += c.blue;
        }
      const std::size_t count = (bottom - top) * (right - left);
      const auto mean = [&](std::size_t sum) { return static_cast<std::uint8_t>((sum + count / 2) / count); };
      out.pixels_[row * columns + column] = {mean(red), mean(green), mean(blue)};
    }
  }
  return out;
}

std::string Picture::text(WindowSize window, Palette palette, bool blocks) const {
  const bool has_colors = palette != Palette::none && blocks;
  // A line of cells is two rows of pixels, which are square then; a letter stands for both.
  const double columns = window.columns, rows = 2.0 * std::max(window.rows - 2, 1);
  const double width = static_cast<double>(width_), height = static_cast<double>(height_);
  double scale = std::min(columns / width, rows / height);
  if (scale > 1) scale = std::max(1.0, std::min(std::floor(scale), std::floor(kGrown / width)));
  const auto size = [&](double pixels) { return static_cast<std::size_t>(std::max(1.0, std::floor(pixels * scale))); };
  const std::size_t lines = (size(height) + 1) / 2;
  const Picture small = scaled(size(width), has_colors ? size(height) : lines);
  std::string out;
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t column = 0; column < small.width_; ++column) {
      if (!has_colors) {
        out += kRamp[static_cast<std::size_t>(luminance(small.at(line, column)) * (kRamp.size() - 0.01))];
        continue;
      }
      const bool has_lower = 2 * line + 1 < small.height_;
      out += color_code(38, small.at(2 * line, column), palette);
      if (has_lower) out += color_code(48, small.at(2 * line + 1, column), palette);
      out += "▀";
    }
    out += has_colors ? "\x1b[0m\n" : "\n";
  }
  return out;
}

}  // namespace inlay::program
