// elementwise_kernels_division.cpp - quotients, remainders, powers and what integers share: gcd, lcm.
// Division of an integer by zero gives 0 here; the op layer has warned.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/elementwise/elementwise_kernel_loops.h"
#include "runtime/elementwise/elementwise_kernels_complex.h"
#include "runtime/elementwise/float_powers.h"
#include "runtime/kernels/vector_math_bits.h"

namespace inlay {
inline namespace INLAY_TARGET {

extern template const KernelRows& kernel_rows<kernels::Multiply>();

namespace kernels {
namespace {

template <class T>
struct Division {
  T quotient, remainder;
};

/// Rounds down; the most negative number by -1 wraps.
template <class T>
Division<T> floor_division(T a, T b) {
  if (b == 0) return {0, 0};
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return {static_cast<T>(Wide<T>{0} - static_cast<Wide<T>>(a)), 0};
    const T quotient = static_cast<T>(a / b), remainder = static_cast<T>(a % b);
    const bool round = remainder != 0 && (remainder < 0) != (b < 0);
    return {static_cast<T>(quotient - round), static_cast<T>(round ? remainder + b : remainder)};
  } else {
    return {static_cast<T>(a / b), static_cast<T>(a % b)};
  }
}

/// The same without branches, so that loops become vector code. Through double: where the quotient of two integers of
/// 32 bits is no integer, it is farther from one than a double rounds.
template <class T>
Division<T> narrow_floor_division(T a, T b) {
  const double exact = static_cast<double>(a) / static_cast<double>(b == 0 ? T(1) : b);
  const double whole = vector_math::nearest(exact), down = whole > exact ? whole - 1 : whole;
  const auto quotient = static_cast<std::uint32_t>(vector_math::bits(down + vector_math::kRounder));
  const auto remainder = static_cast<std::uint32_t>(a) - quotient * static_cast<std::uint32_t>(b);
  return b == 0 ? Division<T>{0, 0} : Division<T>{static_cast<T>(quotient), static_cast<T>(remainder)};
}

template <class T>
Division<T> integer_division(T a, T b) {
  if constexpr (sizeof(T) <= 4)
    return narrow_floor_division(a, b);
  else
    return floor_division(a, b);
}

/// Division by one number of at least 2, by a product with its reciprocal: Granlund and Montgomery's. A reciprocal has
/// a bit more than the numerators: signed ones leave one, as a negative number is the complement of one that is none;
/// of unsigned ones the uppermost bit of the factor is added by hand.
template <class T>
class InvariantDivision {
  using U = std::make_unsigned_t<T>;
  __extension__ using Widest = unsigned __int128;
  using Wider =
      std::conditional_t<sizeof(T) == 8, Widest,
                         std::conditional_t<sizeof(T) == 4, std::uint64_t,
                                            std::conditional_t<sizeof(T) == 2, std::uint32_t, std::uint16_t>>>;
  static constexpr int kBits = 8 * sizeof(T);

 public:
  explicit InvariantDivision(T divisor)
      : shift_(static_cast<int>(std::bit_width(static_cast<U>(divisor - 1))) - 1),
        factor_(factor(static_cast<U>(divisor))) {}
  [[nodiscard]] T quotient(T x) const {
    if constexpr (std::is_signed_v<T>) {
      const T sign = static_cast<T>(x >> (kBits - 1));
      return static_cast<T>((product(static_cast<U>(x ^ sign)) >> shift_) ^ sign);
    } else {
      const U upper = product(x);
      return static_cast<U>(static_cast<U>((static_cast<U>(x - upper) >> 1) + upper) >> shift_);
    }
  }

 private:
  [[nodiscard]] U factor(U divisor) const {
    const Widest power = Widest{1} << (kBits + shift_);
    if constexpr (std::is_signed_v<T>) return static_cast<U>((power + divisor - 1) / divisor);
    const Widest above = (Widest{2} << shift_) - divisor;
    return static_cast<U>((above << kBits) / divisor + 1);
  }
  [[nodiscard]] U product(U x) const { return static_cast<U>(static_cast<Wider>(Wider{factor_} * x) >> kBits); }

  int shift_;
  U factor_;
};

/// Python's divmod: the remainder has the sign of the divisor, zeros included, and quotient * b + remainder is near a.
template <class T>
Division<T> float_division(T a, T b) {
  T remainder = std::fmod(a, b);
  if (b == 0) return {a / b, remainder};
  T quotient = (a - remainder) / b;
  if (remainder == 0) {
    remainder = std::copysign(T(0), b);
  } else if ((b < 0) != (remainder < 0)) {
    remainder += b;
    quotient -= 1;
  }
  if (quotient == 0) return {std::copysign(T(0), a / b), remainder};
  const T down = std::floor(quotient);
  return {quotient - down > T(0.5) ? down + 1 : down, remainder};
}

template <class T>
T integer_power(T base, T exponent) {
  Wide<T> result = 1, factor = static_cast<Wide<T>>(base);
  for (auto left = static_cast<std::make_unsigned_t<T>>(exponent); left != 0;
       left = static_cast<decltype(left)>(left >> 1)) {
    if (left & 1) result *= factor;
    factor *= factor;
  }
  return static_cast<T>(result);
}

/// Powers of one whole exponent of at least 1 for a row, by squaring: the products that integer_power() makes, of whole
/// blocks. Integers wrap at each.
[[gnu::noinline]] void power_row(BinaryKernel multiply, int itemsize, const void* x, std::uint64_t exponent, void* out,
                                 std::int64_t n) {
  if (exponent == 2) return multiply(x, x, out, n);
  constexpr std::int64_t kBlock = 512;
  alignas(64) std::byte squares[kBlock * sizeof(std::uint64_t)];
  const auto* from = static_cast<const std::byte*>(x);
  auto* to = static_cast<std::byte*>(out);
  for (; n > 0; n -= kBlock, from += kBlock * itemsize, to += kBlock * itemsize) {
    const std::int64_t count = n < kBlock ? n : kBlock;
    std::memcpy(squares, from, static_cast<std::size_t>(count * itemsize));
    std::uint64_t left = exponent;
    for (; (left & 1) == 0; left >>= 1) multiply(squares, squares, squares, count);
    std::memcpy(to, squares, static_cast<std::size_t>(count * itemsize));
    while ((left >>= 1) != 0) {
      multiply(squares, squares, squares, count);
      if ((left & 1) != 0) multiply(to, squares, to, count);
    }
  }
}

template <class T>
auto magnitude(T x) {
  using U = std::make_unsigned_t<T>;
  return x < 0 ? static_cast<U>(Wide<T>{0} - static_cast<Wide<T>>(x)) : static_cast<U>(x);
}

template <class U>
U gcd_of(U a, U b) {
  while (b != 0) {
    const U rest = static_cast<U>(a % b);
    a = b;
    b = rest;
  }
  return a;
}

// What NumPy makes of the exponents that can be had for less, for a whole row.
struct RootOf {
  template <class T>
  static T apply(T x) {
    return std::sqrt(x);
  }
};
struct OneOver {
  template <class T>
  static T apply(T x) {
    return T(1) / x;
  }
};

}  // namespace

struct Divide {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (is_complex_v<T>)
      return complex_math::divide(a, b);
    else
      return a / b;
  }
};

struct FloorDivide {
  static constexpr bool by_wide = true;
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return integer_division(a, b).quotient;
    else
      return float_division(a, b).quotient;
  }
  template <class T>
  static bool row_by(const T* x, T divisor, T* to, std::int64_t n) {
    if constexpr (std::is_integral_v<T>) {
      if (divisor < 2) return false;
      const InvariantDivision<T> by(divisor);
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < n; ++i) to[i] = by.quotient(x[i]);
      return true;
    }
    return false;
  }
};

