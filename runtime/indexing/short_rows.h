// short_rows.h - elements stored where a few slices or a list of indices say, by one thread: what is over before a
// thread would wake. Knows nothing of subscripts or values. Every check has been made by the caller.
// Invariant: the last of duplicates wins; nothing but the elements named changes.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// An axis to be walked: so many elements, so many bytes apart.
struct FillAxis {
  std::int64_t size, stride;
};

/// Stores one element of `itemsize` bytes everywhere along the axes, outermost first; each has one element at least,
/// and strides are positive. What lies between two of them is read and written back: nobody else may write there
/// meanwhile.
void fill_axes(std::byte* first, std::span<const FillAxis> axes, const std::byte* element, int itemsize);

/// Elements of a row-major vector, by indices in [-size, size).
struct IndexedElements {
  std::byte* data;
  std::int64_t size;
  int itemsize;
  std::span<const std::int64_t> indices;
  bool has_negative;  // whether one of them counts from the end
};

/// Stores the values one after the other where the indices say, or always the same one if `repeats`.
void store_indexed(const IndexedElements& to, const std::byte* values, bool repeats);

}  // namespace inlay
