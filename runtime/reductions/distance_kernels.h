// distance_kernels.h - the kernels of sums of squared distances for run_reduction.
// Knows nothing of variances. Invariant: squares are summed in the tree of a sum over them.
#pragma once

#include "runtime/kernels/kernel_target.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

/// The accumulator: what distances are taken from, which is there before, and the sum of their squares.
template <class A>
struct Distance {
  A centre, sum;
};

inline namespace INLAY_TARGET {
/// Kernels over accumulators Distance<acc>, float32 or float64; without functions for others. `skip_nan`: NaN adds
/// nothing.
const ReduceKernels& target_distance_kernels(DType acc, bool skip_nan);
}  // namespace INLAY_TARGET

}  // namespace inlay
