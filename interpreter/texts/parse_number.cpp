// parse_number.cpp - text to numbers by Python's rules: what int(), float() and complex() accept of a str.
// Invariant: a text is accepted whole or refused; nothing is guessed from a prefix.
#include <charconv>
#include <cmath>
#include <limits>

#include "interpreter/methods/text_search.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/texts/long_text.h"
#include "runtime/memory/poller.h"

namespace inlay {
namespace {

bool is_no_space(char c) { return std::string_view(" \t\n\r\v\f\x1c\x1d\x1e\x1f").find(c) == std::string_view::npos; }

/// A longer number is shortened first: what reads the digits cannot be stopped.
constexpr std::size_t kLongNumber = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Removes one sign; true for '-'.
bool take_sign(std::string_view& text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return negative;
}

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (lower(text[at]) != word[at]) return false;
  return true;
}

bool parse_word(std::string_view text, double& out) {
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity"))
    out = std::numeric_limits<double>::infinity();
  else if (equals_ignoring_case(text, "nan"))
    out = std::numeric_limits<double>::quiet_NaN();
  else
    return false;
  return true;
}

/// Copies `text` without the underscores that stand between two digits; false if one stands elsewhere.
bool without_underscores(std::string_view text, std::string& out) {
  Poller poll;
  if (text.size() > kLongNumber) reserve_text(out, text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    poll();
    if (text[at] != '_') {
      out += text[at];
      continue;
    }
    if (at == 0 || at + 1 == text.size() || !is_digit(text[at - 1]) || !is_digit(text[at + 1])) return false;
  }
  return true;
}

/// Whether a number that does not fit a double, so no zero, is too large rather than too small: the sign of its decimal
/// exponent.
bool is_huge(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_not_of("0.");
  std::string_view exponent = e < text.size() ? text.substr(e + 1) : std::string_view();
  const bool negative = take_sign(exponent);
  std::int64_t scale = 0;
  if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), scale).ec == std::errc::result_out_of_range)
    return !negative;
  return (negative ? -scale : scale) + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > 0;
}

/// More digits than tell a double from the next, wherever the number lies between them.
constexpr std::size_t kTellingDigits = 800;

/// An exponent of so many digits and more is one beyond every double, as this is.
std::int64_t exponent_of(std::string_view text) {
  const bool negative = take_sign(text);
  constexpr std::int64_t kMost = std::int64_t{1} << 58;  // ten times as many still fit
  std::int64_t out = 0;
  Poller poll;
  for (const char c : text) {
    poll();
    out = std::min(kMost, out * 10 + (c - '0'));
  }
  return negative ? -out : out;
}

/// The same double in few digits: the leading ones, a last one that is not 0 for all the others if any is, and the
/// exponent that this takes. A text that is no number stays one that is none, or becomes empty.
std::string shortened(std::string_view text) {
  const std::size_t mantissa = count_until(text, [](char c) { return !is_digit(c) && c != '.'; });
  std::string_view exponent = text.substr(std::min(mantissa + 1, text.size()));
  if (mantissa < text.size()) {
    if (lower(text[mantissa]) != 'e') return {};
    const std::string_view digits = exponent.substr(exponent.starts_with('-') || exponent.starts_with('+') ? 1 : 0);
    if (digits.empty() || count_until(digits, [](char c) { return !is_digit(c); }) < digits.size()) return {};
  }
  std::string out;
  std::int64_t scale = exponent_of(exponent);
  bool is_fraction = false, is_rounded = false;
  Poller poll;
  for (const char c : text.substr(0, mantissa)) {
    poll();
    if (c == '.' && is_fraction) return {};
    if (c == '.') {
      is_fraction = true;
      continue;
    }
    const bool is_kept = out.size() < kTellingDigits && !(out.empty() && c == '0');
    if (is_kept) out += c;
    is_rounded |= !is_kept && c != '0';
    scale += static_cast<std::int64_t>(!is_kept && !out.empty()) - static_cast<std::int64_t>(is_fraction);
  }
  if (out.empty()) return "0";
  return fmt::format("{}{}e{}", out, is_rounded ? "1" : "", is_rounded ? scale - 1 : scale);
}

bool parse_unsigned_float(std::string_view text, double& out) {
  if (parse_word(text, out)) return true;
  std::string plain;
  if (text.empty() || !without_underscores(text, plain)) return false;
  if (!is_digit(plain.front()) && !(plain.front() == '.' && plain.size() > 1 && is_digit(plain[1]))) return false;
  if (plain.size() > kLongNumber) plain = shortened(plain);
  if (plain.empty()) return false;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), out);
  if (end != plain.data() + plain.size()) return false;
  if (error == std::errc::result_out_of_range) out = is_huge(plain) ? std::numeric_limits<double>::infinity() : 0.0;
  return true;
}

