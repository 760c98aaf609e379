// format_spec.cpp - parse the spec, write the number's digits, then sign, groups and padding around them.
#include "interpreter/texts/format_spec.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cmath>
#include <optional>

#include "interpreter/texts/format_number.h"
#include "interpreter/texts/long_text.h"
#include "interpreter/texts/quote.h"
#include "runtime/memory/context.h"
#include "runtime/memory/error.h"

namespace inlay {
namespace {

// Text below this size is not worth asking the context about.
constexpr std::int64_t kChargedSize = 4096;
// A width or precision beyond this is refused as if the system had no memory for it, before it is tried.
constexpr std::int64_t kMaxSize = std::int64_t{1} << 28;
// The same of the digits of a number, which are not written in parts.
constexpr std::int64_t kMaxDigits = std::int64_t{1} << 24;
constexpr std::uint64_t kCopiesOfDigits = 4;  // at a time
constexpr int kDefaultPrecision = 6;

struct FormatSpec {
  std::string fill = " ";
  char align = 0;  // '<' '>' '=' '^', 0 where the spec gives none
  char sign = 0;   // '+' '-' ' '
  bool no_negative_zero = false;
  bool alternate = false;
  std::int64_t width = -1;
  char grouping = 0;  // ',' '_'
  std::int64_t precision = -1;
  std::string type;  // one character or none

  [[nodiscard]] char code() const { return type.size() == 1 ? type[0] : type.empty() ? '\0' : '?'; }
};

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// A character in a message: itself, or its number.
std::string shown(std::string_view character) {
  const std::uint32_t code = utf8_decode(character);
  return code > 32 && code < 128 ? std::string(character) : fmt::format("\\x{:x}", code);
}

[[noreturn]] void unknown_code(const FormatSpec& spec, std::string_view object) {
  fail(fmt::format("Unknown format code '{}' for object of type '{}'", shown(spec.type), object));
}

class SpecParser {
 public:
  SpecParser(std::string_view text, std::string_view object) : rest_(text), text_(text), object_(object) {}

  /// Texts differ from numbers: a '0' in front of the width is only a fill, and no grouping is allowed even without a
  /// type.
  FormatSpec parse(bool is_text = false) {
    parse_align();
    spec_.sign = take("+- ");
    spec_.no_negative_zero = take("z") != 0;
    spec_.alternate = take("#") != 0;
    parse_zero(!is_text);
    spec_.width = take_number();
    parse_grouping();
    parse_precision();
    parse_type();
    check_grouping(is_text ? "s" : "d");
    return std::move(spec_);
  }

 private:
  static bool is_align(char c) { return std::string_view("<>=^").find(c) != std::string_view::npos; }

