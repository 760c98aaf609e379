// elementwise_kernels_arithmetic.cpp - sums, products, signs and extrema of one or two elements.
// Integers wrap: everything that can overflow is computed unsigned.
#include <cmath>
#include <limits>

#include "runtime/dtypes/order.h"
#include "runtime/elementwise/elementwise_kernel_loops.h"
#include "runtime/elementwise/elementwise_kernels_complex.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

/// NumPy's order of complex numbers: by real part, then imaginary; never true where a part is NaN.
template <class T>
bool not_less(T a, T b) {
  if constexpr (is_complex_v<T>)
    return complex_math::not_less(a, b);
  else
    return a >= b;
}

/// Of two sums of one and one bit, the one that stays a bit.
struct Either {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};

}  // namespace

struct Add {
  static constexpr bool by_size = true;
  using Boolean = Either;
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a + b);
  }
};

struct Subtract {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a - b);
  }
};

struct Multiply {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T a, T b) {
    if constexpr (is_complex_v<T>)
      return complex_math::multiply(a, b);
    else if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wide<T>>(a) * b);
    else
      return a * b;
  }
};

struct Times {
  template <class T>
  static T apply(T cotangent, T factor) {
    if constexpr (is_complex_v<T>)
      return cotangent == T(0) ? T(0) : complex_math::multiply(cotangent, std::conj(factor));
    else
      return cotangent == T(0) ? T(0) : cotangent * factor;
  }
};

struct Negative {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T x) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(Wide<T>{0} - x);
    else
      return -x;
  }
};

struct Positive {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T x) {
    return x;
  }
};

struct Absolute {
  template <class T>
  static auto apply(T x) {
    if constexpr (std::is_same_v<T, complex64>)
      return complex_math::size_of(x.real(), x.imag());
    else if constexpr (is_complex_v<T>)
      return std::hypot(x.real(), x.imag());
    else if constexpr (std::is_floating_point_v<T>)
      return std::fabs(x);
    else if constexpr (std::is_unsigned_v<T>)
      return x;
    else
      return x < 0 ? Negative::apply(static_cast<std::make_unsigned_t<T>>(x)) : static_cast<std::make_unsigned_t<T>>(x);
  }
};

struct Fabs {
  template <class T>
  static T apply(T x) {
    return std::fabs(x);
  }
};

struct Sign {
  template <class T>
  static T apply(T x) {
    if constexpr (is_complex_v<T>)
      return complex_math::sign(x);
    else if constexpr (std::is_floating_point_v<T>)
      return x > 0 ? T(1) : x < 0 ? T(-1) : x == 0 ? T(0) : x;
    else if constexpr (std::is_unsigned_v<T>)
      return x > 0;
    else
      return static_cast<T>((x > 0) - (x < 0));
  }
};

struct Conjugate {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T x) {
    if constexpr (is_complex_v<T>)
      return {x.real(), -x.imag()};
    else
      return x;
  }
};

struct Square {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T x) {
    return Multiply::apply(x, x);
  }
};

// Of equal operands, and so of zeros of either sign, the second: what vector instructions do, and NumPy with them.
// Of 16-bit floats it is the first, as NumPy has no vector loop for them.
template <bool kIsLargest, bool kPrefersNan>
struct ExtremumOfHalves {
  static float apply(float a, float b) { return is_nan(kPrefersNan ? a : b) || (kIsLargest ? a >= b : a <= b) ? a : b; }
};

template <bool kIsLargest, bool kPrefersNan>
struct Extremum {
  using Halves = ExtremumOfHalves<kIsLargest, kPrefersNan>;
  template <class T>
  static T apply(T a, T b) {
    const bool passes = is_nan(kPrefersNan ? a : b);
    if constexpr (is_complex_v<T>)
      return passes || (kIsLargest ? not_less(a, b) : not_less(b, a)) ? a : b;
    else
      return passes ? a : (kIsLargest ? a > b : a < b) ? a : b;
  }
};

struct Maximum : Extremum<true, true> {};
struct Minimum : Extremum<false, true> {};
struct Fmax : Extremum<true, false> {};
struct Fmin : Extremum<false, false> {};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::Add>();
template const KernelRows& kernel_rows<kernels::Subtract>();
template const KernelRows& kernel_rows<kernels::Multiply>();
template const KernelRows& kernel_rows<kernels::Times>();
template const KernelRows& kernel_rows<kernels::Negative>();
template const KernelRows& kernel_rows<kernels::Positive>();
template const KernelRows& kernel_rows<kernels::Absolute>();
template const KernelRows& kernel_rows<kernels::Fabs>();
template const KernelRows& kernel_rows<kernels::Sign>();
template const KernelRows& kernel_rows<kernels::Conjugate>();
template const KernelRows& kernel_rows<kernels::Square>();
template const KernelRows& kernel_rows<kernels::Maximum>();
template const KernelRows& kernel_rows<kernels::Minimum>();
template const KernelRows& kernel_rows<kernels::Fmax>();
template const KernelRows& kernel_rows<kernels::Fmin>();

}  // namespace INLAY_TARGET
}  // namespace inlay
