// merge_axes.h - a loop over broadcast operands with as few axes as their strides allow.
// Knows nothing of what the loop does. Invariant: every operand's elements are visited in the same order as before.
#pragma once

#include <algorithm>
#include <span>

#include "runtime/tensors/shape.h"

namespace inlay {

/// Drops axes of size 1 and joins neighbours that every operand can walk as one, outermost first; at least one axis is
/// left. `Walk` has `strides`, one per axis of `shape`, which are merged with it.
template <class Walk>
void merge_axes(Shape& shape, std::span<Walk> walks) {
  Shape merged;
  const auto can_join = [&](std::size_t axis) {
    return std::all_of(walks.begin(), walks.end(), [&](const Walk& walk) {
      return walk.strides[merged.size() - 1] == walk.strides[axis] * shape[axis];
    });
  };
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    if (!merged.empty() && can_join(axis))
      merged[merged.size() - 1] *= shape[axis];
    else
      merged.push_back(shape[axis]);
    for (Walk& walk : walks) walk.strides[merged.size() - 1] = walk.strides[axis];
  }
  for (Walk& walk : walks) {
    walk.strides =
        merged.empty() ? Strides{0} : Strides(std::span<const std::int64_t>(walk.strides).first(merged.size()));
  }
  shape = merged.empty() ? Shape{1} : std::move(merged);
}

}  // namespace inlay
