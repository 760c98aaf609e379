// squared_distances.h - what variances add up.
// Knows nothing of how a mean is found. Invariant: the bits are those of a sum of squares that were all written down.
#pragma once

#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// The sums along `axes` of the squared distances of x's elements from `centre`, which has x's shape but for 1 along
/// the axes; in centre's dtype, without making the distances. No tensor unless centre is float32 or float64 and holds
/// what x and centre promote to. `skip_nan`: NaN adds nothing.
Tensor squared_distances(const Tensor& x, const Tensor& centre, std::span<const int> axes, bool keepdims,
                         bool skip_nan);

}  // namespace inlay
