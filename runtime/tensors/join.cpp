// join.cpp - shape_ops that write a fresh tensor: concatenate, stack, roll, tile, repeat, triangle.
// Knows no subscripts. Elements move by copy_elements, but for single ones that are repeated.
// Invariant: every element of a result is written exactly once, except the zeros of triangle.
#include <algorithm>
#include <cstring>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/selection.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/layout.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Counts, or rows of a matrix, between two looks at whether to stop.
constexpr std::int64_t kCountsPerPoll = 1 << 10;
/// Elements repeated more often are copied by parts, which can be stopped.
constexpr std::int64_t kFewTimes = 1 << 10;

void check_rank(const Tensor& first, const Tensor& other, std::size_t at) {
  if (first.rank() == other.rank()) return;
  raise(ErrorKind::ValueError,
        "all the input arrays must have same number of dimensions, but the array at index 0 has {} dimension(s) and "
        "the array at index {} has {} dimension(s)",
        first.rank(), at, other.rank());
}

void check_sizes(const Tensor& first, const Tensor& other, std::size_t at, std::size_t along) {
  for (std::size_t axis = 0; axis < first.rank(); ++axis) {
    if (axis == along || first.dim(axis) == other.dim(axis)) continue;
    raise(ErrorKind::ValueError,
          "all the input array dimensions except for the concatenation axis must match exactly, but along dimension "
          "{}, the array at index 0 has size {} and the array at index {} has size {}",
          axis, first.dim(axis), at, other.dim(axis));
  }
}

Shape concatenated_shape(std::span<const Tensor> tensors, std::size_t axis) {
  Shape shape = tensors[0].shape();
  for (std::size_t at = 1; at < tensors.size(); ++at) {
    check_rank(tensors[0], tensors[at], at);
    check_sizes(tensors[0], tensors[at], at, axis);
    if (__builtin_add_overflow(shape[axis], tensors[at].dim(axis), &shape[axis])) raise_too_big();
  }
  return shape;
}

DType common_dtype(std::span<const Tensor> tensors) {
  DType dtype = tensors[0].dtype();
  for (const Tensor& x : tensors) dtype = promote(dtype, x.dtype());
  return dtype;
}

/// Elements [begin, end) along an axis.
Tensor part(const Tensor& x, std::size_t axis, std::int64_t begin, std::int64_t end) {
  Layout out = layout_of(x);
  out.shape[axis] = end - begin;
  out.offset += begin * out.strides[axis];
  return view_of(x, out);
}

Tensor roll_axis(const Tensor& x, std::int64_t shift, std::size_t axis) {
  const std::int64_t size = x.dim(axis);
  if (size == 0) return x;
  const std::int64_t cut = ((-(shift % size)) % size + size) % size;  // the element that becomes the first
  if (cut == 0) return x;
  const Tensor parts[] = {part(x, axis, cut, size), part(x, axis, 0, cut)};
  return concatenate(parts, static_cast<std::int64_t>(axis));
}

/// A row-major copy of `x` stretched over the axes of size 1 that `expand` inserts, in shape `shape`.
Tensor stretched(const Tensor& x, const Dims& before, const Shape& stretched_shape, const Shape& shape) {
  return reshape(broadcast_to(reshape(x, before), stretched_shape).copy(), shape);
}

Shape multiply_size(Shape shape, std::size_t axis, std::int64_t count) {
  if (count < 0) raise(ErrorKind::ValueError, "negative dimensions are not allowed");
  if (__builtin_mul_overflow(shape[axis], count, &shape[axis])) raise_too_big();
  return shape;
}

/// How often elements are repeated: all alike, or each as its count says.
struct Times {
  std::int64_t all = 0;
  const std::int64_t* each = nullptr;
  [[nodiscard]] std::int64_t operator[](std::int64_t at) const { return each != nullptr ? each[at] : all; }
};

/// Writes each of the elements [begin, end) so many times, from `out` on and not beyond `last`. Stores go in groups,
/// whose surplus the next element overwrites: runs are mostly shorter than a vector. Gives the end.
template <class T>
T* write_runs(const T* from, std::int64_t begin, std::int64_t end, Times times, T* out, const T* last) {
  constexpr std::int64_t kGroup = 4;
  for (std::int64_t at = begin; at < end; ++at) {
    const T value = from[at];
    const std::int64_t count = times[at];
    const std::int64_t group = last - out >= count + kGroup ? kGroup : 1;
    for (std::int64_t done = 0; done < count; done += group) {
      out[done] = value;
      if (group == kGroup) out[done + 1] = out[done + 2] = out[done + 3] = value;
    }
    out += count;
  }
  return out;
}

