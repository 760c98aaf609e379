// selection.cpp - walking a selection: axes before the group, the group's list, axes after it.
// Knows nothing of indices; elements are moved, never looked at.
// Invariant: the row-major order of the selection is the order of writes, so the last of duplicates wins.
// COULD: share out scatters among threads by ranges of the target: two took 2.0 ms for what one does in 2.9.
#include "runtime/indexing/selection.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/indexing/gather_row.h"
#include "runtime/indexing/selection_walk.h"
#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Elements that are moved between two looks at whether to stop: some ms where each waits for memory.
constexpr std::int64_t kElementsPerPoll = 1 << 17;

struct Axis {
  std::int64_t size, x, other;  // strides in bytes
};

/// A loop nest, outermost first; axes of size 1 are left out and runs joined.
class Axes {
 public:
  Axes(const Selection& s, const Strides& other, std::size_t begin, std::size_t end) {
    for (std::size_t axis = begin; axis < end; ++axis) add({s.view.shape[axis], s.view.strides[axis], other[axis]});
  }
  /// Innermost axis, taken off the nest; a single element if there is none.
  Axis take_row() { return count_ == 0 ? Axis{1, 0, 0} : axes_[--count_]; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::span<const Axis> loops() const { return {axes_.data(), count_}; }

 private:
  void add(const Axis& inner) {
    if (inner.size == 1) return;
    Axis* outer = count_ == 0 ? nullptr : &axes_[count_ - 1];
    const bool joins = outer && outer->x == inner.x * inner.size && outer->other == inner.other * inner.size;
    if (joins)
      *outer = {outer->size * inner.size, inner.x, inner.other};
    else
      axes_[count_++] = inner;
  }

  std::array<Axis, kMaxRank> axes_;
  std::size_t count_ = 0;
};

template <class F>
void for_each(std::span<const Axis> loops, std::byte* x, std::byte* other, const F& body) {
  if (loops.empty()) return body(x, other);
  const Axis& loop = loops.front();
  for (std::int64_t at = 0; at < loop.size; ++at) {
    for_each(loops.subspan(1), x + at * loop.x, other + at * loop.other, body);
  }
}

/// The step of the other operand from one entry of the group to the next.
std::int64_t group_step(const Selection& s, const Strides& other) {
  for (std::size_t axis = s.group + s.group_rank; axis-- > s.group;) {
    if (s.view.shape[axis] != 1) return other[axis];
  }
  return 0;
}

void walk_strided(const Selection& s, std::byte* x, std::byte* other, const Strides& strides,
                  const SelectionKernel& kernel) {
  Axes axes(s, strides, 0, s.view.shape.size());
  const Axis row = axes.take_row();
  for_each(axes.loops(), x, other,
           [&](std::byte* to, std::byte* from) { kernel.strided(to, row.x, from, row.other, row.size); });
}

/// Entries [begin, end) of the group at one place of the axes before it.
struct GroupLoop {
  const SelectionKernel& kernel;
  Entries entries;
  std::int64_t step;  // of the other operand
  std::span<const Axis> after;
  Axis row;
  bool single;  // no axes after the group

  void run(std::byte* x, std::byte* other, std::int64_t begin, std::int64_t end) const {
    if (single) return kernel.listed(x, entries.from(begin), other + begin * step, step, end - begin);
    for (std::int64_t at = begin; at < end; ++at) {
      if (entries.offsets[at] == kDropped) continue;
      for_each(after, x + entries.byte(at), other + at * step,
               [&](std::byte* to, std::byte* from) { kernel.strided(to, row.x, from, row.other, row.size); });
    }
  }
};

/// In order, on this thread; may be stopped between two parts.
void run_alone(const GroupLoop& loop, std::byte* x, std::byte* other, std::int64_t entries, std::int64_t row) {
  const std::int64_t part = std::max<std::int64_t>(1, kElementsPerPoll / std::max<std::int64_t>(1, row));
  for (std::int64_t at = 0; at < entries; at += part) {
    context().poll();
    loop.run(x, other, at, std::min(entries, at + part));
  }
}

template <class T>
void read_strided(std::byte* x, std::int64_t x_stride, std::byte* to, std::int64_t to_stride, std::int64_t n) {
  if (to_stride == sizeof(T)) return gather_row<T>(x, x_stride, to, n);
  for (std::int64_t at = 0; at < n; ++at) std::memcpy(to + at * to_stride, x + at * x_stride, sizeof(T));
}

template <class T>
void read_listed(std::byte* x, const Entries& entries, std::byte* to, std::int64_t, std::int64_t n) {
  constexpr std::int64_t item = sizeof(T);
  for_each_entry<item>(x, entries, n, [=](const std::byte* element, std::int64_t at) {
    std::memcpy(to + at * item, element, sizeof(T));
  });
}

template <class T>
void write_strided(std::byte* x, std::int64_t x_stride, std::byte* from, std::int64_t from_stride, std::int64_t n) {
  read_strided<T>(from, from_stride, x, x_stride, n);
}

template <class T>
void write_listed(std::byte* x, const Entries& entries, std::byte* from, std::int64_t step, std::int64_t n) {
  constexpr std::int64_t item = sizeof(T);
  if (step == item) {
    return for_each_entry<item>(
        x, entries, n, [=](std::byte* element, std::int64_t at) { std::memcpy(element, from + at * item, sizeof(T)); });
  }
  for_each_entry<item>(x, entries, n,
                       [=](std::byte* element, std::int64_t at) { std::memcpy(element, from + at * step, sizeof(T)); });
}

}  // namespace

