// random_test.cpp - 100,000 draws of each kind against the exact distribution: chi-square over cells for whole numbers,
// moments for the others. Seeds are fixed, so a pass stays a pass.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "interpreter/random/random_arithmetic.h"
#include "interpreter/random/random_draws.h"
#include "interpreter/random/random_samplers.h"

using namespace inlay;

namespace {

constexpr int kDraws = 100000;
// A cell must expect this many draws for the chi-square distribution to describe it.
constexpr double kLeastExpected = 10;
// Beyond this many standard deviations chance ends: one in ten thousand runs, were seeds not fixed.
constexpr double kDeviations = 3.8;

std::vector<double> samples(Sampler sampler, const std::vector<double>& parameters) {
  const RandomState state(42);
  std::vector<double> out;
  for (std::uint64_t element = 0; element < kDraws; ++element) {
    ElementStream stream(state, element);
    out.push_back(sampler(stream, parameters.data()));
  }
  return out;
}

/// The chi-square statistic of whole numbers 0, 1, …, in standard deviations from its mean. Rare numbers share a cell.
double surprise(const std::vector<double>& drawn, const std::function<double(double)>& probability) {
  std::vector<double> counts;
  for (const double x : drawn) {
    const auto at = static_cast<std::size_t>(x);
    if (at >= counts.size()) counts.resize(at + 1);
    ++counts[at];
  }
  double statistic = 0, expected = 0, found = 0, all_expected = 0, all_found = 0, cells = 0;
  const auto close = [&] {
    statistic += (found - expected) * (found - expected) / expected;
    all_expected += expected, all_found += found, ++cells;
    expected = found = 0;
  };
  for (std::size_t at = 0; at < counts.size(); ++at) {
    expected += kDraws * probability(static_cast<double>(at));
    found += counts[at];
    if (expected >= kLeastExpected) close();
  }
  expected = kDraws - all_expected, found = kDraws - all_found;
  if (expected >= kLeastExpected) close();
  return (statistic - (cells - 1)) / std::sqrt(2 * (cells - 1));
}

double log_choose(double n, double k) { return log_factorial(n) - log_factorial(k) - log_factorial(n - k); }

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double each : x) sum += each;
  return sum / static_cast<double>(x.size());
}

/// The mean's distance from where it should be, in its standard deviations.
double mean_error(const std::vector<double>& x, double mean, double variance) {
  return std::abs(mean_of(x) - mean) / std::sqrt(variance / kDraws);
}

std::vector<double> squared_deviations(std::vector<double> x, double mean) {
  for (double& each : x) each = (each - mean) * (each - mean);
  return x;
}

std::vector<double> elements(const Tensor& x) { return {x.data<double>(), x.data<double>() + x.size()}; }

}  // namespace

TEST_CASE("portable functions agree with the C library's") {
  for (double x = 1e-3; x < 700; x *= 1.37) {
    CHECK(portable_log(x) == doctest::Approx(std::log(x)).epsilon(1e-15));
    CHECK(portable_exp(-x) == doctest::Approx(std::exp(-x)).epsilon(1e-14));
    CHECK(portable_log1p(-1 / (x + 1.5)) == doctest::Approx(std::log1p(-1 / (x + 1.5))).epsilon(1e-14));
    CHECK(log_factorial(std::floor(x)) == doctest::Approx(std::lgamma(std::floor(x) + 1)).epsilon(1e-13));
  }
  CHECK(portable_exp(1000) == HUGE_VAL);
  CHECK(portable_exp(-1000) == 0);
}

TEST_CASE("poisson numbers, by products and by rejection") {
  for (const double lam : {0.3, 4.0, 10.0, 25.0, 400.0}) {
    INFO(lam);
    const auto exact = [=](double k) { return portable_exp(k * portable_log(lam) - lam - log_factorial(k)); };
    CHECK(std::abs(surprise(samples(sample_poisson, {lam}), exact)) < kDeviations);
  }
}

