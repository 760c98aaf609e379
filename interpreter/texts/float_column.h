// float_column.h - how NumPy writes the floats of one array: one notation, one width, one set of digits for all of
// them. Knows nothing of shapes: it is given the printed elements, in any order, twice (once to measure, then one by
// one). Invariant: every finite text it writes for a measured value has the same length.
#pragma once

#include <span>
#include <string>

#include "interpreter/texts/float_notation.h"
#include "interpreter/texts/print_options.h"

namespace inlay {

class FloatColumn {
 public:
  /// Measures `values`, widened from the floating dtype `type`. `sign` is as in the options, which have that of real
  /// numbers; imaginary parts always have '+'. ValueError where the options' precision is negative.
  FloatColumn(std::span<const double> values, DType type, const PrintOptions& options, char sign);

  /// `value` in the column's notation, padded to its width.
  [[nodiscard]] std::string text(double value) const;

 private:
  [[nodiscard]] bool needs_exponent(std::span<const double> values) const;
  void measure(std::span<const double> finite);
  void measure_non_finite(std::span<const double> values);

  DType type_;
  const PrintOptions& options_;
  char sign_;
  FloatNotation notation_;
  int left_ = 0;   // characters before the point, with the sign
  int right_ = 0;  // characters behind it, with the exponent
};

}  // namespace inlay
