// scalar.cpp - plain numbers become tensors, checked as NumPy checks Python's numbers.
// Invariant: what passes the checks here fits the dtype, so that the cast kernels have nothing left to refuse.
#include "runtime/dtypes/scalar.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "runtime/dtypes/cast.h"

namespace inlay {
namespace {

constexpr int128 kWideLimit = int128{1} << 126;
constexpr int128 kInt64Min = std::numeric_limits<std::int64_t>::min();

struct Range {
  int128 min, max;
};

Range range_of(DType integer) {
  const int bits = 8 * itemsize(integer);
  if (kind(integer) == Kind::unsigned_integer) return {0, (int128{1} << bits) - 1};
  return {-(int128{1} << (bits - 1)), (int128{1} << (bits - 1)) - 1};
}

/// NumPy reads a number as a C long first, or as an unsigned one where it may have to.
void check_range(int128 number, DType dtype) {
  const Range range = range_of(dtype);
  if (number >= range.min && number <= range.max) return;
  const int128 readable = std::max<int128>(range.max, std::numeric_limits<std::int64_t>::max());
  if (number < kInt64Min || number > readable) {
    raise(ErrorKind::OverflowError, "Python int too large to convert to C long");
  }
  raise(ErrorKind::OverflowError, "Python integer {} out of bounds for {}", static_cast<std::int64_t>(number),
        name(dtype));
}

/// Toward zero. A plain NaN is 0, as in casts; infinities are refused, as every number out of range is.
int128 truncate(double number) {
  if (std::isnan(number)) return 0;
  if (std::isinf(number)) raise(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  if (std::fabs(number) >= 0x1p126) return number < 0 ? -kWideLimit : kWideLimit;
  return static_cast<int128>(number);
}

template <class T>
Tensor make(T value, DType dtype) {
  Tensor out = Tensor::empty(dtype, {});
  cast_kernel(dtype_v<T>, dtype)(&value, out.mutable_bytes(), 1);
  return out;
}

Tensor make_integer(const Scalar& number, DType dtype) {
  if (number.kind == Scalar::Kind::complex) {
    raise(ErrorKind::TypeError, "int() argument must be a string, a bytes-like object or a real number, not 'complex'");
  }
  const int128 value = number.kind == Scalar::Kind::floating ? truncate(number.real) : number.integer;
  check_range(value, dtype);
  return make(static_cast<std::uint64_t>(value), dtype);
}

double real_value(const Scalar& number) {
  if (number.kind == Scalar::Kind::boolean || number.kind == Scalar::Kind::integer) {
    return static_cast<double>(number.integer);
  }
  if (number.kind == Scalar::Kind::wide && std::isinf(number.real)) {
    raise(ErrorKind::OverflowError, "int too large to convert to float");
  }
  return number.real;
}

bool truth(const Scalar& number) { return number.integer != 0 || number.real != 0 || number.imaginary != 0; }

template <class T, class Number>
bool store_as(Number number, std::byte* to) {
  constexpr bool is_whole = std::is_integral_v<T> && std::is_integral_v<Number> && !std::is_same_v<T, bool>;
  T out{};
  if constexpr (is_whole) {
    if (!std::in_range<T>(number)) return false;
    out = static_cast<T>(number);
  } else if constexpr (std::is_floating_point_v<T>) {
    out = static_cast<T>(static_cast<double>(number));
  } else {
    return false;
  }
  std::memcpy(to, &out, sizeof out);
  return true;
}

}  // namespace

DType Scalar::default_dtype() const {
  switch (kind) {
    case Kind::boolean:
      return DType::boolean;
    case Kind::integer:
      return DType::int64;
    case Kind::floating:
      return DType::float64;
    case Kind::complex:
      return DType::complex128;
    case Kind::wide:
      break;
  }
  check_range(integer, integer < 0 ? DType::int64 : DType::uint64);
  return DType::uint64;
}

Tensor to_tensor(const Scalar& number, DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
      return make(truth(number), dtype);
    case Kind::signed_integer:
    case Kind::unsigned_integer:
      return make_integer(number, dtype);
    case Kind::floating:
      if (number.kind == Scalar::Kind::complex) {
        raise(ErrorKind::TypeError, "float() argument must be a string or a real number, not 'complex'");
      }
      return make(real_value(number), dtype);
    case Kind::complex:
      break;
  }
  return make(complex128(real_value(number), number.imaginary), dtype);
}

Tensor to_tensor(const Scalar& number) { return to_tensor(number, number.default_dtype()); }

bool store_plain(std::int64_t number, DType dtype, std::byte* to) {
  return visit(dtype, [&]<class T>(Type<T>) { return store_as<T>(number, to); });
}

bool store_plain(double number, DType dtype, std::byte* to) {
  return visit(dtype, [&]<class T>(Type<T>) { return store_as<T>(number, to); });
}

bool store_plain(const Scalar& number, DType dtype, std::byte* to) {
  if (number.kind == Scalar::Kind::floating) return store_plain(number.real, dtype, to);
  const auto integer = static_cast<std::int64_t>(number.integer);
  return number.kind == Scalar::Kind::integer && integer == number.integer && store_plain(integer, dtype, to);
}

Tensor to_tensor(const Operand& operand) { return operand.is_number() ? to_tensor(operand.number) : operand.tensor; }

}  // namespace inlay
