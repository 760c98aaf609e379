// random_draws.cpp - see random_draws.h.
#include "interpreter/random_draws.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "runtime/parallel.h"

namespace inlay {
namespace {

// ---- arithmetic -----------------------------------------------------------------------------------------------------

/// The natural logarithm of a positive, normal number, by additions, multiplications and one division: a C library's
/// log may differ in the last bit from the next one's. log((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + …), |s| < 0.172.
double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < std::numbers::sqrt2 / 2) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1), square = s * s;
  double series = 0;
  for (int term = 23; term >= 1; term -= 2) series = series * square + 1.0 / term;
  return exponent * std::numbers::ln2 + 2 * s * series;
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

/// The number that a normal variable is below with probability p, 0 < p < 1.
double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * ratio(kCentral, 0.180625 - q * q);
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? ratio(kMiddle, r - 1.6) : ratio(kTail, r - 5);
  return q < 0 ? -x : x;
}

// ---- words to numbers -----------------------------------------------------------------------------------------------

double closed_open(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }
/// Never 0 or 1.
double open(std::uint64_t word) { return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52; }

constexpr std::size_t kWordsAtOnce = 512;

/// A tensor of one draw per element.
template <class T, class Convert>
Tensor draw(RandomState& state, const Shape& shape, std::int64_t cost, Convert convert) {
  Tensor out = Tensor::empty(dtype_v<T>, shape);
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  const std::uint64_t first = state.skip(static_cast<std::uint64_t>(out.size()));
  const RandomState& stream = state;
  T* to = out.mutable_data<T>();
  parallel_for(out.size(), kParallelBlock, out.size() * cost, [&, to](std::int64_t begin, std::int64_t end) {
    std::array<std::uint64_t, kWordsAtOnce> words;
    for (std::int64_t at = begin; at < end;) {
      const auto n = std::min(words.size(), static_cast<std::size_t>(end - at));
      stream.read(first + static_cast<std::uint64_t>(at), std::span(words).first(n));
      for (std::size_t i = 0; i < n; ++i) to[at++] = convert(words[i]);
    }
  });
  return out;
}

/// floor(word * count / 2^64)
std::uint64_t scaled(std::uint64_t word, std::uint64_t count) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<std::uint64_t>(static_cast<Wide>(word) * count >> 64);
}

}  // namespace

Tensor draw_uniform(RandomState& state, const Shape& shape) { return draw<double>(state, shape, 16, closed_open); }

Tensor draw_normal(RandomState& state, const Shape& shape) {
  return draw<double>(state, shape, 48, [](std::uint64_t word) { return normal_quantile(open(word)); });
}

Tensor draw_exponential(RandomState& state, const Shape& shape) {
  return draw<double>(state, shape, 48, [](std::uint64_t word) { return -portable_log(open(word)); });
}

Tensor draw_integers(RandomState& state, std::int64_t low, std::uint64_t count, const Shape& shape) {
  const auto base = static_cast<std::uint64_t>(low);
  return draw<std::int64_t>(state, shape, 16, [=](std::uint64_t word) {
    return static_cast<std::int64_t>(base + (count == 0 ? word : scaled(word, count)));
  });
}

Tensor draw_permutation(RandomState& state, std::int64_t n) {
  Tensor out = Tensor::empty(DType::int64, {n});
  auto* order = out.mutable_data<std::int64_t>();
  for (std::int64_t at = 0; at < n; ++at) order[at] = at;
  for (std::int64_t at = n - 1; at > 0; --at) {
    std::swap(order[at], order[scaled(state.next(), static_cast<std::uint64_t>(at) + 1)]);
  }
  return out;
}

}  // namespace inlay
