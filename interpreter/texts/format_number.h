// format_number.h - numbers as Python and NumPy write them, and back.
// Knows nothing of arrays or format specs.
// Invariant: what repr() writes, parse_float() reads back to the same bits; no locale is ever asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/texts/decimal.h"
#include "runtime/dtypes/dtype.h"

namespace inlay {

/// Python's repr of a float: "1.0", "1e+16", "1e-05", "-0.0", "inf", "nan".
std::string repr(double value);
/// What NumPy prints for float32(value): the shortest digits for its own precision, scientific from 1e6 on.
std::string repr(float value);
/// Python's repr of a complex: "(1+2j)", "1j", "(-0-1j)".
std::string repr(complex128 value);
/// As NumPy prints a complex64.
std::string repr(complex64 value);
/// As NumPy prints a float16, scientific from 1e3 on; bfloat16 by the same rule, from 1e2 on.
std::string repr(Half value);
std::string repr(BFloat16 value);

/// NumPy's finfo(type).precision of a floating dtype: decimal digits that always survive.
int decimal_precision(DType type);

/// How Python writes the digits of a float (its format_float_short): 'e', 'f' and 'g' take a precision, 'r' is the
/// shortest.
struct FloatStyle {
  char type = 'r';
  int precision = 0;
  bool add_point_zero = false;  // "1.0" rather than "1" in 'g' and 'r'
  bool alternate = false;       // keeps the point and, in 'g', trailing zeros
};
/// The magnitude of `value`, "inf" or "nan": no sign.
std::string unsigned_text(double value, const FloatStyle& style);

/// How reading a number from text ended.
enum class ParseResult : std::uint8_t { ok, invalid, out_of_range };

/// Python's float(text): white space around, underscores between digits, "inf", "nan". Beyond the range it is inf, as
/// there. False if invalid.
bool parse_float(std::string_view text, double& out);
/// Python's int(text, base) with base 0 or 2 to 36: white space around, sign, underscores, "0x" where the base allows
/// it.
ParseResult parse_int(std::string_view text, int base, std::int64_t& out);
/// The same for unsigned numbers of 64 bits; none has a "-", not even 0, as in NumPy's readers of text.
ParseResult parse_uint(std::string_view text, int base, std::uint64_t& out);
/// Python's complex(text): "1+2j", "(1+2j)", "j". False if invalid.
bool parse_complex(std::string_view text, complex128& out);

/// Python's round(value, digits): the nearest number of that many decimals, of the exact value, half to even. Throws
/// OverflowError.
double round_digits(double value, std::int64_t digits);

/// `text` without the white space that Python's strip() removes from ASCII text.
std::string_view strip(std::string_view text);

}  // namespace inlay
