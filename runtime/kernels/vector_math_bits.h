// vector_math_bits.h - what the vector_math headers share: doubles as bits, polynomials, powers of two.
// Functions of vector_math take one double, have no branch and no call, and use nothing but IEEE's exact operations and
// arithmetic on bits. So a loop over one becomes vector code, and gives the same bits on every instruction set, in
// every lane, in remainders of loops and for single elements (-ffp-contract=off keeps the compiler from fusing).
// Invariant: no function depends on the rounding of anything wider than a double.
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/kernels/kernel_target.h"

#define INLAY_LANE [[gnu::always_inline]] static inline

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

inline constexpr double kInfinity = __builtin_inf();
inline constexpr double kNaN = __builtin_nan("");
/// Adding this rounds to an integer, which is then in the low bits.
inline constexpr double kRounder = 0x1.8p52;

INLAY_LANE std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }
INLAY_LANE double from_bits(std::uint64_t x) { return std::bit_cast<double>(x); }
INLAY_LANE double magnitude(double x) { return from_bits(bits(x) & ~(std::uint64_t{1} << 63)); }
INLAY_LANE double with_sign(double size, double sign) {
  constexpr std::uint64_t mask = std::uint64_t{1} << 63;
  return from_bits((bits(size) & ~mask) | (bits(sign) & mask));
}
/// The upper half of the fraction: products of two of these are exact.
INLAY_LANE double upper(double x) { return from_bits(bits(x) & 0xFFFFFFFF00000000U); }
/// NaN passes through.
INLAY_LANE double clamp(double x, double low, double high) {
  const double above = x < low ? low : x;
  return above > high ? high : above;
}

/// The nearest integer of something below 2^51.
INLAY_LANE double nearest(double x) { return (x + kRounder) - kRounder; }
/// 2^n of an integer n from -1022 to 1023.
INLAY_LANE double power_of_two(double n) { return from_bits((bits(n + kRounder) + 1023) << 52); }
/// x * 2^n of an integer n from -2044 to 2046, rounded once. The exponents of the two factors are made of the low bits
/// of n and of half of it; what is above those is shifted out.
INLAY_LANE double scale(double x, double n) {
  constexpr std::uint64_t one = 0x3FF0000000000000U;
  const std::uint64_t whole = bits(n + kRounder), half = whole >> 1;
  return x * from_bits((half << 52) + one) * from_bits(((whole - half) << 52) + one);
}

/// c0 + c1 x + c2 x² + …, by Horner's rule.
template <class... C>
INLAY_LANE double polynomial(double x, double c0, C... rest) {
  if constexpr (sizeof...(rest) == 0)
    return c0;
  else
    return c0 + x * polynomial(x, static_cast<double>(rest)...);
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
