// elementwise_kernels_complex.h - complex arithmetic as NumPy defines it, where C++'s own differs or recovers
// infinities.
// Invariant: products are the schoolbook ones, quotients are Smith's; no result depends on the compiler's complex mode.
#pragma once

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "runtime/kernels/kernel_target.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace complex_math {

/// A product rounded before anything is added to it. GCC 12's vectoriser makes alternating sums and differences of
/// products fused ones (vfmaddsub), whatever -ffp-contract says, and only where it does vectorise.
template <class R>
R rounded(R product) {
#if defined(__GNUC__) && !defined(__clang__)
  return __builtin_assoc_barrier(product);
#else
  return product;
#endif
}

/// What hypotf computes, but as code for vectors: no square of a float overflows a double. An infinite part wins over
/// NaN.
inline float size_of(float real, float imaginary) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const double a = real, b = imaginary;
  const auto size = static_cast<float>(std::sqrt(a * a + b * b));
  return (std::fabs(real) == kInfinity) | (std::fabs(imaginary) == kInfinity) ? kInfinity : size;
}

template <class R>
std::complex<R> multiply(std::complex<R> a, std::complex<R> b) {
  return {rounded(a.real() * b.real()) - rounded(a.imag() * b.imag()),
          rounded(a.real() * b.imag()) + rounded(a.imag() * b.real())};
}

template <class R>
std::complex<R> divide(std::complex<R> a, std::complex<R> b) {
  const R wide = std::fabs(b.real()), tall = std::fabs(b.imag());
  if (wide >= tall) {
    if (wide == 0 && tall == 0) return {a.real() / wide, a.imag() / wide};
    const R ratio = b.imag() / b.real();
    const R scale = R(1) / (b.real() + b.imag() * ratio);
    return {(a.real() + rounded(a.imag() * ratio)) * scale, (a.imag() - rounded(a.real() * ratio)) * scale};
  }
  const R ratio = b.real() / b.imag();
  const R scale = R(1) / (b.imag() + b.real() * ratio);
  return {(rounded(a.real() * ratio) + a.imag()) * scale, (rounded(a.imag() * ratio) - a.real()) * scale};
}

template <class R>
std::complex<R> reciprocal(std::complex<R> x) {
  if (std::fabs(x.imag()) <= std::fabs(x.real())) {
    const R ratio = x.imag() / x.real();
    const R scale = x.real() + x.imag() * ratio;
    return {R(1) / scale, -ratio / scale};
  }
  const R ratio = x.real() / x.imag();
  const R scale = x.real() * ratio + x.imag();
  return {ratio / scale, R(-1) / scale};
}

template <class R>
bool less(std::complex<R> a, std::complex<R> b) {
  if (a.real() == b.real()) return a.imag() < b.imag();
  return a.real() < b.real() && !std::isnan(a.imag()) && !std::isnan(b.imag());
}

template <class R>
bool less_equal(std::complex<R> a, std::complex<R> b) {
  if (a.real() == b.real()) return a.imag() <= b.imag();
  return a.real() < b.real() && !std::isnan(a.imag()) && !std::isnan(b.imag());
}

template <class R>
bool not_less(std::complex<R> a, std::complex<R> b) {
  return less_equal(b, a);
}

/// x / |x|: 0 for 0, the direction of an infinite part.
template <class R>
std::complex<R> sign(std::complex<R> x) {
  const R size = std::hypot(x.real(), x.imag());
  constexpr R nan = std::numeric_limits<R>::quiet_NaN();
  if (std::isnan(size)) return {nan, nan};
  if (size == 0) return {0, 0};
  if (!std::isinf(size)) return {x.real() / size, x.imag() / size};
  if (std::isinf(x.real()) && std::isinf(x.imag())) return {nan, nan};
  return {std::isinf(x.real()) ? std::copysign(R(1), x.real()) : R(0),
          std::isinf(x.imag()) ? std::copysign(R(1), x.imag()) : R(0)};
}

template <class R>
std::complex<R> integer_power(std::complex<R> base, int exponent) {
  std::complex<R> result(1, 0);
  for (int left = std::abs(exponent); left > 0; left >>= 1) {
    if (left & 1) result = multiply(result, base);
    base = multiply(base, base);
  }
  return exponent < 0 ? divide(std::complex<R>(1, 0), result) : result;
}

/// The powers that keep infinities, as NumPy has them: a product by one would turn a part into NaN.
template <class R>
std::complex<R> small_power(std::complex<R> base, int exponent) {
  if (exponent == 1) return base;
  const std::complex<R> squared = multiply(base, base);
  return exponent == 2 ? squared : multiply(base, squared);
}

/// NumPy's: small integer exponents by multiplication, powers of zero by the sign of the exponent.
template <class R>
std::complex<R> power(std::complex<R> a, std::complex<R> b) {
  if (b.real() == 0 && b.imag() == 0) return {1, 0};
  if (a.real() == 0 && a.imag() == 0) {
    if (b.real() > 0) return {0, 0};
    constexpr R nan = std::numeric_limits<R>::quiet_NaN();
    return {nan, nan};
  }
  if (b.imag() == 0 && std::fabs(b.real()) < 100 && b.real() == std::trunc(b.real())) {
    const int exponent = static_cast<int>(b.real());
    return exponent >= 1 && exponent <= 3 ? small_power(a, exponent) : integer_power(a, exponent);
  }
  return std::pow(a, b);
}

template <class R>
std::complex<R> exp2(std::complex<R> x) {
  return std::exp(x * std::numbers::ln2_v<R>);
}

template <class R>
std::complex<R> expm1(std::complex<R> x) {
  const R half_sine = std::sin(x.imag() / 2);
  return {std::expm1(x.real()) * std::cos(x.imag()) - 2 * half_sine * half_sine,
          std::exp(x.real()) * std::sin(x.imag())};
}

template <class R>
std::complex<R> log1p(std::complex<R> x) {
  return {std::log(std::hypot(x.real() + 1, x.imag())), std::atan2(x.imag(), x.real() + 1)};
}

template <class R>
std::complex<R> log2(std::complex<R> x) {
  return std::log(x) * std::numbers::log2e_v<R>;
}

template <class R>
std::complex<R> log10(std::complex<R> x) {
  return std::log(x) * std::numbers::log10e_v<R>;
}

}  // namespace complex_math
}  // namespace INLAY_TARGET
}  // namespace inlay
