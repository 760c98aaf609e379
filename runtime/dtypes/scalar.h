// scalar.h - plain numbers: weak in promotion, exact until used.
// Invariant: `wide` holds integers outside int64, saturated at +-2^126 (beyond any dtype's range); `real` then keeps
// the value.
#pragma once

#include <complex>
#include <cstdint>

#include "runtime/dtypes/dtype.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

/// Wide enough for every integer dtype and for sums and products of literals.
__extension__ typedef __int128 int128;

/// A plain number of the language: bool, int, an integer literal too wide for int, float or complex.
struct Scalar {
  enum class Kind : std::uint8_t { boolean, integer, wide, floating, complex };
  Kind kind = Kind::integer;
  int128 integer = 0;    // boolean, integer, wide
  double real = 0;       // floating, complex; of wide the value itself, rounded
  double imaginary = 0;  // complex

  static Scalar of(bool v) {
    Scalar s;
    s.kind = Kind::boolean;
    s.integer = v;
    return s;
  }
  static Scalar of(std::int64_t v) {
    Scalar s;
    s.integer = v;
    return s;
  }
  static Scalar of_wide(int128 v) { return of_wide(v, static_cast<double>(v)); }
  /// With the value itself where `v` is saturated; infinity if that is beyond a double.
  /// An ordinary integer if it fits 64 bits.
  static Scalar of_wide(int128 v, double real) {
    Scalar s;
    s.kind = v >= INT64_MIN && v <= INT64_MAX ? Kind::integer : Kind::wide;
    s.integer = v;
    s.real = real;
    return s;
  }
  static Scalar of(double v) {
    Scalar s;
    s.kind = Kind::floating;
    s.real = v;
    return s;
  }
  static Scalar of(complex128 v) {
    Scalar s;
    s.kind = Kind::complex;
    s.real = v.real();
    s.imaginary = v.imag();
    return s;
  }
  [[nodiscard]] bool is_integer() const { return kind == Kind::integer || kind == Kind::wide; }
  /// The dtype a plain number gets where no tensor decides: bool, int64, float64, complex128 (wide: uint64 if it fits,
  /// else OverflowError).
  [[nodiscard]] DType default_dtype() const;
};

/// An operand of a runtime op: a tensor, or a plain number. Owns its tensor (a handle), so that an update may let go of
/// it.
struct Operand {
  Tensor tensor;  // empty: the number counts
  Scalar number;

  Operand(Tensor t) : tensor(std::move(t)) {}  // NOLINT: implicit on purpose
  Operand(Scalar s) : number(s) {}             // NOLINT
  [[nodiscard]] bool is_number() const { return !tensor; }
};

/// The number as a 0-d tensor of `dtype`, checked as NumPy checks Python numbers: OverflowError "Python integer 300 out
/// of bounds for uint8", OverflowError "cannot convert float infinity to integer", TypeError for complex into real. NaN
/// into an integer is 0, as in casts.
Tensor to_tensor(const Scalar& number, DType dtype);
Tensor to_tensor(const Scalar& number);
/// The bytes of that tensor's element, where it fits without questions; false, and nothing is written, where a check or
/// a conversion is needed. An int becomes a float by way of float64, as Python's do.
bool store_plain(std::int64_t number, DType dtype, std::byte* to);
bool store_plain(double number, DType dtype, std::byte* to);
bool store_plain(const Scalar& number, DType dtype, std::byte* to);
/// The operand as a tensor: itself, or the number with its default dtype.
Tensor to_tensor(const Operand& operand);

}  // namespace inlay
