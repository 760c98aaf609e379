// elementwise_kernels_comparison.cpp - what has a truth value: orders, logic, and the classes of floats.
// Complex numbers are ordered by real part, then imaginary, as NumPy orders them.
#include <bit>
#include <cmath>

#include "runtime/elementwise/elementwise_kernel_loops.h"
#include "runtime/elementwise/elementwise_kernels_complex.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

template <class T>
bool truth(T x) {
  return x != T(0);
}

/// Whether a part of x is in a class of floats; no integer is.
template <class T, class Test>
bool any_part(T x, Test test) {
  if constexpr (is_complex_v<T>)
    return test(x.real()) || test(x.imag());
  else if constexpr (std::is_floating_point_v<T>)
    return test(x);
  else
    return false;
}

}  // namespace

struct Equal {
  static constexpr bool by_size = true;
  template <class T>
  static bool apply(T a, T b) {
    return a == b;
  }
};

struct NotEqual {
  static constexpr bool by_size = true;
  template <class T>
  static bool apply(T a, T b) {
    return a != b;
  }
};

struct Less {
  template <class T>
  static bool apply(T a, T b) {
    if constexpr (is_complex_v<T>)
      return complex_math::less(a, b);
    else
      return a < b;
  }
};

struct LessEqual {
  template <class T>
  static bool apply(T a, T b) {
    if constexpr (is_complex_v<T>)
      return complex_math::less_equal(a, b);
    else
      return a <= b;
  }
};

struct Greater {
  using Mirror = Less;
};

struct GreaterEqual {
  using Mirror = LessEqual;
};

struct LogicalAnd {
  static constexpr bool by_truth = true;
  template <class T>
  static bool apply(T a, T b) {
    return truth(a) & truth(b);
  }
};

struct LogicalOr {
  static constexpr bool by_truth = true;
  template <class T>
  static bool apply(T a, T b) {
    return truth(a) | truth(b);
  }
};

struct LogicalXor {
  static constexpr bool by_truth = true;
  template <class T>
  static bool apply(T a, T b) {
    return truth(a) != truth(b);
  }
};

struct LogicalNot {
  static constexpr bool by_truth = true;
  template <class T>
  static bool apply(T x) {
    return !truth(x);
  }
};

struct IsNan {
  static constexpr bool by_size = true;
  template <class T>
  static bool apply(T x) {
    return any_part(x, [](auto part) { return std::isnan(part); });
  }
};

struct IsInf {
  static constexpr bool by_size = true;
  template <class T>
  static bool apply(T x) {
    return any_part(x, [](auto part) { return std::isinf(part); });
  }
};

struct IsFinite {
  static constexpr bool by_size = true;
  template <class T>
  static bool apply(T x) {
    return !any_part(x, [](auto part) { return !std::isfinite(part); });
  }
};

struct SignBit {
  template <class T>
  static bool apply(T x) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
    return std::bit_cast<Bits>(x) < 0;
  }
};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::Equal>();
template const KernelRows& kernel_rows<kernels::NotEqual>();
template const KernelRows& kernel_rows<kernels::Less>();
template const KernelRows& kernel_rows<kernels::LessEqual>();
template const KernelRows& kernel_rows<kernels::Greater>();
template const KernelRows& kernel_rows<kernels::GreaterEqual>();
template const KernelRows& kernel_rows<kernels::LogicalAnd>();
template const KernelRows& kernel_rows<kernels::LogicalOr>();
template const KernelRows& kernel_rows<kernels::LogicalXor>();
template const KernelRows& kernel_rows<kernels::LogicalNot>();
template const KernelRows& kernel_rows<kernels::IsNan>();
template const KernelRows& kernel_rows<kernels::IsInf>();
template const KernelRows& kernel_rows<kernels::IsFinite>();
template const KernelRows& kernel_rows<kernels::SignBit>();

}  // namespace INLAY_TARGET
}  // namespace inlay
