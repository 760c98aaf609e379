// assign_value.h - NumPy's rules for the value of an assignment.
// Invariant: what is returned has the target's dtype and broadcasts to the selection; nothing has been written.
#pragma once

#include "runtime/dtypes/scalar.h"
#include "runtime/indexing/compress.h"
#include "runtime/indexing/selection.h"

namespace inlay {

/// The value as `selection` will store it. Throws ValueError "could not broadcast input array from shape (2,3) into
/// shape (2,2)", "shape mismatch: value array of shape …", "setting an array element with a sequence.", and as
/// cast_for_assignment does.
Tensor value_to_store(const Operand& value, const Selection& selection);

/// The value of `x[mask] = value` for a mask of x's own rank: one element, or 1-d with one per true element.
/// Throws TypeError or ValueError "NumPy boolean array indexing assignment …".
Tensor value_to_store(const Operand& value, DType dtype, const MaskRanks& ranks);

/// The value of an assignment through `.flat`: repeated or cut to `count` elements, 1-d. Empty: nothing is to be
/// stored.
Tensor value_to_cycle(const Operand& value, DType dtype, std::int64_t count);

/// One element in its stored form. `to` has room for the dtype. Throws as cast_for_assignment does.
void store_number(const Operand& value, DType dtype, std::byte* to);

}  // namespace inlay