  /// The next character if it is one of `set`, else 0.
  char take(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void parse_align() {
    const std::size_t size = rest_.empty() ? 0 : utf8_size(rest_);
    if (rest_.size() > size && size > 0 && is_align(rest_[size])) {
      spec_.fill = rest_.substr(0, size);
      has_fill_ = true;
      rest_.remove_prefix(size);
    }
    spec_.align = take("<>=^");
  }

  void parse_zero(bool zero_aligns) {
    if (has_fill_ || take("0") == 0) return;
    spec_.fill = "0";
    if (spec_.align == 0 && zero_aligns) spec_.align = '=';
  }

  /// -1 where no digit stands.
  std::int64_t take_number() {
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (rest_.empty() || rest_.front() == '-' || error == std::errc::invalid_argument) return -1;
    if (error == std::errc::result_out_of_range) fail("Too many decimal digits in format string");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  void parse_grouping() {
    spec_.grouping = take(",");
    const char under = take("_");
    if (under != 0 && spec_.grouping != 0) fail("Cannot specify both ',' and '_'.");
    if (under != 0) spec_.grouping = under;
    if (spec_.grouping == '_' && take(",") != 0) fail("Cannot specify both ',' and '_'.");
  }

  void parse_precision() {
    if (take(".") == 0) return;
    spec_.precision = take_number();
    if (spec_.precision < 0) fail("Format specifier missing precision");
  }

  void parse_type() {
    if (rest_.empty()) return;
    if (rest_.size() > utf8_size(rest_))
      fail(fmt::format("Invalid format specifier {} for object of type '{}'", short_quote(text_), object_));
    spec_.type = rest_;
  }

  void check_grouping(std::string_view default_type) const {
    if (spec_.grouping == 0) return;
    const std::string_view type = spec_.type.empty() ? default_type : std::string_view(spec_.type);
    const bool decimal = std::string_view("defgEG%F").find(type) != std::string_view::npos;
    const bool binary = std::string_view("boxX").find(type) != std::string_view::npos;
    if (!decimal && !(binary && spec_.grouping == '_'))
      fail(fmt::format("Cannot specify '{}' with '{}'.", spec_.grouping, shown(type)));
  }

  FormatSpec spec_;
  bool has_fill_ = false;
  std::string_view rest_;
  std::string_view text_;
  std::string_view object_;
};

void check_size(std::int64_t size, std::int64_t most) {
  if (size > most) throw Error(ErrorKind::MemoryError, "the formatted text would be too long");
}

void charge_digits(std::int64_t digits) {
  check_size(digits, kMaxDigits);
  if (digits > kChargedSize) context().charge(0, static_cast<std::uint64_t>(digits) * kCopiesOfDigits);
}

void add_fill(std::string& out, const std::string& fill, std::int64_t count) {
  if (fill.size() == 1) return append_text(out, static_cast<std::size_t>(count), fill[0]);
  for (; count > 0; --count) append_text(out, fill);
}

/// Pads `text`; `inside` is where '=' puts the padding (behind sign and prefix).
std::string padded(std::string text, const FormatSpec& spec, char default_align, std::size_t inside) {
  const std::int64_t missing = spec.width - static_cast<std::int64_t>(utf8_length(text));
  if (missing <= 0) return text;
  check_size(missing, kMaxSize);
  const char align = spec.align != 0 ? spec.align : default_align;
  const std::size_t front = align == '<' ? text.size() : align == '=' ? inside : 0;
  const std::int64_t left = align == '^' ? missing / 2 : missing;
  std::string out;
  append_text(out, std::string_view(text).substr(0, front));
  add_fill(out, spec.fill, left);
  append_text(out, std::string_view(text).substr(front));
  add_fill(out, spec.fill, missing - left);
  return out;
}

/// A number in pieces: sign and prefix, the digits that are grouped, and the rest (".5e+10").
struct NumberText {
  std::string sign;
  std::string prefix;
  std::string digits;
  std::string rest;
  std::size_t group = 3;
};

/// Leading zeros until `digits`, once grouped, are `min_width` long.
void fill_groups(std::string& digits, std::size_t group, std::int64_t min_width) {
  if (static_cast<std::int64_t>(digits.size() + (digits.size() - 1) / group) >= min_width) return;
  charge_digits(min_width);
  const std::size_t width = static_cast<std::size_t>(min_width);
  // A separator never comes first: where the width would end on one, one more digit does.
  const std::size_t count = width / (group + 1) * group + std::max<std::size_t>(width % (group + 1), 1);
  digits.insert(0, count - digits.size(), '0');
}

/// Separates `digits` into groups from the right.
std::string grouped(const std::string& digits, char separator, std::size_t group) {
  std::string out;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % group == 0) out += separator;
    out += digits[at];
  }
  return out;
}

std::string assembled(NumberText number, const FormatSpec& spec, char default_align) {
  const std::string front = number.sign + number.prefix;
  if (spec.grouping != 0 && !number.digits.empty()) {
    const bool zeros = spec.fill == "0" && spec.align == '=';
    if (zeros)
      fill_groups(number.digits, number.group,
                  spec.width - static_cast<std::int64_t>(front.size() + number.rest.size()));
    number.digits = grouped(number.digits, spec.grouping, number.group);
  }
  return padded(front + number.digits + number.rest, spec, default_align, front.size());
}

std::string sign_text(bool negative, char sign) {
  if (negative) return "-";
  return sign == '+' || sign == ' ' ? std::string(1, sign) : std::string();
}

char32_t character_of(bool negative, std::uint64_t magnitude) {
  if (negative || magnitude >= 0x110000) throw Error(ErrorKind::OverflowError, "%c arg not in range(0x110000)");
  return static_cast<char32_t>(magnitude);
}

std::string format_character(bool negative, std::uint64_t magnitude, const FormatSpec& spec) {
  if (spec.sign != 0) fail("Sign not allowed with integer format specifier 'c'");
  if (spec.alternate) fail("Alternate form (#) not allowed with integer format specifier 'c'");
  return padded(utf8_encode(character_of(negative, magnitude)), spec, '>', 0);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string in_base(std::uint64_t magnitude, int base) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, magnitude, base).ptr};
}

std::string format_float(double value, const FormatSpec& spec, std::string_view object);

std::string format_integer(bool negative, std::uint64_t magnitude, std::string_view text, std::string_view object,
                           std::int64_t least_digits = 0) {
  const FormatSpec spec = SpecParser(text, object).parse();
  const char code = spec.code();
  if (code != 0 && std::string_view("eEfFgG%").find(code) != std::string_view::npos) {
    const double value = static_cast<double>(magnitude);
    return format_float(negative ? -value : value, spec, object);
  }
  if (code != 0 && std::string_view("bcdoxXn").find(code) == std::string_view::npos) unknown_code(spec, object);
  if (spec.precision >= 0) fail("Precision not allowed in integer format specifier");
  if (spec.no_negative_zero) fail("Negative zero coercion (z) not allowed in integer format specifier");
  if (code == 'c') return format_character(negative, magnitude, spec);
  const int base = code == 'b' ? 2 : code == 'o' ? 8 : code == 'x' || code == 'X' ? 16 : 10;
  NumberText number{sign_text(negative, spec.sign), "", in_base(magnitude, base), "", base == 10 ? 3u : 4u};
  if (spec.alternate && base != 10) number.prefix = {'0', code};
  if (code == 'X') number.digits = upper(number.digits);
  if (const auto given = std::ssize(number.digits); given < least_digits) {
    charge_digits(least_digits);
    number.digits.insert(0, static_cast<std::size_t>(least_digits - given), '0');
  }
  return assembled(std::move(number), spec, '>');
}

