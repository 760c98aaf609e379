// random_samplers.cpp - see random_samplers.h. Each sampler names the paper it follows.
#include "interpreter/random/random_samplers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "interpreter/random/random_arithmetic.h"

namespace inlay {
namespace {

// Below these means, counting up costs less than a rejection.
constexpr double kSmallPoisson = 10, kSmallBinomial = 10;
// Below this size, drawing from an urn one by one costs less than a rejection.
constexpr double kSmallSample = 10;
constexpr double kLargestInteger = 9223372036854775807.0;
// Beyond this exponent of Zipf's law everything but 1 is rarer than any double.
constexpr double kSteepZipf = 1025;

/// Marsaglia, Tsang: "A Simple Method for Generating Gamma Variables" (2000), shape >= 1.
double gamma_from_one(ElementStream& stream, double shape) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = stream.normal(), base = 1 + c * x, u = stream.uniform();
    if (base <= 0) continue;
    const double v = base * base * base;
    if (u < 1 - 0.0331 * x * x * x * x || portable_log(u) < 0.5 * x * x + d * (1 - v + portable_log(v))) return d * v;
  }
}

/// How many uniform numbers can be multiplied before their product is at most exp(-lam) (Knuth, vol. 2, 3.4.1).
double poisson_by_products(ElementStream& stream, double lam) {
  const double end = portable_exp(-lam);
  double count = 0;
  for (double product = stream.uniform(); product > end; product *= stream.uniform()) ++count;
  return count;
}

/// PTRS of Hörmann: "The transformed rejection method for generating Poisson random variables" (1993).
double poisson_by_rejection(ElementStream& stream, double lam) {
  const double log_lam = portable_log(lam);
  const double b = 0.931 + 2.53 * std::sqrt(lam), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = stream.uniform() - 0.5, v = stream.uniform(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + lam + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (portable_log(v * inverse_alpha / (a / (us * us) + b)) <= -lam + k * log_lam - log_factorial(k)) return k;
  }
}

/// Sequential inversion, BINV of Kachitvichyanukul, Schmeiser: "Binomial random variate generation" (1988); p <= 1/2.
double binomial_by_inversion(ElementStream& stream, double n, double p) {
  const double odds = p / (1 - p);
  const double start = portable_exp(n * portable_log1p(-p));
  // What is further from the mean than this is rarer than 2^-53, and rounding may never let the sum reach 1.
  const double end = std::min(n, n * p + 10 * std::sqrt(n * p * (1 - p) + 1) + 20);
  for (;;) {
    double u = stream.uniform(), probability = start;
    for (double k = 0; k <= end; ++k) {
      if (u <= probability) return k;
      u -= probability;
      probability *= odds * (n - k) / (k + 1);
    }
  }
}

/// BTRS of Hörmann: "The generation of binomial random variates" (1993); p <= 1/2 and n p >= 10.
double binomial_by_rejection(ElementStream& stream, double n, double p) {
  const double odds = p / (1 - p), spread = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double center = n * p + 0.5, squeeze = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * spread;
  const double mode = std::floor((n + 1) * p);
  for (;;) {
    const double u = stream.uniform() - 0.5, v = stream.uniform(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + center);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= squeeze) return k;
    const double bound = (mode + 0.5) * portable_log((mode + 1) / (odds * (n - mode + 1))) +
                         (n + 1) * portable_log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * portable_log(odds * (n - k + 1) / (k + 1)) + stirling_correction(mode) +
                         stirling_correction(n - mode) - stirling_correction(k) - stirling_correction(n - k);
    if (portable_log(v * alpha / (a / (us * us) + b)) <= bound) return k;
  }
}

/// An urn: how many of `drawn` balls are good.
struct Urn {
  double good, bad, drawn;
};

double draw_from_urn(ElementStream& stream, Urn urn) {
  double found = 0;
  for (double left = urn.drawn; left > 0; --left) {
    if (stream.uniform() * (urn.good + urn.bad) <= urn.good)
      --urn.good, ++found;
    else
      --urn.bad;
  }
  return found;
}

