// float_notation.cpp - digits first, then where the point goes, then zeros and blanks: the steps of NumPy's Dragon4.
#include "interpreter/texts/float_notation.h"

#include <algorithm>
#include <cmath>

#include "interpreter/texts/decimal.h"

namespace inlay {
namespace {

// NumPy writes exponents of no more digits than this.
constexpr int kMostExponentDigits = 5;
constexpr int kLeastExponentDigits = 2;
// No double has more digits than this.
constexpr int kExactDigits = 767;

int length(const std::string& text) { return static_cast<int>(text.size()); }

/// Digits in front of the point, a single 0 among them.
int whole_digits(const Decimal& decimal) { return std::max(decimal.exponent + 1, 1); }

/// `count` digits, counted from the first one or, for positions behind the point, from there.
Decimal cut(double value, const FloatNotation& notation, int count) {
  const bool from_point = !notation.scientific && notation.fractional;
  return from_point ? round_fraction(value, count) : round_significant(value, count + (notation.scientific ? 1 : 0));
}

/// How many digits `decimal` has, counted as cut() does.
int counted_digits(const Decimal& decimal, const FloatNotation& notation) {
  const int digits = length(decimal.digits);
  if (notation.scientific) return digits - 1;
  return notation.fractional ? decimal.fraction_digits() : digits;
}

/// Whether cutting `whole` off gives `part`: nothing was rounded up.
bool begins_with(const Decimal& whole, const Decimal& part) {
  return part.is_zero() || (whole.exponent == part.exponent && whole.digits.starts_with(part.digits));
}

/// Dragon4 stops where the exact digits end, and rounding up ends at the last digit that is not 0.
Decimal digits_of(double value, DType type, const FloatNotation& notation) {
  if (!notation.unique) {
    Decimal rounded = cut(value, notation, notation.precision);
    const Decimal exact = trimmed(round_significant(value, kExactDigits));
    const bool down = exact.digits.size() > rounded.digits.size() && begins_with(exact, rounded);
    return down ? rounded : trimmed(std::move(rounded));
  }
  Decimal shortest = shortest_decimal(value, type);
  const int count = counted_digits(shortest, notation);
  if (notation.precision >= 0 && count > notation.precision) {
    Decimal rounded = cut(value, notation, notation.precision);
    return begins_with(shortest, rounded) ? rounded : trimmed(std::move(rounded));
  }
  if (count >= notation.min_digits || shortest.is_zero()) return shortest;
  Decimal more = cut(value, notation, notation.min_digits);
  const Decimal exact = trimmed(round_significant(value, kExactDigits));
  const bool down = exact.digits.size() <= more.digits.size() || begins_with(exact, more);
  return down ? more : trimmed(std::move(more));
}

/// Zeros up to `wanted` digits behind the point, or none behind the last digit: what `trim` says.
void trim_fraction(std::string& whole, std::string& fraction, char trim, int wanted) {
  if (trim == 'k') {
    fraction.resize(std::max(fraction.size(), static_cast<std::size_t>(std::max(wanted, 0))), '0');
  } else {
    fraction.resize(fraction.find_last_not_of('0') + 1);
    if (fraction.empty() && trim == '0') fraction = "0";
  }
  if (trim != '-' || !fraction.empty()) whole += '.';
}

std::string exponent_text(int exponent, int least) {
  const int wanted = std::min(least < 0 ? kLeastExponentDigits : least, kMostExponentDigits);
  std::string digits = std::to_string(std::abs(exponent));
  if (wanted == 0 && exponent == 0) digits.clear();
  digits.insert(0, static_cast<std::size_t>(std::max(wanted - length(digits), 0)), '0');
  return (exponent < 0 ? "e-" : "e+") + digits;
}

std::string sign_of(double value, const FloatNotation& notation) {
  if (std::isnan(value)) return "";
  return std::signbit(value) ? "-" : notation.sign ? "+" : "";
}

std::string blanks(int count) { return std::string(static_cast<std::size_t>(std::max(count, 0)), ' '); }

std::string scientific_text(const Decimal& decimal, const std::string& sign, const FloatNotation& notation) {
  std::string whole = decimal.digits.substr(0, 1);
  std::string fraction = decimal.digits.substr(1);
  // NumPy's '-' drops the point only where there were no digits behind it to drop.
  const char trim = notation.trim == '-' && !fraction.empty() ? '.' : notation.trim;
  trim_fraction(whole, fraction, trim, notation.unique ? notation.min_digits : notation.precision);
  return blanks(notation.pad_left - length(sign) - 1) + sign + whole + fraction +
         exponent_text(decimal.exponent, notation.exponent_digits);
}

std::string positional_text(double value, const Decimal& decimal, const std::string& sign,
                            const FloatNotation& notation) {
  const std::string digits = positional(decimal, 0, true);
  const std::size_t point = digits.find('.');
  std::string whole = digits.substr(0, point);
  std::string fraction = digits.substr(point + 1);
  const int before = whole_digits(decimal);
  // What vanishes behind the cut leaves zeros up to there.
  const bool vanished = decimal.is_zero() && value != 0;
  const int least = notation.unique ? notation.min_digits : notation.precision;
  const int wanted = vanished ? std::max(least, notation.precision) : least;
  trim_fraction(whole, fraction, notation.trim, notation.fractional ? wanted : wanted - before);
  // A point that is trimmed away leaves its column.
  const int missing = notation.pad_right - length(fraction);
  const bool lacks_point = missing >= 0 && whole.back() != '.';
  return blanks(notation.pad_left - length(sign) - before) + sign + whole + fraction +
         blanks(missing + (lacks_point ? 1 : 0));
}

}  // namespace

std::string numpy_text(double value, DType type, const FloatNotation& notation) {
  const std::string sign = sign_of(value, notation);
  if (!std::isfinite(value)) return sign + (std::isnan(value) ? "nan" : "inf");
  const Decimal decimal = digits_of(value, type, notation);
  return notation.scientific ? scientific_text(decimal, sign, notation)
                             : positional_text(value, decimal, sign, notation);
}

}  // namespace inlay
