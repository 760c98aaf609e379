// arg_kernels.cpp - kernels of argmin and argmax: an accumulator is an element and its index along the axis.
// Knows nothing of tensors. Invariant: accumulators cover increasing ranges of indices, so that of equal elements the
// earlier one stays; a NaN beats everything but an earlier one.
#include "runtime/reductions/arg_kernels.h"

#include <algorithm>
#include <type_traits>

#include "runtime/dtypes/order.h"
#include "runtime/reductions/reduce_kernels.h"
#include "runtime/reductions/sort_keys.h"
#include "runtime/reductions/vector_extreme.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

constexpr std::int64_t kColumns = 256;  // side by side, with their indices in L1

/// Whether b beats a; a NaN beats everything but another one.
template <bool maximum, class T>
bool beats(T b, T a) {
  if constexpr (is_complex_v<T>)
    return !is_nan(a) && (is_nan(b) || (maximum ? is_less(a, b) : is_less(b, a)));
  else
    return (a == a) & ((b != b) | (maximum ? a < b : b < a));
}

template <class T, bool maximum>
std::int64_t find_one_by_one(const T* x, std::int64_t n) {
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < n; ++i)
    if (beats<maximum>(x[i], x[best])) best = i;
  return best;
}

template <class T, bool maximum>
void arg_row(const std::byte* in, std::int64_t n, std::int64_t start, std::byte* acc) {
  const T* x = reinterpret_cast<const T*>(in);
  std::int64_t index;
  if constexpr (is_complex_v<T>)
    index = find_one_by_one<T, maximum>(x, n);
  else
    index = kernels::find_extreme<T, maximum>(x, n);
  *reinterpret_cast<Found<T>*>(acc) = {x[index], start + index};
}

/// Some columns side by side. Rows are numbered in a type as wide as an element, so that both fill the same lanes.
template <class T, bool maximum>
void arg_few_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start,
                     std::int64_t width, Found<T>* out) {
  using Row = std::make_signed_t<typename UnsignedOf<is_complex_v<T> ? 8 : sizeof(T)>::type>;
  T best[kColumns];
  Row row[kColumns] = {};
  std::copy_n(reinterpret_cast<const T*>(in), width, best);
  for (std::int64_t r = 1; r < n; ++r) {
    const T* x = reinterpret_cast<const T*>(in + r * row_stride);
#pragma GCC unroll 1
    for (std::int64_t column = 0; column < width; ++column) {
      const bool better = beats<maximum>(x[column], best[column]);
      best[column] = better ? x[column] : best[column];
      row[column] = better ? static_cast<Row>(r) : row[column];
    }
  }
#pragma GCC unroll 1
  for (std::int64_t column = 0; column < width; ++column) out[column] = {best[column], start + row[column]};
}

template <class T, bool maximum>
void arg_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start, std::int64_t width,
                 std::byte* acc) {
  auto* out = reinterpret_cast<Found<T>*>(acc);
  for (std::int64_t column = 0; column < width; column += kColumns)
    arg_few_columns<T, maximum>(in + column * sizeof(T), row_stride, n, start, std::min(kColumns, width - column),
                                out + column);
}

template <class T, bool maximum>
void arg_combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* best = reinterpret_cast<Found<T>*>(acc);
  const auto* other = reinterpret_cast<const Found<T>*>(later);
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < width; ++i)
    if (beats<maximum>(other[i].value, best[i].value)) best[i] = other[i];
}

template <class T, bool maximum>
constexpr ReduceKernels kKernels{sizeof(Found<T>), dtype_v<T>, arg_row<T, maximum>, arg_columns<T, maximum>,
                                 arg_combine<T, maximum>};
constexpr ReduceKernels kNone{};

}  // namespace

const ReduceKernels& target_arg_kernels(bool maximum, DType in) {
  return visit(in, [&]<class T>(Type<T>) -> const ReduceKernels& {
    if constexpr (std::same_as<T, bool> || std::same_as<T, Half> || std::same_as<T, BFloat16>)
      return kNone;
    else
      return maximum ? kKernels<T, true> : kKernels<T, false>;
  });
}

}  // namespace INLAY_TARGET
}  // namespace inlay
