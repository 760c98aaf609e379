// sort.h - order: stable, NaN last, complex lexicographic.
#pragma once

#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

Tensor sort(const Tensor& x, int axis);
/// Stable: equal elements keep their order.
Tensor argsort(const Tensor& x, int axis);
/// The elements along an axis with those of `places`, none negative, where sorting puts them, smaller ones before them
/// and larger ones behind; and their positions, in the same order.
Tensor partition(const Tensor& x, int axis, std::span<const std::int64_t> places);
Tensor argpartition(const Tensor& x, int axis, std::span<const std::int64_t> places);
/// The elements that sorting the last axis would put at `places`: ascending, none twice, each below its extent. The
/// last axis of the result has one element for each. Faster than sorting; of zeros the negative ones come first.
Tensor sorted_elements(const Tensor& x, std::span<const std::int64_t> places);
/// Insertion points of `values` (broadcast) in 1-d sorted `x`; dtypes promote.
Tensor searchsorted(const Tensor& x, const Tensor& values, bool right);

struct Unique {
  Tensor values, index, inverse, counts;
};
/// numpy.unique over the ravelled tensor; `equal_nan`: NaNs collapse to one. `inverse` has x's shape.
Unique unique(const Tensor& x, bool equal_nan);
/// The same without `index` and `inverse`, which takes a sort of the elements alone.
Unique unique_values(const Tensor& x, bool equal_nan);

}  // namespace inlay
