// ops_printing.cpp - how tensors and numbers become text: NumPy's print options, array2string and its kin, single
// floats in a given notation, integers in a base. What Python formats is format_spec.h's.
// Invariant: set_printoptions changes the options of its own interpreter, all of them or, when one is refused, none.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/construct.h"
#include "interpreter/texts/float_notation.h"
#include "interpreter/texts/format_tensor.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/compare.h"

namespace inlay {
namespace {

// No double has more digits in front of its point or behind it; longer texts hold nothing but zeros and blanks.
constexpr std::int64_t kMostDigits = 1100;
// Wider texts are refused rather than filled with blanks.
constexpr std::int64_t kMostPadding = std::int64_t{1} << 20;

Value text_value(std::string_view text) { return Value::of(text); }

// ---- options ----

constexpr std::pair<std::string_view, FloatMode> kFloatModes[] = {
    {"fixed", FloatMode::fixed},
    {"unique", FloatMode::unique},
    {"maxprec", FloatMode::maxprec},
    {"maxprec_equal", FloatMode::maxprec_equal},
};

void set_float_mode(PrintOptions& options, const Value& value) {
  if (value.is_none()) return;
  for (const auto& [name, mode] : kFloatModes) {
    if (!value.is_string() || value.string() != name) continue;
    options.float_mode = mode;
    return;
  }
  raise(ErrorKind::ValueError, "floatmode option must be one of \"fixed\", \"unique\", \"maxprec\", \"maxprec_equal\"");
}

void set_sign(PrintOptions& options, const Value& value) {
  if (value.is_none()) return;
  const bool known = value.is_string() && value.string().size() == 1 &&
                     std::string_view("-+ ").find(value.string()) != std::string_view::npos;
  if (!known) raise(ErrorKind::ValueError, "sign option must be one of ' ', '+', or '-'");
  options.sign = value.string()[0];
}

void set_threshold(PrintOptions& options, const Value& value) {
  if (value.is_none()) return;
  const bool numeric = value.is_number() || (value.is_tensor() && value.tensor_rank() == 0);
  if (!numeric) raise(ErrorKind::TypeError, "threshold must be numeric");
  const double threshold = as_float(value);
  if (std::isnan(threshold))
    raise(ErrorKind::ValueError, "threshold must be non-NAN, try inf for untruncated representation");
  options.threshold = threshold;
}

void set_precision(PrintOptions& options, const Value& value) {
  if (value.is_none()) return;
  try {
    options.precision = as_index(value);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::TypeError) raise(ErrorKind::TypeError, "precision must be an integer");
    throw;
  }
}

void set_integer(std::int64_t& option, const Value& value) {
  if (!value.is_none()) option = as_index(value);
}

void set_text(std::string& option, const Value& value, std::string_view parameter) {
  if (!value.is_none()) option = string_argument(value, parameter);
}

void set_suppress(PrintOptions& options, const Value& value) {
  if (!value.is_none()) options.suppress = truth(value);
}

void refuse_formatter(const Value& value) {
  if (value.is_none()) return;
  raise(ErrorKind::TypeError, "formatter is not supported: format the elements with f-strings and join them");
}

Value op_set_printoptions(OpCall& call) {
  PrintOptions options = call.evaluator.print_options();
  set_precision(options, call[0]);
  set_threshold(options, call[1]);
  set_integer(options.edge_items, call[2]);
  set_integer(options.line_width, call[3]);
  set_suppress(options, call[4]);
  set_text(options.nan_text, call[5], "nanstr");
  set_text(options.inf_text, call[6], "infstr");
  refuse_formatter(call[7]);
  set_sign(options, call[8]);
  set_float_mode(options, call[9]);
  call.evaluator.print_options() = std::move(options);
  return Value::none();
}

/// As it was given: an int unless it is infinite or has a fraction.
Value threshold_value(double threshold) {
  const bool whole = std::trunc(threshold) == threshold && std::fabs(threshold) < 0x1p63;
  return whole ? Value::of(static_cast<std::int64_t>(threshold)) : Value::of(threshold);
}

std::string_view name_of(FloatMode mode) {
  return std::find_if(std::begin(kFloatModes), std::end(kFloatModes),
                      [&](const auto& row) { return row.second == mode; })
      ->first;
}

Value op_get_printoptions(OpCall& call) {
  const PrintOptions& options = call.evaluator.print_options();
  Value out = Value::dict();
  DictObject& dict = out.mutable_dictionary();
  const auto set = [&](const char* key, Value value) { dict.set(Value::of(key), std::move(value)); };
  set("precision", Value::of(options.precision));
  set("threshold", threshold_value(options.threshold));
  set("edgeitems", Value::of(options.edge_items));
  set("linewidth", Value::of(options.line_width));
  set("suppress", Value::of(options.suppress));
  set("nanstr", text_value(options.nan_text));
  set("infstr", text_value(options.inf_text));
  set("sign", text_value(std::string_view(&options.sign, 1)));
  set("floatmode", text_value(name_of(options.float_mode)));
  return out;
}

// ---- arrays ----

Value op_array2string(OpCall& call) {
  PrintOptions options = call.evaluator.print_options();
  set_integer(options.line_width, call[1]);
  set_precision(options, call[2]);
  set_suppress(options, call[3]);
  refuse_formatter(call[6]);
  set_threshold(options, call[7]);
  set_integer(options.edge_items, call[8]);
  set_sign(options, call[9]);
  set_float_mode(options, call[10]);
  const ArrayText around{.separator = string_argument(call[4], "separator"),
                         .indent = utf8_length(string_argument(call[5], "prefix")),
                         .suffix = utf8_length(string_argument(call[11], "suffix"))};
  return text_value(array_text(tensor_argument(call[0]), around, options));
}

/// The options of array_repr and array_str: the line's width, the precision, whether small numbers are suppressed.
PrintOptions few_options(OpCall& call) {
  PrintOptions options = call.evaluator.print_options();
  set_integer(options.line_width, call[1]);
  set_precision(options, call[2]);
  set_suppress(options, call[3]);
  return options;
}

Value op_array_repr(OpCall& call) { return text_value(repr(tensor_argument(call[0]), few_options(call))); }
Value op_array_str(OpCall& call) { return text_value(to_string(tensor_argument(call[0]), few_options(call))); }

// ---- single floats ----

/// None is -1; a digit count that no number has is as good as the largest that one has.
int digit_count(const Value& value, std::string_view parameter, std::int64_t most = kMostDigits) {
  if (value.is_none()) return -1;
  const std::int64_t count = as_index(value);
  if (count < 0) raise(ErrorKind::ValueError, "{} must be >= 0", parameter);
  return static_cast<int>(std::min(count, most));
}

int padding(const Value& value, std::string_view parameter) {
  const int count = digit_count(value, parameter, kMostPadding + 1);
  if (count > kMostPadding) raise(ErrorKind::ValueError, "{} must be at most {}", parameter, kMostPadding);
  return count;
}

char trim_argument(const Value& value) {
  const std::string_view text = string_argument(value, "trim");
  if (text.size() == 1 && std::string_view("k.0-").find(text) != std::string_view::npos) return text[0];
  raise(ErrorKind::TypeError, "if supplied, trim must be 'k', '.', '0' or '-' found `{}`", text);
}

void check_digits(const FloatNotation& notation) {
  if (notation.min_digits > 0 && notation.precision > 0 && notation.min_digits > notation.precision)
    raise(ErrorKind::ValueError, "min_digits must be less than or equal to precision");
  if (!notation.fractional && notation.precision == 0)
    raise(ErrorKind::ValueError, "precision must be greater than 0 if fractional=False");
  if (!notation.unique && notation.precision < 0)
    raise(ErrorKind::TypeError, "in non-unique mode `precision` must be supplied");
}

/// A 0-d tensor of a shorter float has fewer digits than the plain number.
Value notation_text(const Value& x, const FloatNotation& notation) {
  check_digits(notation);
  const bool is_float = x.is_tensor() && x.tensor_rank() == 0 && is_floating(x.tensor_dtype());
  return text_value(numpy_text(as_float(x), is_float ? x.tensor_dtype() : DType::float64, notation));
}

Value op_format_float_positional(OpCall& call) {
  FloatNotation notation;
  notation.precision = digit_count(call[1], "precision");
  notation.unique = truth(call[2]);
  notation.fractional = truth(call[3]);
  notation.trim = trim_argument(call[4]);
  notation.sign = truth(call[5]);
  notation.pad_left = padding(call[6], "pad_left");
  notation.pad_right = padding(call[7], "pad_right");
  notation.min_digits = digit_count(call[8], "min_digits");
  return notation_text(call[0], notation);
}

Value op_format_float_scientific(OpCall& call) {
  FloatNotation notation;
  notation.scientific = true;
  notation.precision = digit_count(call[1], "precision");
  notation.unique = truth(call[2]);
  notation.trim = trim_argument(call[3]);
  notation.sign = truth(call[4]);
  notation.pad_left = padding(call[5], "pad_left");
  notation.exponent_digits = digit_count(call[6], "exp_digits");
  notation.min_digits = digit_count(call[7], "min_digits");
  return notation_text(call[0], notation);
}

// ---- integers in a base ----

std::string digits_in(std::uint64_t magnitude, unsigned base) {
  std::string digits;
  for (; magnitude > 0; magnitude /= base) digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[magnitude % base];
  std::reverse(digits.begin(), digits.end());
  return digits;
}

/// The integer in a plain number or 0-d tensor, floats cut off.
int128 whole_argument(const Value& value) {
  const std::optional<Scalar> number = number_of(value);
  if (!number || number->kind == Scalar::Kind::complex)
    raise(ErrorKind::TypeError, "int() argument must be a real number, not '{}'", type_name(value));
  if (number->kind == Scalar::Kind::floating) return as_index(whole_number(std::trunc(number->real)));
  return number->integer;
}

/// An integer, those of uint64 too.
int128 index_argument(const Value& value) {
  const std::optional<Scalar> number = number_of(value);
  const bool is_whole = number && (number->kind == Scalar::Kind::integer || number->kind == Scalar::Kind::wide);
  return is_whole ? number->integer : as_index(value);
}

std::uint64_t magnitude_of(int128 value) { return static_cast<std::uint64_t>(value < 0 ? -value : value); }

std::string zeros(std::int64_t count) {
  const std::int64_t size = std::max<std::int64_t>(count, 0);
  context().charge(0, static_cast<std::uint64_t>(size));
  return std::string(static_cast<std::size_t>(size), '0');
}

Value op_base_repr(OpCall& call) {
  const std::int64_t base = as_index(call[1]);
  if (base > 36) raise(ErrorKind::ValueError, "Bases greater than 36 not handled in base_repr.");
  if (base < 2) raise(ErrorKind::ValueError, "Bases less than 2 not handled in base_repr.");
  const int128 number = whole_argument(call[0]);
  const std::string digits = zeros(as_index(call[2])) + digits_in(magnitude_of(number), static_cast<unsigned>(base));
  return text_value((number < 0 ? "-" : "") + (digits.empty() ? std::string("0") : digits));
}

/// Two's complement of a negative number in as few bits as hold it.
std::string complement(int128 number) {
  unsigned bits = 1;
  while (-(int128{1} << (bits - 1)) > number) ++bits;
  std::string out;
  for (unsigned bit = bits; bit-- > 0;) out += ((number >> bit) & 1) != 0 ? '1' : '0';
  return out;
}

Value op_binary_repr(OpCall& call) {
  const int128 number = index_argument(call[0]);
  const bool has_width = !call[1].is_none();
  const std::int64_t width = has_width ? as_index(call[1]) : 0;
  if (number == 0) return text_value(width == 0 ? "0" : zeros(width));
  if (number < 0 && !has_width) return text_value('-' + digits_in(magnitude_of(number), 2));
  const std::string bits = number < 0 ? complement(number) : digits_in(magnitude_of(number), 2);
  const auto size = static_cast<std::int64_t>(bits.size());
  if (has_width && width < size)
    raise(ErrorKind::ValueError, "Insufficient bit width={} provided for binwidth={}", width, size);
  std::string fill = zeros(width - size);
  if (number < 0) std::fill(fill.begin(), fill.end(), '1');
  return text_value(fill + bits);
}

constexpr OpRow kRows[] = {
    {"set_printoptions",
     "precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None, "
     "formatter=None, sign=None, floatmode=None",
     kNumpy, ResultKind::any, op_set_printoptions},
    {"get_printoptions", "", kNumpy, ResultKind::any, op_get_printoptions},
    {"array2string",
     "a, max_line_width=None, precision=None, suppress_small=None, separator=' ', prefix='', *, formatter=None, "
     "threshold=None, edgeitems=None, sign=None, floatmode=None, suffix=''",
     kNumpy, ResultKind::any, op_array2string},
    {"array_repr", "arr, max_line_width=None, precision=None, suppress_small=None", kNumpy, ResultKind::any,
     op_array_repr},
    {"array_str", "a, max_line_width=None, precision=None, suppress_small=None", kNumpy, ResultKind::any, op_array_str},
    {"format_float_positional",
     "x, precision=None, unique=True, fractional=True, trim='k', sign=False, pad_left=None, pad_right=None, "
     "min_digits=None",
     kNumpy, ResultKind::any, op_format_float_positional},
    {"format_float_scientific",
     "x, precision=None, unique=True, trim='k', sign=False, pad_left=None, exp_digits=None, min_digits=None", kNumpy,
     ResultKind::any, op_format_float_scientific},
    {"base_repr", "number, base=2, padding=0", kNumpy, ResultKind::any, op_base_repr},
    {"binary_repr", "num, width=None", kNumpy, ResultKind::any, op_binary_repr},
};

}  // namespace

std::span<const OpRow> printing_ops() { return kRows; }

}  // namespace inlay
