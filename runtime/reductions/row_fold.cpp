// row_fold.cpp - a function of two operands put between the elements along an axis; see row_fold.h.
// Cases: slices side by side -> a row of the kernel per step | one line of an associative function -> blocks, each in
// steps of 1, 2, 4 … elements, log2(kBlock) rows instead of kBlock calls (Hillis and Steele's scan) | any other line ->
// one call per element.
#include "runtime/reductions/row_fold.h"

#include <algorithm>
#include <cstring>

#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kTile = 512;     // elements of a slice that one unit of work takes
constexpr std::int64_t kBlock = 256;    // elements of a line that are scanned together
constexpr std::int64_t kMostBytes = 8;  // of an element of a block
constexpr std::int64_t kStepsPerLook = 1024;

/// Functions of which a(bc) and (ab)c have the same bits, NaN and zeros of both signs included.
constexpr ElementwiseOp kAssociative[] = {
    ElementwiseOp::maximum,     ElementwiseOp::minimum,    ElementwiseOp::fmax,        ElementwiseOp::fmin,
    ElementwiseOp::logical_and, ElementwiseOp::logical_or, ElementwiseOp::logical_xor, ElementwiseOp::bitwise_and,
    ElementwiseOp::bitwise_or,  ElementwiseOp::bitwise_xor};

bool is_associative(ElementwiseOp op, DType dtype) {
  return kind(dtype) != Kind::complex &&
         std::find(std::begin(kAssociative), std::end(kAssociative), op) != std::end(kAssociative);
}

std::int64_t elements_behind(const Tensor& x, int axis) {
  std::int64_t count = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < x.rank(); ++i) count *= x.dim(i);
  return count;
}

}  // namespace

RowFold::RowFold(ElementwiseOp op, DType dtype, const KernelRow& row)
    : row_(&row),
      dtype_(dtype),
      load_(row.store),
      itemsize_(itemsize(row.store)),
      cost_(info(op).cost),
      is_associative_(is_associative(op, dtype)) {
  if (load_ == dtype_ || is_associative_) return;
  narrow_ = cast_kernel(load_, dtype_);
  widen_ = cast_kernel(dtype_, load_);
}

std::optional<RowFold> RowFold::of(ElementwiseOp op, DType dtype) {
  const bool looks = info(op).check != ValueCheck::none && is_integer(dtype);
  if (looks || info(op).rule == ResultRule::scaled) return std::nullopt;
  const KernelRow& row = kernel_row(resolve(op, dtype, dtype));
  if (row.load[0] != row.store || row.load[1] != row.store) return std::nullopt;
  return RowFold(op, dtype, row);
}

/// One step for up to kTile elements; `out` may be `before`.
void RowFold::join(const std::byte* before, const std::byte* element, std::byte* out, std::int64_t n) const {
  row_->vv(row_->mirrored ? element : before, row_->mirrored ? before : element, out, n);
  if (narrow_ == nullptr) return;
  alignas(16) std::byte room[kTile * kMostBytes];
  narrow_(out, room, n);
  widen_(room, out, n);
}

/// `width` lines side by side: `count` slices that lie `step` elements apart.
void RowFold::run_slices(const std::byte* in, std::byte* out, std::int64_t count, std::int64_t width,
                         std::int64_t step) const {
  const std::int64_t bytes = step * itemsize_;
  std::memcpy(out, in, static_cast<std::size_t>(width * itemsize_));
  for (std::int64_t at = 1; at < count; ++at, out += bytes) {
    if (at % kStepsPerLook == 0 && is_stopping()) return;
    join(out, in += bytes, out + bytes, width);
  }
}

/// Up to kBlock elements of a line, behind `before`, if any.
void RowFold::run_block(const std::byte* in, const std::byte* before, std::byte* out, std::int64_t n) const {
  alignas(64) std::byte rooms[2][kBlock * kMostBytes];
  std::byte *from = rooms[0], *to = rooms[1];
  std::memcpy(from, in, static_cast<std::size_t>(n * itemsize_));
  for (std::int64_t step = 1; step < n; step *= 2, std::swap(from, to)) {
    const std::int64_t bytes = step * itemsize_;
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
    row_->vv(from, from + bytes, to + bytes, n - step);
  }
  if (before != nullptr)
    row_->sv(before, from, out, n);
  else
    std::memcpy(out, from, static_cast<std::size_t>(n * itemsize_));
}

