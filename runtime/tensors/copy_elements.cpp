// copy_elements.cpp - moving elements between layouts without looking at them.
// Cases: axes that are one run in both layouts are joined first; then per row: both dense -> memcpy |
// source constant -> fill | otherwise one element at a time. Rows that run across the source's are copied in strips.
// Loads and stores are memcpy of an element: memory of a host need not be aligned.
// Invariant: the parallel cut is over elements in the target's order, so every target byte has one writer.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/indexing/gather_row.h"
#include "runtime/tensors/tensor.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

struct Axis {
  std::int64_t size, from, to;  // strides in bytes
};

/// The loops that remain, outermost first; the last is the row.
struct Loops {
  std::array<Axis, kMaxRank + 1> axes;
  std::size_t count = 0;
  [[nodiscard]] Axis& row() { return axes[count - 1]; }
};

/// Elements of a row that are copied before the source's next ones are: as many cache lines of the source are in use.
constexpr std::int64_t kStrip = 16;

/// Writing in the target's order, whatever the source's: stores cost more than loads.
void sort_by_target(Loops& loops) {
  // Insertion keeps the order of equals, as std::stable_sort does, but allocates nothing.
  for (std::size_t at = 1; at < loops.count; ++at) {
    for (std::size_t to = at; to > 0 && std::abs(loops.axes[to - 1].to) < std::abs(loops.axes[to].to); --to) {
      std::swap(loops.axes[to - 1], loops.axes[to]);
    }
  }
}

void join_runs(Loops& loops) {
  std::size_t kept = 0;
  for (std::size_t at = 1; at < loops.count; ++at) {
    Axis& outer = loops.axes[kept];
    const Axis inner = loops.axes[at];
    if (outer.from == inner.from * inner.size && outer.to == inner.to * inner.size) {
      outer = {outer.size * inner.size, inner.from, inner.to};
    } else {
      loops.axes[++kept] = inner;
    }
  }
  loops.count = kept + 1;
}

Loops plan_loops(const Tensor& from, std::span<const std::int64_t> to_strides) {
  Loops loops;
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    if (from.dim(axis) != 1) loops.axes[loops.count++] = {from.dim(axis), from.strides()[axis], to_strides[axis]};
  }
  if (loops.count == 0) loops.axes[loops.count++] = {1, from.itemsize(), from.itemsize()};
  sort_by_target(loops);
  join_runs(loops);
  return loops;
}

template <class T>
void copy_row(const std::byte* from, std::byte* to, const Axis& row, std::int64_t n) {
  if (row.to == sizeof(T)) return gather_row<T>(from, row.from, to, n);
  for (std::int64_t at = 0; at < n; ++at) std::memcpy(to + at * row.to, from + at * row.from, sizeof(T));
}

template <class T>
void fill_row(const std::byte* from, std::byte* to, const Axis& row, std::int64_t n) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  constexpr std::int64_t item = sizeof(T);
  if (row.to == item) {
    for (std::int64_t at = 0; at < n; ++at) std::memcpy(to + at * item, &value, sizeof(T));
  } else {
    // Two stores fit into a cycle: counting must not take longer.
#pragma GCC unroll 8
    for (std::int64_t at = 0; at < n; ++at, to += row.to) std::memcpy(to, &value, sizeof(T));
  }
}

/// Where a walk over the loops stands: coordinates of the outer axes, and the first element of the current row.
struct Cursor {
  std::array<std::int64_t, kMaxRank + 1> at{};
  std::int64_t from = 0, to = 0;
};

void seek(const Loops& loops, std::int64_t row, Cursor& cursor) {
  for (std::size_t axis = loops.count - 1; axis-- > 0;) {
    const Axis& loop = loops.axes[axis];
    cursor.at[axis] = row % loop.size;
    row /= loop.size;
    cursor.from += cursor.at[axis] * loop.from;
    cursor.to += cursor.at[axis] * loop.to;
  }
}

void next_row(const Loops& loops, Cursor& cursor) {
  for (std::size_t axis = loops.count - 1; axis-- > 0;) {
    const Axis& loop = loops.axes[axis];
    cursor.from += loop.from;
    cursor.to += loop.to;
    if (++cursor.at[axis] < loop.size) return;
    cursor.at[axis] = 0;
    cursor.from -= loop.from * loop.size;
    cursor.to -= loop.to * loop.size;
  }
}

/// Copies elements [begin, end) of the walk.
template <class T>
void copy_range(const Loops& loops, const std::byte* from, std::byte* to, std::int64_t begin, std::int64_t end) {
  const Axis& row = loops.axes[loops.count - 1];
  const auto copy = row.from == 0 ? fill_row<T> : copy_row<T>;
  Cursor cursor;
  seek(loops, begin / row.size, cursor);
  std::int64_t skip = begin % row.size;
  while (begin < end) {
    const std::int64_t n = std::min(row.size - skip, end - begin);
    copy(from + cursor.from + skip * row.from, to + cursor.to + skip * row.to, row, n);
    begin += n;
    skip = 0;
    next_row(loops, cursor);
  }
}

template <class T>
void copy_loops(const Loops& loops, const std::byte* from, std::byte* to) {
  std::int64_t n = 1;
  for (std::size_t axis = 0; axis < loops.count; ++axis) n *= loops.axes[axis].size;
  parallel_for(n, kParallelBlock, n,
               [&](std::int64_t begin, std::int64_t end) { copy_range<T>(loops, from, to, begin, end); });
}

/// Makes the axis along which the source is densest the last but one; false if that is the row, or all it has.
bool bring_dense_axis_inwards(Loops& loops) {
  const auto density = [](const Axis& axis) { return axis.from == 0 ? INT64_MAX : std::abs(axis.from); };
  const auto begin = loops.axes.begin(), row = begin + loops.count - 1;
  const auto dense =
      std::min_element(begin, row + 1, [&](const Axis& a, const Axis& b) { return density(a) < density(b); });
  if (dense == row || row->from == 0) return false;
  std::rotate(dense, dense + 1, row);
  return true;
}

/// Rows cut into strips, with the dense axis of the source inside: what a cache line brings is used while it is there.
template <class T>
void copy_strips(Loops loops, const std::byte* from, std::byte* to) {
  const Axis row = loops.row();
  const std::int64_t n_strips = row.size / kStrip, done = n_strips * kStrip;
  if (done < row.size) {
    loops.row().size = row.size - done;
    copy_loops<T>(loops, from + done * row.from, to + done * row.to);
  }
  const Axis dense = loops.axes[loops.count - 2];
  loops.axes[loops.count - 2] = {n_strips, row.from * kStrip, row.to * kStrip};
  loops.row() = dense;
  loops.axes[loops.count++] = {kStrip, row.from, row.to};
  if (n_strips > 0) copy_loops<T>(loops, from, to);
}

}  // namespace

void copy_elements(const Tensor& from, std::byte* to, std::span<const std::int64_t> to_strides) {
  if (from.size() == 0) return;
  Loops loops = plan_loops(from, to_strides);
  const bool across = bring_dense_axis_inwards(loops);
  visit_size(from.itemsize(), [&]<class T>(Type<T>) {
    across ? copy_strips<T>(loops, from.bytes(), to) : copy_loops<T>(loops, from.bytes(), to);
  });
}

}  // namespace inlay
