// cast_kernels.cpp - the loops that convert contiguous elements, one per pair of dtypes.
// Cases: same dtype -> memcpy | otherwise widen the source to a type the hardware computes with, then narrow it.
// Invariant: every conversion rounds once and is defined for every value, on every instruction set alike.
#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "runtime/cast.h"
#include "runtime/half.h"
#include "runtime/kernel_set.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

template <class T>
inline constexpr bool is_half_v = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool is_complex_v = std::is_same_v<T, complex64> || std::is_same_v<T, complex128>;

/// The real part, in a type the hardware computes with.
template <class T>
auto real_part(T x) {
  if constexpr (is_half_v<T>)
    return to_float(x);
  else if constexpr (is_complex_v<T>)
    return x.real();
  else
    return x;
}

template <class T>
auto imaginary_part(T x) {
  if constexpr (is_complex_v<T>)
    return x.imag();
  else
    return 0.0F;
}

/// Toward zero; beyond the range its end; NaN is 0. The conversion, undefined elsewhere, sees only what lies inside.
/// Without a branch (& and not &&), so that loops become vector code.
template <std::integral To, std::floating_point From>
To saturate(From x) {
  using Limits = std::numeric_limits<To>;
  using Through = std::conditional_t<sizeof(To) < 4, std::int32_t, To>;  // what the hardware converts to
  constexpr From low = static_cast<From>(Limits::min());
  constexpr From past = static_cast<From>(Limits::max() / 2 + 1) * 2;
  const From inside = (x >= low) & (x < past) ? x : From{0};
  const To toward_zero = static_cast<To>(static_cast<Through>(inside));
  const To bounded = x >= past ? Limits::max() : toward_zero;
  return x < low ? Limits::min() : bounded;
}

/// What a 16-bit float is rounded from: exact, or odd where it is not.
template <class T>
auto to_rounding(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return x;
  else if constexpr (sizeof(T) <= 2)
    return static_cast<float>(x);
  else if constexpr (sizeof(T) <= 4)
    return static_cast<double>(x);
  else
    return to_odd(x);
}

template <class To, class From>
To narrow(From x) {
  if constexpr (std::is_same_v<To, bool>)
    return x != 0;
  else if constexpr (std::is_same_v<To, Half>)
    return to_half(to_rounding(x));
  else if constexpr (std::is_same_v<To, BFloat16>)
    return to_bfloat16(to_rounding(x));
  else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>)
    return saturate<To>(x);
  else
    return static_cast<To>(x);
}

template <class To, class From>
To convert(From x) {
  if constexpr (std::is_same_v<To, bool> && is_complex_v<From>)
    return x.real() != 0 || x.imag() != 0;
  else if constexpr (is_complex_v<To>) {
    using Part = typename To::value_type;
    return To(narrow<Part>(real_part(x)), narrow<Part>(imaginary_part(x)));
  } else
    return narrow<To>(real_part(x));
}

template <class From, class To>
void convert_row(const void* from, void* to, std::int64_t n) {
  if constexpr (std::is_same_v<From, To>) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(To));
  } else {
    const auto* __restrict in = static_cast<const From*>(from);
    auto* __restrict out = static_cast<To*>(to);
    for (std::int64_t at = 0; at < n; ++at) out[at] = convert<To>(in[at]);
  }
}

using Row = std::array<CastKernel, kDTypeCount>;

/// C++ types in the order of DType (ORDER DTYPE).
template <class... Types>
struct TypeList {
  template <class From>
  static constexpr Row row() {
    return {convert_row<From, Types>...};
  }
  static constexpr std::array<Row, kDTypeCount> table() { return {row<Types>()...}; }
  static constexpr bool in_order() {
    int at = 0;
    return ((static_cast<int>(dtype_v<Types>) == at++) && ...);
  }
};
using AllTypes = TypeList<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                          std::uint32_t, std::uint64_t, Half, BFloat16, float, double, complex64, complex128>;
static_assert(AllTypes::in_order());

constexpr std::array<Row, kDTypeCount> kKernels = AllTypes::table();

}  // namespace

CastKernel target_cast_kernel(DType from, DType to) { return kKernels[static_cast<int>(from)][static_cast<int>(to)]; }

}  // namespace INLAY_TARGET
}  // namespace inlay
