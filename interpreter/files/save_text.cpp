// save_text.cpp - np.savetxt: Python's % formatting of the rows of a table.
// Invariant: what a row is made of stays a part of the arguments or of the row's text, which is charged while it is
// held; room for the file's text is asked of the budget before it is taken.
#include <algorithm>
#include <cmath>

#include "interpreter/files/array_files.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/texts/format_tensor.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/memory/context.h"

namespace inlay {
namespace {

// A column wider than this is a slip of the pen.
constexpr std::int32_t kMaxWidth = 1 << 20;

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// One "%-8.3f" or "%%" and the text in front of it: parts of the row's text.
struct Conversion {
  std::string_view before;
  std::string_view flags;
  std::int32_t width = 0;
  std::int32_t precision = -1;
  char type = 0;  // 0: of a "%%", whose first character is the end of `before`

  [[nodiscard]] bool has(char flag) const { return flags.find(flag) != std::string_view::npos; }
};

struct RowFormat {
  std::string_view text;
  std::vector<Conversion> conversions;
  std::string_view after;
  std::int64_t numbers = 0;  // conversions that take one
};

/// A text in a message: of a long one the beginning.
std::string_view beginning(std::string_view text) {
  constexpr std::size_t kShown = 400;
  return text.substr(0, utf8_offset(text, kShown));
}

[[noreturn]] void mismatch(DType dtype, std::string_view format) {
  raise(ErrorKind::TypeError, "Mismatch between array dtype ('{}') and format specifier ('{}')", name(dtype),
        beginning(format));
}

std::int64_t count_percents(std::string_view text) {
  std::int64_t count = 0;
  in_text_parts(text, [&](std::string_view part) { count += std::count(part.begin(), part.end(), '%'); });
  return count;
}

class FormatParser {
 public:
  FormatParser(std::string_view text, DType dtype) : dtype_(dtype) { row_.text = text; }

  RowFormat parse() {
    const auto most = static_cast<std::size_t>(count_percents(row_.text));
    context().charge(most, most * sizeof(Conversion));
    row_.conversions.reserve(most);
    std::size_t begin = 0;
    while ((at_ = std::min(row_.text.find('%', begin), row_.text.size())) < row_.text.size()) {
      context().charge(1, 0);
      const std::size_t percent = at_++;
      const bool is_literal = peek() == '%';
      Conversion found = is_literal ? Conversion{} : conversion();
      found.before = row_.text.substr(begin, percent + (is_literal ? 1 : 0) - begin);
      row_.conversions.push_back(found);
      row_.numbers += is_literal ? 0 : 1;
      begin = is_literal ? at_ + 1 : at_;
    }
    row_.after = row_.text.substr(begin);
    return std::move(row_);
  }

 private:
  char peek() const {
    if (at_ >= row_.text.size()) fail("incomplete format");
    return row_.text[at_];
  }

  /// As many of some characters as there are.
  std::string_view take(std::string_view characters) {
    const std::string_view rest = row_.text.substr(at_);
    const auto is_other = [&](char c) { return characters.find(c) == std::string_view::npos; };
    const std::string_view taken = rest.substr(0, count_until(rest, is_other));
    at_ += taken.size();
    return taken;
  }

  std::int32_t number() {
    std::int32_t value = 0;
    for (const char digit : take("0123456789")) {
      value = 10 * value + (digit - '0');
      if (value > kMaxWidth) fail("width too big");
    }
    return value;
  }

  Conversion conversion() {
    Conversion c;
    // A mapping key or a '*' asks for arguments that a row of numbers does not have.
    if (peek() == '(') mismatch(dtype_, row_.text);
    c.flags = take("-+ #0");
    if (peek() == '*') mismatch(dtype_, row_.text);
    c.width = number();
    if (peek() == '.') {
      ++at_;
      if (peek() == '*') mismatch(dtype_, row_.text);
      c.precision = peek() == '-' ? 0 : number();
    }
    take("hlL");
    c.type = peek();
    if (std::string_view("diueEfFgGxXosra").find(c.type) == std::string_view::npos)
      fail(fmt::format("unsupported format character '{}' (0x{:x}) at index {}", c.type,
                       static_cast<unsigned char>(c.type), at_));
    ++at_;
    return c;
  }

