// dtype_info.h - what dtypes tell of themselves: their attributes, numpy.iinfo and finfo, and the kinds they belong to.
// Knows nothing of tensors' elements.
// Invariant: a dtype, a type and a kind (`floating`) are compared by the sets of dtypes they stand for.
#pragma once

#include "interpreter/values/value.h"

namespace inlay {

/// Attributes bits, min, max, dtype, kind, key. ValueError "Invalid integer data type 'f'."
Value integer_info(DType dtype);
/// Attributes bits, eps, max, min, tiny, resolution, …, for the floats that make up a complex dtype too.
/// ValueError "data type <class 'numpy.int64'> not inexact".
Value float_info(DType dtype);

/// `dtype.name`, `.kind`, `.char`, …; undefined if dtypes have no such attribute.
Value dtype_attribute(DType dtype, std::string_view attribute);

/// numpy.issubdtype: whether all that the first stands for is among what the second stands for; each is a kind or what
/// `as_dtype` takes.
bool is_subdtype(const Value& dtype, const Value& kind);
/// Whether the kind (`floating`, `integer`, …) has the dtype; false for types that are no kinds.
bool kind_has(TypeId kind, DType dtype);

}  // namespace inlay
