// elementwise_kernels_rounding.cpp - what looks at how a float is made: rounding, neighbours, sign, exponent.
// All results are exact.
#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/elementwise/elementwise_kernel_loops.h"
#include "runtime/kernels/vector_math_bits.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

/// 16-bit floats in the order of their bits: half and bfloat16 differ only in where infinity is.
template <class T>
inline constexpr std::uint16_t infinity_bits = std::is_same_v<T, Half> ? 0x7c00 : 0x7f80;

template <class T>
bool is_nan(T x) {
  return (x.bits & 0x7fff) > infinity_bits<T>;
}

/// The bits as a number that is ordered as the values are; both zeros are 0.
template <class T>
int order(T x) {
  const int size = x.bits & 0x7fff;
  return (x.bits & 0x8000) ? -size : size;
}

template <class T>
T from_order(int at, bool negative_zero) {
  const int size = at < 0 ? -at : at;
  return {static_cast<std::uint16_t>(size | (at < 0 || (at == 0 && negative_zero) ? 0x8000 : 0))};
}

template <class T>
T next_half(T x, T toward) {
  if (is_nan(x)) return x;
  if (is_nan(toward)) return toward;
  if (order(x) == order(toward)) return x;
  return from_order<T>(order(x) + (order(x) < order(toward) ? 1 : -1), order(x) < 0);
}

/// 2^e as a 16-bit float, e counted from the lowest subnormal.
template <class T>
T half_power(int e) {
  constexpr int fraction = std::is_same_v<T, Half> ? 10 : 7;
  return {static_cast<std::uint16_t>(e < fraction ? 1 << e : (e - fraction + 1) << fraction)};
}

/// Of 16-bit floats NumPy gives the distance to the next one upwards, always positive.
template <class T>
T half_spacing(T x) {
  constexpr int fraction = std::is_same_v<T, Half> ? 10 : 7;
  const int size = x.bits & 0x7fff;
  if (size >= infinity_bits<T>) return {static_cast<std::uint16_t>(infinity_bits<T> | 1 << (fraction - 1))};
  if (x.bits + 1 == infinity_bits<T>) return {infinity_bits<T>};
  const bool below_is_finer = (x.bits & 0x8000) && size % (1 << fraction) == 0;
  return half_power<T>(std::max((size >> fraction) - below_is_finer, 1) - 1);
}

}  // namespace

// Integers and bools are whole already.
#define INLAY_ROUNDING(functor, function)                          \
  struct functor {                                                 \
    static constexpr bool by_size = true;                          \
    template <class T>                                             \
    static T apply(T x) {                                          \
      if constexpr (std::is_integral_v<T>)                         \
        return x;                                                  \
      else if constexpr (!is_complex_v<T>)                         \
        return std::function(x);                                   \
      else                                                         \
        return {std::function(x.real()), std::function(x.imag())}; \
    }                                                              \
  };
INLAY_ROUNDING(Floor, floor)
INLAY_ROUNDING(Ceil, ceil)
INLAY_ROUNDING(Trunc, trunc)
INLAY_ROUNDING(Rint, nearbyint)
#undef INLAY_ROUNDING

struct CopySign {
  template <class T>
  static T apply(T x, T sign) {
    return std::copysign(x, sign);
  }
};

struct NextAfter {
  static constexpr bool own_halves = true;
  template <class T>
  static T apply(T x, T toward) {
    if constexpr (is_half_v<T>)
      return next_half(x, toward);
    else
      return std::nextafter(x, toward);
  }
};

struct Spacing {
  static constexpr bool own_halves = true;
  template <class T>
  static T apply(T x) {
    if constexpr (is_half_v<T>)
      return half_spacing(x);
    else if (std::isinf(x))
      return std::numeric_limits<T>::quiet_NaN();
    else if (x == 0)
      return std::numeric_limits<T>::denorm_min();
    else
      return std::nextafter(x, std::copysign(std::numeric_limits<T>::infinity(), x)) - x;
  }
};

struct Heaviside {
  template <class T>
  static T apply(T x, T at_zero) {
    if (std::isnan(x)) return x;
    return x == 0 ? at_zero : x < 0 ? T(0) : T(1);
  }
};

/// The exponent comes as a float, whose rounding starts far beyond any exponent that matters.
struct LdExp {
  /// The product is exact as a double: it is rounded once.
  static float apply(float x, float exponent) {
    constexpr float kMost = 400;  // takes any float to zero or infinity
    const float n = exponent < -kMost ? -kMost : exponent > kMost ? kMost : exponent;
    return static_cast<float>(x * vector_math::power_of_two(n));
  }
  static double apply(double x, double exponent) {
    constexpr double kMost = 4 * std::numeric_limits<double>::max_exponent;
    return std::ldexp(x, static_cast<int>(std::clamp(exponent, -kMost, kMost)));
  }
};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::Floor>();
template const KernelRows& kernel_rows<kernels::Ceil>();
template const KernelRows& kernel_rows<kernels::Trunc>();
template const KernelRows& kernel_rows<kernels::Rint>();
template const KernelRows& kernel_rows<kernels::CopySign>();
template const KernelRows& kernel_rows<kernels::NextAfter>();
template const KernelRows& kernel_rows<kernels::Spacing>();
template const KernelRows& kernel_rows<kernels::Heaviside>();
template const KernelRows& kernel_rows<kernels::LdExp>();

}  // namespace INLAY_TARGET
}  // namespace inlay
