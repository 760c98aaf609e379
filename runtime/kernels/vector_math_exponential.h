// vector_math_exponential.h - exp, exp2, expm1 and the hyperbolic functions of one double; see vector_math_bits.h.
// Method: x = n ln 2 + r, |r| <= ln 2 / 2; a polynomial in r (interpolated at Chebyshev's nodes); a product by 2^n in
// two steps, so that subnormal results are rounded once.
// Invariant: below 2 ULP, measured by tests/unit/vector_math_test.cpp.
#pragma once

#include "runtime/kernels/vector_math_bits.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace vector_math {

inline constexpr double kLog2E = 0x1.71547652b82fep+0;
// ln 2 in two parts; the products of the first by exponents are exact.
inline constexpr double kLn2High = 0x1.62e42fee00000p-1, kLn2Low = 0x1.a39ef35793c76p-33;
/// Beyond these exp is infinity or zero.
inline constexpr double kExpMost = 710, kExpLeast = -746;

struct Reduced {
  double n, r;
};
INLAY_LANE Reduced reduce_ln2(double x) {
  const double n = nearest(x * kLog2E);
  return {n, (x - n * kLn2High) - n * kLn2Low};
}

/// (e^r - 1 - r) / r².
INLAY_LANE double exp_tail(double r) {
  return polynomial(r, 0x1.0000000000001p-1, 0x1.5555555555556p-3, 0x1.5555555553d63p-5, 0x1.11111111109b3p-7,
                    0x1.6c16c1788bd90p-10, 0x1.a01a01a7c41d5p-13, 0x1.a019b90d2ae7ap-16, 0x1.71de0dae63bb3p-19,
                    0x1.289185613a3d6p-22, 0x1.af38a9b0ec855p-26);
}

/// 2^shift e^x for a small integer shift, without overflow in between.
INLAY_LANE double scaled_exp(double x, double shift) {
  const Reduced at = reduce_ln2(clamp(x, kExpLeast, kExpMost + 2));
  const double e = 1.0 + (at.r + at.r * at.r * exp_tail(at.r));
  return scale(e, at.n + shift);
}

INLAY_LANE double exp(double x) { return scaled_exp(x, 0); }

INLAY_LANE double exp2(double x) {
  const double inside = clamp(x, -1080, 1030);
  const double n = nearest(inside), r = inside - n;
  const double tail =
      polynomial(r, 0x1.62e42fefa39efp-1, 0x1.ebfbdff82c598p-3, 0x1.c6b08d704a24ap-5, 0x1.3b2ab6fba1dd8p-7,
                 0x1.5d87fe7860820p-10, 0x1.43091309705fdp-13, 0x1.ffcbfda0da380p-17, 0x1.62bfd475db30ep-20,
                 0x1.b522875347701p-24, 0x1.e60642a220885p-28, 0x1.ed64cb414af57p-32);
  return scale(1.0 + r * tail, n);
}

/// 2^n e^r - 1 as 2^n ((1 - 2^-n) + r + …): the parts are of one size where n is 1, so what their sum loses is kept.
INLAY_LANE double expm1(double x) {
  const double inside = clamp(x, -40, kExpMost), n = nearest(inside * kLog2E);
  const double first = inside - n * kLn2High, second = n * kLn2Low;
  const double r = first - second, lost = (first - r) - second;
  const double base = 1.0 - power_of_two(-clamp(n, -60, 60)), sum = base + r;
  const double result = scale(sum + (((base - sum) + r) + (r * r * exp_tail(r) + lost)), n);
  return x == 0 ? x : result;
}

INLAY_LANE double sinh(double x) {
  const double size = magnitude(x), z = x * x;
  const double odd =
      polynomial(z, 0x1.5555555555555p-3, 0x1.11111111110fdp-7, 0x1.a01a01a01ee70p-13, 0x1.71de3a4e14f40p-19,
                 0x1.ae6460fae3728p-26, 0x1.611cb330c1fe8p-33, 0x1.b41232cf9950fp-41);
  const double half = scaled_exp(size, -1);
  const double large = half - 0.25 / half;
  return size < 1 ? x + x * (z * odd) : with_sign(large, x);
}

INLAY_LANE double cosh(double x) {
  const double half = scaled_exp(magnitude(x), -1);
  return half + 0.25 / half;
}

/// Cephes' quotient near 0; e^2x and its distance from 1 elsewhere.
INLAY_LANE double tanh(double x) {
  const double size = magnitude(x), z = x * x;
  const double p = polynomial(z, -1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1);
  const double q = polynomial(z, 4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1.0);
  const double near = x + x * (z * (p / q));
  const double far = 1.0 - 2.0 / (scaled_exp(2 * clamp(size, 0, 22), 0) + 1.0);
  return with_sign(size < 0.625 ? near : far, x);
}

}  // namespace vector_math
}  // namespace INLAY_TARGET
}  // namespace inlay