  DType dtype_;
  RowFormat row_;
  std::size_t at_ = 0;
};

/// One number of a row, in its own dtype.
struct Cell {
  const std::byte* at;
  DType dtype;

  template <class T>
  [[nodiscard]] T as() const {
    T value{};
    cast_kernel(dtype, dtype_v<T>)(at, &value, 1);
    return value;
  }
  [[nodiscard]] std::string text() const {
    Tensor x = Tensor::empty(dtype, {});
    std::copy(at, at + x.itemsize(), x.mutable_bytes());
    return to_string(x);
  }
};

/// The flags that Python's format spec knows too: "<+#08.3".
std::string spec_of(const Conversion& c) {
  std::string spec = c.has('-') ? "<" : c.has('0') ? "" : ">";
  if (c.has('+') || c.has(' ')) spec += c.has('+') ? '+' : ' ';
  if (c.has('#')) spec += '#';
  if (c.has('0') && !c.has('-')) spec += '0';
  if (c.width > 0) spec += std::to_string(c.width);
  if (c.precision >= 0) spec += '.' + std::to_string(c.precision);
  return spec + c.type;
}

/// The digits of a number cut to an integer, with '-' if negative.
std::string integer_digits(const Cell& cell, char type) {
  const bool unsigned_cell = kind(cell.dtype) == Kind::unsigned_integer;
  if (!is_floating(cell.dtype)) {
    const std::string spec(1, type);
    return unsigned_cell ? format(cell.as<std::uint64_t>(), spec) : format(cell.as<std::int64_t>(), spec);
  }
  const double value = cell.as<double>();
  if (std::isnan(value)) fail("cannot convert float NaN to integer");
  if (std::isinf(value)) throw Error(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  return format(std::trunc(value) + 0.0, ".0f");
}

std::string format_integer(const Cell& cell, const Conversion& c) {
  const bool decimal = c.type == 'd' || c.type == 'i' || c.type == 'u';
  std::string digits = integer_digits(cell, decimal ? 'd' : c.type);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  std::string front = negative ? "-" : c.has('+') ? "+" : c.has(' ') ? " " : "";
  if (c.has('#') && !decimal) front.append("0").append(1, c.type);
  const auto missing = [&](std::int64_t wanted, std::size_t have) {
    return static_cast<std::size_t>(std::max<std::int64_t>(wanted - static_cast<std::int64_t>(have), 0));
  };
  digits.insert(0, missing(c.precision, digits.size()), '0');
  if (c.has('0') && !c.has('-')) digits.insert(0, missing(c.width, front.size() + digits.size()), '0');
  const std::string padding(missing(c.width, front.size() + digits.size()), ' ');
  return c.has('-') ? front + digits + padding : padding + front + digits;
}

std::string format_text(const std::string& text, const Conversion& c) {
  std::string spec = c.has('-') ? "<" : ">";
  if (c.width > 0) spec += std::to_string(c.width);
  if (c.precision >= 0) spec += '.' + std::to_string(c.precision);
  return format(std::string_view(text), spec);
}

std::string format_cell(const Cell& cell, const Conversion& c, const RowFormat& row) {
  switch (c.type) {
    case 's':
    case 'r':
    case 'a':
      return format_text(cell.text(), c);
    case 'x':
    case 'X':
    case 'o':
      if (is_floating(cell.dtype)) mismatch(cell.dtype, row.text);
      [[fallthrough]];
    case 'd':
    case 'i':
    case 'u':
      return format_integer(cell, c);
    default:
      return format(cell.as<double>(), spec_of(c));
  }
}

/// `count` parts, or the only one so many times.
std::string joined(const std::vector<std::string_view>& parts, std::size_t count, std::string_view delimiter) {
  GrowingText out;
  for (std::size_t at = 0; at < count; ++at) {
    if (at > 0) out.add(delimiter);
    out.add(parts[at % parts.size()]);
  }
  return out.take();
}

[[noreturn]] void wrong_shape(const std::vector<std::string_view>& formats) {
  constexpr std::size_t kShown = 10;
  std::string out;
  for (std::size_t at = 0; at < std::min(formats.size(), kShown); ++at)
    out.append(at > 0 ? ", " : "").append(short_quote(formats[at]));
  raise(ErrorKind::AttributeError, "fmt has wrong shape.  [{}{}]", out, formats.size() > kShown ? ", ..." : "");
}

/// NumPy's rules for turning `fmt` into the format of a row.
std::string row_text(const SaveTextOptions& options, std::int64_t columns, bool complex) {
  const std::size_t count = static_cast<std::size_t>(columns);
  if (options.is_sequence) {
    if (options.formats.size() != count) wrong_shape(options.formats);
    return joined(options.formats, count, options.delimiter);
  }
  const std::string_view format = options.formats.front();
  const std::int64_t found = count_percents(format);
  if (found == 1) {
    if (!complex) return joined(options.formats, count, options.delimiter);
    const std::string pair = joined_text({" (", format, "+", format, "j)"});
    return joined({pair}, count, options.delimiter);
  }
  if (found != (complex ? 2 : 1) * columns)
    fail(fmt::format("fmt has wrong number of % formats:  {}", beginning(format)));
  return joined_text({format});
}

/// The text of the file in the making, handed on whenever there is much of it.
class TextWriter {
 public:
  TextWriter(const SaveTextOptions& options, bool is_complex, const AddBytes& hand_on)
      : options_(options), is_complex_(is_complex), hand_on_(hand_on) {}

  /// A header or a footer: each of its lines is a comment.
  void add_comments(std::string_view text) {
    if (text.empty()) return;
    add(options_.comments);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      add(text.substr(0, end + 1));
      add(options_.comments);
    }
    add(text);
    add(options_.newline);
  }
  void add_row(Cell cell, const RowFormat& row) {
    if (out_.size() >= kHandedOn) hand_on();
    row_begin_ = out_.size();
    for (const Conversion& conversion : row.conversions) {
      add_to_row(conversion.before);
      if (conversion.type == 0) continue;
      add_to_row(format_cell(cell, conversion, row));
      cell.at += itemsize(cell.dtype);
    }
    add_to_row(row.after);
    add_to_row(options_.newline);
  }
  void hand_on() {
    hand_on_(out_);
    out_.clear();
  }

 private:
  static constexpr std::size_t kHandedOn = 1 << 16;

  void add(std::string_view piece) {
    context().charge(1, 0);
    append_text(out_, piece);
  }
  /// Of complex numbers "+-" is "-", wherever it stands in a row.
  void add_to_row(std::string_view piece) {
    if (!is_complex_) return add(piece);
    if (piece.starts_with('-') && out_.size() > row_begin_ && out_.back() == '+') out_.pop_back();
    for (std::size_t at = 0; (at = piece.find("+-")) != std::string_view::npos; piece.remove_prefix(at + 1))
      add(piece.substr(0, at));
    add(piece);
  }

  const SaveTextOptions& options_;
  std::string out_;
  const bool is_complex_;
  const AddBytes& hand_on_;
  std::size_t row_begin_ = 0;
};

}  // namespace

void save_text(const Tensor& tensor, const SaveTextOptions& options, const AddBytes& add) {
  if (tensor.rank() == 0 || tensor.rank() > 2)
    fail(fmt::format("Expected 1D or 2D array, got {}D array instead", tensor.rank()));
  const Tensor table = tensor.contiguous();
  const std::int64_t columns = table.rank() == 2 ? table.dim(1) : 1;
  const bool complex = is_complex(table.dtype());
  const std::string text = row_text(options, columns, complex);
  const RowFormat row = FormatParser(text, table.dtype()).parse();
  const Charge held(text.size() + row.conversions.capacity() * sizeof(Conversion));
  if (row.numbers != columns * (complex ? 2 : 1) && table.dim(0) > 0) mismatch(table.dtype(), row.text);
  TextWriter out(options, complex, add);
  out.add_comments(options.header);
  for (std::int64_t at = 0; at < table.dim(0); ++at)
    out.add_row({table.bytes() + at * columns * table.itemsize(), real_dtype(table.dtype())}, row);
  out.add_comments(options.footer);
  out.hand_on();
}

}  // namespace inlay
