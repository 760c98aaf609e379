// order.h - NumPy's orders on elements: NaN behind everything, complex numbers lexicographic.
// Knows only single elements. Invariants: sorts_before is a strict weak order on every type, NaNs included; no
// function here is a shared symbol: kernels of each instruction set have their own, of which a linker would keep only
// one.
#pragma once

#include <bit>
#include <complex>
#include <concepts>
#include <type_traits>

#include "runtime/dtypes/dtype.h"

namespace inlay {

template <class T>
static bool is_nan(T x) {
  if constexpr (is_complex_v<T>)
    return is_nan(x.real()) || is_nan(x.imag());
  else if constexpr (std::floating_point<T>)
    return x != x;
  else
    return false;
}

/// x < y where no NaN is involved.
template <class T>
static bool is_less(T x, T y) {
  if constexpr (is_complex_v<T>)
    return x.real() < y.real() || (x.real() == y.real() && x.imag() < y.imag());
  else
    return x < y;
}

/// Whether x comes before y in sorted order. Complex numbers: real parts decide if they differ, a NaN in any part sends
/// a number behind those without, in the order R + Ri, R + nan i, nan + Ri, nan + nan i.
template <class T>
static bool sorts_before(T x, T y) {
  if constexpr (is_complex_v<T>) {
    if (is_nan(x.real()) != is_nan(y.real())) return is_nan(y.real());
    if (is_nan(x.imag()) != is_nan(y.imag())) return is_nan(y.imag());
    if (x.real() < y.real() || x.real() > y.real()) return x.real() < y.real();
    return x.imag() < y.imag();
  } else if constexpr (std::floating_point<T>) {
    return x < y || (y != y && x == x);
  } else {
    return x < y;
  }
}

}  // namespace inlay
