// fused_kernels.h - loops that do the work of several ops of a region in one pass; fused.def has them all.
// Knows nothing of regions. Invariant: the output is disjoint from an operand or the very same row, and its bits are
// those of the ops one after the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/dtypes/dtype.h"
#include "runtime/elementwise/select_kernels.h"
#include "runtime/kernels/kernel_target.h"

namespace inlay {

/// Each operand a row of `n` elements, or the one element that stands for all of it.
using FusedKernel = void (*)(const SelectSide* operands, std::byte* out, std::int64_t n);

enum class Fused : std::uint8_t {
#define PAIR(name, first, second, place, dtypes, expression) name,
#define CHOICE(name, first, join, second, dtypes, expression) name,
#define COMPARISON(op, same, exchanged)
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE
#undef COMPARISON
  count_
};

inline constexpr int kMostFusedOperands = 6;

/// The loop for operands of a dtype, on this processor; null where there is none.
FusedKernel fused_kernel(Fused which, DType dtype);

inline namespace INLAY_TARGET {
FusedKernel target_fused_kernel(Fused which, DType dtype);
}

}  // namespace inlay
