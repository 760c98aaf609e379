// vector_math_power.h - x to the power of y, of doubles and of floats; see vector_math_bits.h.
// Method: 2^(y log2 |x|), the logarithm in two parts with some 13 bits more than a double, as FreeBSD's msun has it:
// log2 m is log2 b, b = 1 or 3/2, and a series in s = (m - b) / (m + b); factors are cut to 21 bits where a product has
// to be exact. Of floats all of that is simply done in double. Signs and the ends of the domains are chosen at the end.
// Invariant: below 1 ULP, and powers that a double holds are exact, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include "runtime/kernels/vector_math_logarithm.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

/// Beyond these 2^x is infinity or zero.
inline constexpr double kMostPower = 1100, kMostSinglePower = 300;
/// An exponent as large as this takes any number but 1 there.
inline constexpr double kMostExponent = 0x1p65;

/// log2 of a positive, finite number; the first part has 21 bits.
INLAY_LANE TwoParts log2_parts(double size) {
  constexpr double factor = 0x1.ec709dc3a03fdp-1, high = 0x1.ec709e0000000p-1, low = -0x1.e2fe0145b01f5p-28;
  constexpr double log2_b_high = 0x1.2b80340000000p-1, log2_b_low = 0x1.cfdeb43cfd006p-27;
  constexpr std::uint64_t sqrt_three_quarters = 0x3FEBB67A00000000U;
  const Mantissa at = normalized<sqrt_three_quarters>(size);
  const bool is_upper = at.m >= 0x1.3988e1409212ep+0;  // sqrt(3/2)
  const double b = is_upper ? 1.5 : 1.0, f = at.m - b, inverse = 1.0 / (at.m + b);
  const double s = f * inverse, s_high = upper(s);
  const double sum_high = upper(at.m + b), sum_low = at.m - (sum_high - b);
  const double s_low = inverse * ((f - s_high * sum_high) - s_high * sum_low);
  // 3/2 log m = s (3 + s² + tail)
  const double z = s * s, square = s_high * s_high;
  const double series =
      polynomial(z, 5.99999999999994648725e-01, 4.28571428578550184252e-01, 3.33333329818377432918e-01,
                 2.72728123808534006489e-01, 2.30660745775561754067e-01, 2.06975017800338417784e-01);
  const double tail = z * z * series + s_low * (s_high + s);
  const double factor_high = upper(3.0 + square + tail), factor_low = tail - ((factor_high - 3.0) - square);
  const double first = s_high * factor_high, second = s_low * factor_high + factor_low * s;
  const double log_high = upper(first + second), log_low = second - (log_high - first);
  // times the factor 2 / (3 ln 2)
  const double value = high * log_high;
  const double rest = low * log_high + log_low * factor + (is_upper ? log2_b_low : 0.0);
  const double base = is_upper ? log2_b_high : 0.0;
  const double result = upper(((value + rest) + base) + at.k);
  return {result, rest - (((result - at.k) - base) - value)};
}

/// 2^x, the second part a small one of the first.
INLAY_LANE double exp2_of_parts(TwoParts x) {
  constexpr double ln2_high = 0x1.62e4300000000p-1, ln2_low = -0x1.05c610ca86c39p-29;
  const double n = nearest(x.high), above = x.high - n, t = upper(x.low + above);
  const double first = t * ln2_high, second = (x.low - (t - above)) * kLn2 + t * ln2_low;
  const double r = first + second, lost = second - (r - first);
  const double sum = 1.0 + r;
  return scale(sum + ((r - (sum - 1.0)) + (lost + r * r * exp_tail(r))), n);
}

/// The power whose size is `value` where x is neither 0 nor infinite and y is a number.
INLAY_LANE double power_or_special(double x, double y, double value) {
  constexpr double whole = 0x1p52;
  const double size = magnitude(x), times = magnitude(y), half = 0.5 * times;
  const bool is_whole = (times >= whole) | ((times + whole) - whole == times);
  const bool is_odd = is_whole & (half < whole) & ((half + whole) - whole != half);
  const bool is_edge = (size == 0) | (size == kInfinity);
  const double edge = (size == 0) == (y < 0) ? kInfinity : 0.0;
  const double of_size = is_edge ? edge : value;
  const double with_sign_of_x = is_odd ? with_sign(of_size, x) : of_size;
  const double real = (x < 0) & !is_edge & !is_whole ? kNaN : with_sign_of_x;
  const double number = (x == x) & (y == y) ? real : kNaN;
  return (x == 1) | (y == 0) ? 1.0 : number;
}

/// y times a logarithm, at most what is certainly beyond all doubles; the second part is below 1 where the first is
/// not.
INLAY_LANE TwoParts times_log2(double y, TwoParts log) {
  const double times = clamp(y, -kMostExponent, kMostExponent), times_high = upper(times);
  const double low = (times - times_high) * log.high + times * log.low, high = times_high * log.high;
  return {clamp(high, -kMostPower, kMostPower), clamp(low, -1, 1)};
}

/// The power of the size of x, neither 0 nor infinite, to y, which is a number.
INLAY_LANE double power_of_size(double x, double y) { return exp2_of_parts(times_log2(y, log2_parts(magnitude(x)))); }

/// The same of floats. The polynomials are right to 37 and to 28 bits.
INLAY_LANE double power_of_single_size(double x, double y) {
  constexpr std::uint64_t sqrt_half = 0x3FE6A09E00000000U;
  const Mantissa at = mantissa_of<sqrt_half>(magnitude(x));
  const double s = (at.m - 1.0) / (at.m + 1.0);
  const double series = polynomial(s * s, 0x1.71547652bed20p+1, 0x1.ec709d13af675p-1, 0x1.27777f53bbc14p-1,
                                   0x1.a58dc807c53bcp-2, 0x1.5ce42163c2cebp-2);
  const double times = clamp(y, -kMostExponent, kMostExponent);
  const double exponent = clamp(times * (at.k + s * series), -kMostSinglePower, kMostSinglePower);
  const double n = nearest(exponent);
  const double value = polynomial(exponent - n, 1.0, 0x1.62e430d034702p-1, 0x1.ebfbe045f4d3cp-3, 0x1.c6aecc669b6ddp-5,
                                  0x1.3b2a1b7152bf9p-7, 0x1.5f48c04f62e28p-10, 0x1.443fffc90d535p-13);
  return value * power_of_two(n);
}

/// Not 0 where power_or_special is needed: x is not positive, or one of the two is not finite. Loops over this are
/// vector code on every instruction set, which over a bool they are not.
INLAY_LANE std::uint64_t is_special_power(double x, double y) {
  return bits((x - x) + (y - y)) | bits(x > 0 ? 0.0 : 1.0);
}

INLAY_LANE double power(double x, double y) { return power_or_special(x, y, power_of_size(x, y)); }
INLAY_LANE float power(float x, float y) {
  return static_cast<float>(power_or_special(x, y, power_of_single_size(x, y)));
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
