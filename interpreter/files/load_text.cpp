// load_text.cpp - np.loadtxt: lines to fields, fields to numbers, numbers to a tensor of at most two axes.
// Invariant: room for fields and numbers is asked of the budget before it is taken, and each of them is a step.
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <limits>

#include "interpreter/files/array_files.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/memory/context.h"
#include "runtime/memory/poller.h"

namespace inlay {
namespace {

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// The fields of one row: parts of the text, or of `unquoted`, whose elements stay where they are.
using Fields = std::vector<std::string_view>;

constexpr std::size_t kUsualCount = 16;  // of fields in a row

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

void skip_spaces(std::string_view& text) {
  text.remove_prefix(count_until(text, [](char c) { return !is_space(c); }));
}

Fields split_at_spaces(std::string_view line) {
  Fields fields;
  for (;;) {
    skip_spaces(line);
    if (line.empty()) return fields;
    const std::size_t end = count_until(line, is_space);
    append_charged(fields, line.substr(0, end), kUsualCount);
    line.remove_prefix(end);
  }
}

Fields split_at(std::string_view line, std::string_view delimiter) {
  Fields fields;
  if (line.empty()) return fields;
  for (std::size_t end = 0; (end = line.find(delimiter)) != std::string_view::npos;
       line.remove_prefix(end + delimiter.size()))
    append_charged(fields, line.substr(0, end), kUsualCount);
  append_charged(fields, line, kUsualCount);
  return fields;
}

Fields fields_of(std::string_view line, const LoadTextOptions& options) {
  for (const std::string_view comment : options.comments) line = line.substr(0, find_text(line, comment));
  return options.delimiter.empty() ? split_at_spaces(line) : split_at(line, options.delimiter);
}

bool starts_comment(std::string_view rest, const LoadTextOptions& options) {
  return std::any_of(options.comments.begin(), options.comments.end(), [&](std::string_view comment) {
    charge_text(comment.size());
    return rest.starts_with(comment);
  });
}

/// Rows whose fields may be quoted, with delimiters, comments and line ends inside; a doubled quote stands for one.
class QuotedRow {
 public:
  QuotedRow(std::string_view& rest, const LoadTextOptions& options, std::deque<std::string>& texts)
      : rest_(rest), options_(options), texts_(texts) {}

  Fields take() {
    while (!rest_.empty() && !at_line_end()) {
      if (starts_comment(rest_, options_)) {
        take_line(rest_);
        break;
      }
      take_field();
    }
    if (at_line_end()) take_line(rest_);
    return std::move(fields_);
  }

 private:
  [[nodiscard]] bool at_line_end() const { return !rest_.empty() && ends_line(rest_.front()); }
  [[nodiscard]] bool at_quote() const { return rest_.starts_with(options_.quote); }
  [[nodiscard]] bool at_delimiter() const {
    return options_.delimiter.empty() ? is_space(rest_.front()) : rest_.starts_with(options_.delimiter);
  }

  void take_field() {
    if (options_.delimiter.empty()) skip_spaces(rest_);
    if (rest_.empty() || at_line_end() || starts_comment(rest_, options_)) return;
    context().charge(0, (texts_.size() + 1) * sizeof(std::string));
    std::string& text = texts_.emplace_back();
    if (at_quote()) take_quoted(text);
    while (!rest_.empty() && !at_line_end() && !at_delimiter() && !starts_comment(rest_, options_)) take_char(text);
    append_charged(fields_, std::string_view(text), kUsualCount);
    const bool more = !options_.delimiter.empty() && rest_.starts_with(options_.delimiter);
    if (!more) return;
    rest_.remove_prefix(options_.delimiter.size());
    if (rest_.empty() || at_line_end() || starts_comment(rest_, options_))
      append_charged(fields_, std::string_view(), kUsualCount);
  }
  void take_char(std::string& text) {
    poll_();
    append_text(text, rest_.substr(0, 1));
    rest_.remove_prefix(1);
  }
  void take_quoted(std::string& text) {
    for (rest_.remove_prefix(options_.quote.size()); !rest_.empty();) {
      if (!at_quote()) {
        take_char(text);
        continue;
      }
      rest_.remove_prefix(options_.quote.size());
      if (!at_quote()) return;
      append_text(text, options_.quote);
      rest_.remove_prefix(options_.quote.size());
    }
  }

