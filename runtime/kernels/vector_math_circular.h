// vector_math_circular.h - sin, cos, tan and their inverses of one double; see vector_math_bits.h.
// Method: FreeBSD's msun without its branches. x = n pi/2 + r with r in two parts, then both kernels, of which the
// quadrant chooses; the inverses reduce their argument by selections among the same few cases.
// Invariant: below 2 ULP where |x| <= kMostTurned, measured by tests/unit/vector_math_test.cpp; beyond that, sin, cos
// and tan need more digits of pi than there are here, and callers go elsewhere.
#pragma once

#include "runtime/kernels/vector_math_bits.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

/// n pi/2 is exact in parts of 33 bits as long as n has no more than 20.
inline constexpr double kMostTurned = 0x1.8p20;

struct Turned {
  double n, high, low;
};
INLAY_LANE Turned reduce_half_pi(double x) {
  const double n = nearest(x * 6.36619772367581382433e-01);
  const double first = x - n * 1.57079632673412561417e+00;
  const double w2 = n * 6.07710050630396597660e-11, second = first - w2;
  const double w3 = n * 2.02226624871116645580e-21, third = second - w3;
  // What the differences lost, and the last part.
  const double rest = (n * 8.47842766036889956997e-32 - ((second - third) - w3)) - ((first - second) - w2);
  const double high = third - rest;
  return {n, high, (third - high) - rest};
}

INLAY_LANE double sin_near(double x, double low) {
  const double z = x * x, v = z * x;
  const double r = polynomial(z, 8.33333333332248946124e-03, -1.98412698298579493134e-04, 2.75573137070700676789e-06,
                              -2.50507602534068634195e-08, 1.58969099521155010221e-10);
  return x - ((z * (0.5 * low - v * r) - low) + v * 1.66666666666666324348e-01);
}

INLAY_LANE double cos_near(double x, double low) {
  const double z = x * x, half = 0.5 * z, w = 1.0 - half;
  const double r =
      z * polynomial(z, 4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
                     -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11);
  return w + (((1.0 - w) - half) + (z * r - x * low));
}

/// sin of x + quarters * pi/2.
INLAY_LANE double turned_sin(double x, std::uint64_t quarters) {
  const Turned at = reduce_half_pi(x);
  const std::uint64_t quadrant = bits(at.n + kRounder) + quarters;
  const double value = quadrant & 1 ? cos_near(at.high, at.low) : sin_near(at.high, at.low);
  return (x == 0) & (quarters == 0) ? x : from_bits(bits(value) ^ (quadrant >> 1 << 63));
}
INLAY_LANE double sin(double x) { return turned_sin(x, 0); }
INLAY_LANE double cos(double x) { return turned_sin(x, 1); }

/// Beyond 0.67, tan(pi/4 - x) takes its place; in odd quadrants -1 / tan does.
INLAY_LANE double tan(double x) {
  const Turned at = reduce_half_pi(x);
  const bool odd = bits(at.n + kRounder) & 1, big = magnitude(at.high) >= 0.6744;
  const double up = with_sign(1.0, at.high);
  const double folded = (7.85398163397448278999e-01 - up * at.high) + (3.06161699786838301793e-17 - up * at.low);
  const double a = big ? folded : at.high, low = big ? 0.0 : at.low;
  const double z = a * a, s = z * a;
  const double tail = polynomial(z, 1.33333333333201242699e-01, 5.39682539762260521377e-02, 2.18694882948595424599e-02,
                                 8.86323982359930005737e-03, 3.59207910759131235356e-03, 1.45620945432529025516e-03,
                                 5.88041240820264096874e-04, 2.46463134818469906812e-04, 7.81794442939557092300e-05,
                                 7.14072491382608190305e-05, -1.85586374855275456654e-05, 2.59073051863633712884e-05);
  const double r = low + z * (s * tail + low) + s * 3.33333333333334091986e-01, w = a + r;
  const double one = odd ? -1.0 : 1.0;
  const double quotient = (big ? w * w : -1.0) / (big ? w + one : w);
  const double from_fold = up * (one - 2.0 * (a + (r - quotient)));
  // -1 / (a + r), with what its rounding lost.
  const double w0 = upper(w), lost = r - (w0 - a), q0 = upper(quotient);
  const double inverse = q0 + quotient * (1.0 + q0 * w0 + q0 * lost);
  const double value = big ? from_fold : odd ? inverse : w;
  return x == 0 ? x : value;
}

