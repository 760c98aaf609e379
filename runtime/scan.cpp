// scan.cpp - cumsum and cumprod.
// Invariant: each line is combined strictly from first to last, so threads share out lines, never one line.
#include <algorithm>
#include <cstring>

#include "runtime/cast.h"
#include "runtime/order.h"
#include "runtime/parallel.h"
#include "runtime/reduce.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

constexpr std::int64_t kTile = 512;  // lines side by side that one unit of work takes

/// Integers wrap; booleans combine by or and and.
template <bool product, class T>
T combine(T a, T b) {
  if constexpr (std::same_as<T, bool>) {
    return product ? a && b : a || b;
  } else if constexpr (std::is_integral_v<T>) {
    const auto p = static_cast<std::uint64_t>(a), q = static_cast<std::uint64_t>(b);
    return static_cast<T>(product ? p * q : p + q);
  } else if constexpr (is_complex_v<T> && product) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  } else {
    return product ? a * b : a + b;
  }
}

/// `width` lines side by side, `n` steps of `step` elements.
template <bool product, class T>
void scan_lines(T* line, std::int64_t n, std::int64_t step, std::int64_t width) {
  if (width == 1) {
    T acc = line[0];
    for (std::int64_t i = 1; i < n; ++i) line[i * step] = acc = combine<product>(acc, line[i * step]);
    return;
  }
  for (std::int64_t i = 1; i < n; ++i) {
    const T* __restrict previous = line + (i - 1) * step;
    T* __restrict current = line + i * step;
    for (std::int64_t column = 0; column < width; ++column)
      current[column] = combine<product>(previous[column], current[column]);
  }
}

template <bool product, class T>
void scan_tensor(Tensor& x, int axis) {
  std::int64_t inner = 1, n = x.dim(axis);
  for (std::size_t i = axis + 1; i < x.rank(); ++i) inner *= x.dim(i);
  const std::int64_t outer = x.size() / (n * inner), tiles = (inner + kTile - 1) / kTile,
                     width = std::min(inner, kTile);
  T* data = x.mutable_data<T>();
  parallel_for(outer * tiles, std::max<std::int64_t>(1, kParallelBlock / (n * width)), x.size(),
               [=](std::int64_t begin, std::int64_t end) {
                 for (; begin < end; ++begin) {
                   const std::int64_t column = begin % tiles * kTile;
                   scan_lines<product>(data + begin / tiles * n * inner + column, n, inner,
                                       std::min(kTile, inner - column));
                 }
               });
}

DType scan_dtype(DType in) {
  switch (kind(in)) {
    case Kind::boolean:
    case Kind::signed_integer:
      return DType::int64;
    case Kind::unsigned_integer:
      return DType::uint64;
    default:
      return in;
  }
}

/// A row-major copy of x in `dtype` that nobody else holds.
Tensor fresh(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x.copy();
  Tensor out = cast(x, dtype);
  return out.unique() && out.is_contiguous() ? out : out.copy();
}

}  // namespace

Tensor scan(ReduceOp op, const Tensor& x, std::optional<int> axis, std::optional<DType> dtype) {
  const DType result = dtype.value_or(scan_dtype(x.dtype()));
  const bool half = result == DType::float16 || result == DType::bfloat16;
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const bool one_axis = axis && x.rank() > 0;
  Tensor out = fresh(one_axis ? x : ravel(x), half ? DType::float32 : result);
  if (out.size() > 0)
    visit(out.dtype(), [&]<class T>(Type<T>) {
      if constexpr (!std::same_as<T, Half> && !std::same_as<T, BFloat16>)
        op == ReduceOp::prod ? scan_tensor<true, T>(out, one_axis ? *axis : 0)
                             : scan_tensor<false, T>(out, one_axis ? *axis : 0);
    });
  return cast(out, result);
}

}  // namespace inlay
