// compress_kernels.h - packing and storing by mask with AVX-512, where the processor has it.
// Knows nothing of tensors: bytes, counts and masks of any byte but 0.
// Invariant: a kernel touches no byte of its target beyond what the mask chooses, so blocks may run side by side.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inlay {

/// Loops over `n` elements of one size.
struct WideMaskKernels {
  /// The chosen elements of x, one after the other.
  void (*pack)(const std::uint8_t* mask, const std::byte* x, std::byte* to, std::int64_t n);
  /// Values, one after the other, over the chosen elements of x.
  void (*store)(const std::uint8_t* mask, std::byte* x, const std::byte* values, std::int64_t n);
  /// One value over the chosen elements of x.
  void (*fill)(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n);
};

/// Kernels for elements of 4 or 8 bytes; null for other sizes and other processors.
const WideMaskKernels* wide_mask_kernels(int itemsize);
/// Writes begin + at for every true byte; false if the processor has no such instructions.
bool wide_positions(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to, std::int64_t n);

}  // namespace inlay