/// (arcsin(x) - x) / x of z = x².
INLAY_LANE double arcsin_tail(double z) {
  const double p =
      z * polynomial(z, 1.66666666666666657415e-01, -3.25565818622400915405e-01, 2.01212532134862925881e-01,
                     -4.00555345006794114027e-02, 7.91534994289814532176e-04, 3.47933107596021167570e-05);
  const double q = polynomial(z, 1.0, -2.40339491173441421878e+00, 2.02094576023350569471e+00,
                              -6.88283971605453293030e-01, 7.70381505559019352791e-02);
  return p / q;
}

inline constexpr double kHalfPi = 1.57079632679489655800e+00, kHalfPiLow = 6.12323399573676603587e-17;

/// The square root of z in two parts.
struct Root {
  double high, low, whole;
};
INLAY_LANE Root root_parts(double z) {
  const double whole = __builtin_sqrt(z), high = upper(whole), sum = whole + high;
  const double low = (z - high * high) / (sum > 0 ? sum : 1.0);
  return {high, low, whole};
}

INLAY_LANE double arcsin(double x) {
  const double size = magnitude(x), half = (1.0 - size) * 0.5;
  const bool small = size < 0.5;
  const double tail = arcsin_tail(small ? x * x : half);
  const Root s = root_parts(half);
  constexpr double quarter_pi = kHalfPi * 0.5;
  const double large = quarter_pi - (2.0 * s.whole * tail - (kHalfPiLow - 2.0 * s.low) - (quarter_pi - 2.0 * s.high));
  return small ? x + x * tail : with_sign(size <= 1 ? large : kNaN, x);
}

INLAY_LANE double arccos(double x) {
  const double size = magnitude(x), half = (1.0 - size) * 0.5;
  const bool small = size < 0.5;
  const double tail = arcsin_tail(small ? x * x : half);
  const Root s = root_parts(half);
  const double middle = kHalfPi - (x - (kHalfPiLow - x * tail));
  const double positive = 2.0 * (s.high + (tail * s.whole + s.low));
  const double negative = 2.0 * (kHalfPi - (s.whole + (tail * s.whole - kHalfPiLow)));
  const double outer = x < 0 ? negative : positive;
  const double inside = small ? middle : outer;
  return size <= 1 ? inside : kNaN;
}

/// A case of arctan: x becomes (numerator) / (denominator), and an angle is added.
INLAY_LANE double arctan(double x) {
  const double size = magnitude(x);
  const bool first = size >= 0.4375, second = size >= 0.6875, third = size >= 1.1875, last = size >= 2.4375;
  double above = 2.0 * size - 1.0, below = 2.0 + size, high = 4.63647609000806093515e-01,
         low = 2.26987774529616870924e-17;
  above = second ? size - 1.0 : above;
  below = second ? size + 1.0 : below;
  high = second ? 7.85398163397448278999e-01 : high;
  low = second ? 3.06161699786838301793e-17 : low;
  above = third ? size - 1.5 : above;
  below = third ? 1.0 + 1.5 * size : below;
  high = third ? 9.82793723247329054082e-01 : high;
  low = third ? 1.39033110312309984516e-17 : low;
  above = last ? -1.0 : above;
  below = last ? size : below;
  high = last ? kHalfPi : high;
  low = last ? kHalfPiLow : low;
  above = first ? above : size;
  below = first ? below : 1.0;
  const double a = above / below, z = a * a;
  const double tail =
      z * polynomial(z, 3.33333333333329318027e-01, -1.99999999998764832476e-01, 1.42857142725034663711e-01,
                     -1.11111104054623557880e-01, 9.09088713343650656196e-02, -7.69187620504482999495e-02,
                     6.66107313738753120669e-02, -5.83357013379057348645e-02, 4.97687799461593236017e-02,
                     -3.65315727442169155270e-02, 1.62858201153657823623e-02);
  const double value = first ? high - ((a * tail - low) - a) : a - a * tail;
  return with_sign(value, x);
}

/// |y| / |x|, of which the angle in the first quarter is the arctan. Equal sizes come before the quotient, which two
/// infinities or zeros do not have.
INLAY_LANE double steepness(double y, double x) {
  const double tall = magnitude(y), wide = magnitude(x);
  const double quotient = tall == wide ? 1.0 : tall / wide;
  return tall == 0 ? 0.0 : quotient;
}
/// The angle in the quarter of (x, y), given that in the first.
INLAY_LANE double in_quarter(double angle, double y, double x) {
  constexpr double pi = 2 * kHalfPi, pi_low = 2 * kHalfPiLow;
  const bool left = bits(x) >> 63 != 0;
  const double turned = left ? pi - (angle - pi_low) : angle;
  return x == x && y == y ? with_sign(turned, y) : x + y;
}
/// The angle of (x, y).
INLAY_LANE double arctan2(double y, double x) { return in_quarter(arctan(steepness(y, x)), y, x); }

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