/// The logarithm of an outcome's probability, but for a constant; `few` balls of the rarer colour are drawn.
double log_probability(const Urn& urn, double few) {
  return -(log_factorial(few) + log_factorial(urn.good - few) + log_factorial(urn.drawn - few) +
           log_factorial(urn.bad - urn.drawn + few));
}

/// HRUA of Stadlober: "The ratio of uniforms approach for generating discrete random variates" (1990), for an urn with
/// no more good balls than bad ones, of which at most half are drawn.
double urn_by_rejection(ElementStream& stream, const Urn& urn) {
  const double total = urn.good + urn.bad, p = urn.good / total;
  const double center = urn.drawn * p + 0.5;
  const double deviation = std::sqrt((total - urn.drawn) * urn.drawn * p * (1 - p) / (total - 1) + 0.5);
  const double width = 2 * std::sqrt(2 / std::numbers::e) * deviation + 3 - 2 * std::sqrt(3 / std::numbers::e);
  const double mode = std::floor((urn.drawn + 1) * (urn.good + 1) / (total + 2));
  const double end = std::min(std::min(urn.drawn, urn.good) + 1, std::floor(center + 16 * deviation));
  const double top = log_probability(urn, mode);
  for (;;) {
    const double u = stream.uniform(), v = stream.uniform(), x = center + width * (v - 0.5) / u;
    if (x < 0 || x >= end) continue;
    const double k = std::floor(x);
    if (2 * portable_log(u) <= log_probability(urn, k) - top) return k;
  }
}

}  // namespace

std::uint64_t ElementStream::word() {
  if (has_second_) {
    has_second_ = false;
    return words_[1];
  }
  words_ = state_->element_words(element_, block_++);
  has_second_ = true;
  return words_[0];
}

double ElementStream::uniform() { return open_uniform(word()); }
double ElementStream::normal() { return normal_quantile(uniform()); }

double sample_gamma(ElementStream& stream, const double* parameters) {
  const double shape = parameters[0];
  if (shape == 0 || std::isnan(shape)) return shape;
  if (std::isinf(shape)) return shape;
  if (shape >= 1) return gamma_from_one(stream, shape);
  // A gamma variable of shape + 1 times u^(1 / shape) is one of `shape`.
  const double u = stream.uniform();
  return gamma_from_one(stream, shape + 1) * portable_power(u, 1 / shape);
}

double sample_poisson(ElementStream& stream, const double* parameters) {
  const double lam = parameters[0];
  return lam < kSmallPoisson ? poisson_by_products(stream, lam) : poisson_by_rejection(stream, lam);
}

double sample_binomial(ElementStream& stream, const double* parameters) {
  const double n = parameters[0], p = parameters[1];
  if (n == 0 || p == 0) return 0;
  if (p > 0.5) {
    const double misses[] = {n, 1 - p};
    return n - sample_binomial(stream, misses);
  }
  return n * p < kSmallBinomial ? binomial_by_inversion(stream, n, p) : binomial_by_rejection(stream, n, p);
}

double sample_hypergeometric(ElementStream& stream, const double* parameters) {
  const double good = parameters[0], bad = parameters[1], drawn = parameters[2], total = good + bad;
  const double fewer = std::min(drawn, total - drawn);
  const Urn urn{std::min(good, bad), std::max(good, bad), fewer};
  const double found = fewer < kSmallSample ? draw_from_urn(stream, urn) : urn_by_rejection(stream, urn);
  const double good_found = good <= bad ? found : fewer - found;
  return fewer == drawn ? good_found : good - good_found;
}

/// Devroye: "Non-Uniform Random Variate Generation" (1986), X.6.1.
double sample_zipf(ElementStream& stream, const double* parameters) {
  const double steepness = parameters[0] - 1;
  if (steepness >= kSteepZipf - 1) return 1;
  const double b = portable_power(2, steepness), smallest = portable_power(kLargestInteger, -steepness);
  for (;;) {
    const double u = stream.uniform(), v = stream.uniform();
    const double x = std::floor(portable_power(smallest + u * (1 - smallest), -1 / steepness));
    if (x < 1 || x > kLargestInteger) continue;
    const double t = portable_power(1 + 1 / x, steepness);
    if (v * x * (t - 1) / (b - 1) <= t / b) return x;
  }
}

}  // namespace inlay
