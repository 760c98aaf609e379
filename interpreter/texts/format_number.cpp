// format_number.cpp - where the point goes and when the exponent comes: Python's rules and NumPy's for single numbers.
#include "interpreter/texts/format_number.h"

#include <algorithm>
#include <cmath>

#include "runtime/dtypes/cast.h"
#include "runtime/memory/error.h"

namespace inlay {
namespace {

// Both write positionally down to this exponent of the first digit, Python up to 1e16.
constexpr int kSmallestPositional = -4;
constexpr int kPythonCutoff = 16;
// Every double ends within this many digits behind the point, and before it.
constexpr int kMostFractionDigits = 1074;
constexpr int kMostWholeDigits = 310;
// No double has more digits than this.
constexpr int kExactDoubleDigits = 767;

std::string non_finite(double value) { return std::isnan(value) ? "nan" : "inf"; }
std::string sign_of(double value) { return std::signbit(value) && !std::isnan(value) ? "-" : ""; }

/// One part of a NumPy scalar that is not float64 (those are Python's).
std::string numpy_part(double value, DType type, bool point_zero) {
  if (!std::isfinite(value)) return sign_of(value) + non_finite(value);
  const Decimal decimal = shortest_decimal(value, type);
  const double magnitude = std::fabs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < std::pow(10.0, decimal_precision(type)));
  return sign_of(value) + (fixed ? positional(decimal, point_zero ? 1 : 0, false) : scientific(decimal, 0, false));
}

std::string python_part(double value, bool point_zero) {
  return sign_of(value) + unsigned_text(value, {.add_point_zero = point_zero});
}

/// "(1+2j)" of two written parts; a positive zero in front is left out.
std::string join_complex(const std::string& real, std::string imaginary, bool real_is_zero) {
  if (real_is_zero) return imaginary + 'j';
  if (imaginary.front() != '-') imaginary.insert(0, 1, '+');
  return '(' + real + imaginary + "j)";
}

bool is_positive_zero(double value) { return value == 0 && !std::signbit(value); }

template <class T>
std::string repr_half(T value) {
  double wide = 0;
  cast_kernel(dtype_v<T>, DType::float64)(&value, &wide, 1);
  return numpy_part(wide, dtype_v<T>, true);
}

/// Rounds to a multiple of 10^dropped.
Decimal round_whole(double value, int dropped) {
  Decimal exact = trimmed(round_significant(value, kExactDoubleDigits));
  const int kept = exact.exponent + 1 - dropped;
  if (kept < 0) return {exact.negative};
  // With no digit kept, a zero in front makes it an ordinary rounding of the first.
  if (kept == 0) {
    const Decimal rounded = round_to_count({exact.negative, '0' + exact.digits, exact.exponent + 1}, 1);
    return rounded.digits == "0" ? Decimal{exact.negative} : rounded;
  }
  return round_to_count(exact, static_cast<std::size_t>(kept));
}

std::string python_general(const Decimal& decimal, const FloatStyle& style) {
  const bool shortest = style.type == 'r';
  const int cutoff = shortest ? kPythonCutoff : style.precision - (style.add_point_zero ? 1 : 0);
  const bool exponent = decimal.exponent < kSmallestPositional || decimal.exponent >= cutoff;
  const int kept = style.alternate && !shortest ? style.precision - 1 : 0;
  if (exponent) return scientific(decimal, kept, style.alternate);
  const int fraction = style.alternate && !shortest ? kept - decimal.exponent : 0;
  return positional(decimal, std::max(fraction, style.add_point_zero ? 1 : 0), style.alternate);
}

}  // namespace

int decimal_precision(DType type) {
  switch (real_dtype(type)) {
    case DType::float16:
      return 3;
    case DType::bfloat16:
      return 2;
    case DType::float32:
      return 6;
    default:
      return 15;
  }
}

std::string unsigned_text(double value, const FloatStyle& style) {
  if (!std::isfinite(value)) return non_finite(value);
  switch (style.type) {
    case 'e':
      return scientific(round_significant(value, style.precision + 1), style.precision, style.alternate);
    case 'f':
      return positional(round_fraction(value, style.precision), style.precision, style.alternate);
    case 'g': {
      FloatStyle general = style;
      general.precision = std::max(style.precision, 1);
      return python_general(trimmed(round_significant(value, general.precision)), general);
    }
    default:
      return python_general(shortest_decimal(value, DType::float64), style);
  }
}

std::string repr(double value) { return python_part(value, true); }
std::string repr(float value) { return numpy_part(static_cast<double>(value), DType::float32, true); }
std::string repr(Half value) { return repr_half(value); }
std::string repr(BFloat16 value) { return repr_half(value); }

std::string repr(complex128 value) {
  return join_complex(python_part(value.real(), false), python_part(value.imag(), false),
                      is_positive_zero(value.real()));
}

std::string repr(complex64 value) {
  const double real = static_cast<double>(value.real());
  const double imaginary = static_cast<double>(value.imag());
  return join_complex(numpy_part(real, DType::float32, false), numpy_part(imaginary, DType::float32, false),
                      is_positive_zero(real));
}

double round_digits(double value, std::int64_t digits) {
  if (!std::isfinite(value) || value == 0 || digits > kMostFractionDigits) return value;
  if (digits < -kMostWholeDigits) return std::copysign(0.0, value);
  const int places = static_cast<int>(digits);
  const Decimal rounded = places >= 0 ? round_fraction(value, places) : round_whole(value, -places);
  double out = 0;
  parse_float(scientific(rounded, 0, false), out);
  if (std::isinf(out)) throw Error(ErrorKind::OverflowError, "rounded value too large to represent");
  return std::copysign(out, value);
}

}  // namespace inlay
