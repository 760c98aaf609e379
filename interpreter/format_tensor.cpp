// format_tensor.cpp - three steps: collect the printed elements in reading order, write each as a word of one width,
// lay the words out.
#include "interpreter/format_tensor.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "interpreter/float_column.h"
#include "interpreter/format_number.h"
#include "interpreter/format_spec.h"
#include "runtime/cast.h"
#include "runtime/context.h"

namespace inlay {
namespace {

// NumPy's default print options.
constexpr std::int64_t kThreshold = 1000;
constexpr std::int64_t kEdgeItems = 3;
constexpr std::size_t kLineWidth = 75;

// Beyond any limit; half the range, so that who adds it up does not wrap.
constexpr std::uint64_t kUncountable = std::uint64_t{1} << 62;
// A word and its place in the text, roughly.
constexpr std::uint64_t kBytesPerWord = 64;

using Words = std::vector<std::string>;

bool is_summarised(const Tensor& tensor) { return tensor.size() > kThreshold; }

/// Whether only the edges of an axis of this size are printed.
bool is_cut(const Tensor& tensor, std::int64_t size) { return is_summarised(tensor) && size > 2 * kEdgeItems; }

/// Appends the bytes of the printed elements below `from` to `out`, in reading order.
void collect(const Tensor& tensor, std::size_t axis, const std::byte* from, std::vector<std::byte>& out) {
  if (axis == tensor.rank()) {
    out.insert(out.end(), from, from + tensor.itemsize());
    return;
  }
  const std::int64_t size = tensor.dim(axis);
  for (std::int64_t at = 0; at < size; ++at) {
    if (at == kEdgeItems && is_cut(tensor, size)) at = size - kEdgeItems;
    collect(tensor, axis + 1, from + at * tensor.strides()[axis], out);
  }
}

/// What a summary shows grows with the rank alone: the context is asked first, as before any other work.
void charge_printed(const Tensor& tensor) {
  std::uint64_t count = 1;
  for (const std::int64_t size : tensor.shape()) {
    const std::int64_t printed = is_cut(tensor, size) ? 2 * kEdgeItems : size;
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(printed), &count)) count = kUncountable;
  }
  context().charge(count, count <= kUncountable / kBytesPerWord ? count * kBytesPerWord : kUncountable);
}

std::vector<std::byte> printed_elements(const Tensor& tensor) {
  charge_printed(tensor);
  std::vector<std::byte> bytes;
  collect(tensor, 0, tensor.bytes(), bytes);
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
  Words words;
  for (const std::byte b : bytes) words.emplace_back(b == std::byte{0} ? "False" : is_scalar ? "True" : " True");
  return words;
}

template <class T>
Words integer_words(const std::vector<T>& values) {
  Words words;
  std::size_t width = 0;
  for (const T value : values) width = std::max(width, words.emplace_back(std::to_string(value)).size());
  for (std::string& word : words) word.insert(0, width - word.size(), ' ');
  return words;
}

Words float_words(const std::vector<double>& values, DType type) {
  const FloatColumn column(values, type, false);
  Words words;
  for (const double value : values) words.push_back(column.text(value));
  return words;
}

/// Puts the 'j' before the padding behind an imaginary part.
std::string with_unit(std::string text) {
  text.insert(text.find_last_not_of(' ') + 1, 1, 'j');
  return text;
}

Words complex_words(const std::vector<complex128>& values, DType type) {
  std::vector<double> real, imaginary;
  for (const complex128 value : values) {
    real.push_back(value.real());
    imaginary.push_back(value.imag());
  }
  const FloatColumn real_column(real, real_dtype(type), false);
  const FloatColumn imaginary_column(imaginary, real_dtype(type), true);
  Words words;
  for (const complex128 value : values)
    words.push_back(real_column.text(value.real()) + with_unit(imaginary_column.text(value.imag())));
  return words;
}

Words printed_words(const Tensor& tensor) {
  const std::vector<std::byte> bytes = printed_elements(tensor);
  const DType type = tensor.dtype();
  switch (kind(type)) {
    case Kind::boolean:
      return bool_words(bytes, tensor.rank() == 0);
    case Kind::signed_integer:
      return integer_words(widened<std::int64_t>(bytes, type));
    case Kind::unsigned_integer:
      return integer_words(widened<std::uint64_t>(bytes, type));
    case Kind::floating:
      return float_words(widened<double>(bytes, type), type);
    case Kind::complex:
      break;
  }
  return complex_words(widened<complex128>(bytes, type), type);
}

