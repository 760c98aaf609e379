// arg_reduce.cpp - argmin and argmax: where the first extreme is.
// Knows nothing of loops: an accumulator of run_reduction is an element and its index along the axis.
// Invariant: accumulators cover increasing ranges of indices, so that of equal elements the earlier one stays.
#include <algorithm>

#include "runtime/cast.h"
#include "runtime/order.h"
#include "runtime/reduce.h"
#include "runtime/reduce_kernels.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

constexpr std::int64_t kBlock = 256;  // elements searched again when their extreme beats the best so far

template <class T>
struct Found {
  T value;
  std::int64_t index;
};

template <class T, bool maximum>
struct Extreme {
  using Acc = T;
  static T load(T v) { return v; }
  /// Whether b beats a; a NaN beats everything but another one.
  static bool beats(T b, T a) { return !is_nan(a) && (is_nan(b) || (maximum ? is_less(a, b) : is_less(b, a))); }
  static T join(T a, T b) {
    if constexpr (is_complex_v<T>)
      return beats(b, a) ? b : a;
    else
      return ((maximum ? a < b : b < a) | (b != b)) ? b : a;
  }
};

template <class T>
bool same(T a, T b) {
  return a == b || (is_nan(a) && is_nan(b));
}

/// The extreme of a block is found without its index, which vectorises; few blocks have to be searched for it.
template <class T, bool maximum>
void arg_row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t start, std::byte* acc) {
  using Op = Extreme<T, maximum>;
  Found<T> best{*reinterpret_cast<const T*>(in), start};
  for (std::int64_t at = 0; at < n; at += kBlock) {
    const std::byte* block = in + at * stride;
    const T extreme = kernels::join_row<Op, T>(block, stride, std::min(kBlock, n - at));
    if (!Op::beats(extreme, best.value)) continue;
    std::int64_t i = 0;
    while (!same(kernels::element<T>(block, stride, i), extreme)) ++i;
    best = {extreme, start + at + i};
  }
  *reinterpret_cast<Found<T>*>(acc) = best;
}

template <class T, bool maximum>
void arg_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start, std::int64_t stride,
                 std::int64_t width, std::byte* acc) {
  auto* best = reinterpret_cast<Found<T>*>(acc);
  for (std::int64_t column = 0; column < width; ++column)
    best[column] = {kernels::element<T>(in, stride, column), start};
  for (std::int64_t r = 1; r < n; ++r)
    for (std::int64_t column = 0; column < width; ++column) {
      const T value = kernels::element<T>(in + r * row_stride, stride, column);
      if (Extreme<T, maximum>::beats(value, best[column].value)) best[column] = {value, start + r};
    }
}

template <class T, bool maximum>
void arg_combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* best = reinterpret_cast<Found<T>*>(acc);
  const auto* other = reinterpret_cast<const Found<T>*>(later);
  for (std::int64_t i = 0; i < width; ++i)
    if (Extreme<T, maximum>::beats(other[i].value, best[i].value)) best[i] = other[i];
}

template <class T, bool maximum>
void arg_reduce_elements(const Tensor& x, int axis, Tensor& out) {
  constexpr ReduceKernels kernels{sizeof(Found<T>), arg_row<T, maximum>, arg_columns<T, maximum>,
                                  arg_combine<T, maximum>};
  const Ref<Buffer> memory = Buffer::allocate(static_cast<std::size_t>(out.size()) * sizeof(Found<T>));
  run_reduction(x, std::span(&axis, 1), kernels, memory->data());
  const auto* found = reinterpret_cast<const Found<T>*>(memory->data());
  std::transform(found, found + out.size(), out.mutable_data<std::int64_t>(),
                 [](const Found<T>& f) { return f.index; });
}

/// Elements with an order of their own: bools are bytes, 16-bit floats go to float32.
Tensor comparable(const Tensor& x) {
  if (x.dtype() == DType::boolean) return x.view(DType::uint8, x.shape(), x.strides());
  return x.dtype() == DType::float16 || x.dtype() == DType::bfloat16 ? cast(x, DType::float32) : x;
}

}  // namespace

Tensor arg_reduce(bool maximum, const Tensor& x, std::optional<int> axis, bool keepdims) {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const bool one_axis = axis && x.rank() > 0;
  const Tensor in = comparable(one_axis ? x : ravel(x));
  const int along = one_axis ? *axis : 0;
  Shape shape = one_axis   ? reduced_shape(x.shape(), std::span(&along, 1), keepdims)
                : keepdims ? Shape(x.rank(), 1)
                           : Shape();
  if (in.dim(along) == 0)
    raise(ErrorKind::ValueError, "attempt to get {} of an empty sequence", maximum ? "argmax" : "argmin");
  Tensor out = Tensor::empty(DType::int64, std::move(shape));
  if (out.size() == 0) return out;
  visit(in.dtype(), [&]<class T>(Type<T>) {
    if constexpr (!std::same_as<T, bool> && !std::same_as<T, Half> && !std::same_as<T, BFloat16>)
      maximum ? arg_reduce_elements<T, true>(in, along, out) : arg_reduce_elements<T, false>(in, along, out);
  });
  return out;
}

}  // namespace inlay
