// elementwise_kernels_math.cpp - exponentials, logarithms, circular and hyperbolic functions.
// Complex functions are C's, but for those that C lacks.
#include <cmath>
#include <numbers>

#include "runtime/elementwise/circular_rows.h"
#include "runtime/elementwise/elementwise_kernel_loops.h"
#include "runtime/elementwise/elementwise_kernels_complex.h"
#include "runtime/elementwise/near_rows.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

[[gnu::noinline]] void log1p_block(double* values, int n) {
  each_of_block(n, [=](int i) { values[i] = vector_math::log1p(values[i]); });
}

/// In steps, as powers are.
template <class F>
[[gnu::noinline]] void inverse_block(const double* __restrict x, const double* __restrict, double* __restrict to,
                                     int n) {
  alignas(64) double addends[kBlock];
  double* const addend = addends;
  each_of_block(n, [=](int i) {
    const vector_math::LogarithmOf at = F::logarithm(x[i]);
    to[i] = at.argument, addend[i] = at.addend;
  });
  log1p_block(to, n);
  each_of_block(n, [=](int i) { to[i] = F::of(x[i], to[i] + addend[i]); });
}

void angle_block(const double* __restrict y, const double* __restrict x, double* __restrict to, int n) {
  each_of_block(n, [=](int i) { to[i] = vector_math::steepness(y[i], x[i]); });
  each_of_block(n, [=](int i) { to[i] = vector_math::arctan(to[i]); });
  each_of_block(n, [=](int i) { to[i] = vector_math::in_quarter(to[i], y[i], x[i]); });
}

}  // namespace

// Of floats the functions are those of vector_math; complex ones are C++'s, or complex_math's where that lacks them.
#define INLAY_APPLY(function, complex_function)        \
  template <class T>                                   \
  static T apply(T x) {                                \
    if constexpr (is_complex_v<T>)                     \
      return complex_function(x);                      \
    else                                               \
      return static_cast<T>(vector_math::function(x)); \
  }
#define INLAY_MATH(functor, function, complex_function) \
  struct functor : ComplexByCall {                      \
    INLAY_APPLY(function, complex_function)             \
  };
