// picture.h - a tensor as colours, in the cells of a terminal.
// Knows pixels and escapes, no window: its size is given. Invariant: three channels from 0 to 255, row-major.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inlay/inlay.hpp"
#include "repl/terminal.h"

namespace inlay::program {

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Color&) const = default;
};

class Picture {
 public:
  /// Of (height, width), in grey from the least element to the greatest, or of (height, width, 3 or 4): integers are 0
  /// to 255, others 0 to 1; what is transparent shows black. What is no number is black.
  explicit Picture(const Value& tensor);

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t height() const { return height_; }
  [[nodiscard]] Color at(std::size_t row, std::size_t column) const { return pixels_[row * width_ + column]; }

  /// Lines that fit the window: two pixels in a cell, one above the other, in colours; else letters of growing weight.
  [[nodiscard]] std::string text(WindowSize window, Palette palette, bool blocks) const;

 private:
  [[nodiscard]] Picture scaled(std::size_t columns, std::size_t rows) const;
  Picture(std::size_t width, std::size_t height) : width_(width), height_(height), pixels_(width * height) {}
  std::size_t width_ = 0, height_ = 0;
  std::vector<Color> pixels_;
};

}  // namespace inlay::program
