// distance_kernels.cpp - sums of squared distances from a centre, which are not stored anywhere; see
// distance_kernels.h. Knows no layout. Invariant: an element's distance is taken and squared in the accumulator's type.
#include "runtime/reductions/distance_kernels.h"

#include <algorithm>

#include "runtime/reductions/reduce_kernels.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

constexpr std::int64_t kColumns = 256;  // side by side, with their sums in L1

template <class A>
struct Total {
  using Acc = A;
  static A join(A a, A b) { return a + b; }
};

template <class A, bool skip_nan>
A square_of_distance(A element, A centre) {
  const A distance = element - centre, square = distance * distance;
  return skip_nan && element != element ? A(0) : square;
}

template <class A, bool skip_nan>
void row(const std::byte* in, std::int64_t n, std::int64_t, std::byte* acc) {
  auto& out = *reinterpret_cast<Distance<A>*>(acc);
  const auto square = [centre = out.centre](A element) { return square_of_distance<A, skip_nan>(element, centre); };
  out.sum = kernels::join_row<Total<A>>(reinterpret_cast<const A*>(in), n, square);
}

template <class A, bool skip_nan>
void few_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t width, Distance<A>* out) {
  A centre[kColumns], sum[kColumns];
#pragma GCC unroll 1
  for (std::int64_t column = 0; column < width; ++column) centre[column] = out[column].centre;
  const auto at = [&](std::int64_t r, std::int64_t column) {
    return square_of_distance<A, skip_nan>(reinterpret_cast<const A*>(in + r * row_stride)[column], centre[column]);
  };
  kernels::join_columns<Total<A>>(at, n, width, sum);
#pragma GCC unroll 1
  for (std::int64_t column = 0; column < width; ++column) out[column].sum = sum[column];
}

template <class A, bool skip_nan>
void columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t width,
             std::byte* acc) {
  auto* out = reinterpret_cast<Distance<A>*>(acc);
  for (std::int64_t column = 0; column < width; column += kColumns)
    few_columns<A, skip_nan>(in + column * sizeof(A), row_stride, n, std::min(kColumns, width - column), out + column);
}

template <class A>
void combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* out = reinterpret_cast<Distance<A>*>(acc);
  const auto* other = reinterpret_cast<const Distance<A>*>(later);
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < width; ++i) out[i].sum += other[i].sum;
}

template <class A, bool skip_nan>
constexpr ReduceKernels kKernels{sizeof(Distance<A>),  dtype_v<A>, row<A, skip_nan>,
                                 columns<A, skip_nan>, combine<A>, true};
constexpr ReduceKernels kNone{};

}  // namespace

const ReduceKernels& target_distance_kernels(DType acc, bool skip_nan) {
  if (acc == DType::float32) return skip_nan ? kKernels<float, true> : kKernels<float, false>;
  if (acc == DType::float64) return skip_nan ? kKernels<double, true> : kKernels<double, false>;
  return kNone;
}

}  // namespace INLAY_TARGET
}  // namespace inlay
