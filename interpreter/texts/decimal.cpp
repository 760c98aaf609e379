// decimal.cpp - digits of floating values through std::to_chars, which is exact and knows no locale.
#include "interpreter/texts/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "runtime/dtypes/cast.h"

namespace inlay {
namespace {

// The exact expansion of the smallest bfloat16, 2^-133, has 93 digits; no 16-bit float has more.
constexpr int kExactDigits = 100;
// What to_chars writes besides the digits asked for: sign, point, exponent, and up to 309 digits before the point.
constexpr std::size_t kTextSlack = 330;

int parse_exponent(std::string_view text) {
  if (text.front() == '+') text.remove_prefix(1);
  int exponent = 0;
  std::from_chars(text.data(), text.data() + text.size(), exponent);
  return exponent;
}

/// From to_chars' "d.ddde+XX".
Decimal from_scientific(std::string_view text, bool negative) {
  const std::size_t e = text.find('e');
  Decimal out{negative, std::string(text.substr(0, e)), parse_exponent(text.substr(e + 1))};
  if (out.digits.size() > 1) out.digits.erase(1, 1);
  return out.digits.front() == '0' ? Decimal{negative} : out;
}

/// From to_chars' "ddd.ddd".
Decimal from_fixed(std::string text, bool negative) {
  const std::size_t point = std::min(text.find('.'), text.size());
  if (point < text.size()) text.erase(point, 1);
  const std::size_t first = text.find_first_not_of('0');
  if (first == std::string::npos) return {negative};
  return {negative, text.substr(first), static_cast<int>(point) - static_cast<int>(first) - 1};
}

template <class T>
Decimal shortest_of(T magnitude, bool negative) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::scientific).ptr;
  return from_scientific({text.data(), end}, negative);
}

std::string exact_text(double magnitude, std::chars_format format, int precision) {
  std::string text(kTextSlack + static_cast<std::size_t>(precision), '\0');
  const auto end = std::to_chars(text.data(), text.data() + text.size(), magnitude, format, precision).ptr;
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

double to_double(const Decimal& decimal) {
  const int exponent = decimal.exponent - static_cast<int>(decimal.digits.size()) + 1;
  const std::string text = decimal.digits + 'e' + std::to_string(exponent);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// One more in the last digit.
Decimal next_up(Decimal decimal) {
  std::size_t at = decimal.digits.size();
  while (at > 0 && decimal.digits[at - 1] == '9') decimal.digits[--at] = '0';
  if (at > 0) {
    ++decimal.digits[at - 1];
  } else {
    decimal.digits.insert(decimal.digits.begin(), '1');
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  return decimal;
}

/// Whether what `exact` has behind its first `count` digits rounds up.
bool rounds_up(const Decimal& exact, std::size_t count) {
  if (count >= exact.digits.size()) return false;
  const char next = exact.digits[count];
  const bool half = next == '5' && exact.digits.find_first_not_of('0', count + 1) == std::string::npos;
  return half ? (exact.digits[count - 1] - '0') % 2 == 1 : next >= '5';
}

/// to_chars has no 16-bit floats: truncates and rounds up the exact digits until one of the two reads back as
/// `magnitude`.
Decimal shortest_of_half(double magnitude, DType type, bool negative) {
  Decimal exact = trimmed(round_significant(magnitude, kExactDigits));
  exact.negative = negative;
  for (std::size_t count = 1; count < exact.digits.size(); ++count) {
    const Decimal low{negative, exact.digits.substr(0, count), exact.exponent};
    const Decimal high = next_up(low);
    const bool low_reads_back = round_to_type(to_double(low), type) == magnitude;
    const bool high_reads_back = round_to_type(to_double(high), type) == magnitude;
    if (!low_reads_back && !high_reads_back) continue;
    const bool up = low_reads_back && high_reads_back ? rounds_up(exact, count) : high_reads_back;
    return trimmed(up ? high : low);
  }
  return exact;
}

}  // namespace

int Decimal::fraction_digits() const { return std::max(0, static_cast<int>(digits.size()) - 1 - exponent); }

double round_to_type(double value, DType type) {
  alignas(16) std::array<std::byte, 16> stored;
  cast_kernel(DType::float64, type)(&value, stored.data(), 1);
  cast_kernel(type, DType::float64)(stored.data(), &value, 1);
  return value;
}

Decimal shortest_decimal(double value, DType type) {
  const bool negative = std::signbit(value);
  const double magnitude = std::fabs(value);
  if (type == DType::float64) return shortest_of(magnitude, negative);
  if (type == DType::float32) return shortest_of(static_cast<float>(magnitude), negative);
  return magnitude == 0 ? Decimal{negative} : shortest_of_half(magnitude, type, negative);
}

Decimal round_significant(double value, int count) {
  return from_scientific(exact_text(std::fabs(value), std::chars_format::scientific, count - 1), std::signbit(value));
}

Decimal round_fraction(double value, int count) {
  return from_fixed(exact_text(std::fabs(value), std::chars_format::fixed, count), std::signbit(value));
}

Decimal round_to_count(const Decimal& exact, std::size_t count) {
  const Decimal low{exact.negative, exact.digits.substr(0, count), exact.exponent};
  return rounds_up(exact, count) ? next_up(low) : low;
}

Decimal trimmed(Decimal decimal) {
  decimal.digits.resize(std::max<std::size_t>(decimal.digits.find_last_not_of('0') + 1, 1));
  return decimal;
}

std::string positional(const Decimal& decimal, int fraction, bool point) {
  const int whole = decimal.exponent + 1;
  std::string text = whole > 0 ? decimal.digits.substr(0, static_cast<std::size_t>(whole)) : "0";
  if (whole > 0) text.resize(static_cast<std::size_t>(whole), '0');
  std::string behind(static_cast<std::size_t>(std::max(-whole, 0)), '0');
  if (static_cast<int>(decimal.digits.size()) > whole)
    behind += decimal.digits.substr(static_cast<std::size_t>(std::max(whole, 0)));
  behind.resize(std::max(behind.size(), static_cast<std::size_t>(std::max(fraction, 0))), '0');
  if (point || !behind.empty()) text += '.';
  return text + behind;
}

std::string scientific(const Decimal& decimal, int fraction, bool point, int exponent_digits) {
  std::string exponent = std::to_string(std::abs(decimal.exponent));
  const std::size_t width = static_cast<std::size_t>(exponent_digits);
  if (exponent.size() < width) exponent.insert(0, width - exponent.size(), '0');
  return positional({false, decimal.digits, 0}, fraction, point) + (decimal.exponent < 0 ? "e-" : "e+") + exponent;
}

}  // namespace inlay
