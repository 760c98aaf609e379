// circular_rows.h - rows of sines, cosines and tangents: vector code as far as it goes, libm for larger arguments,
// which need the many digits of pi that it has. Only kernel files include this. Knows nothing of tensors. Sines and
// cosines are one loop, whose angle is turned by none or one quarter. Invariant: an element's result has the same bits
// wherever in a row it is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "runtime/elementwise/near_rows.h"
#include "runtime/kernels/vector_math_single_circular.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {

template <class T>
using TurnedRow = void (*)(const T* from, T* to, std::int64_t n, unsigned quarters);

template <class T>
[[gnu::noinline]] void sine_row(const T* from, T* to, std::int64_t n, unsigned quarters) {
#pragma GCC ivdep
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) to[i] = vector_math::turned_sin(from[i], quarters);
}
/// Of arguments up to kSingleMostNear, by fewer steps.
[[gnu::noinline]] inline void near_sine_row(const float* from, float* to, std::int64_t n, unsigned quarters) {
#pragma GCC ivdep
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) to[i] = vector_math::near_turned_sin(from[i], quarters);
}
template <class T>
[[gnu::noinline]] void tangent_row(const T* from, T* to, std::int64_t n, unsigned) {
#pragma GCC ivdep
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) to[i] = vector_math::tan(from[i]);
}

template <class T>
struct CircularFunction {
  TurnedRow<T> row, near_row;  // the second may be null
  T (*far)(T);
  unsigned quarters;
};

/// Whether there are arguments that near_row is for, and such that only libm is for.
struct Distances {
  unsigned near = 0, far = 0;
};
template <class T>
[[gnu::always_inline]] inline bool is_near(T x) {
  return std::fabs(x) <= T(vector_math::kSingleMostNear);
}
template <class T>
[[gnu::always_inline]] inline bool is_far(T x) {
  return std::fabs(x) > T(vector_math::kMostTurned);
}
template <class T>
Distances distances(const T* x, std::int64_t n) {
  Distances has;
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, float>) has.near |= is_near(x[i]);
    has.far |= is_far(x[i]);
  }
  return has;
}

/// `to` may be x. One far element takes the vector code away from no other.
template <class T>
[[gnu::noinline]] void circular_rows(const CircularFunction<T>& function, const T* x, T* to, std::int64_t n) {
  constexpr std::int64_t kTogether = 256;
  alignas(64) T results[kTogether], near[kTogether];
  for (; n > 0; n -= kTogether, x += kTogether, to += kTogether) {
    const std::int64_t count = std::min(kTogether, n);
    if constexpr (std::is_same_v<T, float>) {
      if (function.near_row != nullptr && all_near<is_near<float>>(x, count)) {
        function.near_row(x, to, count, function.quarters);
        continue;
      }
    }
    const Distances has = distances(x, count);
    const bool is_mixed = function.near_row != nullptr && has.near != 0;
    T* const out = is_mixed || has.far != 0 ? results : to;
    function.row(x, out, count, function.quarters);
    if (out == to) continue;
    if (is_mixed) {
      function.near_row(x, near, count, function.quarters);
      for (std::int64_t i = 0; i < count; ++i) results[i] = is_near(x[i]) ? near[i] : results[i];
    }
    for (std::int64_t i = 0; has.far != 0 && i < count; ++i)
      if (is_far(x[i])) results[i] = function.far(x[i]);
    std::copy_n(results, count, to);
  }
}

}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
