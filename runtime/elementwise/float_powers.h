// float_powers.h - powers of rows of floats. Only kernel files include this.
// Knows nothing of tensors. Powers of some exponents are products wherever the exponent comes from: below 1.5 ULP for 3
// and 1.5, below 2 for 4; the others are those of vector_math_power.h.
// Invariant: a power has the same bits in a row of any length and by itself.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime/elementwise/block_rows.h"
#include "runtime/kernels/vector_math_power.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

struct RootCubedOf {
  template <class T>
  static T apply(T x) {
    const T power = x * std::sqrt(x);
    return x == -std::numeric_limits<T>::infinity() ? -x : power;
  }
};
bool is_small_whole(double exponent) { return exponent == 2 || exponent == 3 || exponent == 4; }
bool is_product(double exponent) { return is_small_whole(exponent) || exponent == 1.5; }
/// Not 0 for these; as vector_math::is_special_power is made.
INLAY_LANE std::uint64_t product_bits(double exponent) {
  const double rest = (exponent - 2) * (exponent - 3) * (exponent - 4) * (exponent - 1.5);
  return vector_math::bits(rest == 0 ? 1.0 : 0.0);
}

template <class T>
T product_power(T a, double exponent) {
  if (exponent == 1.5) return RootCubedOf::apply(a);
  const T square = a * a;
  return exponent == 2 ? square : square * (exponent == 3 ? a : square);
}

/// One power, which has the bits of rows of them.
template <class T>
T float_power(T a, T b) {
  return is_product(b) ? product_power(a, b) : vector_math::power(a, b);
}

/// Powers in the place of those that are products.
template <class T>
[[gnu::cold, gnu::noinline]] void put_products(const double* x, const double* y, double* to, int n) {
  for (int i = 0; i < n; ++i)
    if (is_product(y[i])) to[i] = product_power(static_cast<T>(x[i]), y[i]);
}

/// Powers of T of a block. In steps, so that the processor has several vectors of each in work.
template <class T>
void power_block(const double* __restrict x, const double* __restrict y, double* __restrict to, int n) {
  if constexpr (std::is_same_v<T, float>) {
    each_of_block(n, [=](int i) { to[i] = vector_math::power_of_single_size(x[i], y[i]); });
  } else {
    alignas(64) double low[kBlock];
    double* const rest = low;
    each_of_block(n, [=](int i) {
      const vector_math::TwoParts log = vector_math::log2_parts(vector_math::magnitude(x[i]));
      to[i] = log.high, rest[i] = log.low;
    });
    each_of_block(n, [=](int i) {
      to[i] = vector_math::exp2_of_parts(vector_math::times_log2(y[i], {to[i], rest[i]}));
    });
  }
  std::uint64_t is_special = 0, has_product = 0;
  each_of_block(n, [&](int i) { is_special |= vector_math::is_special_power(x[i], y[i]); });
  each_of_block(n, [&](int i) { has_product |= product_bits(y[i]); });
  if (is_special != 0) each_of_block(n, [=](int i) { to[i] = vector_math::power_or_special(x[i], y[i], to[i]); });
  if (has_product != 0) put_products<T>(x, y, to, n);
}

}  // namespace
}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
