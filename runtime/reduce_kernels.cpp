// reduce_kernels.cpp - the operations of reduce on single elements, and which pairs of dtypes have kernels of their
// own. Knows no layout. Invariant: integers wrap; min and max return the NaN if there is one.
#include "runtime/reduce_kernels.h"

#include <type_traits>

#include "runtime/order.h"
#include "runtime/vector_extreme.h"

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

/// Without C's recovery of infinities from NaN products, as NumPy multiplies.
template <class T>
std::complex<T> multiply(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

template <class A>
struct Cast {
  using Acc = A;
  template <class In>
  static Acc load(In v) {
    return static_cast<Acc>(v);
  }
};
template <class A>
struct Sum : Cast<A> {
  static A join(A a, A b) { return static_cast<A>(static_cast<wrapping<A>>(a) + static_cast<wrapping<A>>(b)); }
};
template <class A>
struct Prod : Cast<A> {
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return multiply(a, b);
    else
      return static_cast<A>(static_cast<wrapping<A>>(a) * static_cast<wrapping<A>>(b));
  }
};
template <class A>
struct Min : Cast<A> {
  static constexpr bool selects = true;
  static A dense(const A* x, std::int64_t n) requires(!is_complex_v<A>) { return kernels::extreme_of<A, false>(x, n); }
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return !is_nan(a) && (is_nan(b) || is_less(b, a)) ? b : a;
    else
      return (b < a) | (b != b) ? b : a;
  }
};
template <class A>
struct Max : Cast<A> {
  static constexpr bool selects = true;
  static A dense(const A* x, std::int64_t n) requires(!is_complex_v<A>) { return kernels::extreme_of<A, true>(x, n); }
  static A join(A a, A b) {
    if constexpr (is_complex_v<A>)
      return !is_nan(a) && (is_nan(b) || is_less(a, b)) ? b : a;
    else
      return (a < b) | (b != b) ? b : a;
  }
};
/// Truth in a byte, which vectorises where bool does not.
struct Truth {
  using Acc = std::uint8_t;
  template <class In>
  static Acc load(In v) {
    if constexpr (is_complex_v<In>)
      return (v.real() != 0) | (v.imag() != 0);
    else
      return v != In{};
  }
};
struct All : Truth {
  static Acc join(Acc a, Acc b) { return a & b; }
};
struct Any : Truth {
  static Acc join(Acc a, Acc b) { return a | b; }
};

constexpr ReduceKernels kNone{};

template <class T>
concept Half16 = std::same_as<T, Half> || std::same_as<T, BFloat16>;
template <class T>
concept Whole = std::is_integral_v<T>;

/// What stands for T where the bits come out the same, so that there is half the code: wrapping arithmetic and truth do
/// not see the sign.
template <class T>
struct Unsigned {
  using type = T;
};
template <class T>
requires(std::is_integral_v<T> && !std::same_as<T, bool>) struct Unsigned<T> {
  using type = std::make_unsigned_t<T>;
};

/// Sums and products: same dtype, integers to 64 bits, integers to double (for mean).
template <template <class> class Op, class In>
const ReduceKernels& arithmetic(DType acc) {
  using Bits = typename Unsigned<In>::type;
  if constexpr (!Half16<In> && !std::same_as<In, bool>)
    if (acc == dtype_v<In>) return kernels::kernels_of<Op<Bits>, Bits>;
  if constexpr (Whole<In>) {
    if (acc == DType::int64 || acc == DType::uint64) return kernels::kernels_of<Op<std::uint64_t>, In>;
    if (acc == DType::float64) return kernels::kernels_of<Op<double>, In>;
  }
  return kNone;
}

template <template <class> class Op, class In>
const ReduceKernels& extreme(DType acc) {
  if constexpr (!Half16<In> && !std::same_as<In, bool>)
    if (acc == dtype_v<In>) return kernels::kernels_of<Op<In>, In>;
  return kNone;
}

template <class Op, class In>
const ReduceKernels& truth() {
  if constexpr (Half16<In>)
    return kNone;
  else
    return kernels::kernels_of<Op, typename Unsigned<In>::type>;
}

/// Booleans add and multiply, and have extremes, as truth values do.
ReduceOp logical(ReduceOp op) {
  return op == ReduceOp::prod || op == ReduceOp::min || op == ReduceOp::all ? ReduceOp::all : ReduceOp::any;
}

}  // namespace

const ReduceKernels& target_reduce_kernels(ReduceOp op, DType in, DType acc) {
  if (acc == DType::boolean) op = logical(op);
  return visit(in, [&]<class In>(Type<In>) -> const ReduceKernels& {
    switch (op) {
      case ReduceOp::prod:
        return arithmetic<Prod, In>(acc);
      case ReduceOp::min:
        return extreme<Min, In>(acc);
      case ReduceOp::max:
        return extreme<Max, In>(acc);
      case ReduceOp::all:
        return truth<All, In>();
      case ReduceOp::any:
        return truth<Any, In>();
      default:
        return arithmetic<Sum, In>(acc);
    }
  });
}

}  // namespace INLAY_TARGET
}  // namespace inlay
