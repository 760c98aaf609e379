// vector_math_single.h - exponentials and logarithms of one float, which do not go through double; see
// vector_math_bits.h. Those of double have the comments on the methods. What has no function here or in
// vector_math_single_circular.h is computed in double and rounded, and so is right to half a unit in the last place.
// Invariant: below 2 ULP, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include "runtime/kernels/vector_math_logarithm.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

inline constexpr float kSingleRounder = 0x1.8p23F;

INLAY_LANE std::uint32_t single_bits(float x) { return std::bit_cast<std::uint32_t>(x); }
INLAY_LANE float from_single_bits(std::uint32_t x) { return std::bit_cast<float>(x); }
INLAY_LANE float single_nearest(float x) { return (x + kSingleRounder) - kSingleRounder; }
INLAY_LANE float single_power_of_two(float n) {
  return from_single_bits((single_bits(n + kSingleRounder) + 127) << 23);
}

INLAY_LANE float single_clamp(float x, float low, float high) {
  const float above = x < low ? low : x;
  return above > high ? high : above;
}
INLAY_LANE float single_with_sign(float size, float sign) {
  return from_single_bits((single_bits(size) & 0x7FFFFFFFU) | (single_bits(sign) & 0x80000000U));
}
INLAY_LANE float single_magnitude(float x) { return from_single_bits(single_bits(x) & 0x7FFFFFFFU); }
/// So few bits that products by the upper parts of constants are exact.
INLAY_LANE float single_upper(float x) { return from_single_bits(single_bits(x) & 0xFFFFF000U); }
/// x 2^n, by two factors: one alone could be out of range where the product is not.
INLAY_LANE float single_scale(float x, float n) {
  constexpr std::uint32_t one = 0x3F800000U;
  const std::uint32_t whole = single_bits(n + kSingleRounder), half = whole >> 1;  // what is above n is shifted out
  return x * from_single_bits((half << 23) + one) * from_single_bits(((whole - half) << 23) + one);
}

/// c0 + c1 x + c2 x² + …, by Horner's rule.
template <class... C>
INLAY_LANE float single_polynomial(float x, float c0, C... rest) {
  if constexpr (sizeof...(rest) == 0)
    return c0;
  else
    return c0 + x * single_polynomial(x, static_cast<float>(rest)...);
}

/// (e^r - 1 - r) / r².
INLAY_LANE float single_exp_tail(float r) {
  return single_polynomial(r, 0.5F, 0x1.5554dcp-3F, 0x1.55551ap-5F, 0x1.120b6ep-7F, 0x1.6d1110p-10F);
}
inline constexpr float kSingleLog2E = 0x1.715476p+0F, kSingleLn2High = 0x1.63p-1F, kSingleLn2Low = -2.12194440e-4F;

/// e^(x - n ln 2) of the nearest n.
INLAY_LANE float single_exp_rest(float x, float n) {
  const float r = (x - n * kSingleLn2High) - n * kSingleLn2Low;
  return 1.0F + (r + r * r * single_exp_tail(r));
}

INLAY_LANE float exp(float x) {
  const float inside = single_clamp(x, -104.0F, 89.0F), n = single_nearest(inside * kSingleLog2E);
  return single_scale(single_exp_rest(inside, n), n);
}

/// exp where the power of two is one factor without being out of range, which is where there is nothing to clamp.
INLAY_LANE bool is_near_exp(float x) { return (x >= -87.0F) & (x <= 87.0F); }
INLAY_LANE float near_exp(float x) {
  const float shifted = x * kSingleLog2E + kSingleRounder, n = shifted - kSingleRounder;
  return from_single_bits(single_bits(single_exp_rest(x, n)) + (single_bits(shifted) << 23));
}

INLAY_LANE float exp2(float x) {
  const float inside = single_clamp(x, -151.0F, 129.0F), n = single_nearest(inside), r = inside - n;
  const float tail = single_polynomial(r, 6.931472028550421e-1F, 2.402264791363012e-1F, 5.550332471162809e-2F,
                                       9.618437357674640e-3F, 1.339887440266574e-3F, 1.535336188319500e-4F);
  return single_scale(1.0F + r * tail, n);
}

INLAY_LANE float expm1(float x) {
  const float inside = single_clamp(x, -20.0F, 89.0F), n = single_nearest(inside * kSingleLog2E);
  const float first = inside - n * kSingleLn2High, second = n * kSingleLn2Low;
  const float r = first - second, lost = (first - r) - second;
  const float base = 1.0F - single_power_of_two(-single_clamp(n, -30.0F, 60.0F)), sum = base + r;
  const float result = single_scale(sum + (((base - sum) + r) + (r * r * single_exp_tail(r) + lost)), n);
  return x == 0 ? x : result;
}

