// format_percent.cpp - see format_percent.h. A field becomes a specification of Python's other mini-language, which
// format_spec.h knows.
#include "interpreter/format_percent.h"

#include "interpreter/compare.h"
#include "interpreter/evaluator.h"
#include "interpreter/format_spec.h"
#include "interpreter/growing.h"
#include "interpreter/quote.h"
#include "interpreter/text_search.h"

namespace inlay {

namespace {

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
    std::string flags;
    while (std::string_view("-+ 0#").find(peek()) != std::string_view::npos) flags += text_[at_++];
    const std::string width = number();
    std::string precision;
    if (peek() == '.') {
      ++at_;
      precision = "." + number();
      if (precision == ".") precision = ".0";
    }
    const char type = peek();
    ++at_;
    const Value value = named != nullptr ? *named : next();
    out_.add(convert(value, type, flags, width, precision));
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

  std::string number() {
    if (at_ < text_.size() && text_[at_] == '*') {
      ++at_;
      return std::to_string(as_index(next()));
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Value next() {
    const bool many = arguments_.is(Value::Tag::tuple);
    if (used_ >= (many ? arguments_.elements().size() : 1))
      raise(ErrorKind::TypeError, "not enough arguments for format string");
    ++used_;
    return many ? arguments_.elements()[used_ - 1] : arguments_;
  }

  static std::string convert(const Value& value, char type, const std::string& flags, const std::string& width,
                             const std::string& precision) {
    const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
    std::string spec = has('-') ? "<" : ">";
    if (type == 's' || type == 'r' || type == 'a') {
      const std::string text = type == 's' ? to_str(value) : type == 'r' ? to_repr(value) : ascii_only(to_repr(value));
      return format(std::string_view(text), spec + width + precision);
    }
    if (type == 'c') return format(std::string_view(character(value)), spec + width);
    if (has('0') && !has('-')) spec.clear();
    if (has('+'))
      spec += '+';
    else if (has(' '))
      spec += ' ';
    if (has('#')) spec += '#';
    if (has('0') && !has('-')) spec += '0';
    spec += width;
    if (std::string_view("diu").find(type) != std::string_view::npos) return format(whole(value, type), spec + "d");
    if (std::string_view("xXo").find(type) != std::string_view::npos) return format(as_index(value), spec + type);
    if (std::string_view("eEfFgG").find(type) != std::string_view::npos)
      return format(as_float(value), spec + precision + type);
    raise(ErrorKind::ValueError, "unsupported format character '{}'", type);
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
    return number->kind == Scalar::Kind::floating ? to_tensor(*number, DType::int64).item<std::int64_t>()
                                                  : as_index(value);
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
