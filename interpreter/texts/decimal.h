// decimal.h - a floating value as decimal digits, before anybody decides how they are laid out.
// Knows nothing of arrays, format specs or Python's switch-over rules: those are its callers'.
// Invariant: digits are never empty and never start with '0', except that zero is "0" with exponent 0.
#pragma once

#include <string>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// The finite value +-d.ddd * 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits = "0";
  int exponent = 0;

  [[nodiscard]] bool is_zero() const { return digits == "0"; }
  /// Digits needed behind the decimal point in positional notation.
  [[nodiscard]] int fraction_digits() const;
};

/// `value` (of a floating `type`, widened to double) rounded to that type again, widened.
double round_to_type(double value, DType type);

/// The fewest digits that no other value of the floating dtype `type` shares; the nearest of them. `value` is finite
/// and of that type.
Decimal shortest_decimal(double value, DType type);
/// Exactly `count` >= 1 digits of the exact value, rounded half to even; zero stays "0".
Decimal round_significant(double value, int count);
/// The digits of the exact value down to 10^-count, count >= 0, rounded half to even.
Decimal round_fraction(double value, int count);
/// The first `count` >= 1 digits of a decimal that is exact, rounded half to even by what follows them.
Decimal round_to_count(const Decimal& exact, std::size_t count);
/// Drops trailing zeros.
Decimal trimmed(Decimal decimal);

/// "12.50" without a sign: at least `fraction` digits behind the point; the point is left out when nothing follows it,
/// unless `point`.
std::string positional(const Decimal& decimal, int fraction, bool point);
/// "1.25e+01" without a sign: as positional() for the first digit, then an exponent of at least `exponent_digits`
/// digits.
std::string scientific(const Decimal& decimal, int fraction, bool point, int exponent_digits = 2);

}  // namespace inlay
