// format_tensor.cpp - three steps: collect the printed elements in reading order, write each as a word of one width,
// lay the words out.
#include "interpreter/texts/format_tensor.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "interpreter/texts/float_column.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/memory/context.h"
#include "runtime/memory/poller.h"

namespace inlay {
namespace {

// Beyond any limit; half the range, so that who adds it up does not wrap.
constexpr std::uint64_t kUncountable = std::uint64_t{1} << 62;
// A word and its place in the text, roughly.
constexpr std::uint64_t kBytesPerWord = 64;
// What is asked of the budget at once.
constexpr std::size_t kPiece = 4096;
// What Python's rstrip() takes away.
constexpr std::string_view kBlanks = " \t\n\r\v\f";

/// The elements as text. What they take is asked of the budget as they grow, and each is let go of when it is taken.
class Words {
 public:
  explicit Words(std::size_t count) {
    context().charge(0, count * sizeof(std::string));
    words_.reserve(count);
  }
  void add(std::string word) {
    bytes_ += sizeof(std::string) + word.size();
    if (bytes_ > asked_) ask();
    words_.push_back(std::move(word));
  }
  [[nodiscard]] std::string take_next() { return std::move(words_[next_++]); }
  /// Blanks in front of those that are shorter than the longest.
  void align() {
    std::size_t width = 0;
    Poller poll;
    for (const std::string& word : words_) poll(), width = std::max(width, word.size());
    for (std::string& word : words_) poll(), word.insert(0, width - word.size(), ' ');
  }

 private:
  void ask() {
    context().charge((bytes_ - asked_) / kBytesPerStep, bytes_);
    asked_ = bytes_ + kPiece;
  }

  static constexpr std::uint64_t kBytesPerStep = 16;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::uint64_t bytes_ = 0, asked_ = kPiece;
};

/// A text that grows by many short pieces: those are put together, and asked for together.
class PiecedText {
 public:
  void add(std::string_view text) {
    if (text.size() > kPiece - piece_.size()) [[unlikely]]
      return flush(), text_.add(text);
    piece_ += text;
  }
  void add(std::size_t count, char character) {
    if (count > kPiece - piece_.size()) [[unlikely]]
      return flush(), text_.add(count, character);
    piece_.append(count, character);
  }
  /// Takes away those of these characters that stand at the end.
  void trim(std::string_view characters) {
    piece_.resize(piece_.find_last_not_of(characters) + 1);
    if (piece_.empty()) text_.trim(characters);
  }
  [[nodiscard]] std::string take() {
    flush();
    return text_.take();
  }

 private:
  void flush() {
    text_.add(piece_);
    piece_.clear();
  }
  std::string piece_;  // never longer than kPiece
  GrowingText text_;
};

bool is_summarised(const Tensor& tensor, const PrintOptions& options) {
  return static_cast<double>(tensor.size()) > options.threshold;
}

/// Which elements of an axis are printed: all, or `head` and `tail` of them.
struct Edges {
  Edges(const Tensor& tensor, const PrintOptions& options)
      : head(std::max<std::int64_t>(options.edge_items, 0)),
        // NumPy always writes the last element.
        tail(std::max<std::int64_t>(head, 1)),
        summarised(is_summarised(tensor, options)) {}

  [[nodiscard]] bool cuts(std::int64_t size) const { return summarised && size > head + head && size > tail; }
  [[nodiscard]] std::int64_t printed(std::int64_t size) const { return cuts(size) ? head + tail : size; }

  std::int64_t head;
  std::int64_t tail;
  bool summarised;
};

/// Appends the bytes of the printed elements below `from` to `out`, in reading order.
void collect(const Tensor& tensor, const Edges& edges, std::size_t axis, const std::byte* from,
             std::vector<std::byte>& out, Poller& poll) {
  if (axis == tensor.rank()) {
    poll();
    out.insert(out.end(), from, from + tensor.itemsize());
    return;
  }
  const std::int64_t size = tensor.dim(axis);
  const bool is_cut = edges.cuts(size);
  for (std::int64_t at = 0; at < size; ++at) {
    if (is_cut && at == edges.head) at = size - edges.tail;
    collect(tensor, edges, axis + 1, from + at * tensor.strides()[axis], out, poll);
  }
}

/// What a summary shows grows with the rank alone: the context is asked first, as before any other work.
void charge_printed(const Tensor& tensor, const Edges& edges) {
  std::uint64_t count = 1;
  for (const std::int64_t size : tensor.shape()) {
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(edges.printed(size)), &count)) count = kUncountable;
  }
  context().charge(count, count <= kUncountable / kBytesPerWord ? count * kBytesPerWord : kUncountable);
}

