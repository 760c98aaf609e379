// vector_math_test.cpp - the functions of vector_math against long double: special values, and the error in units in
// the last place over arguments of every size.
#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "runtime/kernels/vector_math_power.h"
#include "runtime/kernels/vector_math_single_circular.h"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

struct Function {
  const char* name;
  double (*of_double)(double);
  float (*of_float)(float);
  long double (*exact)(long double);
  double low, high;  // where the interesting arguments are
};

// clang-format off
#define INLAY_FUNCTION(name, exact, low, high)                               \
  {#name, [](double x) { return vector_math::name(x); },                     \
   [](float x) { return static_cast<float>(vector_math::name(x)); }, exact, low, high}
const Function kFunctions[] = {
    INLAY_FUNCTION(exp, expl, -746, 710),     INLAY_FUNCTION(exp2, exp2l, -1076, 1024),
    INLAY_FUNCTION(expm1, expm1l, -40, 710),  INLAY_FUNCTION(sinh, sinhl, -711, 711),
    INLAY_FUNCTION(cosh, coshl, -711, 711),   INLAY_FUNCTION(tanh, tanhl, -20, 20),
    INLAY_FUNCTION(log, logl, 0.5, 2),        INLAY_FUNCTION(log2, log2l, 0.5, 2),
    INLAY_FUNCTION(log10, log10l, 0.5, 2),    INLAY_FUNCTION(log1p, log1pl, -1, 2),
    INLAY_FUNCTION(cbrt, cbrtl, 0.125, 8),    INLAY_FUNCTION(sin, sinl, -1.5e6, 1.5e6),
    INLAY_FUNCTION(cos, cosl, -1.5e6, 1.5e6), INLAY_FUNCTION(tan, tanl, -1.5e6, 1.5e6),
    INLAY_FUNCTION(arcsin, asinl, -1, 1),     INLAY_FUNCTION(arccos, acosl, -1, 1),
    INLAY_FUNCTION(arctan, atanl, -4, 4),     INLAY_FUNCTION(arcsinh, asinhl, -3, 3),
    INLAY_FUNCTION(arccosh, acoshl, 1, 3),    INLAY_FUNCTION(arctanh, atanhl, -1, 1)};
// clang-format on
#undef INLAY_FUNCTION

bool is_circular(const Function& f) { return f.exact == sinl || f.exact == cosl || f.exact == tanl; }

/// Distance from the exact value in units in the last place of it; infinite for a NaN, a sign or an infinity too many.
template <class T>
double error(T got, long double exact) {
  const T rounded = static_cast<T>(exact);
  if (got != got || rounded != rounded) return (got != got) == (rounded != rounded) ? 0 : HUGE_VAL;
  if (got == rounded && (std::isinf(got) || got == 0)) return std::signbit(got) == std::signbit(rounded) ? 0 : HUGE_VAL;
  int exponent;
  std::frexp(exact, &exponent);
  using Limits = std::numeric_limits<T>;
  const int last = std::max(exponent, Limits::min_exponent) - Limits::digits;
  return static_cast<double>(std::fabs(std::ldexp(static_cast<long double>(got) - exact, -last)));
}

template <class T>
double error_at(const Function& f, T (*function)(T), T x) {
  const bool is_far = is_circular(f) && std::fabs(x) > vector_math::kMostTurned;
  return is_far ? 0 : error(function(x), f.exact(x));
}

/// The larger of the errors as a double and as a float.
double error_at(const Function& f, double x) {
  return std::max(error_at<double>(f, f.of_double, x), error_at<float>(f, f.of_float, static_cast<float>(x)));
}

}  // namespace

TEST_CASE("functions of floats give the same bits by fewer steps, wherever those are for") {
  constexpr std::uint32_t kEvery = kIsSanitized ? 9973 : 101;  // of all floats there are
  for (std::uint64_t each = 0; each <= 0xFFFFFFFFU; each += kEvery) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(each));
    if (vector_math::is_near_exp(x))
      REQUIRE(std::bit_cast<std::uint32_t>(vector_math::near_exp(x)) ==
              std::bit_cast<std::uint32_t>(vector_math::exp(x)));
    if (vector_math::is_near_log(x))
      REQUIRE(std::bit_cast<std::uint32_t>(vector_math::near_log(x)) ==
              std::bit_cast<std::uint32_t>(vector_math::log(x)));
  }
  for (const float x : {87.0F, 0x1p-126F, 0x1.fffffep127F})
    CHECK((vector_math::is_near_exp(x) == (x <= 87) && vector_math::is_near_log(x)));
  for (const float x : {-1.0F, 0.0F, 0x1p-127F, HUGE_VALF, std::nanf("")}) CHECK_FALSE(vector_math::is_near_log(x));
  for (const float x : {-87.5F, 87.5F, HUGE_VALF, std::nanf("")}) CHECK_FALSE(vector_math::is_near_exp(x));
}

TEST_CASE("functions of special values") {
  for (const Function& f : kFunctions) {
    CAPTURE(f.name);
    for (const double x : {0.0,
                           0.5,
                           1.0,
                           2.0,
                           5e-324,
                           1e-310,
                           DBL_MIN,
                           1e-45,
                           double{FLT_MIN},
                           1e-20,
                           1e-8,
                           88.72283,
                           88.72284,
                           103.97208,
                           104.0,
                           709.782712893384,
                           709.7827128933841,
                           745.1332191019411,
                           745.1332191019412,
                           1023.99,
                           1024.0,
                           1074.5,
                           1e300,
                           DBL_MAX,
                           double{FLT_MAX},
                           HUGE_VAL}) {
      CAPTURE(x);
      CHECK(error_at(f, x) <= 2);
      CHECK(error_at(f, -x) <= 2);
    }
    CHECK(error_at(f, std::numeric_limits<double>::quiet_NaN()) == 0);
  }
}

