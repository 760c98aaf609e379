// save_text.cpp - np.savetxt: Python's % formatting of the rows of a table.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "interpreter/array_files.h"
#include "interpreter/format_spec.h"
#include "interpreter/format_tensor.h"
#include "interpreter/quote.h"
#include "runtime/cast.h"
#include "runtime/context.h"

namespace inlay {
namespace {

// A column wider than this is a slip of the pen.
constexpr std::int64_t kMaxWidth = 1 << 20;

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// One "%-8.3f" and the text in front of it.
struct Conversion {
  std::string before;
  std::string flags;
  std::int64_t width = 0;
  std::int64_t precision = -1;
  char type = 0;

  [[nodiscard]] bool has(char flag) const { return flags.find(flag) != std::string::npos; }
};

struct RowFormat {
  std::string text;
  std::vector<Conversion> conversions;
  std::string after;
};

[[noreturn]] void mismatch(DType dtype, const std::string& format) {
  raise(ErrorKind::TypeError, "Mismatch between array dtype ('{}') and format specifier ('{}')", name(dtype), format);
}

class FormatParser {
 public:
  FormatParser(std::string text, DType dtype) : dtype_(dtype) { row_.text = std::move(text); }

  RowFormat parse() {
    const std::string& text = row_.text;
    std::string before;
    while (at_ < text.size()) {
      if (text[at_] != '%') {
        before += text[at_++];
        continue;
      }
      ++at_;
      if (peek() == '%') {
        before += text[at_++];
        continue;
      }
      row_.conversions.push_back(conversion());
      row_.conversions.back().before = std::move(before);
      before.clear();
    }
    row_.after = std::move(before);
    return std::move(row_);
  }

 private:
  char peek() const {
    if (at_ >= row_.text.size()) fail("incomplete format");
    return row_.text[at_];
  }

  std::int64_t number(std::int64_t missing) {
    std::int64_t value = missing;
    const char* first = row_.text.data() + at_;
    const auto [end, error] = std::from_chars(first, row_.text.data() + row_.text.size(), value);
    if (error == std::errc::result_out_of_range || value > kMaxWidth) fail("width too big");
    at_ += static_cast<std::size_t>(end - first);
    return value;
  }

  Conversion conversion() {
    Conversion c;
    // A mapping key or a '*' asks for arguments that a row of numbers does not have.
    if (peek() == '(') mismatch(dtype_, row_.text);
    while (std::string_view("-+ #0").find(peek()) != std::string_view::npos) c.flags += row_.text[at_++];
    if (peek() == '*') mismatch(dtype_, row_.text);
    c.width = number(0);
    if (peek() == '.') {
      ++at_;
      if (peek() == '*') mismatch(dtype_, row_.text);
      c.precision = peek() == '-' ? 0 : number(0);
    }
    while (std::string_view("hlL").find(peek()) != std::string_view::npos) ++at_;
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

std::string joined(const std::vector<std::string>& parts, const std::string& delimiter) {
  std::string out;
  for (std::size_t at = 0; at < parts.size(); ++at) out.append(at > 0 ? delimiter : "").append(parts[at]);
  return out;
}

[[noreturn]] void wrong_shape(std::vector<std::string> formats) {
  std::transform(formats.begin(), formats.end(), formats.begin(),
                 [](const std::string& format) { return quote(format); });
  raise(ErrorKind::AttributeError, "fmt has wrong shape.  [{}]", joined(formats, ", "));
}

/// NumPy's rules for turning `fmt` into the format of a row.
std::string row_text(const SaveTextOptions& options, std::int64_t columns, bool complex) {
  const std::size_t count = static_cast<std::size_t>(columns);
  if (options.is_sequence) {
    if (options.formats.size() != count) wrong_shape(options.formats);
    return joined(options.formats, options.delimiter);
  }
  const std::string& format = options.formats.front();
  const std::int64_t found = std::count(format.begin(), format.end(), '%');
  if (found == 1) {
    const std::string one = complex ? " (" + format + "+" + format + "j)" : format;
    return joined(std::vector<std::string>(count, one), options.delimiter);
  }
  if (found != (complex ? 2 : 1) * columns) fail("fmt has wrong number of % formats:  " + format);
  return format;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t at = 0; (at = text.find(what)) != std::string_view::npos; text.remove_prefix(at + what.size()))
    out.append(text.substr(0, at)).append(by);
  return out.append(text);
}

std::string comment_block(const std::string& text, const SaveTextOptions& options) {
  return text.empty() ? "" : options.comments + replaced(text, "\n", "\n" + options.comments) + options.newline;
}

std::string format_row(const Cell& first, const RowFormat& row) {
  std::string out;
  Cell cell = first;
  for (const Conversion& conversion : row.conversions) {
    out.append(conversion.before).append(format_cell(cell, conversion, row));
    cell.at += itemsize(cell.dtype);
  }
  return out + row.after;
}

}  // namespace

std::string save_text(const Tensor& tensor, const SaveTextOptions& options) {
  if (tensor.rank() == 0 || tensor.rank() > 2)
    fail(fmt::format("Expected 1D or 2D array, got {}D array instead", tensor.rank()));
  const Tensor table = tensor.contiguous();
  const std::int64_t columns = table.rank() == 2 ? table.dim(1) : 1;
  const bool complex = is_complex(table.dtype());
  const RowFormat row = FormatParser(row_text(options, columns, complex), table.dtype()).parse();
  const std::int64_t numbers = columns * (complex ? 2 : 1);
  if (static_cast<std::int64_t>(row.conversions.size()) != numbers && table.dim(0) > 0)
    mismatch(table.dtype(), row.text);
  std::string out = comment_block(options.header, options);
  for (std::int64_t at = 0; at < table.dim(0); ++at) {
    const Cell first{table.bytes() + at * columns * table.itemsize(), real_dtype(table.dtype())};
    const std::string line = format_row(first, row) + options.newline;
    context().charge(static_cast<std::uint64_t>(columns), out.size() + line.size());
    out += complex ? replaced(line, "+-", "-") : line;
  }
  return out + comment_block(options.footer, options);
}

}  // namespace inlay
