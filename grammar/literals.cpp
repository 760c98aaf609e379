// literals.cpp - escapes as in Python 3 (an unknown one stands for itself), numbers in all four bases.
// Invariant: every function takes time linear in the text, whatever the number of digits.
#include "grammar/literals.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "grammar/parse.h"
#include "grammar/text.h"

namespace inlay::grammar {
namespace {

// ---- numbers ----

/// What an out-of-range decimal tends to: the place of its first significant digit decides. There is one, since zero is
/// in range.
double out_of_range_value(std::string_view text) {
  const std::size_t mark = std::min(text.find('e'), text.size());
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_not_of("0.");
  const bool negative = text.substr(mark).starts_with("e-");
  double exponent = 0;
  for (const char digit : text.substr(mark)) {
    if (digit >= '0' && digit <= '9') exponent = exponent * 10 + (digit - '0');
  }
  const double place = static_cast<double>(point) - static_cast<double>(first);
  return (negative ? place - exponent : place + exponent) > 0 ? std::numeric_limits<double>::infinity() : 0.0;
}

double float_value(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc::result_out_of_range ? out_of_range_value(text) : value;
}

std::string decimal_digits(std::string digits, Span span) {
  const std::size_t first = digits.find_first_not_of('0');
  if (first == 0) return digits;
  if (first == std::string::npos) return "0";
  throw SyntaxError("leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                    span);
}

// ---- strings ----

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return 16;
}

/// Reads one literal's text from left to right.
class Unescape {
 public:
  Unescape(std::string_view text, std::uint32_t at, Escapes escapes, Braces braces)
      : text_(text), at_(at), escapes_(escapes), braces_(braces) {}

  std::string run() {
    while (next_ < text_.size()) {
      const char byte = text_[next_++];
      if (byte == '\r') continue;  // of a line ending: there is no other in a source
      if (byte == '\\' && starts_escape()) {
        escape();
        continue;
      }
      out_.push_back(byte);
      if (braces_ == Braces::doubled && (byte == '{' || byte == '}')) ++next_;
    }
    return std::move(out_);
  }

 private:
  /// A backslash at the end of the text, or before a brace, stands for itself.
  [[nodiscard]] bool starts_escape() const {
    return escapes_ == Escapes::resolve && next_ < text_.size() && text_[next_] != '{' && text_[next_] != '}';
  }

  void escape() {
    static constexpr std::string_view kLetters = "\\'\"abfnrtv";
    static constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
    const char letter = text_[next_++];
    const std::size_t simple = kLetters.find(letter);
    if (simple != kLetters.npos) return out_.push_back(kValues[simple]);
    switch (letter) {
      case '\r':
        ++next_;
        return;
      case '\n':
        return;
      case 'x':
        return code_point(2, "truncated \\xXX escape");
      case 'u':
        return code_point(4, "truncated \\uXXXX escape");
      case 'U':
        return code_point(8, "truncated \\UXXXXXXXX escape");
      case 'N':
        refuse("\\N{...} is not in the language: write the character, or its number as \\uXXXX");
      default:
        break;
    }
    if (digit_value(letter) < 8) return octal(digit_value(letter));
    out_ += {'\\', letter};
  }

  void octal(int first) {
    auto code = static_cast<char32_t>(first);
    for (int more = 0; more < 2 && next_ < text_.size() && digit_value(text_[next_]) < 8; ++more) {
      code = code * 8 + static_cast<char32_t>(digit_value(text_[next_++]));
    }
    utf8_append(out_, code);
  }

  void code_point(int digits, const char* truncated) {
    char32_t code = 0;
    for (int done = 0; done < digits; ++done, ++next_) {
      if (next_ >= text_.size() || digit_value(text_[next_]) >= 16) refuse(truncated);
      code = code * 16 + static_cast<char32_t>(digit_value(text_[next_]));
    }
    if (code > 0x10FFFF) refuse("illegal Unicode character");
    if (code >= 0xD800 && code < 0xE000) refuse("a surrogate is no character: write the whole character");
    utf8_append(out_, code);
  }

  [[noreturn]] void refuse(const char* why) const {
    const auto begin = static_cast<std::uint32_t>(at_ + text_.rfind('\\', next_ - 1));
    throw SyntaxError(why, {begin, static_cast<std::uint32_t>(at_ + next_)});
  }

  std::string_view text_;
  std::uint32_t at_;
  Escapes escapes_;
  Braces braces_;
  std::size_t next_ = 0;
  std::string out_;
};

}  // namespace

decltype(ast::Expr::node) number_literal(std::string_view text, std::uint32_t at) {
  std::string digits;
  for (const char byte : text) {
    if (byte != '_') digits.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte);
  }
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= 'a' && digits[1] != 'e' && digits[1] != 'j') {
    return ast::IntLiteral{std::move(digits)};
  }
  if (digits.ends_with('j'))
    return ast::ComplexLiteral{float_value(std::string_view(digits).substr(0, digits.size() - 1))};
  if (digits.find_first_of(".e") != std::string::npos) return ast::FloatLiteral{float_value(digits)};
  return ast::IntLiteral{decimal_digits(std::move(digits), {at, at + static_cast<std::uint32_t>(text.size())})};
}

std::string string_text(std::string_view text, std::uint32_t at, Escapes escapes, Braces braces) {
  return Unescape(text, at, escapes, braces).run();
}

std::string string_literal(std::string_view text, std::uint32_t at) {
  const std::size_t prefix = text.find_first_of("\"'");
  const std::string_view quoted = text.substr(prefix);
  const std::size_t quote = quoted.size() >= 6 && quoted[0] == quoted[1] ? 3 : 1;
  const std::string_view inner = quoted.substr(quote, quoted.size() - 2 * quote);
  return string_text(inner, static_cast<std::uint32_t>(at + prefix + quote),
                     prefix > 0 ? Escapes::keep : Escapes::resolve);
}

}  // namespace inlay::grammar