std::vector<std::byte> printed_elements(const Tensor& tensor, const Edges& edges) {
  charge_printed(tensor, edges);
  std::vector<std::byte> bytes;
  Poller poll;
  collect(tensor, edges, 0, tensor.bytes(), bytes, poll);
  return bytes;
}

/// The elements as the C++ type `To`, widened.
template <class To>
std::vector<To> widened(const std::vector<std::byte>& bytes, DType from) {
  const std::size_t count = bytes.size() / static_cast<std::size_t>(itemsize(from));
  std::vector<To> values(count);
  cast_kernel(from, dtype_v<To>)(bytes.data(), values.data(), static_cast<std::int64_t>(count));
  return values;
}

Words bool_words(const std::vector<std::byte>& bytes, bool is_scalar) {
  Words words(bytes.size());
  for (const std::byte b : bytes) words.add(b == std::byte{0} ? "False" : is_scalar ? "True" : " True");
  return words;
}

/// The sign of numbers that are not negative takes a column, a blank only where no other number is negative.
template <class T>
Words integer_words(const std::vector<T>& values, char sign) {
  const bool has_negative = std::any_of(values.begin(), values.end(), [](T value) { return value < T{}; });
  const std::string plus = sign == '+' || (sign == ' ' && !has_negative) ? std::string(1, sign) : std::string();
  Words words(values.size());
  for (const T value : values) words.add((value < T{} ? "" : plus) + std::to_string(value));
  words.align();
  return words;
}

Words float_words(const std::vector<double>& values, DType type, const PrintOptions& options) {
  const FloatColumn column(values, type, options, options.sign);
  Words words(values.size());
  for (const double value : values) words.add(column.text(value));
  return words;
}

/// Puts the 'j' before the padding behind an imaginary part.
std::string with_unit(std::string text) {
  text.insert(text.find_last_not_of(' ') + 1, 1, 'j');
  return text;
}

Words complex_words(const std::vector<complex128>& values, DType type, const PrintOptions& options) {
  std::vector<double> real, imaginary;
  for (Poller poll; const complex128 value : values) {
    poll();
    real.push_back(value.real());
    imaginary.push_back(value.imag());
  }
  const FloatColumn real_column(real, real_dtype(type), options, options.sign);
  const FloatColumn imaginary_column(imaginary, real_dtype(type), options, '+');
  Words words(values.size());
  for (const complex128 value : values)
    words.add(real_column.text(value.real()) + with_unit(imaginary_column.text(value.imag())));
  return words;
}

Words printed_words(const Tensor& tensor, const Edges& edges, const PrintOptions& options) {
  const std::vector<std::byte> bytes = printed_elements(tensor, edges);
  const DType type = tensor.dtype();
  switch (kind(type)) {
    case Kind::boolean:
      return bool_words(bytes, tensor.rank() == 0);
    case Kind::signed_integer:
      return integer_words(widened<std::int64_t>(bytes, type), options.sign);
    case Kind::unsigned_integer:
      return integer_words(widened<std::uint64_t>(bytes, type), options.sign);
    case Kind::floating:
      return float_words(widened<double>(bytes, type), type, options);
    case Kind::complex:
      break;
  }
  return complex_words(widened<complex128>(bytes, type), type, options);
}

/// Writes words in reading order as nested brackets, rows wrapped at the line width.
class Layout {
 public:
  Layout(const Tensor& tensor, const ArrayText& around, const PrintOptions& options)
      : tensor_(tensor),
        edges_(tensor, options),
        words_(printed_words(tensor, edges_, options)),
        separator_(around.separator),
        separator_mark_(without_blanks(around.separator)),
        indent_(around.indent),
        width_(std::max<std::int64_t>(options.line_width, 0) - static_cast<std::int64_t>(around.suffix)) {}

  std::string text() && {
    write(0);
    return out_.take();
  }

