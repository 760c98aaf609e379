// reduce_kernels.cpp - the operations of reduce on single elements, and which dtypes have accumulators of their own.
// Knows no layout, and no dtype but the accumulator's. Invariant: integers wrap; min and max return the NaN if there is
// one.
#include "runtime/reductions/reduce_kernels.h"

#include <type_traits>

#include "runtime/dtypes/order.h"
#include "runtime/elementwise/elementwise_kernels_complex.h"
#include "runtime/reductions/vector_extreme.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

/// Signed arithmetic done unsigned, so that it wraps; small types wide enough not to promote to int.
template <class T>
struct Wrapping {
  using type = T;
};
template <class T>
requires std::is_integral_v<T>
struct Wrapping<T> {
  using type = std::conditional_t<(sizeof(T) < 4), std::uint32_t, std::make_unsigned_t<T>>;
};
template <class T>
using wrapping = typename Wrapping<T>::type;

template <class A>
struct Sum {
  using Acc = A;
  static A join(A a, A b) { return static_cast<A>(static_cast<wrapping<A>>(a) + static_cast<wrapping<A>>(b)); }
};
template <class A>
struct Prod {
  using Acc = A;
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return complex_math::multiply(a, b);
    else
      return static_cast<A>(static_cast<wrapping<A>>(a) * static_cast<wrapping<A>>(b));
  }
};
template <class A>
struct Min {
  using Acc = A;
  static constexpr bool selects = true;
  static A dense(const A* x, std::int64_t n) requires(!is_complex_v<A>) { return kernels::extreme_of<A, false>(x, n); }
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return !is_nan(a) && (is_nan(b) || is_less(b, a)) ? b : a;
    else
      return ((b < a) | (b != b)) ? b : a;
  }
};
template <class A>
struct Max {
  using Acc = A;
  static constexpr bool selects = true;
  static A dense(const A* x, std::int64_t n) requires(!is_complex_v<A>) { return kernels::extreme_of<A, true>(x, n); }
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return !is_nan(a) && (is_nan(b) || is_less(a, b)) ? b : a;
    else
      return ((a < b) | (b != b)) ? b : a;
  }
};
constexpr ReduceKernels kNone{};

template <class T>
concept Half16 = std::same_as<T, Half> || std::same_as<T, BFloat16>;

/// Of integers only those of 64 bits, in which narrower ones are done and cut off: wrapping arithmetic does not see the
/// sign.
template <template <class> class Op, class T>
const ReduceKernels& arithmetic() {
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8)
    return kernels::kernels_of<Op<std::uint64_t>, dtype_v<T>>;
  else if constexpr (std::is_integral_v<T> || Half16<T>)
    return kNone;
  else
    return kernels::kernels_of<Op<T>, dtype_v<T>>;
}

template <template <class> class Op, class T>
const ReduceKernels& extreme() {
  if constexpr (Half16<T> || std::same_as<T, bool>)
    return kNone;
  else
    return kernels::kernels_of<Op<T>, dtype_v<T>>;
}

}  // namespace

const ReduceKernels& target_reduce_kernels(ReduceOp op, DType acc) {
  return visit(acc, [&]<class T>(Type<T>) -> const ReduceKernels& {
    switch (op) {
      case ReduceOp::prod:
        return arithmetic<Prod, T>();
      case ReduceOp::min:
        return extreme<Min, T>();
      case ReduceOp::max:
        return extreme<Max, T>();
      default:
        return arithmetic<Sum, T>();
    }
  });
}

}  // namespace INLAY_TARGET
}  // namespace inlay
