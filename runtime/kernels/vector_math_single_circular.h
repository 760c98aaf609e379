// vector_math_single_circular.h - sin, cos, tan and their inverses of one float; see vector_math_bits.h.
// Invariant: below 2 ULP, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include "runtime/kernels/vector_math_circular.h"
#include "runtime/kernels/vector_math_single.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

/// As far as near_turned_sin goes.
inline constexpr float kSingleMostNear = 64;

/// Of |x| <= kSingleMostNear, in float: multiples of the first two of three parts of pi/2 are exact, what the
/// differences lose is put back, and the polynomials are Cephes'. At most 0.97 ULP, of all floats there are.
INLAY_LANE float near_turned_sin(float x, std::uint32_t quarters) {
  const float shifted = x * 6.36619772e-01F + kSingleRounder, n = shifted - kSingleRounder;
  const float first = x - n * 0x1.921f8p+0F, w2 = n * 0x1.aa22p-19F, a = first - w2;
  const float low = ((first - a) - w2) - n * 0x1.68c234p-39F;
  const float z = a * a, half = 0.5F * z, w = 1.0F - half;
  const float sine = a + (a * z * single_polynomial(z, -1.6666654611e-1F, 8.3321608736e-3F, -1.9515295891e-4F) + low);
  const float r =
      z * z * single_polynomial(z, 4.166664568298827e-2F, -1.388731625493765e-3F, 2.443315711809948e-5F) - a * low;
  const float cosine = w + (((1.0F - w) - half) + r);
  const std::uint32_t quadrant = single_bits(shifted) + quarters;
  const float value = quadrant & 1 ? cosine : sine;
  return (x == 0) & (quarters == 0) ? x : from_single_bits(single_bits(value) ^ (quadrant >> 1 << 31));
}

/// Of other arguments than 0, in double, where two parts of pi/2 are enough and the polynomials of FreeBSD's sinf and
/// cosf are short.
INLAY_LANE float turned_sin(float x, std::uint64_t quarters) {
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

INLAY_LANE float turned_or_near_sin(float x, std::uint32_t quarters) {
  return single_magnitude(x) <= kSingleMostNear ? near_turned_sin(x, quarters) : turned_sin(x, quarters);
}
INLAY_LANE float sin(float x) { return turned_or_near_sin(x, 0); }
INLAY_LANE float cos(float x) { return turned_or_near_sin(x, 1); }

/// -1 / tan in odd quadrants; in double, with FreeBSD's short polynomial.
INLAY_LANE float tan(float x) {
  const double wide = x;
  const double shifted = wide * 6.36619772367581382433e-01 + kRounder, n = shifted - kRounder;
  const double a = (wide - n * 1.57079631090164184570e+00) - n * 1.58932547735281966916e-08, z = a * a;
  const double tangent = a + a * z *
                                 polynomial(z, 0x15554d3418c99f.0p-54, 0x1112fd38999f72.0p-55, 0x1b54c91d865afe.0p-57,
                                            0x191df3908c33ce.0p-58, 0x185dadfcecf44e.0p-61, 0x1362b9bf971bcd.0p-59);
  const float value = static_cast<float>(bits(shifted) & 1 ? -1.0 / tangent : tangent);
  return x == 0 ? x : value;
}

/// A case of arctan: x becomes (numerator) / (denominator), and an angle is added.
INLAY_LANE float arctan(float x) {
  const float size = single_magnitude(x);
  const bool first = size >= 0.4375F, second = size >= 0.6875F, third = size >= 1.1875F, last = size >= 2.4375F;
  float above = 2.0F * size - 1.0F, below = 2.0F + size, high = 4.6364760399e-01F, low = 5.0121582440e-09F;
  above = second ? size - 1.0F : above;
  below = second ? size + 1.0F : below;
  high = second ? 7.8539812565e-01F : high;
  low = second ? 3.7748947079e-08F : low;
  above = third ? size - 1.5F : above;
  below = third ? 1.0F + 1.5F * size : below;
  high = third ? 9.8279368877e-01F : high;
  low = third ? 3.4473217170e-08F : low;
  above = last ? -1.0F : above;
  below = last ? size : below;
  high = last ? 1.5707962513e+00F : high;
  low = last ? 7.5497894159e-08F : low;
  above = first ? above : size;
  below = first ? below : 1.0F;
  const float a = above / below, z = a * a;
  const float tail = z * single_polynomial(z, 3.3333328366e-01F, -1.9999158382e-01F, 1.4253635705e-01F,
                                           -1.0648017377e-01F, 6.1687607318e-02F);
  return single_with_sign(first ? high - ((a * tail - low) - a) : a - a * tail, x);
}

/// (arcsin(x) - x) / x of z = x², Cephes'.
INLAY_LANE float single_arcsin_tail(float z) {
  return z *
         single_polynomial(z, 1.6666752422e-1F, 7.4953002686e-2F, 4.5470025998e-2F, 2.4181311049e-2F, 4.2163199048e-2F);
}

inline constexpr float kSingleHalfPi = 1.5707962513e+00F, kSingleHalfPiLow = 7.5497894159e-08F;

INLAY_LANE float arcsin(float x) {
  const float size = single_magnitude(x), half = (1.0F - size) * 0.5F;
  const bool small = size < 0.5F;
  const float tail = single_arcsin_tail(small ? x * x : half);
  const float root = __builtin_sqrtf(half), high = single_upper(root), sum = root + high;
  const float low = (half - high * high) / (sum > 0 ? sum : 1.0F);
  // pi/2 - 2 (high + low) (1 + tail); what the first difference loses is put back (Dekker).
  const float rest = kSingleHalfPi - 2.0F * high, lost = (kSingleHalfPi - rest) - 2.0F * high;
  const float large = rest + (lost + kSingleHalfPiLow - 2.0F * low - 2.0F * root * tail);
  return small ? x + x * tail : single_with_sign(size <= 1 ? large : __builtin_nanf(""), x);
}

INLAY_LANE float arccos(float x) {
  const float size = single_magnitude(x), half = (1.0F - size) * 0.5F;
  const bool small = size < 0.5F;
  const float root = __builtin_sqrtf(half), tail = single_arcsin_tail(small ? x * x : half);
  const float middle = kSingleHalfPi - (x - (kSingleHalfPiLow - x * tail));
  const float positive = 2.0F * (root + root * tail);
  const float negative = 2.0F * (kSingleHalfPi - ((root + root * tail) - kSingleHalfPiLow));
  const float inside = small ? middle : x < 0 ? negative : positive;
  return size <= 1 ? inside : __builtin_nanf("");
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
