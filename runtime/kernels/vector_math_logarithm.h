// vector_math_logarithm.h - log, log2, log10, log1p, what inverts the hyperbolic functions, and the cube root of one
// double; see vector_math_bits.h.
// Method: x = 2^k (1 + f), sqrt(1/2) < 1 + f < sqrt(2); log(1 + f) as FreeBSD's msun has it, a polynomial in
// s = f / (2 + f). Sums are taken smallest first, and in two parts where a base other than e needs it.
// Invariant: below 2 ULP, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include <cmath>

#include "runtime/kernels/vector_math_exponential.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

struct Mantissa {
  double k, m;
};
/// x = 2^k m of a positive, finite, normal number, m from the double with the bits `least` (between 1/2 and 1) to twice
/// that. `bias` is taken from k.
template <std::uint64_t least>
INLAY_LANE Mantissa mantissa_of(double x, double bias = 1023) {
  constexpr std::uint64_t one = 0x3FF0000000000000U;
  const std::uint64_t moved = bits(x) + (one - least);
  const double biased = from_bits((moved >> 52) | bits(0x1p52)) - 0x1p52;
  return {biased - bias, from_bits((moved & 0x000FFFFFFFFFFFFFU) + least)};
}
/// The same of a subnormal number, too.
template <std::uint64_t least>
INLAY_LANE Mantissa normalized(double x) {
  const bool tiny = x < 0x1p-1022;
  return mantissa_of<least>(tiny ? x * 0x1p54 : x, tiny ? 1023 + 54 : 1023);
}

struct Logarithm {
  double k, f;
};

/// Of a positive, finite number.
INLAY_LANE Logarithm split(double x) {
  constexpr std::uint64_t sqrt_half = 0x3FE6A09E00000000U;
  const Mantissa at = normalized<sqrt_half>(x);
  return {at.k, at.m - 1.0};
}

/// log(1 + f) - f + f²/2.
INLAY_LANE double log_tail(double f) {
  const double s = f / (2.0 + f), z = s * s;
  const double r = z * polynomial(z, 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                  2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                  1.479819860511658591e-01);
  return s * (0.5 * f * f + r);
}

/// The values at the ends of the domain.
INLAY_LANE double log_or_special(double x, double value) {
  const double upwards = x < kInfinity ? value : x;  // NaN, too
  const double at_zero = x == 0 ? -kInfinity : upwards;
  return x < 0 ? kNaN : at_zero;
}

INLAY_LANE double log(double x) {
  const Logarithm at = split(x);
  const double half_square = 0.5 * at.f * at.f;
  const double low = log_tail(at.f) + at.k * kLn2Low;
  return log_or_special(x, ((low - half_square) + at.f) + at.k * kLn2High);
}

/// log(1 + f) in two parts, the first with so few bits that products by constants are exact.
struct TwoParts {
  double high, low;
};
INLAY_LANE TwoParts log_parts(double f) {
  const double half_square = 0.5 * f * f;
  const double high = upper(f - half_square);
  return {high, ((f - high) - half_square) + log_tail(f)};
}

INLAY_LANE double log2(double x) {
  constexpr double high = 0x1.7154765200000p+0, low = 0x1.705fc2eefa200p-33;
  const Logarithm at = split(x);
  const TwoParts part = log_parts(at.f);
  const double value = part.high * high, sum = at.k + value;
  const double rest = (part.low + part.high) * low + part.low * high + ((at.k - sum) + value);
  return log_or_special(x, rest + sum);
}

INLAY_LANE double log10(double x) {
  constexpr double high = 0x1.bcb7b15200000p-2, low = 0x1.b9438ca9aadd5p-36;
  constexpr double two_high = 0x1.34413509e0000p-2, two_low = 0x1.79fef311f12b3p-38;
  const Logarithm at = split(x);
  const TwoParts part = log_parts(at.f);
  const double value = part.high * high, exponent = at.k * two_high, sum = exponent + value;
  const double rest = at.k * two_low + (part.low + part.high) * low + part.low * high + ((exponent - sum) + value);
  return log_or_special(x, rest + sum);
}

