// random_arithmetic.cpp - see random_arithmetic.h.
#include "interpreter/random/random_arithmetic.h"

#include <array>
#include <cmath>
#include <numbers>

namespace inlay {
namespace {

/// log((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + …), for |s| < 0.172.
double log_of_ratio(double s) {
  const double square = s * s;
  double series = 0;
  for (int term = 23; term >= 1; term -= 2) series = series * square + 1.0 / term;
  return 2 * s * series;
}

using Coefficients = std::array<double, 8>;  // the highest power first
struct Ratio {
  Coefficients above, below;
};

double polynomial(const Coefficients& coefficients, double x) {
  double sum = coefficients[0];
  for (std::size_t at = 1; at < coefficients.size(); ++at) sum = sum * x + coefficients[at];
  return sum;
}

double ratio(const Ratio& of, double x) { return polynomial(of.above, x) / polynomial(of.below, x); }

// Wichura's PPND16: relative error about 1e-16. |p - 1/2| <= 0.425 | sqrt(-log p) <= 5 | beyond.
constexpr Ratio kCentral = {
    {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
     1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0},
    {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
     5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0}};
constexpr Ratio kMiddle = {
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
     3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0}};
constexpr Ratio kTail = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0}};

// ln(2) in two parts: the product of the first one and a small integer is exact.
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLargestExponent = 709.78, kSmallestExponent = -745.2;

constexpr int kFactorials = 16;

}  // namespace

double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < std::numbers::sqrt2 / 2) {
    mantissa *= 2;
    --exponent;
  }
  return exponent * std::numbers::ln2 + log_of_ratio((mantissa - 1) / (mantissa + 1));
}

double portable_log1p(double x) { return std::abs(x) < 0.25 ? log_of_ratio(x / (2 + x)) : portable_log(1 + x); }

double portable_exp(double x) {
  if (x > kLargestExponent) return HUGE_VAL;
  if (!(x > kSmallestExponent)) return 0;
  const double power = std::nearbyint(x * std::numbers::log2e);
  const double rest = (x - power * kLn2High) - power * kLn2Low;
  double series = 1;
  for (int term = 14; term >= 1; --term) series = 1 + series * rest / term;
  return std::ldexp(series, static_cast<int>(power));
}

double portable_power(double x, double exponent) { return x == 0 ? 0 : portable_exp(exponent * portable_log(x)); }

double stirling_correction(double k) {
  if (k < kFactorials) {
    double product = 1;
    for (int factor = 2; factor <= static_cast<int>(k); ++factor) product *= factor;
    const double n = k + 1;
    return portable_log(product) - ((k + 0.5) * portable_log(n) - n + 0.5 * portable_log(2 * std::numbers::pi));
  }
  const double n = k + 1, square = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / n;
}

double log_factorial(double k) {
  return stirling_correction(k) + (k + 0.5) * portable_log(k + 1) - (k + 1) + 0.5 * portable_log(2 * std::numbers::pi);
}

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * ratio(kCentral, 0.180625 - q * q);
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? ratio(kMiddle, r - 1.6) : ratio(kTail, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace inlay
