// elementwise_kernels_math.cpp - exponentials, logarithms, circular and hyperbolic functions.
// float is computed in float; complex functions are C's, but for those that C lacks.
#include <cmath>
#include <numbers>

#include "runtime/elementwise_kernel_loops.h"
#include "runtime/elementwise_kernels_complex.h"

namespace inlay {
namespace kernels {

// Functions that C++ has for floats and complex numbers alike.
#define INLAY_MATH(functor, function) \
  struct functor {                    \
    template <class T>                \
    static T apply(T x) {             \
      return std::function(x);        \
    }                                 \
  };
// Functions that it has for floats, and complex_math for complex numbers.
#define INLAY_SPLIT_MATH(functor, function) \
  struct functor {                          \
    template <class T>                      \
    static T apply(T x) {                   \
      if constexpr (is_complex_v<T>)        \
        return complex_math::function(x);   \
      else                                  \
        return std::function(x);            \
    }                                       \
  };
// clang-format off
INLAY_MATH(Exp, exp) INLAY_MATH(Log, log) INLAY_MATH(Sqrt, sqrt) INLAY_MATH(Cbrt, cbrt)
INLAY_MATH(Sin, sin) INLAY_MATH(Cos, cos) INLAY_MATH(Tan, tan)
INLAY_MATH(ArcSin, asin) INLAY_MATH(ArcCos, acos) INLAY_MATH(ArcTan, atan)
INLAY_MATH(Sinh, sinh) INLAY_MATH(Cosh, cosh) INLAY_MATH(Tanh, tanh)
INLAY_MATH(ArcSinh, asinh) INLAY_MATH(ArcCosh, acosh) INLAY_MATH(ArcTanh, atanh)
INLAY_SPLIT_MATH(Exp2, exp2) INLAY_SPLIT_MATH(Expm1, expm1)
INLAY_SPLIT_MATH(Log2, log2) INLAY_SPLIT_MATH(Log10, log10) INLAY_SPLIT_MATH(Log1p, log1p)
// clang-format on
#undef INLAY_MATH
#undef INLAY_SPLIT_MATH

                        struct ArcTan2 {
  template <class T>
  static T apply(T y, T x) {
    return std::atan2(y, x);
  }
};

struct Hypot {
  template <class T>
  static T apply(T x, T y) {
    return std::hypot(x, y);
  }
};

struct Degrees {
  template <class T>
  static T apply(T x) {
    return x * (T(180) / std::numbers::pi_v<T>);
  }
};

struct Radians {
  template <class T>
  static T apply(T x) {
    return x * (std::numbers::pi_v<T> / T(180));
  }
};

// Equal operands first: the difference of infinities is no number.
struct LogAddExp {
  template <class T>
  static T apply(T a, T b) {
    if (a == b) return a + std::numbers::ln2_v<T>;
    const T gap = a - b;
    if (gap > 0) return a + std::log1p(std::exp(-gap));
    return gap <= 0 ? b + std::log1p(std::exp(gap)) : gap;
  }
};

struct LogAddExp2 {
  template <class T>
  static T apply(T a, T b) {
    if (a == b) return a + 1;
    const T gap = a - b;
    if (gap > 0) return a + std::numbers::log2e_v<T> * std::log1p(std::exp2(-gap));
    return gap <= 0 ? b + std::numbers::log2e_v<T> * std::log1p(std::exp2(gap)) : gap;
  }
};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::Exp>();
template const KernelRows& kernel_rows<kernels::Exp2>();
template const KernelRows& kernel_rows<kernels::Expm1>();
template const KernelRows& kernel_rows<kernels::Log>();
template const KernelRows& kernel_rows<kernels::Log2>();
template const KernelRows& kernel_rows<kernels::Log10>();
template const KernelRows& kernel_rows<kernels::Log1p>();
template const KernelRows& kernel_rows<kernels::Sqrt>();
template const KernelRows& kernel_rows<kernels::Cbrt>();
template const KernelRows& kernel_rows<kernels::LogAddExp>();
template const KernelRows& kernel_rows<kernels::LogAddExp2>();
template const KernelRows& kernel_rows<kernels::Sin>();
template const KernelRows& kernel_rows<kernels::Cos>();
template const KernelRows& kernel_rows<kernels::Tan>();
template const KernelRows& kernel_rows<kernels::ArcSin>();
template const KernelRows& kernel_rows<kernels::ArcCos>();
template const KernelRows& kernel_rows<kernels::ArcTan>();
template const KernelRows& kernel_rows<kernels::Sinh>();
template const KernelRows& kernel_rows<kernels::Cosh>();
template const KernelRows& kernel_rows<kernels::Tanh>();
template const KernelRows& kernel_rows<kernels::ArcSinh>();
template const KernelRows& kernel_rows<kernels::ArcCosh>();
template const KernelRows& kernel_rows<kernels::ArcTanh>();
template const KernelRows& kernel_rows<kernels::ArcTan2>();
template const KernelRows& kernel_rows<kernels::Hypot>();
template const KernelRows& kernel_rows<kernels::Degrees>();
template const KernelRows& kernel_rows<kernels::Radians>();

}  // namespace inlay
