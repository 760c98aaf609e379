// nonzero.h - where a mask is true, as byte offsets or coordinates.
// Invariant: row-major order.
#pragma once

#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// The elements by truth: itself if bool.
Tensor truth(const Tensor& x);
/// Byte offsets, int64 1-d, of a mask's true elements in a layout of the mask's shape and these strides.
Tensor mask_offsets(const Tensor& mask, std::span<const std::int64_t> strides);

}  // namespace inlay
