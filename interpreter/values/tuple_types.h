// tuple_types.h - NumPy's named tuples: what `linalg.eigh` and its kin return.
// Knows nothing of the functions that make them. Invariant: a type has as many fields as its tuples have elements; it
// is constant data, known by its address.
#pragma once

#include <span>
#include <string_view>

namespace inlay {

/// A tuple whose elements can be asked for by name: `linalg.qr(a).Q`.
struct TupleType {
  std::string_view name;
  std::span<const std::string_view> fields;
};

/// The type of this name, null if there is none.
const TupleType* find_tuple_type(std::string_view name);

}  // namespace inlay
