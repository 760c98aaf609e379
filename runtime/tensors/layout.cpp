// layout.cpp - shapes and strides of views.
// Knows no elements. Messages are NumPy's.
// Invariant: no function changes how many bytes an element has except the parts of complex numbers.
#include "runtime/tensors/layout.h"

#include <algorithm>

namespace inlay {
namespace {

/// Axes of size 1 say nothing about where elements lie.
Layout without_unit_axes(const Layout& x) {
  Layout out{x.dtype, {}, {}, x.offset};
  for (std::size_t axis = 0; axis < x.shape.size(); ++axis) {
    if (x.shape[axis] == 1) continue;
    out.shape.push_back(x.shape[axis]);
    out.strides.push_back(x.strides[axis]);
  }
  return out;
}

/// A run of old axes that holds as many elements as a run of new ones.
struct Runs {
  std::size_t old_begin, old_end, new_begin, new_end;
};

void grow_to_equal_sizes(const Shape& from, const Shape& to, Runs& runs) {
  std::int64_t old_size = from[runs.old_begin];
  std::int64_t new_size = to[runs.new_begin];
  while (old_size != new_size) {
    if (new_size < old_size)
      new_size *= to[runs.new_end++];
    else
      old_size *= from[runs.old_end++];
  }
}

bool is_one_run(const Layout& x, std::size_t begin, std::size_t end) {
  for (std::size_t axis = begin; axis + 1 < end; ++axis) {
    if (x.strides[axis] != x.shape[axis + 1] * x.strides[axis + 1]) return false;
  }
  return true;
}

/// Strides of `shape` over a layout without unit axes and with at least one element; false where they do not exist.
bool split_runs(const Layout& x, const Shape& shape, Strides& out) {
  out = Strides(shape.size(), itemsize(x.dtype));
  Runs runs{0, 1, 0, 1};
  while (runs.new_begin < shape.size() && runs.old_begin < x.shape.size()) {
    grow_to_equal_sizes(x.shape, shape, runs);
    if (!is_one_run(x, runs.old_begin, runs.old_end)) return false;
    std::int64_t stride = x.strides[runs.old_end - 1];
    for (std::size_t axis = runs.new_end; axis-- > runs.new_begin;) {
      out[axis] = stride;
      stride *= shape[axis];
    }
    runs = {runs.old_end, runs.old_end + 1, runs.new_end, runs.new_end + 1};
  }
  return true;
}

[[noreturn]] void refuse_reshape(std::int64_t size, std::span<const std::int64_t> sizes) {
  raise(ErrorKind::ValueError, "cannot reshape array of size {} into shape {}", size, compact_text(sizes));
}

int named_axis(const char* which, std::int64_t axis, std::size_t rank) {
  const auto limit = static_cast<std::int64_t>(rank);
  if (axis < -limit || axis >= limit) {
    raise(ErrorKind::ValueError, "{}: axis {} is out of bounds for array of dimension {}", which, axis, rank);
  }
  return static_cast<int>(axis < 0 ? axis + limit : axis);
}

void erase_axis(Layout& x, std::size_t axis) {
  x.shape.erase(axis);
  x.strides.erase(axis);
}

}  // namespace

Layout layout_of(const Tensor& x) { return {x.dtype(), x.shape(), x.strides(), 0}; }

Tensor view_of(const Tensor& root, const Layout& layout) {
  return root.view(layout.dtype, layout.shape, layout.strides, layout.offset);
}

bool is_row_major(const Layout& x) {
  std::int64_t expected = itemsize(x.dtype);
  for (std::size_t axis = x.shape.size(); axis-- > 0;) {
    if (x.shape[axis] == 0) return true;
    if (x.shape[axis] != 1 && x.strides[axis] != expected) return false;
    expected *= x.shape[axis];
  }
  return true;
}

std::int64_t passing_bytes(const Layout& x) {
  std::int64_t apart = 64;  // a cache line
  for (std::size_t axis = 0; axis < x.shape.size(); ++axis)
    if (x.shape[axis] > 1) apart = std::min(apart, std::abs(x.strides[axis]));
  return element_count(x.shape) * std::max<std::int64_t>(apart, itemsize(x.dtype));
}

std::string compact_text(std::span<const std::int64_t> shape) {
  // NumPy leaves out leading unknown sizes.
  const auto known = std::find_if(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
  std::string text;
  for (auto size = known; size != shape.end(); ++size) {
    if (size != known) text += ',';
    text += *size < 0 ? "newaxis" : fmt::format("{}", *size);
  }
  if (shape.size() == 1) text += ',';
  return fmt::format("({})", text);
}

Shape resolve_shape(std::int64_t size, std::span<const std::int64_t> sizes) {
  Shape shape(sizes);
  const auto unknown = std::find_if(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; });
  if (unknown == shape.end()) {
    if (element_count(shape) != size) refuse_reshape(size, sizes);
    return shape;
  }
  if (std::any_of(unknown + 1, shape.end(), [](std::int64_t n) { return n < 0; })) {
    raise(ErrorKind::ValueError, "can only specify one unknown dimension");
  }
  *unknown = 1;
  const std::int64_t known = element_count(shape);
  if (known == 0 || size % known != 0) refuse_reshape(size, sizes);
  *unknown = size / known;
  return shape;
}

std::optional<Layout> reshaped(const Layout& x, const Shape& shape) {
  Layout out{x.dtype, shape, {}, x.offset};
  if (element_count(shape) == 0) {
    out.strides = contiguous_strides(shape, itemsize(x.dtype));
    return out;
  }
  if (!split_runs(without_unit_axes(x), shape, out.strides)) return std::nullopt;
  return out;
}

Layout permuted(const Layout& x, std::span<const std::int64_t> axes) {
  const std::size_t rank = x.shape.size();
  if (!axes.empty() && axes.size() != rank) raise(ErrorKind::ValueError, "axes don't match array");
  Layout out{x.dtype, Shape(rank, 0), Strides(rank, 0), x.offset};
  Dims seen(rank, 0);
  for (std::size_t at = 0; at < rank; ++at) {
    const auto axis = axes.empty() ? rank - 1 - at : static_cast<std::size_t>(normalize_axis(axes[at], rank));
    if (seen[axis]++ != 0) raise(ErrorKind::ValueError, "repeated axis in transpose");
    out.shape[at] = x.shape[axis];
    out.strides[at] = x.strides[axis];
  }
  return out;
}

Layout swapped(const Layout& x, std::int64_t axis1, std::int64_t axis2) {
  const int first = named_axis("axis1", axis1, x.shape.size());
  const int second = named_axis("axis2", axis2, x.shape.size());
  Layout out = x;
  std::swap(out.shape[first], out.shape[second]);
  std::swap(out.strides[first], out.strides[second]);
  return out;
}

Layout matrix_transposed(const Layout& x) {
  if (x.shape.size() < 2) raise(ErrorKind::ValueError, "matrix transpose with ndim < 2 is undefined");
  return swapped(x, -1, -2);
}

Layout squeezed(const Layout& x, std::span<const std::int64_t> axes) {
  Dims drop(x.shape.size(), 0);
  for (const std::int64_t axis : axes) {
    const int at = normalize_axis(axis, x.shape.size());
    if (drop[at]++ != 0) raise(ErrorKind::ValueError, "duplicate value in 'axis'");
    if (x.shape[at] != 1) {
      raise(ErrorKind::ValueError, "cannot select an axis to squeeze out which has size not equal to one");
    }
  }
  if (axes.empty()) {
    std::transform(x.shape.begin(), x.shape.end(), drop.begin(), [](std::int64_t size) { return size == 1; });
  }
  Layout out = x;
  for (std::size_t axis = drop.size(); axis-- > 0;) {
    if (drop[axis] != 0) erase_axis(out, axis);
  }
  return out;
}

Layout diagonal_of(const Layout& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2) {
  const std::size_t rank = x.shape.size();
  if (rank < 2) raise(ErrorKind::ValueError, "diag requires an array of at least two dimensions");
  const auto row = static_cast<std::size_t>(named_axis("axis1", axis1, rank));
  const auto column = static_cast<std::size_t>(named_axis("axis2", axis2, rank));
  if (row == column) raise(ErrorKind::ValueError, "axis1 and axis2 cannot be the same");
  // An offset beyond the matrix leaves nothing; clamped, it cannot overflow.
  const std::int64_t right = std::clamp<std::int64_t>(offset, 0, x.shape[column]);
  const std::int64_t down = std::clamp<std::int64_t>(offset < 0 ? -(offset + 1) : 0, 0, x.shape[row]) + (offset < 0);
  const std::int64_t length = std::max<std::int64_t>(0, std::min(x.shape[row] - down, x.shape[column] - right));
  Layout out = x;
  if (length > 0) out.offset += right * x.strides[column] + down * x.strides[row];
  out.shape.push_back(length);
  out.strides.push_back(x.strides[row] + x.strides[column]);
  erase_axis(out, std::max(row, column));
  erase_axis(out, std::min(row, column));
  return out;
}

Layout real_part(const Layout& x) { return {real_dtype(x.dtype), x.shape, x.strides, x.offset}; }

Layout imaginary_part(const Layout& x) {
  const DType part = real_dtype(x.dtype);
  return {part, x.shape, x.strides, x.offset + itemsize(part)};
}

std::optional<Layout> broadcast(const Layout& x, std::span<const std::int64_t> shape) {
  if (x.shape.size() > shape.size()) return std::nullopt;
  const std::size_t leading = shape.size() - x.shape.size();
  Layout out{x.dtype, Shape(shape), Strides(shape.size(), 0), x.offset};
  for (std::size_t axis = 0; axis < x.shape.size(); ++axis) {
    const std::int64_t size = shape[leading + axis];
    if (x.shape[axis] == size)
      out.strides[leading + axis] = x.strides[axis];
    else if (x.shape[axis] != 1)
      return std::nullopt;
  }
  return out;
}

}  // namespace inlay
