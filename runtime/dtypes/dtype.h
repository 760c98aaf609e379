// dtype.h - element types, their properties, and the switch from a run-time dtype to a C++ type.
// Invariant: the enumerators are ordered bool < signed < unsigned < floats < complex; the table in dtype.cpp has one
// row each (ORDER DTYPE).
#pragma once

#include <complex>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "runtime/memory/error.h"

namespace inlay {

enum class DType : std::uint8_t {  // ORDER DTYPE
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128
};
inline constexpr int kDTypeCount = 15;

using complex64 = std::complex<float>;
using complex128 = std::complex<double>;

template <class T>
inline constexpr bool is_complex_v = std::is_same_v<T, complex64> || std::is_same_v<T, complex128>;

/// IEEE binary16 as it is stored. Arithmetic is done in float.
struct Half {
  std::uint16_t bits;
};
/// The upper half of a float as it is stored. Arithmetic is done in float.
struct BFloat16 {
  std::uint16_t bits;
};

/// Kinds order promotion: a value of a lower kind always fits a higher one in NumPy's sense.
enum class Kind : std::uint8_t { boolean, signed_integer, unsigned_integer, floating, complex };

/// Bytes per element.
int itemsize(DType dtype);
/// NumPy's name: "float32".
std::string_view name(DType dtype);
Kind kind(DType dtype);
inline bool is_integer(DType dtype) {
  return kind(dtype) == Kind::signed_integer || kind(dtype) == Kind::unsigned_integer;
}
inline bool is_floating(DType dtype) { return kind(dtype) == Kind::floating; }
inline bool is_complex(DType dtype) { return kind(dtype) == Kind::complex; }
/// The dtype of a real or imaginary part: complex64 -> float32; any other dtype is its own.
DType real_dtype(DType dtype);
/// Finds a dtype by NumPy's name or alias ("float", "int", "f4", "<i8", "bool_"); false if there is none.
bool find_dtype(std::string_view name, DType& out);

template <class T>
struct dtype_of;
#define INLAY_DTYPE_OF(T, D)                 \
  template <>                                \
  struct dtype_of<T> {                       \
    static constexpr DType value = DType::D; \
  };
INLAY_DTYPE_OF(bool, boolean)
INLAY_DTYPE_OF(std::int8_t, int8)
INLAY_DTYPE_OF(std::int16_t, int16)
INLAY_DTYPE_OF(std::int32_t, int32)
INLAY_DTYPE_OF(std::int64_t, int64)
INLAY_DTYPE_OF(std::uint8_t, uint8)
INLAY_DTYPE_OF(std::uint16_t, uint16)
INLAY_DTYPE_OF(std::uint32_t, uint32)
INLAY_DTYPE_OF(std::uint64_t, uint64)
INLAY_DTYPE_OF(Half, float16)
INLAY_DTYPE_OF(BFloat16, bfloat16)
INLAY_DTYPE_OF(float, float32)
INLAY_DTYPE_OF(double, float64)
INLAY_DTYPE_OF(complex64, complex64)
INLAY_DTYPE_OF(complex128, complex128)
#undef INLAY_DTYPE_OF
template <class T>
inline constexpr DType dtype_v = dtype_of<T>::value;

/// Tag that carries a C++ type to a generic lambda: `visit(dtype, [&]<class T>(Type<T>) {…})`.
template <class T>
struct Type {
  using type = T;
};

/// Calls `f(Type<T>{})` with the C++ type of `dtype`, all fifteen.
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean:
      return f(Type<bool>{});
    case DType::int8:
      return f(Type<std::int8_t>{});
    case DType::int16:
      return f(Type<std::int16_t>{});
    case DType::int32:
      return f(Type<std::int32_t>{});
    case DType::int64:
      return f(Type<std::int64_t>{});
    case DType::uint8:
      return f(Type<std::uint8_t>{});
    case DType::uint16:
      return f(Type<std::uint16_t>{});
    case DType::uint32:
      return f(Type<std::uint32_t>{});
    case DType::uint64:
      return f(Type<std::uint64_t>{});
    case DType::float16:
      return f(Type<Half>{});
    case DType::bfloat16:
      return f(Type<BFloat16>{});
    case DType::float32:
      return f(Type<float>{});
    case DType::float64:
      return f(Type<double>{});
    case DType::complex64:
      return f(Type<complex64>{});
    case DType::complex128:
      break;
  }
  return f(Type<complex128>{});
}

/// Calls `f(Type<U>{})` with an unsigned type (or complex128 for 16 bytes) of the dtype's size: for moving elements
/// without looking at them.
template <class F>
decltype(auto) visit_size(int bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f(Type<std::uint8_t>{});
    case 2:
      return f(Type<std::uint16_t>{});
    case 4:
      return f(Type<std::uint32_t>{});
    case 8:
      return f(Type<std::uint64_t>{});
    default:
      return f(Type<complex128>{});
  }
}

}  // namespace inlay