void RowFold::run_line(const std::byte* in, std::byte* out, std::int64_t n) const {
  if (!is_associative_ || row_->mirrored || itemsize_ > kMostBytes) return run_slices(in, out, n, 1, 1);
  for (std::int64_t at = 0; at < n && !is_stopping(); at += kBlock) {
    std::byte* const to = out + at * itemsize_;
    run_block(in + at * itemsize_, at == 0 ? nullptr : to - itemsize_, to, std::min(kBlock, n - at));
  }
}

Tensor RowFold::running(const Tensor& x, int axis) const {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const Tensor in = cast(x, load_).contiguous();
  Tensor out = Tensor::empty(load_, x.shape());
  if (x.size() == 0) return cast(out, dtype_);
  const std::int64_t n = x.dim(static_cast<std::size_t>(axis)), inner = elements_behind(x, axis);
  const std::int64_t tiles = (inner + kTile - 1) / kTile, outer = x.size() / (n * inner);
  const std::byte* const from = in.bytes();
  std::byte* const to = out.mutable_bytes();
  const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / (n * std::min(inner, kTile)));
  parallel_for(outer * tiles, block, x.size() * cost_, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) {
      const std::int64_t column = begin % tiles * kTile, at = (begin / tiles * n * inner + column) * itemsize_;
      if (inner == 1)
        run_line(from + at, to + at, n);
      else
        run_slices(from + at, to + at, n, std::min(kTile, inner - column), inner);
    }
  });
  return cast(out, dtype_);
}

/// Whether elements may change places, too: of floats zeros of both signs and NaN may not.
bool RowFold::is_one_of_any_order() const {
  return is_associative_ && !row_->mirrored && (is_integer(load_) || load_ == DType::boolean);
}

/// The elements of a line from `begin` on, joined to `out`: blocks are joined to one, whose halves are joined then.
void RowFold::fold_line(const std::byte* in, std::byte* out, std::int64_t begin, std::int64_t n) const {
  alignas(64) std::byte room[kBlock * kMostBytes];
  std::int64_t width = std::min(kBlock, n - begin);
  std::memcpy(room, in + begin * itemsize_, static_cast<std::size_t>(width * itemsize_));
  std::int64_t steps = 0;
  for (std::int64_t at = begin + width; at < n; at += kBlock) {
    if (++steps % kStepsPerLook == 0 && is_stopping()) return;
    row_->vv(room, in + at * itemsize_, room, std::min(kBlock, n - at));
  }
  for (; width > 1; width -= width / 2) {
    const std::int64_t half = width / 2;
    row_->vv(room, room + (width - half) * itemsize_, room, half);
  }
  row_->vv(out, room, out, 1);
}

Tensor RowFold::folded(const Tensor& x, const std::optional<Tensor>& start) const {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const Tensor in = cast(x, load_).contiguous();
  Shape shape = x.shape();
  shape.erase(0);
  const std::int64_t width = element_count(shape), bytes = width * itemsize_, n = x.dim(0);
  Tensor out = Tensor::empty(load_, shape);
  std::byte* const to = out.mutable_bytes();
  const Tensor first = start ? broadcast_to(cast(*start, load_), shape).contiguous() : in;
  std::memcpy(to, first.bytes(), static_cast<std::size_t>(bytes));
  const std::int64_t begin = start ? 0 : 1;
  const std::int64_t tiles = (width + kTile - 1) / kTile;
  parallel_for(tiles, std::max<std::int64_t>(1, kParallelBlock / (std::max<std::int64_t>(n, 1) * kTile)),
               x.size() * cost_, [&](std::int64_t tile, std::int64_t end) {
                 if (width == 1 && n > begin && is_one_of_any_order()) return fold_line(in.bytes(), to, begin, n);
                 for (; tile < end; ++tile) {
                   const std::int64_t column = tile * kTile * itemsize_,
                                      columns = std::min(kTile, width - tile * kTile);
                   for (std::int64_t at = begin; at < n && (at % kStepsPerLook != 0 || !is_stopping()); ++at)
                     join(to + column, in.bytes() + at * bytes + column, to + column, columns);
                 }
               });
  return cast(out, dtype_);
}

}  // namespace inlay