/// How the spec writes a float; without a type, with ".0" behind a whole number if `add_point_zero`.
FloatStyle style_of(const FormatSpec& spec, bool add_point_zero) {
  if (spec.precision > INT_MAX) fail("precision too big");
  FloatStyle style{
      .type = 'r', .precision = static_cast<int>(spec.precision), .add_point_zero = false, .alternate = spec.alternate};
  const char code = spec.code();
  if (code == 0) {
    style.add_point_zero = add_point_zero;
    if (spec.precision >= 0) style.type = 'g';
    return style;
  }
  style.type = code == '%' ? 'f' : code == 'n' ? 'g' : code >= 'a' ? code : static_cast<char>(code - 'A' + 'a');
  if (spec.precision < 0) style.precision = kDefaultPrecision;
  return style;
}

/// Whether a written float has no digit but 0 in front of its exponent.
bool rounds_to_zero(const std::string& text) {
  return text.find_first_of("123456789") >= std::min(text.find_first_of("eE"), text.size());
}

NumberText float_text(double value, const FormatSpec& spec, const FloatStyle& style, char sign) {
  if (std::isfinite(value)) charge_digits(spec.precision);
  std::string text = unsigned_text(value, style);
  if (spec.code() == 'E' || spec.code() == 'F' || spec.code() == 'G') text = upper(std::move(text));
  const bool vanished = spec.no_negative_zero && std::isfinite(value) && rounds_to_zero(text);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return {sign_text(std::signbit(value) && !std::isnan(value) && !vanished, sign), "", text.substr(0, digits),
          text.substr(digits), 3};
}

std::string format_float(double value, const FormatSpec& spec, std::string_view object) {
  if (!spec.type.empty() && std::string_view("eEfFgGn%").find(spec.code()) == std::string_view::npos)
    unknown_code(spec, object);
  const bool percent = spec.code() == '%';
  NumberText number = float_text(percent ? value * 100 : value, spec, style_of(spec, true), spec.sign);
  if (percent) number.rest += '%';
  return assembled(std::move(number), spec, '>');
}

}  // namespace

std::string format(bool value, std::string_view spec) {
  if (spec.empty()) return value ? "True" : "False";
  return format_integer(false, value ? 1 : 0, spec, "bool");
}

std::string format(std::int64_t value, std::string_view spec) { return format(value, spec, 0); }

std::string format(std::int64_t value, std::string_view spec, std::int64_t digits) {
  const std::uint64_t bits = static_cast<std::uint64_t>(value);
  return format_integer(value < 0, value < 0 ? 0 - bits : bits, spec, "int", digits);
}

std::string format(std::uint64_t value, std::string_view spec) { return format_integer(false, value, spec, "int"); }

std::string format(double value, std::string_view spec) {
  return format_float(value, SpecParser(spec, "float").parse(), "float");
}

std::string format(complex128 value, std::string_view text) {
  const FormatSpec spec = SpecParser(text, "complex").parse();
  if (!spec.type.empty() && std::string_view("eEfFgGn").find(spec.code()) == std::string_view::npos)
    unknown_code(spec, "complex");
  const FloatStyle style = style_of(spec, false);
  if (spec.fill == "0") fail("Zero padding is not allowed in complex format specifier");
  if (spec.align == '=') fail("'=' alignment flag is not allowed in complex format specifier");
  FormatSpec part = spec;
  part.width = -1;
  const bool bare = spec.type.empty();
  const bool imaginary_only = bare && value.real() == 0 && !std::signbit(value.real());
  std::string out = imaginary_only ? "" : assembled(float_text(value.real(), part, style, spec.sign), part, '>');
  out += assembled(float_text(value.imag(), part, style, imaginary_only ? spec.sign : '+'), part, '>') + 'j';
  if (bare && !imaginary_only) out = '(' + out + ')';
  return padded(std::move(out), spec, '>', 0);
}

std::string format(std::string_view text, std::string_view spec_text) {
  const FormatSpec spec = SpecParser(spec_text, "str").parse(true);
  if (!spec.type.empty() && spec.code() != 's') unknown_code(spec, "str");
  if (spec.sign != 0)
    fail(spec.sign == ' ' ? "Space not allowed in string format specifier"
                          : "Sign not allowed in string format specifier");
  if (spec.no_negative_zero) fail("Negative zero coercion (z) not allowed in string format specifier");
  if (spec.alternate) fail("Alternate form (#) not allowed in string format specifier");
  if (spec.align == '=') fail("'=' alignment not allowed in string format specifier");
  if (spec.precision >= 0) text = text.substr(0, utf8_offset(text, static_cast<std::size_t>(spec.precision)));
  std::string whole;
  append_text(whole, text);
  return padded(std::move(whole), spec, '<', 0);
}

}  // namespace inlay