struct Remainder {
  static constexpr bool by_wide = true;
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return integer_division(a, b).remainder;
    else
      return float_division(a, b).remainder;
  }
  /// By a power of two: the low bits, of negative numbers too.
  template <class T>
  static bool row_by(const T* x, T divisor, T* to, std::int64_t n) {
    if constexpr (std::is_integral_v<T> && !is_narrow_v<T>) {
      if (divisor <= 0) return false;
      const T low = static_cast<T>(divisor - 1);
      if ((divisor & low) != 0) return row_by_product(x, divisor, to, n);
#pragma GCC ivdep
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(x[i] & low);
      return true;
    }
    return false;
  }

 private:
  template <class T>
  static bool row_by_product(const T* x, T divisor, T* to, std::int64_t n) {
    if constexpr (sizeof(T) == 8) {
      const InvariantDivision<T> by(divisor);
      const auto factor = static_cast<std::uint64_t>(divisor);
      // The product wraps below the least number, where the difference wraps back.
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < n; ++i)
        to[i] =
            static_cast<T>(static_cast<std::uint64_t>(x[i]) - static_cast<std::uint64_t>(by.quotient(x[i])) * factor);
      return true;
    }
    return false;
  }
};

struct Fmod {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
      return std::fmod(a, b);
    else if (b == 0)
      return 0;
    else if constexpr (std::is_signed_v<T>)
      return b == -1 ? T(0) : static_cast<T>(a % b);
    else
      return static_cast<T>(a % b);
  }
};