 private:
  static std::string_view without_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
  }

  void write(std::size_t axis) {
    if (axis == tensor_.rank()) return out_.add(words_.take_next());
    out_.add("[");
    if (axis + 1 == tensor_.rank())
      write_row(axis);
    else
      write_blocks(axis);
    out_.add("]");
  }

  void write_blocks(std::size_t axis) {
    const std::int64_t size = tensor_.dim(axis);
    const bool is_cut = edges_.cuts(size);
    for (std::int64_t at = 0; at < size; ++at) {
      if (at > 0) end_block(axis);
      if (is_cut && at == edges_.head) {
        out_.add("...");
        end_block(axis);
        at = size - edges_.tail;
      }
      write(axis + 1);
    }
  }

  void end_block(std::size_t axis) {
    out_.add(separator_mark_);
    out_.add(tensor_.rank() - axis - 1, '\n');
    out_.add(indent_ + axis + 1, ' ');
  }

  void write_row(std::size_t axis) {
    const std::int64_t size = tensor_.dim(axis);
    const bool is_cut = edges_.cuts(size);
    const std::size_t hanging = indent_ + axis + 1;
    column_ = hanging;
    // Room for the brackets that close outside, and for a separator or a bracket behind the word.
    const std::size_t taken = axis + std::max<std::size_t>(separator_mark_.size(), 1);
    const std::int64_t width = width_ - static_cast<std::int64_t>(taken);
    for (std::int64_t at = 0; at < size; ++at) {
      if (is_cut && at == edges_.head) {
        append_word("...", hanging, width);
        append(separator_);
        at = size - edges_.tail;
      }
      append_word(words_.take_next(), hanging, width);
      if (at + 1 < size) append(separator_);
    }
  }

  void append(std::string_view text) {
    out_.add(text);
    column_ += text.size();
  }

  void append_word(std::string_view word, std::size_t hanging, std::int64_t width) {
    if (static_cast<std::int64_t>(column_ + word.size()) > width && column_ > hanging) {
      out_.trim(kBlanks);
      out_.add("\n");
      out_.add(hanging, ' ');
      column_ = hanging;
    }
    append(word);
  }

  const Tensor& tensor_;
  Edges edges_;
  Words words_;
  std::string_view separator_;
  std::string_view separator_mark_;  // without the blanks at its end
  std::size_t indent_;
  std::int64_t width_;
  std::size_t column_ = 0;  // where the current line ends
  PiecedText out_;
};

template <class T>
std::string scalar_text(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return value ? "True" : "False";
  else if constexpr (std::is_integral_v<T>)
    return std::to_string(value);
  else
    return repr(value);
}

/// What NumPy adds behind the elements when they do not tell it: "shape=(0, 3), dtype=float32)".
std::string extras(const Tensor& tensor, const PrintOptions& options) {
  std::string text;
  if ((tensor.size() == 0 && tensor.shape() != Shape{0}) || is_summarised(tensor, options))
    text = "shape=" + to_string(tensor.shape());
  const DType type = tensor.dtype();
  const bool implied =
      type == DType::boolean || type == DType::int64 || type == DType::float64 || type == DType::complex128;
  if (!implied || tensor.size() == 0) text.append(text.empty() ? "" : ", ").append("dtype=").append(name(type));
  return text;
}

double as_double(const Tensor& scalar) { return cast(scalar, DType::float64).item<double>(); }

}  // namespace

std::string array_text(const Tensor& tensor, const ArrayText& around, const PrintOptions& options) {
  return tensor.size() == 0 ? "[]" : Layout(tensor, around, options).text();
}

std::string to_string(const Tensor& tensor, const PrintOptions& options) {
  if (tensor.rank() == 0) return visit(tensor.dtype(), [&]<class T>(Type<T>) { return scalar_text(tensor.item<T>()); });
  return array_text(tensor, {}, options);
}

std::string repr(const Tensor& tensor, const PrintOptions& options) {
  constexpr std::string_view prefix = "array(";
  std::string text(prefix);
  text += array_text(tensor, {.separator = ", ", .indent = prefix.size(), .suffix = 1}, options);
  const std::string more = extras(tensor, options);
  if (more.empty()) return text + ')';
  text += ',';
  const std::size_t last_line = text.size() - (text.rfind('\n') + 1);
  const bool fits = static_cast<std::int64_t>(last_line + more.size()) + 2 <= options.line_width;
  return text + (fits ? " " : '\n' + std::string(prefix.size(), ' ')) + more + ')';
}

std::string format(const Tensor& tensor, std::string_view spec) {
  if (spec.empty()) return to_string(tensor);
  if (tensor.rank() != 0)
    throw Error(ErrorKind::TypeError, "unsupported format string passed to numpy.ndarray.__format__");
  switch (kind(tensor.dtype())) {
    case Kind::boolean:
      return format(tensor.item<bool>(), spec);
    case Kind::signed_integer:
      return format(cast(tensor, DType::int64).item<std::int64_t>(), spec);
    case Kind::unsigned_integer:
      return format(cast(tensor, DType::uint64).item<std::uint64_t>(), spec);
    case Kind::floating:
      return format(as_double(tensor), spec);
    case Kind::complex:
      break;
  }
  return format(cast(tensor, DType::complex128).item<complex128>(), spec);
}

}  // namespace inlay
