// cast_kernels.cpp - the loops that convert contiguous elements, one per pair of dtypes.
// Cases: the same bits -> memcpy | a 16-bit float or a complex number on one side -> through the float that holds it
// exactly, some elements at a time, so that such pairs have no loops of their own | otherwise one loop.
// Invariant: every conversion rounds once and is defined for every value, on every instruction set alike.
#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/half.h"
#include "runtime/kernels/kernel_set.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

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
  if constexpr (is_half_v<From>)
    return to_float(x);
  else if constexpr (is_complex_v<From> && std::is_same_v<To, bool>)
    return x.real() != 0 || x.imag() != 0;
  else if constexpr (is_complex_v<From>)
    return x.real();
  else if constexpr (is_complex_v<To>)
    return To(x, 0);
  else
    return narrow<To>(x);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

template <class From, class To>
constexpr CastKernel kernel_of();

/// Not inlined into what goes through it.
template <class From, class To>
[[gnu::noinline]] void convert_row(const void* from, void* to, std::int64_t n) {
  const auto* __restrict in = static_cast<const From*>(from);
  auto* __restrict out = static_cast<To*>(to);
#pragma GCC unroll 1
  for (std::int64_t at = 0; at < n; ++at) out[at] = convert<To>(in[at]);
}

template <int itemsize>
void copy_row(const void* from, void* to, std::int64_t n) {
  std::memcpy(to, from, static_cast<std::size_t>(n) * itemsize);
}

/// One conversion after the other, in the first-level cache.
template <class From, class Via, class To>
void convert_through(const void* from, void* to, std::int64_t n) {
  constexpr std::int64_t kPiece = 512;
  Via via[kPiece];
  for (std::int64_t at = 0; at < n; at += kPiece) {
    const std::int64_t few = n - at < kPiece ? n - at : kPiece;
    kernel_of<From, Via>()(static_cast<const From*>(from) + at, via, few);
    kernel_of<Via, To>()(via, static_cast<To*>(to) + at, few);
  }
}

/// Real and imaginary parts alike.
template <class From, class To>
void convert_parts(const void* from, void* to, std::int64_t n) {
  kernel_of<typename From::value_type, typename To::value_type>()(from, to, 2 * n);
}

// ---- which row for which pair ---------------------------------------------------------------------------------------

template <class T>
inline constexpr bool is_whole_v = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// The type of integers that stands for From: where bits are cut off, the sign does not matter.
template <class From, class To>
constexpr auto read_as() {
  if constexpr (std::is_same_v<From, bool>)
    return Type<std::uint8_t>{};
  else if constexpr (is_whole_v<From> && (std::is_same_v<To, bool> || (is_whole_v<To> && sizeof(To) < sizeof(From))))
    return Type<std::make_unsigned_t<From>>{};
  else
    return Type<From>{};
}
/// … and for To: what is there is kept, the rest is filled up as From has it.
template <class From, class To>
constexpr auto written_as() {
  if constexpr (!is_whole_v<To> || !std::is_integral_v<From>)
    return Type<To>{};
  else if constexpr (std::is_signed_v<From>)
    return Type<std::make_signed_t<To>>{};
  else
    return Type<std::make_unsigned_t<To>>{};
}

/// The float that a 16-bit float or a complex number is made through, or read through; To if there is none.
template <class From, class To>
constexpr auto via() {
  if constexpr (is_half_v<From>)
    return Type<float>{};
  else if constexpr (is_half_v<To> && is_complex_v<From>)
    return Type<typename From::value_type>{};
  else if constexpr (is_half_v<To> && std::is_integral_v<From> && sizeof(From) <= 2)
    return Type<float>{};
  else if constexpr (is_half_v<To> && std::is_integral_v<From> && sizeof(From) == 4)
    return Type<double>{};
  else if constexpr (is_complex_v<From> && !std::is_same_v<To, bool>)
    return Type<typename From::value_type>{};
  else if constexpr (is_complex_v<To>)
    return Type<typename To::value_type>{};
  else
    return Type<To>{};
}

template <class From, class To>
constexpr CastKernel kernel_of() {
  using In = typename decltype(read_as<From, To>())::type;
  using Out = typename decltype(written_as<In, To>())::type;
  using Via = typename decltype(via<In, Out>())::type;
  if constexpr (std::is_same_v<In, Out> || (std::is_same_v<From, bool> && std::is_same_v<To, bool>))
    return copy_row<sizeof(In)>;
  else if constexpr (is_complex_v<In> && is_complex_v<Out>)
    return convert_parts<In, Out>;
  else if constexpr (!std::is_same_v<Via, In> && !std::is_same_v<Via, Out>)
    return convert_through<In, Via, Out>;
  else
    return convert_row<In, Out>;
}

using Row = std::array<CastKernel, kDTypeCount>;

/// C++ types in the order of DType (ORDER DTYPE).
template <class... Types>
struct TypeList {
  template <class From>
  static constexpr Row row() {
    return {kernel_of<From, Types>()...};
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
