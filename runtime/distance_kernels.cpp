// distance_kernels.cpp - sums of squared distances from a centre, which are not stored anywhere; see
// distance_kernels.h. Knows no layout. Invariant: an element's distance is taken and squared in the accumulator's type.
#include "runtime/distance_kernels.h"

#include <algorithm>

#include "runtime/reduce_kernels.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

constexpr std::int64_t kColumns = 256;  // side by side, with their sums in L1

template <class A>
struct Total {
  using Acc = A;
  static A load(A v) { return v; }
  static A join(A a, A b) { return a + b; }
};

template <class A, class In, bool skip_nan>
A square_of_distance(In element, A centre) {
  const A distance = static_cast<A>(element) - centre, square = distance * distance;
  return skip_nan && element != element ? A(0) : square;
}

template <class A, class In, bool skip_nan>
void row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t, std::byte* acc) {
  auto& out = *reinterpret_cast<Distance<A>*>(acc);
  const auto at = [centre = out.centre](In element) { return square_of_distance<A, In, skip_nan>(element, centre); };
  out.sum =
      stride == sizeof(In)
          ? kernels::join_tree<Total<A>>([=](std::int64_t i) { return at(reinterpret_cast<const In*>(in)[i]); }, 0, n)
          : kernels::join_tree<Total<A>>([=](std::int64_t i) { return at(kernels::element<In>(in, stride, i)); }, 0, n);
}

template <class A, class In, bool skip_nan>
void few_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t stride, std::int64_t width,
                 Distance<A>* out) {
  A centre[kColumns], sum[kColumns];
  for (std::int64_t column = 0; column < width; ++column) centre[column] = out[column].centre;
  const auto dense = [&](std::int64_t r, std::int64_t column) {
    const In element = reinterpret_cast<const In*>(in + r * row_stride)[column];
    return square_of_distance<A, In, skip_nan>(element, centre[column]);
  };
  const auto strided = [&](std::int64_t r, std::int64_t column) {
    return square_of_distance<A, In, skip_nan>(kernels::element<In>(in + r * row_stride, stride, column),
                                               centre[column]);
  };
  if (stride == sizeof(In))
    kernels::join_columns<Total<A>, A>(dense, n, width, sum);
  else
    kernels::join_columns<Total<A>, A>(strided, n, width, sum);
  for (std::int64_t column = 0; column < width; ++column) out[column].sum = sum[column];
}

template <class A, class In, bool skip_nan>
void columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t stride,
             std::int64_t width, std::byte* acc) {
  auto* out = reinterpret_cast<Distance<A>*>(acc);
  for (std::int64_t column = 0; column < width; column += kColumns)
    few_columns<A, In, skip_nan>(in + column * stride, row_stride, n, stride, std::min(kColumns, width - column),
                                 out + column);
}

template <class A>
void combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* out = reinterpret_cast<Distance<A>*>(acc);
  const auto* other = reinterpret_cast<const Distance<A>*>(later);
  for (std::int64_t i = 0; i < width; ++i) out[i].sum += other[i].sum;
}

template <class A, class In, bool skip_nan>
constexpr ReduceKernels kKernels{sizeof(Distance<A>), row<A, In, skip_nan>, columns<A, In, skip_nan>, combine<A>, true};
constexpr ReduceKernels kNone{};

template <class A, class In>
const ReduceKernels& kernels_for(bool skip_nan) {
  if constexpr (std::is_floating_point_v<In>)
    if (skip_nan) return kKernels<A, In, true>;
  return kKernels<A, In, false>;
}

}  // namespace

const ReduceKernels& target_distance_kernels(DType in, DType acc, bool skip_nan) {
  return visit(in, [&]<class In>(Type<In>) -> const ReduceKernels& {
    if constexpr (std::is_same_v<In, float>)
      if (acc == DType::float32) return kernels_for<float, In>(skip_nan);
    if constexpr (std::is_arithmetic_v<In>)
      if (acc == DType::float64) return kernels_for<double, In>(skip_nan);
    return kNone;
  });
}

}  // namespace INLAY_TARGET
}  // namespace inlay
