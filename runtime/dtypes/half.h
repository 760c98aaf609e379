// half.h - the two 16-bit floats to and from the others: one correct rounding (to nearest, ties to even), subnormals,
// infinities and NaN included. Plain arithmetic on bits without branches, so that loops over these become vector code
// and every instruction set gives the same bits.
// Invariant: to_odd() keeps what a later rounding to fewer bits needs to know: rounding its result rounds the original.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// Whether T is one of the two.
template <class T>
inline constexpr bool is_half_v = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

inline float to_float(BFloat16 x) { return std::bit_cast<float>(std::uint32_t{x.bits} << 16); }

inline float to_float(Half x) {
  const std::uint32_t word = std::uint32_t{x.bits} << 16;
  const std::uint32_t magnitude = word + word;  // without the sign
  // Normal numbers, infinity and NaN: exponent and fraction move into place, and a product corrects the bias.
  const float normal = std::bit_cast<float>((magnitude >> 4) + (0xE0U << 23)) * 0x1p-112F;
  // Subnormal numbers: the fraction behind the one of 0.5.
  const float subnormal = std::bit_cast<float>((magnitude >> 17) | (126U << 23)) - 0.5F;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(magnitude < (1U << 27) ? subnormal : normal);
  return std::bit_cast<float>((word & 0x80000000U) | bits);
}

inline Half to_half(float x) {
  const std::uint32_t word = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = word + word;
  // Adding a power of two of the right size makes the adder round at the last bit a Half has.
  const float scaled = (std::fabs(x) * 0x1p+112F) * 0x1p-110F;
  const std::uint32_t exponent = magnitude & 0xFF000000U;
  const std::uint32_t bias = exponent < 0x71000000U ? 0x71000000U : exponent;
  const auto rounded = std::bit_cast<std::uint32_t>(std::bit_cast<float>((bias >> 1) + 0x07800000U) + scaled);
  const std::uint32_t bits = ((rounded >> 13) & 0x7C00U) + (rounded & 0x0FFFU);
  const std::uint32_t result = (word >> 16 & 0x8000U) | (magnitude > 0xFF000000U ? 0x7E00U : bits);
  return {static_cast<std::uint16_t>(result)};
}

inline BFloat16 to_bfloat16(float x) {
  const std::uint32_t word = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (word + 0x7FFFU + (word >> 16 & 1U)) >> 16;
  const std::uint32_t result = x != x ? word >> 16 | 0x40U : rounded;
  return {static_cast<std::uint16_t>(result)};
}

/// The double as a float, cut off, and with an odd last bit where that lost something.
inline float to_odd(double x) {
  const auto nearest = static_cast<float>(x);
  const double back = nearest;
  auto bits = std::bit_cast<std::uint32_t>(nearest);
  bits -= static_cast<std::uint32_t>(std::fabs(back) > std::fabs(x));
  bits |= static_cast<std::uint32_t>(back != x);
  return std::bit_cast<float>(bits);
}

/// A wide integer as a double of the same kind: its last bits, which a double has no room for, become one odd bit.
inline double to_odd(std::uint64_t x) {
  constexpr std::uint64_t kLost = 0x7FF;
  const std::uint64_t odd = (x & ~kLost) | static_cast<std::uint64_t>((x & kLost) != 0) << 11;
  return static_cast<double>(x < (std::uint64_t{1} << 53) ? x : odd);
}
inline double to_odd(std::int64_t x) {
  const auto bits = static_cast<std::uint64_t>(x);
  return x < 0 ? -to_odd(-bits) : to_odd(bits);
}

inline Half to_half(double x) { return to_half(to_odd(x)); }
inline BFloat16 to_bfloat16(double x) { return to_bfloat16(to_odd(x)); }

}  // namespace inlay