/// The rounding of 1 + x is made good, relative to it.
INLAY_LANE double log1p(double x) {
  const double u = 1.0 + x;
  const Logarithm at = split(u);
  const bool near = (x > -0.2928) & (x < 0.4142);  // 1 + x needs no exponent
  const double lost = u < 2 ? x - (u - 1.0) : 1.0 - (u - x);
  const double k = near ? 0.0 : at.k, f = near ? x : at.f, c = near ? 0.0 : lost / u;
  const double half_square = 0.5 * f * f;
  const double low = log_tail(f) + (k * kLn2Low + c);
  const double value = log_or_special(u, ((low - half_square) + f) + k * kLn2High);
  return x == 0 ? x : value;
}

// Arguments whose squares could overflow are beyond this; the function is log(2x) there.
constexpr double kMostSquared = 0x1p60;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;

/// What inverts a hyperbolic function is made of: log1p(argument) + addend.
struct LogarithmOf {
  double argument, addend;
};

INLAY_LANE LogarithmOf arcsinh_logarithm(double x) {
  const double size = magnitude(x);
  const bool far = size > kMostSquared;
  const double a = far ? 1.0 : size, square = a * a;
  const double near = a + square / (1.0 + std::sqrt(1.0 + square));
  return {far ? size : near, far ? kLn2 : 0.0};
}
INLAY_LANE double arcsinh_of(double x, double logarithm) { return with_sign(logarithm, x); }

/// The rounding of the sum that log1p is asked for is made good, relative to it.
INLAY_LANE LogarithmOf arccosh_logarithm(double x) {
  const bool far = x > kMostSquared;
  const double above = (far ? 2.0 : x) - 1.0, root = std::sqrt(2.0 * above + above * above);
  const double near = root + above, lost = above - (near - root);
  return {far ? x : near, far ? kLn2 : lost / (1.0 + near)};
}
INLAY_LANE double arccosh_of(double x, double logarithm) { return x < 1 ? kNaN : logarithm; }

INLAY_LANE LogarithmOf arctanh_logarithm(double x) {
  const double size = magnitude(x), twice = size + size, below = 1.0 - size;
  return {size < 0.5 ? twice + twice * size / below : twice / below, 0.0};
}
INLAY_LANE double arctanh_of(double x, double logarithm) {
  return with_sign(magnitude(x) > 1 ? kNaN : 0.5 * logarithm, x);
}

#define INLAY_INVERSE(name)                              \
  INLAY_LANE double name(double x) {                     \
    const LogarithmOf at = name##_logarithm(x);          \
    return name##_of(x, log1p(at.argument) + at.addend); \
  }
INLAY_INVERSE(arcsinh)
INLAY_INVERSE(arccosh)
INLAY_INVERSE(arctanh)
#undef INLAY_INVERSE

/// FreeBSD's: a guess from the bits, a polynomial, and one step of Newton's from 23 bits, whose square is exact.
INLAY_LANE double cbrt(double x) {
  const double size = magnitude(x);
  const bool tiny = size < 0x1p-1022;
  const double from = tiny ? size * 0x1p54 : size;
  const std::uint64_t third = ((bits(from) >> 32) * 0xAAAAAAABU) >> 33;
  const double t = from_bits((third + (tiny ? 696219795U : 715094163U)) << 32);
  const double r = (t * t) * (t / size);
  const double fine = t * ((1.87595182427177009643 + r * (-1.88497979543377169875 + r * 1.621429720105354466140)) +
                           ((r * r) * r) * (-0.758397934778766047437 + r * 0.145996192886612446982));
  const double root = from_bits((bits(fine) + 0x80000000U) & 0xFFFFFFFFC0000000U);
  const double quotient = size / (root * root);
  const double exact = root + root * ((quotient - root) / ((root + root) + quotient));
  return (size > 0) & (size < kInfinity) ? with_sign(exact, x) : x;
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
