// float_notation.h - one floating number as NumPy's format_float_positional and format_float_scientific write it.
// Knows nothing of arrays: FloatColumn chooses the notation that all elements of one share.
// Invariant: digits are those of the exact value, rounded half to even, wherever they are cut or asked for beyond the
// shortest ones.
#pragma once

#include <string>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// The parameters of both functions; -1 stands for None.
struct FloatNotation {
  bool scientific = false;
  int precision = -1;      // most digits behind the point
  bool unique = true;      // the shortest digits that tell the number apart; else `precision` of them
  bool fractional = true;  // positional: precision and min_digits count from the point, else from the first digit
  char trim = 'k';         // 'k' nothing, '.' trailing zeros, '0' all but one, '-' the point too
  bool sign = false;       // '+' too
  int pad_left = -1;       // characters in front of the point
  int pad_right = -1;      // positional: characters behind it
  int exponent_digits = -1;
  int min_digits = -1;  // least digits of a unique number
};

/// `value` (of the floating dtype `type`, widened) in the notation; "nan" and "inf" where it is not finite.
std::string numpy_text(double value, DType type, const FloatNotation& notation);

}  // namespace inlay
