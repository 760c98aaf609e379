// near_rows.h - rows of floats for functions that take fewer steps where no argument is extreme, which is nearly
// always. Only kernel files include this. Knows nothing of tensors. Invariant: both ways give the same bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/kernel_target.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {

/// Whether is_near holds for all of a row.
template <bool (*is_near)(float)>
[[gnu::noinline]] bool all_near(const float* x, std::int64_t n) {
  unsigned beyond = 0;
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) beyond |= !is_near(x[i]);
  return beyond == 0;
}

/// F::near where F::is_near, F::apply elsewhere. `to` may be x.
template <class F>
[[gnu::noinline]] void near_rows(const float* x, float* to, std::int64_t n) {
  constexpr std::int64_t kTogether = 256;
  for (; n > 0; n -= kTogether, x += kTogether, to += kTogether) {
    const std::int64_t count = std::min(kTogether, n);
    if (all_near<F::is_near>(x, count)) {
#pragma GCC ivdep
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < count; ++i) to[i] = F::near(x[i]);
    } else {
#pragma GCC ivdep
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < count; ++i) to[i] = F::apply(x[i]);
    }
  }
}

}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