TEST_CASE("functions are within 2 units in the last place") {
  for (const Function& f : kFunctions) {
    CAPTURE(f.name);
    std::mt19937_64 generator(7);
    std::uniform_real_distribution<double> near(-2, 2), ordinary(f.low, f.high);
    double worst = 0;
    for (int round = 0; round < 30'000; ++round) {
      double any;  // of any size
      const std::uint64_t bits = generator();
      std::memcpy(&any, &bits, sizeof any);
      worst = std::max({worst, error_at(f, near(generator)), error_at(f, ordinary(generator)), error_at(f, any)});
    }
    CHECK(worst <= 2);
  }
}

TEST_CASE("sines of floats up to 64, which stay floats, are within a unit in the last place") {
  constexpr std::uint32_t step = 1009;  // about 240,000 of them, of every size
  double worst = 0;
  for (auto bits = std::bit_cast<std::uint32_t>(0x1p-30F); bits < std::bit_cast<std::uint32_t>(64.0F); bits += step) {
    const float x = std::bit_cast<float>(bits);
    worst = std::max({worst, error(vector_math::sin(x), sinl(x)), error(vector_math::cos(-x), cosl(x))});
  }
  CHECK(worst <= 1);
}

// All 2^32 of them, against double: minutes, so that it runs when it is asked for (--no-skip -tc="every float*").
TEST_CASE("every float is within 2 units in the last place" * doctest::skip()) {
  for (const Function& f : kFunctions) {
    CAPTURE(f.name);
    double worst = 0;
    std::uint32_t bits = 0;
    do {
      const float x = std::bit_cast<float>(bits);
      worst = std::max(worst, error_at<float>(f, f.of_float, x));
    } while (++bits != 0);
    MESSAGE(f.name << ": " << worst);
    CHECK(worst <= 2);
  }
}

TEST_CASE("powers at the ends of their domains") {
  constexpr double kNumbers[] = {0.0,
                                 0.5,
                                 1,
                                 1.5,
                                 2,
                                 3,
                                 5e-324,
                                 1e-310,
                                 1e300,
                                 1 + DBL_EPSILON,
                                 1 - DBL_EPSILON / 2,
                                 1023.5,
                                 1074,
                                 0x1p52 + 1,
                                 0x1p53 - 1,
                                 0x1p53,
                                 0x1p70,
                                 HUGE_VAL,
                                 std::numeric_limits<double>::quiet_NaN()};
  for (const double size : kNumbers)
    for (const double times : kNumbers)
      for (const double x : {size, -size})
        for (const double y : {times, -times}) {
          CAPTURE(x);
          CAPTURE(y);
          CHECK(error(vector_math::power(x, y), powl(x, y)) <= 1);
          const float a = static_cast<float>(x), b = static_cast<float>(y);
          CHECK(error(vector_math::power(a, b), powl(a, b)) <= 1);
        }
}

TEST_CASE("powers are within a unit in the last place") {
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> part(-1, 1);
  double worst = 0;
  const auto look_at = [&](double x, double y) {
    const float a = static_cast<float>(x), b = static_cast<float>(y);
    worst = std::max({worst, error(vector_math::power(x, y), powl(x, y)), error(vector_math::power(a, b), powl(a, b))});
  };
  for (int round = 0; round < 30'000; ++round) {
    look_at(2 + 2 * part(generator), 10 * part(generator));
    const double any = std::exp2(1070 * part(generator)),
                 near = 1 + part(generator) * std::exp2(-20 + 20 * part(generator));
    look_at(any, 1075 * part(generator) / std::log2(any));  // results of any size
    look_at(near, 1075 * part(generator) / std::log2(near));
    const std::uint64_t bits[] = {generator(), generator()};
    look_at(std::bit_cast<double>(bits[0]), std::bit_cast<double>(bits[1]));
  }
  CHECK(worst <= 1);
}

TEST_CASE("powers of whole numbers that a float holds are exact") {
  for (int base = 2; base < 300; ++base) {
    double product = base;
    for (int exponent = 1; product <= 0x1p53; ++exponent, product *= base) {
      CAPTURE(base);
      CAPTURE(exponent);
      REQUIRE(vector_math::power(double(base), double(exponent)) == product);
      REQUIRE(vector_math::power(-double(base), double(exponent)) == (exponent % 2 == 0 ? product : -product));
      if (product <= 0x1p24) REQUIRE(vector_math::power(float(base), float(exponent)) == static_cast<float>(product));
    }
  }
}

TEST_CASE("the angle of a point") {
  constexpr double edges[] = {0.0, -0.0, 1, -1, 1e-320, DBL_MAX, -DBL_MAX, HUGE_VAL, -HUGE_VAL};
  for (const double y : edges)
    for (const double x : edges) {
      CAPTURE(y);
      CAPTURE(x);
      CHECK(error(vector_math::arctan2(y, x), atan2l(y, x)) <= 2);
    }
  CHECK(std::isnan(vector_math::arctan2(0.0, std::nan(""))));
  CHECK(std::isnan(vector_math::arctan2(std::nan(""), 1.0)));
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> near(-2, 2);
  double worst = 0;
  for (int round = 0; round < 100'000; ++round) {
    const double y = near(generator), x = near(generator) * std::ldexp(1.0, static_cast<int>(generator() % 9) - 4);
    worst = std::max(worst, error(vector_math::arctan2(y, x), atan2l(y, x)));
  }
  CHECK(worst <= 2);
}
