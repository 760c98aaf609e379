// block_rows.h - rows of floats in blocks of doubles, for functions whose code is large: one loop in double serves
// float32 and float64, rows and single elements, and has no end for what is left over. Only kernel files include this.
// Knows neither tensors nor what is computed.
// Invariant: an element's result has the same bits wherever in a row it is.
#pragma once

#include <cstdint>
#include <type_traits>

#include "runtime/kernels/kernel_target.h"

namespace inlay {
inline namespace INLAY_TARGET {

inline constexpr int kWidestVector = 8, kBlock = 64;  // doubles

/// Of n elements, with the rest of their last vector: so many are there and may be written.
inline int whole_vectors(int n) { return (n + kWidestVector - 1) / kWidestVector * kWidestVector; }

/// Writes a function of x (and y) for a block of n; see each_of_block. The three do not overlap.
using BlockKernel = void (*)(const double* __restrict x, const double* __restrict y, double* __restrict to, int n);

/// Calls function(i) for a block of n, as vector code.
template <class Function>
[[gnu::always_inline]] inline void each_of_block(int n, Function function) {
  const int end = whole_vectors(n);
#pragma GCC ivdep
#pragma GCC unroll 1
  for (int i = 0; i < end; ++i) function(i);
}

/// A block of n elements, or one as often (step 0): `room`, or the elements themselves where they will do. What makes
/// up the last vector is the first element.
template <class T>
[[gnu::noinline]] const double* load_block(const T* from, int step, int n, double* room) {
  if constexpr (std::is_same_v<T, double>)
    if (step != 0 && n == kBlock) return from;
  if (step == 0 || n < kBlock) each_of_block(n, [=, first = static_cast<double>(*from)](int i) { room[i] = first; });
  if (step == 0) return room;
#pragma GCC unroll 1
  for (int i = 0; i < n; ++i) room[i] = static_cast<double>(from[i]);
  return room;
}

/// The kernel for rows of n, block by block; `y` may be null. `to` may be x or y.
template <class T>
[[gnu::noinline]] void block_rows(BlockKernel kernel, const T* x, int x_step, const T* y, int y_step, T* to,
                                  std::int64_t n) {
  alignas(64) double a[kBlock], b[kBlock], result[kBlock];
  for (; n > 0; n -= kBlock, x += kBlock * x_step, y += kBlock * y_step, to += kBlock) {
    const int count = n < kBlock ? static_cast<int>(n) : kBlock;
    const double* const left = load_block(x, x_step, count, a);
    kernel(left, y ? load_block(y, y_step, count, b) : nullptr, result, count);
#pragma GCC unroll 1
    for (int i = 0; i < count; ++i) to[i] = static_cast<T>(result[i]);
  }
}

/// F::apply of doubles as a BlockKernel.
template <class F>
[[gnu::noinline]] void block_of(const double* __restrict x, const double* __restrict y, double* __restrict to, int n) {
  if constexpr (requires { F::apply(*x); })
    each_of_block(n, [=](int i) { to[i] = F::apply(x[i]); });
  else
    each_of_block(n, [=](int i) { to[i] = F::apply(x[i], y[i]); });
}

}  // namespace INLAY_TARGET
}  // namespace inlay
