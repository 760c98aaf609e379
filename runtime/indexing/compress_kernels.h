// compress_kernels.h - loops over a mask's bytes: counting, packing the chosen elements, storing where true.
// Knows nothing of tensors: bytes, counts and masks of any byte but 0. One table per instruction set, all with the same
// results.
// Invariant: a kernel touches no byte beyond the elements that it is given, so blocks may run side by side.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inlay {

/// Loops over `n` elements of one size.
struct MaskKernels {
  /// Copies the chosen elements of x one after the other to `to`, and returns the place behind them. Whatever lies
  /// between that and `end` may be overwritten too: it is for chosen elements still to come.
  std::byte* (*pack)(const std::uint8_t* mask, const std::byte* x, std::byte* to, const std::byte* end, std::int64_t n);
  /// Copies values, one after the other, over the chosen elements of x, and returns the place behind the last one used.
  /// Nothing at or beyond `end` is read.
  const std::byte* (*store)(const std::uint8_t* mask, std::byte* x, const std::byte* values, const std::byte* end,
                            std::int64_t n);
  /// Copies one value over the chosen elements of x.
  void (*fill)(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n);
  /// Copies the chosen elements of `from` over those of x.
  void (*blend)(const std::uint8_t* mask, std::byte* x, const std::byte* from, std::int64_t n);
};

/// All loops of one instruction set.
struct MaskTable {
  std::int64_t (*count)(const std::uint8_t* mask, std::int64_t n);
  /// Writes begin + at for every true byte, as `pack` does.
  std::int64_t* (*positions)(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to, const std::int64_t* end,
                             std::int64_t n);
  MaskKernels sized[5];  // by the binary logarithm of the element's size: 1 to 16 bytes
};

/// The table for this processor.
const MaskTable& mask_table();
const MaskKernels& mask_kernels(int itemsize);

/// The table of one instruction set; AVX-512's uses VBMI2 for elements of 1 and 2 bytes where there is such. Only to be
/// run where the processor has the instructions; null where the target has no such set at all.
const MaskTable* baseline_mask_table();
const MaskTable* avx2_mask_table();
const MaskTable* avx512_mask_table();

}  // namespace inlay
