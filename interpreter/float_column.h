// float_column.h - how NumPy writes the floats of one array: one notation, one width, one set of digits for all of
// them. Knows nothing of shapes: it is given the printed elements, in any order, twice (once to measure, then one by
// one). Invariant: every text it writes for a measured value has the same length, width().
#pragma once

#include <span>
#include <string>

#include "interpreter/decimal.h"
#include "runtime/dtype.h"

namespace inlay {

class FloatColumn {
 public:
  /// Measures `values`, widened from the floating dtype `type`. With `plus`, non-negative numbers get a sign (imaginary
  /// parts).
  FloatColumn(std::span<const double> values, DType type, bool plus);

  /// `value` in the column's notation, padded to its width.
  [[nodiscard]] std::string text(double value) const;
  [[nodiscard]] int width() const { return left_ + 1 + right_; }

 private:
  [[nodiscard]] bool needs_exponent(std::span<const double> values) const;
  [[nodiscard]] std::string sign(double value) const;
  void measure_positional(double value);
  /// Returns the digits needed behind the point.
  int measure_exponent(double value);
  void measure_non_finite(std::span<const double> values);
  [[nodiscard]] Decimal positional_digits(double value) const;
  [[nodiscard]] Decimal exponent_digits(double value, bool fill) const;

  DType type_;
  bool plus_;
  bool exponent_ = false;
  int left_ = 0;       // characters before the point, with the sign
  int right_ = 0;      // characters behind it, with the exponent
  int precision_ = 8;  // NumPy's print option; with an exponent, the digits behind the point
  int exponent_width_ = 2;
};

}  // namespace inlay