TEST_CASE("binomial numbers, by inversion and by rejection") {
  const std::vector<std::vector<double>> rows = {{10, 0.3}, {10, 0.8}, {100, 0.4}, {1000, 0.02}, {50, 0.5}};
  for (const auto& row : rows) {
    INFO(row[0], " ", row[1]);
    const auto exact = [&](double k) {
      if (k > row[0]) return 0.0;
      return portable_exp(log_choose(row[0], k) + k * portable_log(row[1]) + (row[0] - k) * portable_log1p(-row[1]));
    };
    CHECK(std::abs(surprise(samples(sample_binomial, row), exact)) < kDeviations);
  }
}

TEST_CASE("hypergeometric numbers, from an urn and by rejection") {
  const std::vector<std::vector<double>> rows = {{5, 7, 4}, {30, 20, 15}, {20, 30, 40}, {300, 2000, 500}};
  for (const auto& row : rows) {
    INFO(row[0], " ", row[1], " ", row[2]);
    const double good = row[0], bad = row[1], drawn = row[2];
    const auto exact = [=](double k) {
      if (k > good || drawn - k > bad || k > drawn) return 0.0;
      return portable_exp(log_choose(good, k) + log_choose(bad, drawn - k) - log_choose(good + bad, drawn));
    };
    CHECK(std::abs(surprise(samples(sample_hypergeometric, row), exact)) < kDeviations);
  }
}

TEST_CASE("zipf numbers") {
  double zeta = 0;
  for (double k = 100000; k >= 1; --k) zeta += std::pow(k, -4.0);
  const auto exact = [=](double k) { return k < 1 ? 0.0 : std::pow(k, -4.0) / zeta; };
  CHECK(std::abs(surprise(samples(sample_zipf, {4}), exact)) < kDeviations);
}

TEST_CASE("gamma numbers: mean and variance are the shape") {
  for (const double shape : {0.2, 1.0, 3.5, 100.0}) {
    INFO(shape);
    const std::vector<double> drawn = samples(sample_gamma, {shape});
    CHECK(mean_error(drawn, shape, shape) < kDeviations);
    // The fourth central moment of a gamma variable is 3 shape^2 + 6 shape.
    CHECK(mean_error(squared_deviations(drawn, shape), shape, 2 * shape * shape + 6 * shape) < kDeviations);
  }
}

TEST_CASE("normal, uniform and exponential numbers: mean and variance") {
  RandomState state(7);
  const std::vector<double> normal = elements(draw_normal(state, {kDraws}));
  CHECK(mean_error(normal, 0, 1) < kDeviations);
  CHECK(mean_error(squared_deviations(normal, 0), 1, 2) < kDeviations);
  const std::vector<double> uniform = elements(draw_uniform(state, {kDraws}));
  CHECK(mean_error(uniform, 0.5, 1.0 / 12) < kDeviations);
  CHECK(mean_error(squared_deviations(uniform, 0.5), 1.0 / 12, 1.0 / 180) < kDeviations);
  const std::vector<double> exponential = elements(draw_exponential(state, {kDraws}));
  CHECK(mean_error(exponential, 1, 1) < kDeviations);
  CHECK(mean_error(squared_deviations(exponential, 1), 1, 8) < kDeviations);
}

TEST_CASE("whole numbers are all as likely") {
  RandomState state(9);
  const Tensor drawn = draw_integers(state, 0, 37, {kDraws});
  std::vector<double> numbers(drawn.data<std::int64_t>(), drawn.data<std::int64_t>() + kDraws);
  CHECK(std::abs(surprise(numbers, [](double k) { return k < 37 ? 1.0 / 37 : 0.0; })) < kDeviations);
}

TEST_CASE("streams: of elements, of children and of several seeds they differ") {
  RandomState state(1);
  CHECK(state.element_words(0, 0) != state.element_words(1, 0));
  CHECK(state.element_words(0, 0) != state.element_words(0, 1));
  RandomState first = state.spawn(), second = state.spawn();
  CHECK(first.next() != second.next());
  const std::uint64_t seeds[] = {1, 2}, turned[] = {2, 1};
  CHECK(RandomState(seeds).next() != RandomState(turned).next());
}
