// nonzero.cpp - where a tensor is true: offsets, coordinates, and the elements chosen along some axes.
// Knows masks by their flat positions (compress.h).
// Invariant: row-major order; the coordinates of a position are computed once per row, not per element.
#include "runtime/indexing/nonzero.h"

#include <algorithm>

#include "runtime/dtypes/cast.h"
#include "runtime/indexing/compress.h"
#include "runtime/indexing/scatter.h"
#include "runtime/indexing/selection.h"
#include "runtime/tensors/dense_rows.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Calls `f(at, row, column)` for every flat position, as a row of the last axis and a place in it.
template <class F>
void for_each_position(const Tensor& positions, std::int64_t columns, const F& f) {
  const std::int64_t* flat = positions.data<std::int64_t>();
  std::int64_t row = 0;
  serial_for(positions.size(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      if (flat[at] - row * columns >= columns) row = flat[at] / columns;
      f(at, row, flat[at] - row * columns);
    }
  });
}

/// The sum of coordinates times strides of row `row` of all axes but the last.
std::int64_t row_offset(std::int64_t row, const Shape& shape, std::span<const std::int64_t> strides) {
  std::int64_t offset = 0;
  for (std::size_t axis = shape.size() - 1; axis-- > 0;) {
    offset += row % shape[axis] * strides[axis];
    row /= shape[axis];
  }
  return offset;
}

bool is_one_run(const Shape& shape, std::span<const std::int64_t> strides) {
  for (std::size_t axis = 0; axis + 1 < shape.size(); ++axis) {
    if (strides[axis] != strides[axis + 1] * shape[axis + 1]) return false;
  }
  return true;
}

void scale(Tensor& positions, std::int64_t stride) {
  std::int64_t* at = positions.mutable_data<std::int64_t>();
  std::transform(at, at + positions.size(), at, [=](std::int64_t position) { return position * stride; });
}

/// Writes coordinates of one axis, `step` numbers apart.
void write_coordinates(const Tensor& positions, const Shape& shape, std::size_t axis, std::int64_t* out,
                       std::int64_t step) {
  const std::int64_t columns = shape.back();
  if (axis + 1 == shape.size()) {
    for_each_position(positions, columns, [=](auto at, auto, auto column) { out[at * step] = column; });
    return;
  }
  std::int64_t rows_inside = 1;
  for (std::size_t inner = axis + 1; inner + 1 < shape.size(); ++inner) rows_inside *= shape[inner];
  const std::int64_t size = shape[axis];
  for_each_position(positions, columns, [=](auto at, auto row, auto) { out[at * step] = row / rows_inside % size; });
}

void check_mask_fits(const Tensor& x, const Tensor& mask, std::size_t axis) {
  if (mask.dtype() != DType::boolean) {
    raise(ErrorKind::TypeError, "boolean_mask expects a mask of dtype bool, got {}", name(mask.dtype()));
  }
  if (mask.rank() == 0) raise(ErrorKind::ValueError, "mask cannot be scalar.");
  const auto begin = x.shape().begin() + axis;
  const Shape part(std::span(begin, std::min<std::size_t>(mask.rank(), x.rank() - axis)));
  if (part == mask.shape()) return;
  raise(ErrorKind::ValueError, "Shapes {} and {} are incompatible", to_string(part), to_string(mask.shape()));
}

}  // namespace

Tensor truth(const Tensor& x) { return cast(x, DType::boolean); }

Tensor mask_offsets(const Tensor& mask, std::span<const std::int64_t> strides) {
  Tensor out = MaskRanks(mask).positions();
  if (mask.rank() == 0) return out;
  const std::int64_t last = strides.back();
  if (is_one_run(mask.shape(), strides)) {
    scale(out, last);
    return out;
  }
  std::int64_t* offsets = out.mutable_data<std::int64_t>();
  std::int64_t known_row = -1, known_offset = 0;
  for_each_position(out, mask.shape().back(), [&](auto at, auto row, auto column) {
    if (row != known_row) known_offset = row_offset(row, mask.shape(), strides);
    known_row = row;
    offsets[at] = known_offset + column * last;
  });
  return out;
}

Tensor where_indices(const Tensor& mask) {
  const Tensor positions = MaskRanks(truth(mask)).positions();
  const auto rank = static_cast<std::int64_t>(mask.rank());
  Tensor out = Tensor::empty(DType::int64, {positions.size(), rank});
  for (std::size_t axis = 0; axis < mask.rank(); ++axis) {
    write_coordinates(positions, mask.shape(), axis, out.mutable_data<std::int64_t>() + axis, rank);
  }
  return out;
}

std::vector<Tensor> nonzero(const Tensor& x) {
  if (x.rank() == 0) {
    raise(ErrorKind::ValueError,
          "Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.");
  }
  const Tensor positions = MaskRanks(truth(x)).positions();
  if (x.rank() == 1) return {positions};
  std::vector<Tensor> out;
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    out.push_back(Tensor::empty(DType::int64, positions.shape()));
    write_coordinates(positions, x.shape(), axis, out.back().mutable_data<std::int64_t>(), 1);
  }
  return out;
}

std::int64_t count_nonzero(const Tensor& x) { return MaskRanks(truth(x)).count(); }

Tensor boolean_mask(const Tensor& x, const Tensor& mask, int axis) {
  if (mask.rank() == 0) raise(ErrorKind::ValueError, "mask cannot be scalar.");
  const auto first = static_cast<std::size_t>(normalize_axis(axis, x.rank()));
  check_mask_fits(x, mask, first);
  const Layout layout = layout_of(x);
  if (mask.rank() == x.rank() && has_dense_rows(layout)) return MaskRanks(mask).pack(layout, x.bytes());
  const std::span<const std::int64_t> strides(x.strides().begin() + first, mask.rank());
  Tensor offsets = mask_offsets(mask, strides);
  Layout view = layout;
  for (std::size_t dropped = 1; dropped < mask.rank(); ++dropped) {
    view.shape.erase(first);
    view.strides.erase(first);
  }
  return gather_selection(take_along(view, first, std::move(offsets)), x.bytes());
}

}  // namespace inlay
