// arg_kernels.h - the kernels of argmin and argmax for run_reduction.
// Knows nothing of shapes. Invariant: bools and 16-bit floats have none; they are looked at as other dtypes.
#pragma once

#include <cstdint>

#include "runtime/kernels/kernel_target.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

/// The accumulator: an extreme and where it is first along the reduced axis.
template <class T>
struct Found {
  T value;
  std::int64_t index;
};

inline namespace INLAY_TARGET {
/// Kernels over accumulators Found<T>; without functions for dtypes that have no order of their own.
const ReduceKernels& target_arg_kernels(bool maximum, DType in);
}  // namespace INLAY_TARGET

}  // namespace inlay
