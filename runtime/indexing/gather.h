// gather.h - reading a vector by a list of indices, which are looked at just before they are used.
// Knows nothing of subscripts; other layouts go through selection.h. Invariant: no element is read before its index is
// known to be in range.
#pragma once

#include "runtime/tensors/tensor.h"

namespace inlay {

/// The elements of a row-major vector at the places that row-major int64 indices name; negative ones count from the
/// end. No tensor if one of them is out of range. One pass over the indices, where checking them first takes two.
Tensor gather(const Tensor& x, const Tensor& indices);

}  // namespace inlay
