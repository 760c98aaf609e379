// elementwise_kernels_mixed.cpp - comparisons of int64 with uint64: exact, whatever the signs. They are rare, and so
// exist once, for any processor. See elementwise_kernels.h.
#include <utility>

#include "runtime/elementwise/elementwise_kernel_loops.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

#define INLAY_MIXED(functor, function) \
  struct functor {                     \
    template <class T, class U>        \
    static bool apply(T a, U b) {      \
      return std::function(a, b);      \
    }                                  \
  };
INLAY_MIXED(MixedEqual, cmp_equal)
INLAY_MIXED(MixedNotEqual, cmp_not_equal)
INLAY_MIXED(MixedLess, cmp_less)
INLAY_MIXED(MixedLessEqual, cmp_less_equal)
INLAY_MIXED(MixedGreater, cmp_greater)
INLAY_MIXED(MixedGreaterEqual, cmp_greater_equal)
#undef INLAY_MIXED

template <class F, class T, class U>
constexpr KernelRow mixed_row() {
  using Loops = BinaryLoops<F, T, U>;
  return {.vv = Loops::vv,
          .vs = Loops::vs,
          .sv = Loops::sv,
          .load = {dtype_v<T>, dtype_v<U>},
          .store = DType::boolean,
          .has_loop = true};
}

template <class F>
constexpr MixedRows mixed_rows() {
  return {mixed_row<F, std::int64_t, std::uint64_t>(), mixed_row<F, std::uint64_t, std::int64_t>()};
}

}  // namespace
}  // namespace kernels

const std::array<MixedRows, 6>& mixed_comparison_rows() {
  static constexpr std::array<MixedRows, 6> rows = {
      kernels::mixed_rows<kernels::MixedEqual>(),   kernels::mixed_rows<kernels::MixedNotEqual>(),
      kernels::mixed_rows<kernels::MixedLess>(),    kernels::mixed_rows<kernels::MixedLessEqual>(),
      kernels::mixed_rows<kernels::MixedGreater>(), kernels::mixed_rows<kernels::MixedGreaterEqual>()};
  return rows;
}

}  // namespace INLAY_TARGET
}  // namespace inlay