/// The base that a prefix names, with the prefix removed where the wanted base allows it.
int take_base(std::string_view& text, int base) {
  if (text.size() < 2 || text[0] != '0') return base == 0 ? 10 : base;
  const char letter = lower(text[1]);
  const int named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  if (named == 0 || (base != 0 && base != named)) return base == 0 ? 10 : base;
  text.remove_prefix(2);
  if (!text.empty() && text.front() == '_') text.remove_prefix(1);
  return named;
}

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'z' ? l - 'a' + 10 : 99;
}

/// The digits alone; the magnitude saturates.
ParseResult parse_magnitude(std::string_view text, int base, std::uint64_t& out) {
  out = 0;
  bool digit_before = false;
  bool overflow = false;
  Poller poll;
  for (const char c : text) {
    poll();
    if (c == '_' && digit_before) {
      digit_before = false;
      continue;
    }
    const int digit = digit_value(c);
    if (digit >= base) return ParseResult::invalid;
    digit_before = true;
    overflow |= __builtin_mul_overflow(out, static_cast<std::uint64_t>(base), &out);
    overflow |= __builtin_add_overflow(out, static_cast<std::uint64_t>(digit), &out);
  }
  if (!digit_before) return ParseResult::invalid;
  return overflow ? ParseResult::out_of_range : ParseResult::ok;
}

ParseResult parse_signed_magnitude(std::string_view text, int base, bool& negative, std::uint64_t& out) {
  text = strip(text);
  negative = take_sign(text);
  const std::string_view digits = text;
  const int used = take_base(text, base);
  const ParseResult result = parse_magnitude(text, used, out);
  // Base 0 reads a literal, and literals have no leading zeros.
  if (base == 0 && used == 10 && digits.size() > 1 && digits[0] == '0' && out != 0) return ParseResult::invalid;
  return result;
}

/// Where the imaginary part of "1e+5-2" starts: its sign, which follows neither nothing nor an 'e'.
std::size_t split_complex(std::string_view text) {
  Poller poll;
  for (std::size_t at = text.size(); at-- > 1; poll())
    if ((text[at] == '+' || text[at] == '-') && lower(text[at - 1]) != 'e') return at;
  return 0;
}

bool parse_part(std::string_view text, double& out) {
  const bool negative = take_sign(text);
  if (!parse_unsigned_float(text, out)) return false;
  if (negative) out = -out;
  return true;
}

}  // namespace

std::string_view strip(std::string_view text) {
  text.remove_prefix(count_until(text, is_no_space));
  text.remove_suffix(count_until_from_right(text, is_no_space));
  return text;
}

bool parse_float(std::string_view text, double& out) { return parse_part(strip(text), out); }

ParseResult parse_int(std::string_view text, int base, std::int64_t& out) {
  bool negative = false;
  std::uint64_t magnitude = 0;
  const ParseResult result = parse_signed_magnitude(text, base, negative, magnitude);
  if (result != ParseResult::ok) return result;
  const std::uint64_t bound = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (magnitude > bound) return ParseResult::out_of_range;
  out = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return ParseResult::ok;
}

ParseResult parse_uint(std::string_view text, int base, std::uint64_t& out) {
  bool negative = false;
  const ParseResult result = parse_signed_magnitude(text, base, negative, out);
  return result == ParseResult::ok && negative ? ParseResult::out_of_range : result;
}

bool parse_complex(std::string_view text, complex128& out) {
  text = strip(text);
  if (text.size() > 1 && text.front() == '(' && text.back() == ')') text = strip(text.substr(1, text.size() - 2));
  double real = 0;
  double imaginary = 0;
  if (text.empty() || lower(text.back()) != 'j') {
    if (!parse_part(text, real)) return false;
    out = {real, 0};
    return true;
  }
  text.remove_suffix(1);
  const std::size_t split = split_complex(text);
  if (split > 0 && !parse_part(text.substr(0, split), real)) return false;
  const std::string_view rest = text.substr(split);
  if (rest.empty() || rest == "+")
    imaginary = 1;
  else if (rest == "-")
    imaginary = -1;
  else if (!parse_part(rest, imaginary))
    return false;
  out = {real, imaginary};
  return true;
}

}  // namespace inlay
