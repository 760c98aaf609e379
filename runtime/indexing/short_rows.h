// short_rows.h - elements read and stored where a few slices or a list of indices say, by one thread: what is over
// before a thread would wake. Knows nothing of subscripts or values. Every check has been made by the caller.
// Invariant: the last of duplicates wins; nothing but the elements named changes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/tensors/layout.h"

namespace inlay {

/// An axis to be walked: so many elements, so many bytes apart.
struct FillAxis {
  std::int64_t size, stride;
};

/// The axes of a part that are to be walked, outermost first, without those of one element; one at least.
struct PartAxes {
  static constexpr std::size_t kMost = 4;

  /// `part` has at most `kMost` axes.
  explicit PartAxes(const Layout& part) {
    for (std::size_t axis = 0; axis < part.shape.size(); ++axis) {
      size *= part.shape[axis];
      if (part.shape[axis] != 1) axes[count++] = {part.shape[axis], part.strides[axis]};
    }
    if (count == 0) axes[count++] = {1, itemsize(part.dtype)};
  }

  std::array<FillAxis, kMost> axes;
  std::size_t count = 0;
  std::int64_t size = 1;  // elements
};

/// Stores one element of `itemsize` bytes everywhere along the axes, outermost first; each has one element at least,
/// and strides are positive. What lies between two of them is read and written back: nobody else may write there
/// meanwhile.
void fill_axes(std::byte* first, std::span<const FillAxis> axes, const std::byte* element, int itemsize);

/// Elements of a row-major vector, or rows of a tensor, by indices in [-size, size).
struct IndexedElements {
  std::byte* data;
  std::int64_t size;
  std::int64_t itemsize;
  std::span<const std::int64_t> indices;
  bool has_negative;  // whether one of them counts from the end
};

/// Copies the elements that the indices name one after the other to `to`.
void load_indexed(const IndexedElements& from, std::byte* to);
/// Stores the values one after the other where the indices say, or always the same one if `repeats`.
void store_indexed(const IndexedElements& to, const std::byte* values, bool repeats);

}  // namespace inlay
