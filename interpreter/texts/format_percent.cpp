// format_percent.cpp - see format_percent.h. A field becomes a specification of Python's other mini-language, which
// format_spec.h knows.
#include "interpreter/texts/format_percent.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cmath>
#include <limits>
#include <optional>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/construct.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"

namespace inlay {

namespace {

/// What stands between '%' and the next ordinary character.
struct Field {
  [[nodiscard]] bool has(char flag) const { return flags.find(flag) != std::string::npos; }

  std::string flags;
  std::int64_t width = 0;
  std::optional<std::int64_t> precision;
  char type = 0;
};

class PercentFormatter {
 public:
  PercentFormatter(std::string_view text, const Value& arguments)
      : text_(text), arguments_(arguments), named_(arguments.is(Value::Tag::dict)) {}

  std::string run() {
    while (at_ < text_.size()) {
      const std::size_t percent = at_ + count_until(text_.substr(at_), [](char c) { return c == '%'; });
      out_.add(text_.substr(at_, percent - at_));
      at_ = percent + 1;
      if (percent < text_.size()) field();
    }
    const std::size_t given = arguments_.is(Value::Tag::tuple) ? arguments_.elements().size() : 1;
    if (!named_ && used_ < given) raise(ErrorKind::TypeError, "not all arguments converted during string formatting");
    return out_.take();
  }

 private:
  [[nodiscard]] char peek() const {
    if (at_ >= text_.size()) raise(ErrorKind::ValueError, "incomplete format");
    return text_[at_];
  }

  void field() {
    if (peek() == '%') {
      ++at_;
      out_.add(1, '%');
      return;
    }
    const Value* named = nullptr;
    if (peek() == '(') named = &named_argument();
    Field out;
    while (std::string_view("-+ 0#").find(peek()) != std::string_view::npos) out.flags += text_[at_++];
    out.width = number("width").value_or(0);
    if (out.width < 0) {
      out.flags += '-';
      out.width = -out.width;
    }
    if (peek() == '.') {
      ++at_;
      out.precision = std::max<std::int64_t>(number("precision").value_or(0), 0);
    }
    out.type = peek();
    if (std::string_view("diuxXoeEfFgGcsra").find(out.type) == std::string_view::npos) refuse_type();
    ++at_;
    out_.add(convert(named != nullptr ? *named : next(), out));
  }

  [[noreturn]] void refuse_type() const {
    const std::string_view type = text_.substr(at_, utf8_size(text_.substr(at_)));
    raise(ErrorKind::ValueError, "unsupported format character '{}' (0x{:x}) at index {}",
          utf8_printable(type) ? type : "?", static_cast<std::uint32_t>(utf8_decode(type)),
          utf8_length(text_.substr(0, at_)));
  }

  const Value& named_argument() {
    const std::size_t end = text_.find(')', at_);
    if (end == std::string_view::npos) raise(ErrorKind::ValueError, "incomplete format key");
    const Value key = Value::of(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    if (!named_) raise(ErrorKind::TypeError, "format requires a mapping");
    const Value* found = arguments_.dictionary().find(key);
    if (found == nullptr) raise(ErrorKind::KeyError, "{}", to_short_repr(key));
    return *found;
  }

  /// A width or a precision, if there is one; '*' takes it from the arguments.
  std::optional<std::int64_t> number(std::string_view what) {
    std::int64_t out = 0;
    if (at_ < text_.size() && text_[at_] == '*') {
      ++at_;
      out = as_index(next());
    } else {
      const char* const begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), out);
      if (end == begin || *begin == '-') return {};
      if (error == std::errc::result_out_of_range) out = std::numeric_limits<std::int64_t>::max();
      at_ += static_cast<std::size_t>(end - begin);
    }
    if (out > INT_MAX || out < -INT_MAX) raise(ErrorKind::ValueError, "{} too big", what);
    return out;
  }

  Value next() {
    const bool many = arguments_.is(Value::Tag::tuple);
    if (used_ >= (many ? arguments_.elements().size() : 1))
      raise(ErrorKind::TypeError, "not enough arguments for format string");
    ++used_;
    return many ? arguments_.elements()[used_ - 1] : arguments_;
  }

  static std::string convert(const Value& value, const Field& field) {
    const char type = field.type;
    const std::string width = field.width > 0 ? std::to_string(field.width) : "";
    const std::string precision = field.precision ? "." + std::to_string(*field.precision) : "";
    std::string spec = field.has('-') ? "<" : ">";
    if (type == 's' || type == 'r' || type == 'a') {
      const std::string text = type == 's' ? to_str(value) : type == 'r' ? to_repr(value) : ascii_only(to_repr(value));
      return format(std::string_view(text), spec + width + precision);
    }
    if (type == 'c') return format(std::string_view(character(value)), spec + width);
    const bool zeros = field.has('0') && !field.has('-');
    if (zeros) spec.clear();
    if (field.has('+'))
      spec += '+';
    else if (field.has(' '))
      spec += ' ';
    if (field.has('#')) spec += '#';
    if (zeros) spec += '0';
    spec += width;
    if (std::string_view("diu").find(type) != std::string_view::npos)
      return format(whole(value, type), spec + "d", field.precision.value_or(0));
    if (std::string_view("xXo").find(type) != std::string_view::npos)
      return format(as_index(value), spec + type, field.precision.value_or(0));
    return format(as_float(value), spec + precision + type);
  }

  static std::string character(const Value& value) {
    if (value.is_string()) {
      if (utf8_length(value.string()) != 1) raise(ErrorKind::TypeError, "%c requires int or char");
      return value.string();
    }
    const std::int64_t code = as_index(value);
    if (code < 0 || code >= kCodePoints) raise(ErrorKind::OverflowError, "%c arg not in range(0x110000)");
    return utf8_encode(static_cast<char32_t>(code));
  }

  /// Floats are truncated, as Python does for %d.
  static std::int64_t whole(const Value& value, char type) {
    const auto number = number_of(value);
    if (!number || number->kind == Scalar::Kind::complex)
      raise(ErrorKind::TypeError, "%{} format: a real number is required, not {}", type, type_name(value));
    return number->kind == Scalar::Kind::floating ? whole_number(std::trunc(number->real)).integer() : as_index(value);
  }

  std::string_view text_;
  const Value& arguments_;
  bool named_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;
  GrowingText out_;
};

}  // namespace

std::string format_percent(std::string_view text, const Value& arguments) {
  return PercentFormatter(text, arguments).run();
}

}  // namespace inlay
