// elementwise_kernels_bits.cpp - integers as bits.
// A shift by the width or more, or by a negative count, gives what shifting on and on would: 0, or -1 for a negative
// number shifted right.
#include <bit>
#include <limits>

#include "runtime/elementwise/elementwise_kernel_loops.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {
namespace {

template <class T>
inline constexpr int width = std::numeric_limits<std::make_unsigned_t<T>>::digits;

struct Complement {
  template <class T>
  static T apply(T x) {
    return static_cast<T>(x ^ 1);
  }
};

}  // namespace

struct BitwiseAnd {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};

struct BitwiseOr {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};

struct BitwiseXor {
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};

struct Invert {
  static constexpr bool by_size = true;
  using Boolean = Complement;
  template <class T>
  static T apply(T x) {
    return static_cast<T>(~x);
  }
};

struct LeftShift {
  // Unsigned, a negative count is a large one.
  static constexpr bool by_size = true;
  template <class T>
  static T apply(T x, T count) {
    return count < T(width<T>) ? static_cast<T>(static_cast<Wide<T>>(x) << count) : T(0);
  }
};

struct RightShift {
  template <class T>
  static T apply(T x, T count) {
    using U = std::make_unsigned_t<T>;
    const U steps = static_cast<U>(count) < U(width<T>) ? static_cast<U>(count) : U(width<T> - 1);
    if constexpr (std::is_signed_v<T>)
      return static_cast<T>(x >> steps);
    else
      return static_cast<U>(count) < U(width<T>) ? static_cast<T>(x >> steps) : T(0);
  }
};

/// Of the magnitude, as NumPy counts.
struct BitwiseCount {
  template <class T>
  static std::uint8_t apply(T x) {
    using U = std::make_unsigned_t<T>;
    const U bits = x < 0 ? static_cast<U>(Wide<T>{0} - static_cast<Wide<T>>(x)) : static_cast<U>(x);
    if constexpr (sizeof(T) == 1) return count(bits);
    return static_cast<std::uint8_t>(std::popcount(bits));
  }

 private:
  /// Of a byte, as code for vectors: sums of pairs, of fours, of all.
  static std::uint8_t count(unsigned bits) {
    bits -= bits >> 1 & 0x55U;
    bits = (bits & 0x33U) + (bits >> 2 & 0x33U);
    return static_cast<std::uint8_t>((bits + (bits >> 4)) & 0xFU);
  }
};

}  // namespace kernels

template const KernelRows& kernel_rows<kernels::BitwiseAnd>();
template const KernelRows& kernel_rows<kernels::BitwiseOr>();
template const KernelRows& kernel_rows<kernels::BitwiseXor>();
template const KernelRows& kernel_rows<kernels::Invert>();
template const KernelRows& kernel_rows<kernels::LeftShift>();
template const KernelRows& kernel_rows<kernels::RightShift>();
template const KernelRows& kernel_rows<kernels::BitwiseCount>();

}  // namespace INLAY_TARGET
}  // namespace inlay