  std::string_view& rest_;
  const LoadTextOptions& options_;
  std::deque<std::string>& texts_;
  Fields fields_;
  Poller poll_;
};

/// loadtxt reads no underscores, unlike float() and int().
bool is_plain(std::string_view field) { return field.find('_') == std::string_view::npos; }

/// Whether an imaginary unit stands without a number: "j" and "1+j" are Python's, not loadtxt's.
bool has_bare_unit(std::string_view field) {
  const std::size_t unit = field.find_last_of("jJ");
  return unit != std::string_view::npos &&
         (unit == 0 || std::string_view("+-(").find(field[unit - 1]) != std::string_view::npos);
}

/// One element read into the dtype's widest relative; false if the text is no such number.
bool read_field(std::string_view field, double& out) { return is_plain(field) && parse_float(field, out); }
bool read_field(std::string_view field, std::int64_t& out) {
  return is_plain(field) && parse_int(field, 10, out) == ParseResult::ok;
}
bool read_field(std::string_view field, std::uint64_t& out) {
  return is_plain(field) && parse_uint(field, 10, out) == ParseResult::ok;
}
bool read_field(std::string_view field, complex128& out) {
  return is_plain(field) && !has_bare_unit(field) && parse_complex(field, out);
}

/// Whether an integer fits `dtype`; everything else is rounded into it.
template <class Wide>
bool fits(Wide value, DType dtype) {
  if constexpr (!std::is_integral_v<Wide>) return true;
  if (dtype == DType::boolean || dtype == dtype_v<Wide>) return true;
  Wide back{};
  alignas(16) std::array<std::byte, 16> stored;
  cast_kernel(dtype_v<Wide>, dtype)(&value, stored.data(), 1);
  cast_kernel(dtype, dtype_v<Wide>)(stored.data(), &back, 1);
  return back == value;
}

/// Collects rows of one width.
template <class Wide>
class Table {
 public:
  explicit Table(const LoadTextOptions& options) : options_(options) {}

  void add(const Fields& fields) {
    if (!options_.usecols) return add_all(fields);
    for (std::int64_t column : *options_.usecols) {
      const std::int64_t count = static_cast<std::int64_t>(fields.size());
      if (column < -count || column >= count)
        fail(fmt::format("invalid column index {} at row {} with {} columns", column, rows_ + 1, count));
      add_field(fields[static_cast<std::size_t>(column < 0 ? column + count : column)],
                column < 0 ? column + count : column);
    }
    columns_ = static_cast<std::int64_t>(options_.usecols->size());
    ++rows_;
  }

  [[nodiscard]] std::int64_t rows() const { return rows_; }

  [[nodiscard]] Tensor tensor() const {
    Tensor out = Tensor::empty(dtype_v<Wide>, rows_ == 0 ? Shape{0} : Shape{rows_, columns_});
    copy_in_parts({reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(Wide)}, out.mutable_bytes());
    return cast(out, options_.dtype);
  }

 private:
  void add_all(const Fields& fields) {
    const std::int64_t count = static_cast<std::int64_t>(fields.size());
    if (rows_ > 0 && count != columns_)
      fail(
          fmt::format("the number of columns changed from {} to {} at row {}; use `usecols` to select a subset and "
                      "avoid this error",
                      columns_, count, rows_ + 1));
    columns_ = count;
    for (std::int64_t column = 0; column < count; ++column) add_field(fields[static_cast<std::size_t>(column)], column);
    ++rows_;
  }

  void add_field(std::string_view field, std::int64_t column) {
    Wide value{};
    std::string converted;
    if (options_.convert) field = converted = options_.convert(column, field);
    if (!read_field(field, value) || !fits(value, options_.dtype))
      fail(fmt::format("could not convert string {} to {} at row {}, column {}.", short_quote(field),
                       name(options_.dtype), rows_, column + 1));
    append_charged(values_, value, kUsualCount);
  }