/// Writes words in reading order as nested brackets, rows wrapped at the line width.
class Layout {
 public:
  /// `indent` columns stand before the first bracket; `suffix` characters will follow the last.
  Layout(const Tensor& tensor, std::string_view separator, std::size_t indent, std::size_t suffix)
      : tensor_(tensor),
        words_(printed_words(tensor)),
        separator_(separator),
        indent_(indent),
        width_(kLineWidth - suffix) {}

  std::string text() && {
    write(0);
    return std::move(out_);
  }

 private:
  void write(std::size_t axis) {
    if (axis == tensor_.rank()) {
      out_ += words_[next_++];
      return;
    }
    out_ += '[';
    if (axis + 1 == tensor_.rank())
      write_row(axis);
    else
      write_blocks(axis);
    out_ += ']';
  }

  void write_blocks(std::size_t axis) {
    const std::int64_t size = tensor_.dim(axis);
    const std::string hanging(indent_ + axis + 1, ' ');
    for (std::int64_t at = 0; at < size; ++at) {
      if (at > 0) end_block(axis, hanging);
      if (at == kEdgeItems && is_cut(tensor_, size)) {
        out_ += "...";
        end_block(axis, hanging);
        at = size - kEdgeItems;
      }
      write(axis + 1);
    }
  }

  void end_block(std::size_t axis, const std::string& hanging) {
    if (separator_ != " ") out_ += ',';
    out_.append(tensor_.rank() - axis - 1, '\n');
    out_ += hanging;
  }

  void write_row(std::size_t axis) {
    const std::int64_t size = tensor_.dim(axis);
    const std::size_t hanging = indent_ + axis + 1;
    column_ = hanging;
    // Room for the brackets that close here and outside, and for a comma or a bracket behind the word.
    const std::size_t width = width_ - std::min(width_, axis + 1);
    for (std::int64_t at = 0; at < size; ++at) {
      if (at == kEdgeItems && is_cut(tensor_, size)) {
        append_word("...", hanging, width);
        append(separator_);
        at = size - kEdgeItems;
      }
      append_word(words_[next_++], hanging, width);
      if (at + 1 < size) append(separator_);
    }
  }

  void append(std::string_view text) {
    out_ += text;
    column_ += text.size();
  }

  void append_word(std::string_view word, std::size_t hanging, std::size_t width) {
    if (column_ + word.size() > width && column_ > hanging) {
      out_.resize(out_.find_last_not_of(' ') + 1);
      out_ += '\n';
      out_.append(hanging, ' ');
      column_ = hanging;
    }
    append(word);
  }

  const Tensor& tensor_;
  Words words_;
  std::string_view separator_;
  std::size_t indent_;
  std::size_t width_;
  std::size_t next_ = 0;    // the next word
  std::size_t column_ = 0;  // where the current line ends
  std::string out_;
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
std::string extras(const Tensor& tensor) {
  std::string text;
  if ((tensor.size() == 0 && tensor.shape() != Shape{0}) || is_summarised(tensor))
    text = "shape=" + to_string(tensor.shape());
  const DType type = tensor.dtype();
  const bool implied =
      type == DType::boolean || type == DType::int64 || type == DType::float64 || type == DType::complex128;
  if (!implied || tensor.size() == 0) text.append(text.empty() ? "" : ", ").append("dtype=").append(name(type));
  return text;
}

double as_double(const Tensor& scalar) { return cast(scalar, DType::float64).item<double>(); }

}  // namespace

std::string to_string(const Tensor& tensor) {
  if (tensor.rank() == 0) return visit(tensor.dtype(), [&]<class T>(Type<T>) { return scalar_text(tensor.item<T>()); });
  if (tensor.size() == 0) return "[]";
  return Layout(tensor, " ", 0, 0).text();
}

std::string repr(const Tensor& tensor) {
  constexpr std::string_view prefix = "array(";
  std::string text(prefix);
  text += tensor.size() == 0 ? "[]" : Layout(tensor, ", ", prefix.size(), 1).text();
  const std::string more = extras(tensor);
  if (more.empty()) return text + ')';
  text += ',';
  const std::size_t last_line = text.size() - (text.rfind('\n') + 1);
  const bool fits = last_line + more.size() + 2 <= kLineWidth;
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
