// cast.h - conversion between element types.
// Float to integer saturates and NaN becomes 0, on every instruction set; integers wrap; anything to bool is truth;
// complex to real is refused.
#pragma once

#include "runtime/dtypes/scalar.h"

namespace inlay {

/// A tensor of `dtype` with the same elements; itself if it has that dtype. Throws TypeError for complex into real.
Tensor cast(const Tensor& x, DType dtype);

/// What an assignment stores: tensors cast unsafely, plain numbers checked. Throws as to_tensor and cast do.
Tensor cast_for_assignment(const Operand& value, DType dtype);

/// Converts `n` contiguous elements. Never fails (complex to real keeps the real part: callers have refused it before).
using CastKernel = void (*)(const void* from, void* to, std::int64_t n);
CastKernel cast_kernel(DType from, DType to);

}  // namespace inlay