  const LoadTextOptions& options_;
  std::vector<Wide> values_;
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
};

template <class Wide>
Tensor read_table(std::string_view text, const LoadTextOptions& options) {
  Table<Wide> table(options);
  for (std::int64_t line = 0; !text.empty(); ++line) {
    context().charge(1, 0);
    if (options.max_rows && table.rows() >= *options.max_rows) break;
    std::deque<std::string> unquoted;
    const bool is_data = line >= options.skiprows;
    const Fields fields = options.quote.empty() || !is_data ? fields_of(take_line(text), options)
                                                            : QuotedRow(text, options, unquoted).take();
    if (is_data && !fields.empty()) table.add(fields);
  }
  return table.tensor();
}

Tensor read_any(std::string_view text, const LoadTextOptions& options) {
  switch (kind(options.dtype)) {
    case Kind::boolean:
    case Kind::signed_integer:
      return read_table<std::int64_t>(text, options);
    case Kind::unsigned_integer:
      return read_table<std::uint64_t>(text, options);
    case Kind::floating:
      return read_table<double>(text, options);
    case Kind::complex:
      break;
  }
  return read_table<complex128>(text, options);
}

/// Drops axes of size 1 while there are more than `ndmin`, as loadtxt does (all of them at once), and adds what is then
/// missing.
Tensor with_axes(const Tensor& table, std::int64_t ndmin) {
  Shape shape = table.shape();
  if (static_cast<std::int64_t>(shape.size()) > ndmin)
    for (std::size_t axis = shape.size(); axis-- > 0;)
      if (shape[axis] == 1) shape.erase(axis);
  if (shape.empty() && ndmin >= 1) shape.push_back(1);
  if (shape.size() == 1 && ndmin == 2) shape.push_back(1);
  Strides strides = contiguous_strides(shape, table.itemsize());
  return table.view(std::move(shape), std::move(strides));
}

void check(const LoadTextOptions& options) {
  if (options.ndmin < 0 || options.ndmin > 2) fail(fmt::format("Illegal value of ndmin keyword: {}", options.ndmin));
  if (options.skiprows < 0) fail("argument must be nonnegative");
  if (std::any_of(options.comments.begin(), options.comments.end(), std::mem_fn(&std::string_view::empty)))
    fail("comments cannot be an empty string. Use comments=None to disable comments.");
  for (const std::string_view character : {options.delimiter, options.quote}) {
    if (utf8_length(character) > 1)
      raise(ErrorKind::TypeError,
            "Text reading control character must be a single unicode character or None; but got: {}",
            short_quote(character));
  }
}

// ---- single texts ----

bool read_text(std::string_view text, bool& out) {
  constexpr std::size_t kLongest = std::string_view("false").size();
  std::string lower(text.substr(0, kLongest + 1));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  out = lower == "true";
  return out || lower == "false";
}
bool read_text(std::string_view text, double& out) { return parse_float(text, out); }
bool read_text(std::string_view text, complex128& out) { return parse_complex(text, out); }
bool read_text(std::string_view text, std::int64_t& out) { return parse_int(text, 10, out) == ParseResult::ok; }
bool read_text(std::string_view text, std::uint64_t& out) { return parse_uint(text, 10, out) == ParseResult::ok; }

template <class Wide>
ParsedTexts parse_as(const std::vector<std::string_view>& texts, DType dtype) {
  const Shape shape{static_cast<std::int64_t>(texts.size())};
  Tensor numbers = Tensor::empty(dtype_v<Wide>, shape), valid = Tensor::empty(DType::boolean, shape);
  for (std::size_t at = 0; at < texts.size(); ++at) {
    context().charge(1, 0);
    Wide value{};
    const bool is_valid = read_text(texts[at], value);
    if (is_valid && !fits(value, dtype))
      raise(ErrorKind::OverflowError, "Python integer {} out of bounds for {}", texts[at], name(dtype));
    numbers.mutable_data<Wide>()[at] = is_valid ? value : Wide{};
    valid.mutable_data<bool>()[at] = is_valid;
  }
  return {cast(numbers, dtype), valid};
}

}  // namespace

ParsedTexts parse_texts(const std::vector<std::string_view>& texts, DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
      return parse_as<bool>(texts, dtype);
    case Kind::signed_integer:
      return parse_as<std::int64_t>(texts, dtype);
    case Kind::unsigned_integer:
      return parse_as<std::uint64_t>(texts, dtype);
    case Kind::floating:
      return parse_as<double>(texts, dtype);
    case Kind::complex:
      break;
  }
  return parse_as<complex128>(texts, dtype);
}

Tensor load_text(std::string_view text, const LoadTextOptions& options) {
  check(options);
  return with_axes(read_any(text, options), options.ndmin);
}

}  // namespace inlay