// Of 16-bit floats all exponents go through pow.
struct PowerOfHalves {
  static float apply(float a, float b) { return std::pow(a, b); }
};

// Powers of small whole exponents are products wherever the exponent comes from: below 1.5 ULP for 3 and 1.5,
// below 2 for 4.
struct Power : ComplexByCall {
  static constexpr bool by_size = true;
  using Halves = PowerOfHalves;
  template <class T>
  static T apply(T a, T b) {
    if constexpr (is_complex_v<T>)
      return complex_math::power(a, b);
    else if constexpr (std::is_integral_v<T>)
      return integer_power(a, b);
    else
      return float_power(a, b);
  }
  template <class T>
  static bool row_by(const T* x, T exponent, T* to, std::int64_t n) {
    if constexpr (is_complex_v<T>) {
      return false;
    } else {
      const bool is_product = std::is_integral_v<T> ? exponent >= 1 : is_small_whole(static_cast<double>(exponent));
      if (!is_product) return false;
      const BinaryKernel multiply = kernel_rows<Multiply>()[static_cast<int>(dtype_v<T>)].vv;
      return power_row(multiply, sizeof(T), x, static_cast<std::uint64_t>(exponent), to, n), true;
    }
  }
  template <class T>
  requires std::is_floating_point_v<T>
  static UnaryKernel with_right(T exponent) {
    if (exponent == T(0.5)) return UnaryLoops<RootOf, T>::v;
    if (exponent == T(1.5)) return UnaryLoops<RootCubedOf, T>::v;
    return exponent == T(-1) ? UnaryLoops<OneOver, T>::v : nullptr;
  }

  template <class T>
  requires std::is_floating_point_v<T>
  static constexpr BlockKernel block() { return power_block<T>; }
};

struct FloatPower : ComplexByCall {
  using Same = Power;
};

struct Reciprocal {
  template <class T>
  static T apply(T x) {
    if constexpr (is_complex_v<T>)
      return complex_math::reciprocal(x);
    else if constexpr (std::is_floating_point_v<T>)
      return T(1) / x;
    else
      return x == 0 ? T(0) : static_cast<T>(1 / x);
  }
};

struct Gcd {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(gcd_of(magnitude(a), magnitude(b)));
  }
};

struct Lcm {
  template <class T>
  static T apply(T a, T b) {
    const auto x = magnitude(a), y = magnitude(b), shared = gcd_of(x, y);
    return shared == 0 ? T(0) : static_cast<T>(static_cast<Wide<T>>(x / shared) * y);
  }
};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::Divide>();
template const KernelRows& kernel_rows<kernels::FloorDivide>();
template const KernelRows& kernel_rows<kernels::Remainder>();
template const KernelRows& kernel_rows<kernels::Fmod>();
template const KernelRows& kernel_rows<kernels::Power>();
template const KernelRows& kernel_rows<kernels::FloatPower>();
template const KernelRows& kernel_rows<kernels::Reciprocal>();
template const KernelRows& kernel_rows<kernels::Gcd>();
template const KernelRows& kernel_rows<kernels::Lcm>();

}  // namespace INLAY_TARGET
}  // namespace inlay
