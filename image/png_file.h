// png_file.h - PNG files as arrays of samples, by libpng.
// Knows bytes, no tensors and no files. Invariant: what is written is read back sample for sample; damaged bytes are an
// error, never a whole picture; between two looks at whether to stop lies one row or one piece of the file.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace inlay::image {

/// How samples lie: row by row, the channels of a pixel side by side; those of 16 bits in the machine's byte order.
struct Format {
  std::size_t height = 0, width = 0;
  int channels = 1;  // grey, grey and opacity, red-green-blue, red-green-blue and opacity
  int bits = 8;      // of a sample: 8 or 16

  [[nodiscard]] std::size_t row_bytes() const { return width * static_cast<std::size_t>(channels * bits / 8); }
};

/// What is wrong with a file, or why a picture cannot be one.
class PngError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Called now and then while it takes long; what it throws ends the work.
using Poll = std::function<void()>;

/// Reads a file's bytes; palettes become red, green and blue, fewer than 8 bits become 8. `room` is told the format,
/// which a small file can claim to be larger than any memory, before anything is decoded, and returns where the samples
/// go or throws. Throws PngError.
void read_png(std::string_view bytes, const std::function<std::uint8_t*(const Format&)>& room, const Poll& poll);
/// Gives `write` the pieces of the file of these samples, one after the other. Throws PngError and what `write` throws.
void write_png(const Format& format, const std::uint8_t* samples, const std::function<void(std::string_view)>& write,
               const Poll& poll);

}  // namespace inlay::image
