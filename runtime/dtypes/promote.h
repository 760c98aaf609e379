// promote.h - NumPy 2's promotion (NEP 50): tensors by a table, plain numbers weakly by kind.
#pragma once

#include <optional>
#include <span>

#include "runtime/dtypes/scalar.h"

namespace inlay {

/// The dtype two tensors' dtypes promote to (numpy.promote_types).
DType promote(DType a, DType b);
/// The dtype of a tensor of dtype `a` with a plain number: uint8 with int stays, uint8 with float is float64, float32
/// with complex is complex64.
DType promote(DType a, Scalar::Kind weak);
/// numpy.result_type over operands, at least one.
DType result_type(std::span<const Operand* const> operands);
/// The dtype of a sum or a product of elements of `dtype`: integers narrower than 64 bits widen.
DType sum_dtype(DType dtype);
/// numpy.can_cast(from, to, casting="same_kind").
bool can_cast_same_kind(DType from, DType to);
/// numpy.can_cast(from, to) (safe).
bool can_cast_safe(DType from, DType to);

}  // namespace inlay