void settle_offsets(Selection& selection) {
  if (selection.step == 1 && selection.size == 0) return;
  Tensor bytes = Tensor::empty(DType::int64, selection.offsets.shape());
  std::int64_t* to = bytes.mutable_data<std::int64_t>();
  const Entries entries = selection.entries();
  for (std::int64_t at = 0; at < bytes.size(); ++at) to[at] = entries.byte(at);
  selection.offsets = std::move(bytes);
  selection.step = 1;
  selection.size = 0;
}

Selection take_along(const Layout& x, std::size_t axis, Tensor offsets) {
  Selection out;
  out.view = x;
  out.view.shape[axis] = offsets.size();
  out.view.strides[axis] = 0;
  out.indexed = true;
  out.group = axis;
  out.group_rank = 1;
  out.offsets = std::move(offsets);
  return out;
}

bool group_is_one_run(const Selection& s, const Strides& other) {
  std::int64_t expected = group_step(s, other);
  for (std::size_t axis = s.group + s.group_rank; axis-- > s.group;) {
    if (s.view.shape[axis] == 1) continue;
    if (other[axis] != expected) return false;
    expected *= s.view.shape[axis];
  }
  return true;
}

Tensor value_for(const Selection& selection, const Tensor& value) {
  Tensor wide = broadcast_value(value, selection.shape());
  INLAY_CHECK(wide);
  return group_is_one_run(selection, wide.strides()) ? wide : wide.copy();
}

void walk_selection(const Selection& s, std::byte* base, std::byte* other, const Strides& strides,
                    const SelectionKernel& kernel, bool threads) {
  const std::int64_t size = element_count(s.view.shape);
  if (size == 0) return;
  base += s.view.offset;
  if (!s.indexed) return walk_strided(s, base, other, strides, kernel);
  const Axes before(s, strides, 0, s.group);
  Axes after(s, strides, s.group + s.group_rank, s.view.shape.size());
  const bool single = after.empty();
  const Axis row = after.take_row();
  const GroupLoop loop{kernel, s.entries(), group_step(s, strides), after.loops(), row, single};
  const std::int64_t entries = s.offsets.size();
  const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / std::max<std::int64_t>(1, row.size));
  for_each(before.loops(), base, other, [&](std::byte* x, std::byte* from) {
    if (!threads) return run_alone(loop, x, from, entries, row.size);
    parallel_for(entries, block, size, [&](std::int64_t begin, std::int64_t end) { loop.run(x, from, begin, end); });
  });
}

Tensor gather_selection(const Selection& from, const std::byte* base) {
  context().charge(static_cast<std::uint64_t>(element_count(from.view.shape)), 0);
  Tensor out = Tensor::empty(from.view.dtype, from.view.shape);
  // The kernels of reading only load through x: one loop nest serves both directions.
  auto* x = const_cast<std::byte*>(base);
  visit_size(out.itemsize(), [&]<class T>(Type<T>) {
    walk_selection(from, x, out.mutable_bytes(), out.strides(), {read_strided<T>, read_listed<T>}, true);
  });
  return out;
}

void scatter_selection(const Selection& to, std::byte* base, const Tensor& value) {
  if (element_count(to.view.shape) == 0) return;
  if (!to.indexed) {
    copy_elements(broadcast_value(value, to.view.shape), base + to.view.offset, to.view.strides);
    return;
  }
  const bool in_place = context().in_place;
  const Tensor from = value_for(to, value);
  context().in_place = in_place;  // an allocation ends it, but nothing is written yet
  visit_size(from.itemsize(), [&]<class T>(Type<T>) {
    walk_selection(to, base, const_cast<std::byte*>(from.bytes()), from.strides(), {write_strided<T>, write_listed<T>},
                   false);
  });
}

bool broadcasts_to(const Shape& value, const Shape& shape) {
  for (std::size_t back = 1; back <= value.size(); ++back) {
    const std::int64_t size = value[value.size() - back];
    if (size != 1 && (back > shape.size() || size != shape[shape.size() - back])) return false;
  }
  return true;
}

Tensor broadcast_value(const Tensor& value, const Shape& shape) {
  if (value.shape() == shape) return value;
  Layout layout = layout_of(value);
  while (layout.shape.size() > shape.size() && layout.shape[0] == 1) {
    layout.shape.erase(0);
    layout.strides.erase(0);
  }
  const std::optional<Layout> wide = broadcast(layout, shape);
  return wide ? view_of(value, *wide) : Tensor();
}

}  // namespace inlay