/// The same of elements of so many bytes, which begin at `from`, `out` and `last`.
std::byte* write_runs(int itemsize, const std::byte* from, std::int64_t begin, std::int64_t end, Times times,
                      std::byte* out, const std::byte* last) {
  return visit_size(itemsize, [&]<class T>(Type<T>) {
    T* const to = write_runs(reinterpret_cast<const T*>(from), begin, end, times, reinterpret_cast<T*>(out),
                             reinterpret_cast<const T*>(last));
    return reinterpret_cast<std::byte*>(to);
  });
}

/// Whether what is repeated along an axis are single elements, one after the other.
bool repeats_elements(const Tensor& x, std::size_t axis) {
  const auto behind = x.shape().begin() + static_cast<std::ptrdiff_t>(axis) + 1;
  return x.is_contiguous() && x.size() > 0 &&
         std::all_of(behind, x.shape().end(), [](std::int64_t size) { return size == 1; });
}

/// Each element of a row-major tensor `count` times, into a tensor of this shape.
Tensor repeat_elements(const Tensor& x, std::int64_t count, const Shape& shape) {
  context().charge(static_cast<std::uint64_t>(x.size() * count), 0);
  Tensor out = Tensor::empty(x.dtype(), shape);
  std::byte* const to = out.mutable_bytes();
  const std::int64_t bytes = count * x.itemsize();
  parallel_for(x.size(), std::max<std::int64_t>(1, kParallelBlock / count), x.size() * count,
               [&](std::int64_t begin, std::int64_t end) {
                 write_runs(x.itemsize(), x.bytes(), begin, end, {count}, to + begin * bytes, to + end * bytes);
               });
  return out;
}

Tensor repeat_all(const Tensor& x, std::int64_t count, std::size_t axis) {
  const Shape shape = multiply_size(x.shape(), axis, count);
  if (count > 0 && count <= kFewTimes && repeats_elements(x, axis)) return repeat_elements(x, count, shape);
  Dims before = x.shape();
  before.insert(axis + 1, 1);
  Shape wide = x.shape();
  wide.insert(axis + 1, count);
  return stretched(x, before, wide, shape);
}

/// Runs over counts, looking now and then whether to stop.
template <class Function>
void each_count(std::span<const std::int64_t> counts, Function function) {
  for (std::size_t at = 0; at < counts.size(); ++at) {
    if (static_cast<std::int64_t>(at) % kCountsPerPoll == 0) context().poll();
    function(counts[at]);
  }
}

void refuse_negative(std::span<const std::int64_t> counts) {
  each_count(counts, [](std::int64_t count) {
    if (count < 0) raise(ErrorKind::ValueError, "repeats may not contain negative values.");
  });
}

std::int64_t sum_of(std::span<const std::int64_t> counts) {
  std::int64_t total = 0;
  each_count(counts, [&](std::int64_t count) {
    if (__builtin_add_overflow(total, count, &total)) raise_too_big();
  });
  return total;
}

/// Elements of a row-major vector, each as often as its count says.
Tensor repeat_by_counts(const Tensor& x, std::span<const std::int64_t> counts) {
  Tensor out = Tensor::empty(x.dtype(), {sum_of(counts)});
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  std::byte* to = out.mutable_bytes();
  const std::byte* const last = to + out.size() * out.itemsize();
  for (std::int64_t begin = 0; begin < x.size(); begin += kCountsPerPoll) {
    context().poll();
    const std::int64_t end = std::min(x.size(), begin + kCountsPerPoll);
    to = write_runs(x.itemsize(), x.bytes(), begin, end, {0, counts.data()}, to, last);
  }
  return out;
}

/// Writes zeros over columns [begin, end) of a row of a row-major matrix.
void clear_columns(Tensor& x, std::int64_t row, std::int64_t begin, std::int64_t end) {
  const std::int64_t columns = x.shape().back();
  if (begin >= end) return;
  std::byte* to = x.mutable_bytes() + (row * columns + begin) * x.itemsize();
  std::memset(to, 0, static_cast<std::size_t>((end - begin) * x.itemsize()));
}

}  // namespace

Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis) {
  if (tensors.empty()) raise(ErrorKind::ValueError, "need at least one array to concatenate");
  if (tensors[0].rank() == 0) raise(ErrorKind::ValueError, "zero-dimensional arrays cannot be concatenated");
  const auto along = static_cast<std::size_t>(normalize_axis(axis, tensors[0].rank()));
  const Shape shape = concatenated_shape(tensors, along);
  context().charge(static_cast<std::uint64_t>(element_count(shape)), 0);
  Tensor out = Tensor::empty(common_dtype(tensors), shape);
  std::byte* to = out.mutable_bytes();
  for (const Tensor& x : tensors) {
    if (x.size() == 0) continue;
    copy_elements(cast(x, out.dtype()), to, out.strides());
    to += x.dim(along) * out.strides()[along];
  }
  return out;
}

