// png_file.h - PNG files as arrays of samples, by libpng.
// Knows bytes, no tensors and no files. Invariant: what is written is read back sample for sample; damaged bytes are an
// error, never a partial picture.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace inlay::image {

/// Samples row by row, the channels of a pixel side by side; of 16 bits in the machine's byte order.
struct Image {
  std::size_t height = 0, width = 0;
  int channels = 1;  // grey, grey and opacity, red-green-blue, red-green-blue and opacity
  int bits = 8;      // of a sample: 8 or 16
  std::vector<std::uint8_t> samples;
};

/// What is wrong with a file, or why a picture cannot be one.
class PngError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Pixels that a file may hold: a small file can claim a picture that no memory holds.
inline constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 28;

/// Reads a file's bytes; palettes become red, green and blue, fewer than 8 bits become 8. Throws PngError.
Image read_png(std::string_view bytes);
/// A file's bytes. Throws PngError.
std::string write_png(const Image& image);

}  // namespace inlay::image