/// Cephes' polynomial near 0.
INLAY_LANE float tanh(float x) {
  const float size = single_magnitude(x), z = x * x;
  const float odd = single_polynomial(z, -3.33332819422e-1F, 1.33314422036e-1F, -5.37397155531e-2F, 2.06390887954e-2F,
                                      -5.70498872745e-3F);
  const float near = x + x * (z * odd);
  const float far = 1.0F - 2.0F / (exp(2 * single_clamp(size, 0.0F, 10.0F)) + 1.0F);
  return single_with_sign(size < 0.625F ? near : far, x);
}

struct SingleLogarithm {
  float k, f;
};

/// x = 2^(k + bias - 127) (1 + f) of a positive, normal number.
INLAY_LANE SingleLogarithm single_split_normal(float x, std::int32_t bias) {
  constexpr std::uint32_t sqrt_half = 0x3F3504F3U, one = 0x3F800000U;
  const std::uint32_t moved = single_bits(x) + (one - sqrt_half);
  const float k = static_cast<float>(static_cast<std::int32_t>(moved >> 23) - bias);
  return {k, from_single_bits((moved & 0x007FFFFFU) + sqrt_half) - 1.0F};
}
/// x = 2^k (1 + f) of a positive, finite number.
INLAY_LANE SingleLogarithm single_split(float x) {
  const bool tiny = x < 0x1p-126F;
  return single_split_normal(tiny ? x * 0x1p25F : x, tiny ? 127 + 25 : 127);
}

/// log(1 + f) - f + f²/2.
INLAY_LANE float single_log_tail(float f) {
  const float s = f / (2.0F + f), z = s * s;
  const float r = z * single_polynomial(z, 0xaaaaaa.0p-24F, 0xccce13.0p-25F, 0x91e9ee.0p-25F, 0xf89e26.0p-26F);
  return s * (0.5F * f * f + r);
}

INLAY_LANE float single_log_or_special(float x, float value) {
  const float upwards = x < __builtin_inff() ? value : x;
  const float at_zero = x == 0 ? -__builtin_inff() : upwards;
  return x < 0 ? __builtin_nanf("") : at_zero;
}

inline constexpr float kSingleLogHigh = 6.9313812256e-01F, kSingleLogLow = 9.0580006145e-06F;  // of ln 2

INLAY_LANE float single_log_of(SingleLogarithm at) {
  const float low = single_log_tail(at.f) + at.k * kSingleLogLow;
  return ((low - 0.5F * at.f * at.f) + at.f) + at.k * kSingleLogHigh;
}
INLAY_LANE float log(float x) { return single_log_or_special(x, single_log_of(single_split(x))); }

/// log of positive numbers that are neither infinite nor without a leading bit.
INLAY_LANE bool is_near_log(float x) { return (x >= 0x1p-126F) & (x <= 0x1.fffffep127F); }
INLAY_LANE float near_log(float x) { return single_log_of(single_split_normal(x, 127)); }

struct SingleParts {
  float high, low;
};
/// log(1 + f) in two parts.
INLAY_LANE SingleParts single_log_parts(float f) {
  const float half_square = 0.5F * f * f, high = single_upper(f - half_square);
  return {high, ((f - high) - half_square) + single_log_tail(f)};
}

INLAY_LANE float log2(float x) {
  constexpr float high = 1.4428710938e+00F, low = -1.7605285393e-04F;
  const SingleLogarithm at = single_split(x);
  const SingleParts part = single_log_parts(at.f);
  const float value = (part.low + part.high) * low + part.low * high + part.high * high;
  return single_log_or_special(x, value + at.k);
}

INLAY_LANE float log10(float x) {
  constexpr float high = 4.3432617188e-01F, low = -3.1689971365e-05F;
  constexpr float two_high = 3.0102920532e-01F, two_low = 7.9034151668e-07F;
  const SingleLogarithm at = single_split(x);
  const SingleParts part = single_log_parts(at.f);
  const float value = at.k * two_low + (part.low + part.high) * low + part.low * high + part.high * high;
  return single_log_or_special(x, value + at.k * two_high);
}

INLAY_LANE float log1p(float x) {
  const float u = 1.0F + x;
  const SingleLogarithm at = single_split(u);
  const bool near = (x > -0.2928F) & (x < 0.4142F);  // 1 + x needs no exponent
  const float lost = u < 2 ? x - (u - 1.0F) : 1.0F - (u - x);
  const float k = near ? 0.0F : at.k, f = near ? x : at.f, c = near ? 0.0F : lost / u;
  const float low = single_log_tail(f) + (k * kSingleLogLow + c);
  const float value = single_log_or_special(u, ((low - 0.5F * f * f) + f) + k * kSingleLogHigh);
  return x == 0 ? x : value;
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