Tensor stack(std::span<const Tensor> tensors, std::int64_t axis) {
  if (tensors.empty()) raise(ErrorKind::ValueError, "need at least one array to stack");
  const std::int64_t along = normalize_axis(axis, tensors[0].rank() + 1);
  std::vector<Tensor> layers;
  layers.reserve(tensors.size());
  for (const Tensor& x : tensors) {
    if (!(x.shape() == tensors[0].shape())) raise(ErrorKind::ValueError, "all input arrays must have the same shape");
    layers.push_back(expand_dims(x, Dims{along}));
  }
  return concatenate(layers, along);
}

Tensor roll(const Tensor& x, std::span<const std::int64_t> shifts, std::span<const std::int64_t> axes) {
  const std::size_t n = std::max(shifts.size(), axes.size());
  if ((shifts.size() != n && shifts.size() != 1) || (axes.size() != n && axes.size() != 1)) {
    raise(ErrorKind::ValueError,
          "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg 0 with shape ({},) "
          "and arg 1 with shape ({},).",
          shifts.size(), axes.size());
  }
  Dims along;
  for (const std::int64_t axis : axes) along.push_back(normalize_axis(axis, x.rank()));
  Tensor out = x;
  for (std::size_t at = 0; at < n; ++at) {
    out = roll_axis(out, shifts[shifts.size() == 1 ? 0 : at], along[axes.size() == 1 ? 0 : at]);
  }
  return out;
}

Tensor tile(const Tensor& x, std::span<const std::int64_t> reps) {
  const std::size_t rank = std::max(x.rank(), reps.size());
  Dims before, wide;
  Shape shape;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t size = axis + x.rank() < rank ? 1 : x.dim(axis + x.rank() - rank);
    const std::int64_t count = axis + reps.size() < rank ? 1 : reps[axis + reps.size() - rank];
    shape.push_back(multiply_size({size}, 0, count)[0]);
    if (count != 1) {
      before.push_back(1);
      wide.push_back(count);
    }
    before.push_back(size);
    wide.push_back(size);
  }
  return stretched(x, before, wide, shape);
}

Tensor repeat(const Tensor& x, std::span<const std::int64_t> counts, std::int64_t axis) {
  if (x.rank() == 0) return repeat(reshape(x, Shape{1}), counts, axis);
  const auto along = static_cast<std::size_t>(normalize_axis(axis, x.rank()));
  if (x.dim(along) > 0) refuse_negative(counts);
  if (counts.size() == 1) return repeat_all(x, std::max<std::int64_t>(counts[0], 0), along);
  if (static_cast<std::int64_t>(counts.size()) != x.dim(along)) {
    raise(ErrorKind::ValueError, "operands could not be broadcast together with shape ({},) ({},)", x.dim(along),
          counts.size());
  }
  const bool are_few = std::all_of(counts.begin(), counts.end(), [](std::int64_t count) { return count <= kFewTimes; });
  if (x.rank() == 1 && are_few && repeats_elements(x, along)) return repeat_by_counts(x, counts);
  Tensor offsets = Tensor::empty(DType::int64, {sum_of(counts)});
  std::int64_t* out = offsets.mutable_data<std::int64_t>();
  std::int64_t offset = 0;
  for (const std::int64_t count : counts) {
    serial_for(count, [&](std::int64_t begin, std::int64_t end) { std::fill(out + begin, out + end, offset); });
    out += count;
    offset += x.strides()[along];
  }
  return gather_selection(take_along(layout_of(x), along, std::move(offsets)), x.bytes());
}

Tensor triangle(const Tensor& x, std::int64_t diagonal, bool lower) {
  if (x.rank() == 0) raise(ErrorKind::ValueError, "Input must be >= 1-d.");
  if (x.rank() == 1) return triangle(broadcast_to(x, Shape{x.dim(0), x.dim(0)}), diagonal, lower);
  Tensor out = x.copy();
  const std::int64_t rows = x.dim(x.rank() - 2);
  const std::int64_t columns = x.dim(x.rank() - 1);
  const std::int64_t shift = std::clamp(diagonal, -rows - 1, columns + 1);
  for (std::int64_t row = 0; out.size() > 0 && row < out.size() / columns; ++row) {
    if (row % kCountsPerPoll == 0) context().poll();
    const std::int64_t edge = row % rows + shift;  // the column of the diagonal in this row
    if (lower)
      clear_columns(out, row, std::clamp<std::int64_t>(edge + 1, 0, columns), columns);
    else
      clear_columns(out, row, 0, std::clamp<std::int64_t>(edge, 0, columns));
  }
  return out;
}

}  // namespace inlay
