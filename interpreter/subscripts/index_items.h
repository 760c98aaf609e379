// index_items.h - what stands between the brackets, as the index plan reads it.
// Knows nothing of the shape that is indexed.
// Invariant: every item is an integer, a slice with bounds in int64, `...`, `None`, or a tensor.
#pragma once

#include "interpreter/subscripts/index_plan.h"
#include "interpreter/values/value.h"

namespace inlay {

/// The items of a subscript; a tuple is several. IndexError and TypeError in NumPy's words for what is no index.
IndexItems to_index_items(const Value& index);
/// Start, stop and step; integers too wide for int64 are clamped. TypeError "slice indices must be integers or None or
/// …".
SliceItem to_slice_item(const SliceObject& slice);

}  // namespace inlay
