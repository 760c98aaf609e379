// combine.cpp - updates that combine with what is there: add, subtract, multiply, minimum, maximum.
// Knows nothing of indices. One thread works, in row-major order, so that floats have the same bits always.
// Invariant: integers wrap; NaN wins in minimum and maximum; 16-bit floats are combined in float32.
#include <concepts>
#include <cstring>
#include <type_traits>

#include "runtime/dtypes/half.h"
#include "runtime/dtypes/order.h"
#include "runtime/indexing/selection.h"
#include "runtime/indexing/selection_walk.h"
#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"
#include "runtime/threads/swift.h"

namespace inlay {
namespace {

/// Element-steps of one update that combines, or that is listed and may wait for memory.
constexpr std::int64_t kUpdateCost = 4;

/// Arithmetic on integers modulo 2^64, cut to the element's width.
template <UpdateKind kind>
std::uint64_t wrapped(std::uint64_t a, std::uint64_t b) {
  if constexpr (kind == UpdateKind::add)
    return a + b;
  else if constexpr (kind == UpdateKind::subtract)
    return a - b;
  else
    return a * b;
}

template <UpdateKind kind>
inline constexpr bool is_extreme_v = kind == UpdateKind::minimum || kind == UpdateKind::maximum;

/// Whether minimum or maximum keep a. Of equal ones, as are zeros of both signs, complex numbers and 16-bit floats keep
/// the first, others take the second, as the functions do.
template <UpdateKind kind, bool keeps_equal, class T>
bool keeps(T a, T b) {
  if constexpr (kind == UpdateKind::maximum && keeps_equal)
    return is_nan(a) || (!is_nan(b) && !is_less(a, b));
  else if constexpr (keeps_equal)
    return is_nan(a) || (!is_nan(b) && !is_less(b, a));
  else
    return is_nan(a) || (kind == UpdateKind::minimum ? is_less(a, b) : is_less(b, a));
}

template <UpdateKind kind, class T>
T joined(T a, T b) {
  if constexpr (is_extreme_v<kind>)
    return keeps<kind, is_complex_v<T>>(a, b) ? a : b;
  else if constexpr (std::is_same_v<T, bool>)
    return kind == UpdateKind::multiply ? a && b : a || b;
  else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(wrapped<kind>(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  } else if constexpr (kind == UpdateKind::add)
    return a + b;
  else if constexpr (kind == UpdateKind::subtract)
    return a - b;
  else
    return a * b;
}

inline Half rounded_as(Half, float x) { return to_half(x); }
inline BFloat16 rounded_as(BFloat16, float x) { return to_bfloat16(x); }

template <UpdateKind kind, class T>
void combine_element(std::byte* x, const std::byte* value) {
  T a, b;
  std::memcpy(&a, x, sizeof(T));
  std::memcpy(&b, value, sizeof(T));
  if constexpr (is_half_v<T> && is_extreme_v<kind>)
    a = keeps<kind, true>(to_float(a), to_float(b)) ? a : b;
  else if constexpr (is_half_v<T>)
    a = rounded_as(a, joined<kind>(to_float(a), to_float(b)));
  else
    a = joined<kind>(a, b);
  std::memcpy(x, &a, sizeof(T));
}

template <UpdateKind kind, class T>
void combine_strided(std::byte* x, std::int64_t x_stride, std::byte* value, std::int64_t step, std::int64_t n) {
  for (std::int64_t at = 0; at < n; ++at) combine_element<kind, T>(x + at * x_stride, value + at * step);
}

template <UpdateKind kind, class T>
void combine_listed(std::byte* x, const Entries& entries, std::byte* value, std::int64_t step, std::int64_t n) {
  for_each_entry<sizeof(T)>(x, entries, n, [=](std::byte* element, std::int64_t at) {
    combine_element<kind, T>(element, value + at * step);
  });
}

/// Whose kernel an integer takes: sums and products have the same bits with and without a sign.
template <UpdateKind kind, class T>
struct Combined {
  using type = T;
};
template <UpdateKind kind, std::signed_integral T>
requires(kind != UpdateKind::minimum && kind != UpdateKind::maximum) struct Combined<kind, T> {
  using type = std::make_unsigned_t<T>;
};

template <UpdateKind kind>
SelectionKernel kernel_of(DType dtype) {
  return visit(dtype, []<class T>(Type<T>) {
    using U = typename Combined<kind, T>::type;
    return SelectionKernel{combine_strided<kind, U>, combine_listed<kind, U>};
  });
}

SelectionKernel kernel_of(UpdateKind kind, DType dtype) {
  switch (kind) {
    case UpdateKind::add:
      return kernel_of<UpdateKind::add>(dtype);
    case UpdateKind::subtract:
      return kernel_of<UpdateKind::subtract>(dtype);
    case UpdateKind::multiply:
      return kernel_of<UpdateKind::multiply>(dtype);
    case UpdateKind::minimum:
      return kernel_of<UpdateKind::minimum>(dtype);
    default:
      return kernel_of<UpdateKind::maximum>(dtype);
  }
}

/// Whether the update may be made in place, where it cannot be stopped.
bool is_short_update(UpdateKind kind, const Selection& to) {
  const std::int64_t size = element_count(to.view.shape);
  if (kind != UpdateKind::set || to.indexed) return is_short(size * kUpdateCost, 0);
  return is_short(counted_steps(true, size, itemsize(to.view.dtype)), passing_bytes(to.view));
}

}  // namespace

void check_combination(UpdateKind kind, DType dtype) {
  if (kind == UpdateKind::subtract && dtype == DType::boolean) {
    raise(ErrorKind::TypeError,
          "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
          "logical_xor function instead.");
  }
}

void combine_selection(UpdateKind kind, const Selection& to, std::byte* base, const Tensor& value) {
  if (kind == UpdateKind::set) return scatter_selection(to, base, value);
  if (element_count(to.view.shape) == 0) return;
  const bool in_place = context().in_place;
  const Tensor from = value_for(to, value);
  context().in_place = in_place;  // an allocation ends it, but nothing is written yet
  walk_selection(to, base, const_cast<std::byte*>(from.bytes()), from.strides(), kernel_of(kind, from.dtype()), false);
}

void update_elements(UpdateKind kind, Tensor& x, const Selection& to, const Tensor& value) {
  context().charge(static_cast<std::uint64_t>(element_count(to.view.shape)), 0);
  if (context().is_scratch || !x.is_contiguous() || is_short_update(kind, to))
    return combine_selection(kind, to, x.writable(), value);
  Tensor fresh = x.copy_to_update();
  combine_selection(kind, to, fresh.mutable_bytes(), value);
  x = std::move(fresh);
}

}  // namespace inlay
