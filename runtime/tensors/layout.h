// layout.h - where elements lie relative to a root's element (0, …, 0): the views that cost nothing.
// Knows no buffers: a path of views composes here without taking a reference to what it looks into.
// Invariant: every function maps a layout inside its root to one inside the same root.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// A view without its root.
struct Layout {
  DType dtype{};
  Shape shape;
  Strides strides;          // bytes
  std::int64_t offset = 0;  // bytes from the root's element (0, …, 0)
};

Layout layout_of(const Tensor& x);
/// The layout as a tensor over `root`'s buffer.
Tensor view_of(const Tensor& root, const Layout& layout);

/// Whether the elements are one run in row-major order.
bool is_row_major(const Layout& x);

/// The bytes that pass between memory and the caches when every element is read or written: those that lie apart bring
/// their neighbours along, up to a cache line.
std::int64_t passing_bytes(const Layout& x);

/// NumPy's short form of a shape, as its messages print it: "(2,3)", "(4,)", "()". Negative sizes are "newaxis".
std::string compact_text(std::span<const std::int64_t> shape);

/// The shape that `sizes` ask of `size` elements; one of them may be -1.
/// Throws ValueError "cannot reshape array of size 6 into shape (4,)".
Shape resolve_shape(std::int64_t size, std::span<const std::int64_t> sizes);
/// The layout in another shape of as many elements; nothing where that needs a copy.
std::optional<Layout> reshaped(const Layout& x, const Shape& shape);
/// Reversed axes if `axes` is empty. Throws ValueError "axes don't match array", "repeated axis in transpose".
Layout permuted(const Layout& x, std::span<const std::int64_t> axes);
/// Throws ValueError "axis1: axis 5 is out of bounds for array of dimension 2".
Layout swapped(const Layout& x, std::int64_t axis1, std::int64_t axis2);
/// Throws ValueError "matrix transpose with ndim < 2 is undefined".
Layout matrix_transposed(const Layout& x);
/// Without the given axes of size 1, or without all of them if `axes` is empty.
Layout squeezed(const Layout& x, std::span<const std::int64_t> axes);
Layout diagonal_of(const Layout& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2);
/// The layout of a complex layout's parts.
Layout real_part(const Layout& x);
Layout imaginary_part(const Layout& x);
/// Stride 0 along new and stretched axes; nothing if the shape does not broadcast to `shape`.
std::optional<Layout> broadcast(const Layout& x, std::span<const std::int64_t> shape);

}  // namespace inlay
