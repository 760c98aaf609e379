// select_kernels.h - the loops of `where`: each element from one of two rows, as a mask says.
// Knows nothing of dtypes: elements are moved by size, never looked at.
// Invariant: the output is disjoint from an input or the very same row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/kernels/kernel_target.h"

namespace inlay {

/// One side of a choice: a row, or the one element that stands for all of it.
struct SelectSide {
  const std::byte* data;
  bool scalar;
};

/// out[i] = mask[i] ? x[i] : y[i], for any mask byte but 0.
using SelectKernel = void (*)(const std::uint8_t* mask, SelectSide x, SelectSide y, std::byte* out, std::int64_t n);

/// The loop for elements of 1, 2, 4, 8 or 16 bytes, on this processor.
SelectKernel select_kernel(int itemsize);

inline namespace INLAY_TARGET {
SelectKernel target_select_kernel(int itemsize);
}

}  // namespace inlay
