// sort.h - order: stable, NaN last, complex lexicographic.
#pragma once

#include <optional>

#include "runtime/tensor.h"

namespace inlay {

Tensor sort(const Tensor& x, int axis);
/// Stable: equal elements keep their order.
Tensor argsort(const Tensor& x, int axis);
/// Insertion points of `values` (broadcast) in 1-d sorted `x`; dtypes promote.
Tensor searchsorted(const Tensor& x, const Tensor& values, bool right);

struct Unique {
  Tensor values, index, inverse, counts;
};
/// numpy.unique over the ravelled tensor; `equal_nan`: NaNs collapse to one. `inverse` has x's shape.
Unique unique(const Tensor& x, bool equal_nan);

}  // namespace inlay
