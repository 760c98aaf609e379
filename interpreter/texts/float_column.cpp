// float_column.cpp - NumPy's FloatingFormat: a first pass writes every number to see how long its parts get.
#include "interpreter/texts/float_column.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "interpreter/texts/decimal.h"
#include "interpreter/texts/format_number.h"
#include "runtime/memory/error.h"
#include "runtime/memory/poller.h"

namespace inlay {
namespace {

// Positional notation reaches from here ...
constexpr double kSmallestPositional = 1e-4;
// ... up to this power of ten (or the dtype's own precision), for values at most this factor apart.
constexpr int kLargestPositionalPower = 8;
constexpr double kLargestRatio = 1000.0;
// No float has more digits behind its point; more are not asked for.
constexpr std::int64_t kMostPrecision = 1100;

/// Half the range at most: who adds up such lengths does not wrap.
int length(std::string_view text) {
  constexpr std::size_t kMost = std::numeric_limits<int>::max() / 2;
  return static_cast<int>(std::min(text.size(), kMost));
}

int checked_precision(const PrintOptions& options) {
  if (options.float_mode == FloatMode::unique) return -1;
  if (options.precision < 0) throw Error(ErrorKind::ValueError, "precision must be >= 0");
  return static_cast<int>(std::min(options.precision, kMostPrecision));
}

}  // namespace

FloatColumn::FloatColumn(std::span<const double> values, DType type, const PrintOptions& options, char sign)
    : type_(type), options_(options), sign_(sign) {
  notation_.precision = checked_precision(options);
  notation_.unique = options.float_mode != FloatMode::fixed;
  notation_.trim = notation_.unique ? '.' : 'k';
  notation_.sign = sign == '+';
  notation_.scientific = needs_exponent(values);
  std::vector<double> finite;
  for (Poller poll; const double value : values) {
    poll();
    if (std::isfinite(value)) finite.push_back(value);
  }
  measure(finite);
  const bool negative = std::any_of(finite.begin(), finite.end(), [](double v) { return std::signbit(v); });
  if (sign == ' ' && !negative) ++left_;
  if (finite.size() < values.size()) measure_non_finite(values);
  notation_.pad_left = left_;
  if (!notation_.scientific) notation_.pad_right = right_;
}

bool FloatColumn::needs_exponent(std::span<const double> values) const {
  double largest = 0;
  double smallest = 0;
  for (Poller poll; const double value : values) {
    poll();
    const double magnitude = std::fabs(value);
    if (!std::isfinite(value) || magnitude == 0) continue;
    largest = std::max(largest, magnitude);
    smallest = smallest == 0 ? magnitude : std::min(smallest, magnitude);
  }
  if (largest == 0) return false;
  if (largest >= std::pow(10.0, std::min(kLargestPositionalPower, decimal_precision(type_)))) return true;
  if (options_.suppress) return false;
  // The bound and the ratio are rounded to the array's own type, as NumPy computes them in it.
  return smallest < round_to_type(kSmallestPositional, type_) ||
         round_to_type(largest / smallest, type_) > kLargestRatio;
}

/// Writes all numbers with as few digits as the options allow, and settles the digits that every one of them gets.
void FloatColumn::measure(std::span<const double> finite) {
  int fraction = 0;
  int exponent = 0;
  for (Poller poll; const double value : finite) {
    poll();
    const std::string text = numpy_text(value, type_, notation_);
    const std::size_t point = text.find('.');
    const std::size_t e = std::min(text.find('e'), text.size());
    left_ = std::max(left_, static_cast<int>(point));
    fraction = std::max(fraction, static_cast<int>(e - point) - 1);
    if (notation_.scientific) exponent = std::max(exponent, length(text) - static_cast<int>(e) - 2);
  }
  right_ = fraction;
  if (notation_.scientific) {
    notation_.exponent_digits = exponent;
    right_ += exponent + 2;
  }
  const bool equal = options_.float_mode == FloatMode::fixed || options_.float_mode == FloatMode::maxprec_equal;
  if (!finite.empty() && (notation_.scientific || equal)) {
    notation_.trim = 'k';
    notation_.precision = notation_.min_digits = fraction;
  }
}

void FloatColumn::measure_non_finite(std::span<const double> values) {
  const bool has_negative = std::any_of(values.begin(), values.end(), [](double v) { return std::isinf(v) && v < 0; });
  const int sign = sign_ != '-' || has_negative ? 1 : 0;
  const int offset = right_ + 1;
  left_ = std::max({left_, length(options_.nan_text) - offset, length(options_.inf_text) + sign - offset});
}

std::string FloatColumn::text(double value) const {
  if (std::isfinite(value)) return numpy_text(value, type_, notation_);
  const bool negative = std::isinf(value) && value < 0;
  const std::string word = (negative         ? "-"
                            : notation_.sign ? "+"
                                             : "") +
                           (std::isnan(value) ? options_.nan_text : options_.inf_text);
  const int missing = left_ + 1 + right_ - length(word);
  return std::string(static_cast<std::size_t>(std::max(missing, 0)), ' ') + word;
}

}  // namespace inlay