// The same with fewer steps for floats that are not extreme (near_rows.h).
#define INLAY_NEAR(functor, function)                                                             \
  struct functor : ComplexByCall {                                                                \
    INLAY_APPLY(function, std::function)                                                          \
    static bool is_near(float x) { return vector_math::is_near_##function(x); }                   \
    static float near(float x) { return vector_math::near_##function(x); }                        \
    static void rows(const float* x, float* to, std::int64_t n) { near_rows<functor>(x, to, n); } \
  };
// The same in rows of their own (circular_rows.h).
#define INLAY_CIRCULAR(functor, function, row, near_row_of_floats, quarters)                                         \
  struct functor : ComplexByCall {                                                                                   \
    INLAY_APPLY(function, std::function)                                                                             \
    static void rows(const float* x, float* to, std::int64_t n) {                                                    \
      circular_rows<float>({row<float>, near_row_of_floats, [](float far) { return std::function(far); }, quarters}, \
                           x, to, n);                                                                                \
    }                                                                                                                \
    static void rows(const double* x, double* to, std::int64_t n) {                                                  \
      circular_rows<double>({row<double>, nullptr, [](double far) { return std::function(far); }, quarters}, x, to,  \
                            n);                                                                                      \
    }                                                                                                                \
  };
// What inverts hyperbolic functions, in blocks: all three share the loop that takes logarithms.
#define INLAY_INVERSE(functor, function, complex_function)                                               \
  struct functor : ComplexByCall {                                                                       \
    INLAY_APPLY(function, complex_function)                                                              \
    static vector_math::LogarithmOf logarithm(double x) { return vector_math::function##_logarithm(x); } \
    static double of(double x, double logarithm) { return vector_math::function##_of(x, logarithm); }    \
    template <class T>                                                                                   \
    requires std::is_floating_point_v<T>                                                                 \
    static constexpr BlockKernel block() { return inverse_block<functor>; }                              \
  };
// Functions that libm has, one call per element.
#define INLAY_LIBM(functor, function) \
  struct functor : ComplexByCall {    \
    template <class T>                \
    static T apply(T x) {             \
      return std::function(x);        \
    }                                 \
  };
// clang-format off
INLAY_NEAR(Exp, exp) INLAY_NEAR(Log, log)
INLAY_MATH(Exp2, exp2, complex_math::exp2) INLAY_MATH(Expm1, expm1, complex_math::expm1)
INLAY_MATH(Log2, log2, complex_math::log2) INLAY_MATH(Log10, log10, complex_math::log10)
INLAY_MATH(Log1p, log1p, complex_math::log1p)
INLAY_MATH(Sinh, sinh, std::sinh) INLAY_MATH(Cosh, cosh, std::cosh) INLAY_MATH(Tanh, tanh, std::tanh)
INLAY_MATH(ArcSin, arcsin, std::asin) INLAY_MATH(ArcCos, arccos, std::acos) INLAY_MATH(ArcTan, arctan, std::atan)
INLAY_CIRCULAR(Sin, sin, sine_row, near_sine_row, 0) INLAY_CIRCULAR(Cos, cos, sine_row, near_sine_row, 1)
INLAY_CIRCULAR(Tan, tan, tangent_row, nullptr, 0)
INLAY_INVERSE(ArcSinh, arcsinh, std::asinh) INLAY_INVERSE(ArcCosh, arccosh, std::acosh)
INLAY_INVERSE(ArcTanh, arctanh, std::atanh) INLAY_LIBM(Sqrt, sqrt);
// clang-format on
#undef INLAY_APPLY
#undef INLAY_MATH
#undef INLAY_NEAR
#undef INLAY_CIRCULAR
#undef INLAY_INVERSE
#undef INLAY_LIBM

struct Cbrt {
  template <class T>
  static T apply(T x) {
    return static_cast<T>(vector_math::cbrt(x));
  }
  template <class T>
  static constexpr BlockKernel block() {
    return block_of<Cbrt>;
  }
};

// Computed as doubles: libm's functions of floats are several bits off.
struct Erf : ByCall {
  template <class T>
  static T apply(T x) {
    return static_cast<T>(std::erf(static_cast<double>(x)));
  }
};

struct Erfc : ByCall {
  template <class T>
  static T apply(T x) {
    return static_cast<T>(std::erfc(static_cast<double>(x)));
  }
};

// C++'s lgamma writes the sign to a variable that all threads share.
struct LogGamma : ByCall {
  template <class T>
  static T apply(T x) {
    int sign = 0;
    return static_cast<T>(lgamma_r(static_cast<double>(x), &sign));
  }
};

struct ArcTan2 {
  template <class T>
  static T apply(T y, T x) {
    return static_cast<T>(vector_math::arctan2(y, x));
  }
  template <class T>
  static constexpr BlockKernel block() {
    return angle_block;
  }
};

struct Hypot {
  template <class T>
  static constexpr bool by_call = std::is_same_v<T, double>;
  static float apply(float x, float y) { return complex_math::size_of(x, y); }
  static double apply(double x, double y) { return std::hypot(x, y); }
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
struct LogAddExp : ByCall {
  template <class T>
  static T apply(T a, T b) {
    if (a == b) return a + std::numbers::ln2_v<T>;
    const T gap = a - b;
    if (gap > 0) return a + std::log1p(std::exp(-gap));
    return gap <= 0 ? b + std::log1p(std::exp(gap)) : gap;
  }
};

struct LogAddExp2 : ByCall {
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
template const KernelRows& kernel_rows<kernels::Erf>();
template const KernelRows& kernel_rows<kernels::Erfc>();
template const KernelRows& kernel_rows<kernels::LogGamma>();
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

}  // namespace INLAY_TARGET
}  // namespace inlay
