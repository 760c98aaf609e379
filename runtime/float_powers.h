// float_powers.h - powers of rows of floats. Only kernel files include this.
// Knows nothing of tensors. Powers of some exponents are products wherever the exponent comes from: below 1.5 ULP for 3
// and 1.5, below 2 for 4; the others are those of vector_math_power.h.
// Invariant: a power has the same bits in a row of any length and by itself.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime/vector_math_power.h"

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

/// Powers of floats for rows, of which one element may stand for many (step 0). A block is done in steps, so that the
/// processor has several vectors of each in work; one loop serves whatever is a row.
template <class T>
class FloatPowers {
 public:
  static void rows(const T* x, int x_step, const T* y, int y_step, T* to, std::int64_t n) {
    FloatPowers block;
    for (; n > 0; n -= kBlock, x += kBlock * x_step, y += kBlock * y_step, to += kBlock) {
      block.count_ = n < kBlock ? static_cast<int>(n) : kBlock;
      block.load(x, x_step, block.base_);
      block.load(y, y_step, block.exponent_);
      block.compute();
#pragma GCC unroll 1
      for (int i = 0; i < block.count_; ++i) to[i] = static_cast<T>(block.power_[i]);
    }
  }

 private:
  static constexpr int kWidest = 8, kBlock = 64;  // doubles of the widest vectors, which leave nothing over

  [[gnu::noinline]] void load(const T* from, int step, double* to) const {
    if (step == 0 || count_ < kBlock)
      for (int i = 0; i < kBlock; ++i) to[i] = static_cast<double>(*from);
    if (step == 0) return;
#pragma GCC unroll 1
    for (int i = 0; i < count_; ++i) to[i] = static_cast<double>(from[i]);
  }

  template <class Step>
  void each(Step step) {
    const int n = (count_ + kWidest - 1) / kWidest * kWidest;
#pragma GCC ivdep
#pragma GCC unroll 1
    for (int i = 0; i < n; ++i) step(i);
  }

  [[gnu::noinline]] void compute() {
    using vector_math::TwoParts;
    if constexpr (std::is_same_v<T, float>) {
      each([this](int i) { power_[i] = vector_math::power_of_single_size(base_[i], exponent_[i]); });
    } else {
      each([this](int i) {
        const TwoParts log = vector_math::log2_parts(vector_math::magnitude(base_[i]));
        power_[i] = log.high, low_[i] = log.low;
      });
      each([this](int i) {
        power_[i] = vector_math::exp2_of_parts(vector_math::times_log2(exponent_[i], {power_[i], low_[i]}));
      });
    }
    std::uint64_t is_special = 0, has_product = 0;
    each([&](int i) { is_special |= vector_math::is_special_power(base_[i], exponent_[i]); });
    each([&](int i) { has_product |= product_bits(exponent_[i]); });
    if (is_special != 0)
      each([this](int i) { power_[i] = vector_math::power_or_special(base_[i], exponent_[i], power_[i]); });
    if (has_product != 0) put_products();
  }

  [[gnu::cold, gnu::noinline]] void put_products() {
    for (int i = 0; i < count_; ++i)
      if (is_product(exponent_[i])) power_[i] = product_power(static_cast<T>(base_[i]), exponent_[i]);
  }

  alignas(64) double base_[kBlock], exponent_[kBlock], power_[kBlock], low_[kBlock];
  int count_ = 0;
};

/// FloatPowers, in as many copies as there are dtypes.
template <class T>
[[gnu::noinline, gnu::noclone]] void float_powers(const T* x, int x_step, const T* y, int y_step, T* to,
                                                  std::int64_t n) {
  FloatPowers<T>::rows(x, x_step, y, y_step, to, n);
}

}  // namespace
}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
