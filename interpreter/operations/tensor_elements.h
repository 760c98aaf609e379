// tensor_elements.h - elements of tensors as plain numbers: x.tolist(), x.item().
#pragma once

#include "interpreter/values/value.h"

namespace inlay {

/// Nested lists of plain numbers; of a 0-d tensor the number.
Value to_lists(const Tensor& x);
/// The element at a position in row-major order, which lies inside.
Value element_at(const Tensor& x, std::int64_t position);

}  // namespace inlay
