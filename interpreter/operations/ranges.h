// ranges.h - evenly spaced numbers: numpy.arange and numpy.linspace.
// Invariant: element i is start + i * step, computed in the dtype of the result as NumPy does.
#pragma once

#include <optional>

#include "interpreter/values/value.h"

namespace inlay {

/// numpy.arange; `stop` None: from 0 to `start`; `step` None: 1. ZeroDivisionError for a step of 0, ValueError "Maximum
/// allowed size exceeded".
Tensor arange(const Value& start, const Value& stop, const Value& step, std::optional<DType> dtype);

/// numpy.linspace: `count` numbers, with `stop` as the last one or without it.
class Linspace {
 public:
  /// ValueError "Number of samples, -1, must be non-negative."
  Linspace(const Operand& start, const Operand& stop, std::int64_t count, bool has_endpoint);

  /// The numbers along a new axis; integers are rounded down.
  [[nodiscard]] Tensor values(std::optional<DType> dtype, std::int64_t axis) const;
  /// The distance between neighbours; NaN where there are none.
  [[nodiscard]] Tensor step() const;

 private:
  [[nodiscard]] Tensor offsets() const;

  Tensor start_, stop_;
  std::int64_t count_;
  bool has_endpoint_;
  Tensor distance_;  // between start and stop
};

}  // namespace inlay
