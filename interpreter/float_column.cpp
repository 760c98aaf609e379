// float_column.cpp - NumPy's FloatingFormat with floatmode 'maxprec', precision 8, suppress False.
#include "interpreter/float_column.h"

#include <algorithm>
#include <cmath>

#include "interpreter/format_number.h"

namespace inlay {
namespace {

// Positional notation reaches from here ...
constexpr double kSmallestPositional = 1e-4;
// ... up to this power of ten (or the dtype's own precision), for values at most this factor apart.
constexpr int kLargestPositionalPower = 8;
constexpr double kLargestRatio = 1000.0;

int length(const std::string& text) { return static_cast<int>(text.size()); }

}  // namespace

FloatColumn::FloatColumn(std::span<const double> values, DType type, bool plus) : type_(type), plus_(plus) {
  exponent_ = needs_exponent(values);
  int precision = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    if (exponent_)
      precision = std::max(precision, measure_exponent(value));
    else
      measure_positional(value);
  }
  if (exponent_) {
    precision_ = precision;
    right_ = precision_ + 2 + exponent_width_;
  }
  measure_non_finite(values);
}

bool FloatColumn::needs_exponent(std::span<const double> values) const {
  double largest = 0;
  double smallest = 0;
  for (const double value : values) {
    const double magnitude = std::fabs(value);
    if (!std::isfinite(value) || magnitude == 0) continue;
    largest = std::max(largest, magnitude);
    smallest = smallest == 0 ? magnitude : std::min(smallest, magnitude);
  }
  if (largest == 0) return false;
  // The bounds and the ratio are rounded to the array's own type, as NumPy computes them in it.
  return largest >= std::pow(10.0, std::min(kLargestPositionalPower, decimal_precision(type_))) ||
         smallest < round_to_type(kSmallestPositional, type_) ||
         round_to_type(largest / smallest, type_) > kLargestRatio;
}

std::string FloatColumn::sign(double value) const {
  if (std::signbit(value) && !std::isnan(value)) return "-";
  return plus_ ? "+" : "";
}

Decimal FloatColumn::positional_digits(double value) const {
  Decimal decimal = shortest_decimal(value, type_);
  return decimal.fraction_digits() > precision_ ? trimmed(round_fraction(value, precision_)) : decimal;
}

/// Digits for the notation d.ddde+XX: at most `precision_` behind the point, with `fill` exactly as many, all of them
/// true.
Decimal FloatColumn::exponent_digits(double value, bool fill) const {
  Decimal decimal = shortest_decimal(value, type_);
  const int behind = static_cast<int>(decimal.digits.size()) - 1;
  const bool rounds = behind > precision_ || (fill && behind < precision_ && !decimal.is_zero());
  if (rounds) decimal = round_significant(value, precision_ + 1);
  return fill ? decimal : trimmed(std::move(decimal));
}

void FloatColumn::measure_positional(double value) {
  const Decimal decimal = positional_digits(value);
  left_ = std::max(left_, length(sign(value)) + std::max(decimal.exponent + 1, 1));
  right_ = std::max(right_, decimal.fraction_digits());
}

int FloatColumn::measure_exponent(double value) {
  const Decimal decimal = exponent_digits(value, false);
  left_ = std::max(left_, length(sign(value)) + 1);
  exponent_width_ = std::max(exponent_width_, length(std::to_string(std::abs(decimal.exponent))));
  return static_cast<int>(decimal.digits.size()) - 1;
}

void FloatColumn::measure_non_finite(std::span<const double> values) {
  for (const double value : values) {
    if (std::isfinite(value)) continue;
    const int needed = std::isnan(value) ? 3 : 3 + length(sign(value));
    left_ = std::max(left_, needed - right_ - 1);
  }
  // NumPy counts the sign of "+inf" as soon as anything is not finite.
  if (plus_ && !std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
    left_ = std::max(left_, 4 - right_ - 1);
}

std::string FloatColumn::text(double value) const {
  const std::size_t width = static_cast<std::size_t>(this->width());
  if (!std::isfinite(value)) {
    const std::string word = sign(value) + (std::isnan(value) ? "nan" : "inf");
    return std::string(width - std::min(width, word.size()), ' ') + word;
  }
  const std::string digits = exponent_ ? scientific(exponent_digits(value, true), precision_, true, exponent_width_)
                                       : positional(positional_digits(value), 0, true);
  std::string out = sign(value) + digits;
  const int before = static_cast<int>(out.find('.'));
  out.insert(0, static_cast<std::size_t>(std::max(left_ - before, 0)), ' ');
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

}  // namespace inlay
