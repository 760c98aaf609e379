// vector_math_single.h - the functions of one float that gain from not going through double, or through less of it; see
// vector_math_bits.h. All others are computed in double and rounded, and so are right to half a unit in the last place.
// Invariant: below 2 ULP, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include "runtime/vector_math_circular.h"

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

/// As of a double: n ln 2 + r, a shorter polynomial, 2^n in two steps.
INLAY_LANE float exp(float x) {
  const float above = x < -104.0F ? -104.0F : x, inside = above > 89.0F ? 89.0F : above;
  const float n = single_nearest(inside * 0x1.715476p+0F);
  const float r = (inside - n * 0x1.63p-1F) + n * 2.12194440e-4F;
  const float tail = 0.5F + r * (0x1.5554dcp-3F + r * (0x1.55551ap-5F + r * (0x1.120b6ep-7F + r * 0x1.6d1110p-10F)));
  const float e = 1.0F + (r + r * r * tail), half = single_nearest(n * 0.5F);
  return e * single_power_of_two(half) * single_power_of_two(n - half);
}

INLAY_LANE float log(float x) {
  constexpr std::uint32_t sqrt_half = 0x3F3504F3U, one = 0x3F800000U;
  const bool tiny = x < 0x1p-126F;
  const std::uint32_t moved = single_bits(tiny ? x * 0x1p25F : x) + (one - sqrt_half);
  const float k = static_cast<float>(static_cast<std::int32_t>(moved >> 23) - (tiny ? 127 + 25 : 127));
  const float f = from_single_bits((moved & 0x007FFFFFU) + sqrt_half) - 1.0F;
  const float s = f / (2.0F + f), z = s * s, half_square = 0.5F * f * f;
  const float r = z * (0xaaaaaa.0p-24F + z * (0xccce13.0p-25F + z * (0x91e9ee.0p-25F + z * 0xf89e26.0p-26F)));
  const float value = ((s * (half_square + r) + k * 9.0580006145e-06F) - half_square) + f + k * 6.9313812256e-01F;
  const float upwards = x < __builtin_inff() ? value : x;
  const float at_zero = x == 0 ? -__builtin_inff() : upwards;
  return x < 0 ? __builtin_nanf("") : at_zero;
}

/// In double, where two parts of pi/2 are enough and the polynomials of FreeBSD's sinf and cosf are short.
INLAY_LANE float single_turned_sin(float x, std::uint64_t quarters) {
  const double wide = x;
  const double shifted = wide * 6.36619772367581382433e-01 + kRounder, n = shifted - kRounder;
  const double a = (wide - n * 1.57079631090164184570e+00) - n * 1.58932547735281966916e-08, z = a * a;
  const double sine = a + a * z *
                              polynomial(z, -0x15555554cbac77.0p-55, 0x111110896efbb2.0p-59, -0x1a00f9e2cae774.0p-65,
                                         0x16cd878c3b46a7.0p-71);
  const double cosine = 1.0 + z * polynomial(z, -0x1ffffffd0c5e81.0p-54, 0x155553e1053a42.0p-57,
                                             -0x16c087e80f1e27.0p-62, 0x199342e0ee5069.0p-68);
  const std::uint64_t quadrant = bits(shifted) + quarters;
  const double value = quadrant & 1 ? cosine : sine;
  return static_cast<float>(from_bits(bits(value) ^ (quadrant >> 1 << 63)));
}

INLAY_LANE float sin(float x) {
  const float value = single_turned_sin(x, 0);
  return x == 0 ? x : value;
}
INLAY_LANE float cos(float x) { return single_turned_sin(x, 1); }

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
