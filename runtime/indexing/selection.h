// selection.h - which elements an index selects, bound to a layout: strided axes and at most one group given by a list.
// Knows nothing of how an index is written. Reading, writing and combining walk the same selection: a write is the
// read's transpose.
// Invariant: every element named lies inside the layout's root; the checks were done by whoever made the selection.
#pragma once

#include <cstdint>
#include <limits>

#include "runtime/tensors/layout.h"

namespace inlay {

/// What an update does where it lands. `set`: the last of duplicates wins; the others combine all duplicates, in order.
enum class UpdateKind : std::uint8_t { set, add, subtract, multiply, minimum, maximum };

/// The offset of an entry whose update is dropped (IndexMode::drop).
inline constexpr std::int64_t kDropped = std::numeric_limits<std::int64_t>::min();

/// Where the entries of a group lie: `step` bytes for each count of an offset; negative offsets count from `size`. So
/// an index that has been checked serves as it was written. Bytes are steps of 1 with a size of 0.
struct Entries {
  const std::int64_t* offsets;
  std::int64_t step = 1, size = 0;

  [[nodiscard]] std::int64_t byte(std::int64_t at) const {
    const std::int64_t offset = offsets[at];
    return (offset + (size & (offset >> 63))) * step;
  }
  [[nodiscard]] Entries from(std::int64_t begin) const { return {offsets + begin, step, size}; }
};

/// Elements of a root in the order of `view.shape`. Axes [group, group + group_rank) are found by `offsets`, in
/// row-major order; their strides are not looked at.
struct Selection {
  Layout view;
  bool indexed = false;  // whether there is a group (its rank may be 0)
  bool scalar = false;   // every axis was taken by a plain integer: one element, not a 0-d array
  std::size_t group = 0;
  std::size_t group_rank = 0;
  Tensor offsets;                   // int64, row-major, in steps (see Entries); or kDropped, where a step is one byte
  std::int64_t step = 1, size = 0;  // of the offsets

  [[nodiscard]] const Shape& shape() const { return view.shape; }
  [[nodiscard]] Entries entries() const { return {offsets.data<std::int64_t>(), step, size}; }
};

/// The layout with one axis found by `offsets`.
Selection take_along(const Layout& x, std::size_t axis, Tensor offsets);

/// Makes the offsets bytes, in memory of their own.
void settle_offsets(Selection& selection);
/// Whether all offsets lie in [low, high).
bool offsets_within(const Tensor& offsets, std::int64_t low, std::int64_t high);

/// The selected elements, row-major, in a tensor of their own. No entry may be dropped. `base`: the root's element (0,
/// …, 0).
Tensor gather_selection(const Selection& from, const std::byte* base);
/// Writes a value of the same dtype that broadcasts to the selection and looks elsewhere.
void scatter_selection(const Selection& to, std::byte* base, const Tensor& value);
/// Combines a value likewise; integers wrap, minimum and maximum propagate NaN, bool adds by `or` and multiplies by
/// `and`.
void combine_selection(UpdateKind kind, const Selection& to, std::byte* base, const Tensor& value);
/// The same into the elements of x, which is the selection's own: where it stands if nobody else holds it and that is
/// short, else into a copy that becomes x at the end.
void update_elements(UpdateKind kind, Tensor& x, const Selection& to, const Tensor& value);
/// Throws TypeError where the dtype has no such combination (subtraction of bools), in NumPy's words.
void check_combination(UpdateKind kind, DType dtype);

/// Calls `update(Tensor&)` with x, or with a row-major copy of it that then becomes x: inside, writable() keeps the
/// strides, so that a selection made before it stays good. If the update throws, x holds what it held.
template <class F>
void update_with_settled_layout(Tensor& x, const F& update) {
  if (x.is_contiguous()) return update(x);
  if (x.unique()) {
    x.writable();
    return update(x);
  }
  Tensor fresh = x;
  fresh.writable();
  update(fresh);
  x = std::move(fresh);
}

/// Whether a value's shape broadcasts to `shape` once its extra leading axes of size 1 are dropped.
bool broadcasts_to(const Shape& value, const Shape& shape);
/// The value as a view of `shape` without its extra leading axes of size 1; no tensor where it does not broadcast.
Tensor broadcast_value(const Tensor& value, const Shape& shape);

}  // namespace inlay
