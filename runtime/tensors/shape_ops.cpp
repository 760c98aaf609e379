// shape_ops.cpp - the same elements in another shape or order.
// Knows only layouts (layout.h); what has to move elements is a copy() of a view.
// Invariant: no function writes into its operand's buffer.
#include "runtime/tensors/shape_ops.h"

#include <algorithm>

#include "runtime/tensors/layout.h"

namespace inlay {
namespace {

/// Normalises axes of a tensor of `rank`, each at most once.
Dims distinct_axes(std::span<const std::int64_t> axes, std::size_t rank, const char* repeated) {
  Dims out;
  for (const std::int64_t axis : axes) {
    const int at = normalize_axis(axis, rank);
    if (std::find(out.begin(), out.end(), at) != out.end()) raise(ErrorKind::ValueError, "{}", repeated);
    out.push_back(at);
  }
  return out;
}

[[noreturn]] void refuse_broadcast_to(const Shape& from, const Shape& to) {
  if (to.empty()) raise(ErrorKind::ValueError, "cannot broadcast a non-scalar to a scalar array");
  if (from.size() > to.size()) {
    raise(ErrorKind::ValueError, "input operand has more dimensions than allowed by the axis remapping");
  }
  raise(ErrorKind::ValueError,
        "operands could not be broadcast together with remapped shapes [original->remapped]: {}  and requested shape "
        "{}",
        compact_text(from), compact_text(to));
}

}  // namespace

Tensor reshape(const Tensor& x, std::span<const std::int64_t> shape) {
  const Shape resolved = resolve_shape(x.size(), shape);
  if (x.is_contiguous()) return x.view(resolved, contiguous_strides(resolved, x.itemsize()));
  if (const std::optional<Layout> layout = reshaped(layout_of(x), resolved)) return view_of(x, *layout);
  return reshape(x.copy(), resolved);
}

Tensor ravel(const Tensor& x) { return reshape(x, Shape{x.size()}); }

Tensor transpose(const Tensor& x, std::span<const std::int64_t> axes) {
  return view_of(x, permuted(layout_of(x), axes));
}

Tensor swapaxes(const Tensor& x, std::int64_t axis1, std::int64_t axis2) {
  return view_of(x, swapped(layout_of(x), axis1, axis2));
}

Tensor moveaxis(const Tensor& x, std::span<const std::int64_t> source, std::span<const std::int64_t> destination) {
  const Dims from = distinct_axes(source, x.rank(), "repeated axis in `source` argument");
  const Dims to = distinct_axes(destination, x.rank(), "repeated axis in `destination` argument");
  if (from.size() != to.size()) {
    raise(ErrorKind::ValueError, "`source` and `destination` arguments must have the same number of elements");
  }
  Dims order(x.rank(), -1);
  Dims taken(x.rank(), 0);
  for (std::size_t at = 0; at < from.size(); ++at) {
    order[to[at]] = from[at];
    taken[from[at]] = 1;
  }
  std::int64_t next = 0;
  for (std::int64_t& axis : order) {
    if (axis >= 0) continue;
    while (taken[next] != 0) ++next;
    axis = next++;
  }
  return x.rank() == 0 ? x : transpose(x, order);
}

Tensor squeeze(const Tensor& x, std::span<const std::int64_t> axes) { return view_of(x, squeezed(layout_of(x), axes)); }

Tensor expand_dims(const Tensor& x, std::span<const std::int64_t> axes) {
  const std::size_t rank = x.rank() + axes.size();
  Dims added = distinct_axes(axes, rank, "repeated axis");
  std::sort(added.begin(), added.end());
  Layout out = layout_of(x);
  for (const std::int64_t axis : added) {
    out.shape.insert(axis, 1);
    out.strides.insert(axis, 0);
  }
  return view_of(x, out);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; })) {
    raise(ErrorKind::ValueError, "all elements of broadcast shape must be non-negative");
  }
  const std::optional<Layout> layout = broadcast(layout_of(x), shape);
  if (!layout) refuse_broadcast_to(x.shape(), shape);
  return view_of(x, *layout);
}

Tensor real(const Tensor& x) { return is_complex(x.dtype()) ? view_of(x, real_part(layout_of(x))) : x; }

Tensor imag(const Tensor& x) {
  if (!is_complex(x.dtype())) return Tensor::zeros(x.dtype(), x.shape());
  return view_of(x, imaginary_part(layout_of(x)));
}

Tensor diagonal(const Tensor& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2) {
  return view_of(x, diagonal_of(layout_of(x), offset, axis1, axis2));
}

Tensor flip(const Tensor& x, std::span<const std::int64_t> axes) {
  Dims reversed = distinct_axes(axes, x.rank(), "repeated axis");
  if (axes.empty()) {
    for (std::size_t axis = 0; axis < x.rank(); ++axis) reversed.push_back(static_cast<std::int64_t>(axis));
  }
  Layout out = layout_of(x);
  if (x.size() == 0) return x;
  for (const std::int64_t axis : reversed) {
    out.offset += (out.shape[axis] - 1) * out.strides[axis];
    out.strides[axis] = -out.strides[axis];
  }
  return view_of(x, out);
}

}  // namespace inlay
