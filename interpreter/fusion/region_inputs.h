// region_inputs.h - what a region sees of values. Private to the files that evaluate regions.
// Knows no instruction. Invariant: a description borrows; it is good for as long as the value is held and unchanged.
#pragma once

#include "interpreter/values/value.h"
#include "runtime/elementwise/region.h"
#include "runtime/tensors/reuse.h"

namespace inlay {

/// Whether this value's tensor may be written where it stands.
inline bool is_unique(const Value& value) {
  return value.is(Value::Tag::tensor) && may_be_written(value.tensor_data());
}

inline void describe_tensor(const TensorData& tensor, RegionInput& out) {
  out.data = tensor.data;
  out.shape = &tensor.shape;
  out.strides = &tensor.strides;
  out.size = tensor.size;
  out.dtype = tensor.dtype;
  out.contiguous = tensor.contiguous;
  out.weak = false;
}

/// A 0-d tensor that is held inside its value.
inline void describe_scalar(const Value& value, RegionInput& out) {
  static const Shape kNone;
  out.data = static_cast<const std::byte*>(value.scalar_bytes());
  out.shape = out.strides = &kNone;
  out.size = 1;
  out.dtype = value.tensor_dtype();
  out.contiguous = true;
  out.weak = false;
}

/// A plain number; `integer` and `real` are what its kind has of them.
inline void describe_number(Scalar::Kind kind, std::int64_t integer, double real, RegionInput& out) {
  out.weak = true;
  out.kind = kind;
  out.integer = integer;
  out.real = real;
  out.imaginary = 0;
}

/// What a region sees of a value, borrowed; false if that is neither a tensor nor a number that fits a variable.
inline bool describe(const Value& value, RegionInput& out) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::tensor:
      return describe_tensor(value.tensor_data(), out), true;
    case Tag::scalar:
      return describe_scalar(value, out), true;
    case Tag::integer:
      return describe_number(Scalar::Kind::integer, value.integer(), 0, out), true;
    case Tag::boolean:
      return describe_number(Scalar::Kind::boolean, value.boolean(), 0, out), true;
    case Tag::floating:
      return describe_number(Scalar::Kind::floating, 0, value.floating(), out), true;
    case Tag::complex:
      describe_number(Scalar::Kind::complex, 0, value.number().real, out);
      out.imaginary = value.number().imaginary;
      return true;
    default:
      return false;
  }
}

}  // namespace inlay
