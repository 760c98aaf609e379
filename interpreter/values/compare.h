// compare.h - Python's order on values, and numbers by their value whatever holds them.
// Invariant: numbers compare exactly: an int never goes through a double on its way to a comparison.
#pragma once

#include <optional>

#include "interpreter/values/value.h"

namespace inlay {

/// Containers nested deeper than this cannot be compared, hashed or printed.
inline constexpr int kNestingLimit = 500;

/// The value of a plain number or of a tensor of rank 0; nothing for anything else.
std::optional<Scalar> number_of(const Value& value);
/// Where a number stands in a range; nothing if it is none of the range's.
std::optional<std::int64_t> place_in(const RangeObject& range, const Scalar& number);
/// The one element of a tensor of size 1.
Scalar element_of(const Tensor& tensor);

/// Python's <: numbers (0-d tensors too), strings, tuples and lists. TypeError "'<' not supported between instances of
/// 'str' and 'int'".
bool less_than(const Value& a, const Value& b);

}  // namespace inlay
