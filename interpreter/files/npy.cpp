// npy.cpp - the .npy format: magic, version, a Python dict literal padded to 64 bytes, then the elements.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "interpreter/files/array_files.h"
#include "interpreter/texts/long_text.h"
#include "interpreter/texts/quote.h"

static_assert(std::endian::native == std::endian::little, "elements are written as they stand in memory");

namespace inlay {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;
// np.save leaves room for the first size to grow to this many digits.
constexpr std::size_t kGrowthDigits = 21;
// NumPy's own bound on a header that is to be trusted.
constexpr std::size_t kMaxHeader = 10000;
// Bytes that are made into a row at a time, where they do not lie in one.
constexpr std::int64_t kCopied = 1 << 20;

struct Descr {
  std::string_view text;
  DType dtype;
};
// Without the byte order.
constexpr Descr kDescrs[] = {{"b1", DType::boolean}, {"i1", DType::int8},      {"i2", DType::int16},
                             {"i4", DType::int32},   {"i8", DType::int64},     {"u1", DType::uint8},
                             {"u2", DType::uint16},  {"u4", DType::uint32},    {"u8", DType::uint64},
                             {"f2", DType::float16}, {"V2", DType::bfloat16},  {"f4", DType::float32},
                             {"f8", DType::float64}, {"c8", DType::complex64}, {"c16", DType::complex128}};

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

std::string descr_of(DType dtype) {
  const Descr* row =
      std::find_if(std::begin(kDescrs), std::end(kDescrs), [&](const Descr& d) { return d.dtype == dtype; });
  return (itemsize(dtype) == 1 ? '|' : '<') + std::string(row->text);
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  Shape shape;
};

/// Reads the one dict literal that a header is: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text), rest_(text) {}

  Header parse() {
    expect('{');
    while (!take('}')) {
      parse_entry(string());
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) malformed();
    if (seen_ != 7) fail(fmt::format("Header does not contain the correct keys: {}", quote(text_)));
    return std::move(header_);
  }

 private:
  [[noreturn]] void malformed() const { fail(fmt::format("Cannot parse header: {}", quote(text_))); }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) malformed();
  }

  bool take_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string_view string() {
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) malformed();
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) malformed();
    const std::string_view value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }

  void parse_entry(std::string_view key) {
    expect(':');
    if (key == "descr")
      seen_ |= 1, header_.descr = descr();
    else if (key == "fortran_order")
      seen_ |= 2, header_.fortran_order = boolean();
    else if (key == "shape")
      seen_ |= 4, header_.shape = shape();
    else
      fail(fmt::format("Header does not contain the correct keys: {}", quote(text_)));
  }

  std::string descr() {
    skip_space();
    if (!rest_.empty() && (rest_.front() == '[' || rest_.front() == '(')) fail("arrays of structures cannot be loaded");
    return std::string(string());
  }

  bool boolean() {
    if (take_word("True")) return true;
    if (!take_word("False")) malformed();
    return false;
  }

  Shape shape() {
    Shape sizes;
    expect('(');
    while (!take(')')) {
      sizes.push_back(size());
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  std::int64_t size() {
    skip_space();
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0) fail(fmt::format("shape is not valid: {}", quote(text_)));
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    take('L');  // Python 2's long
    return value;
  }

  std::string_view text_;
  std::string_view rest_;
  Header header_;
  unsigned seen_ = 0;
};

std::string_view take_bytes(std::string_view& rest, std::size_t count, std::string_view what) {
  if (rest.size() < count) fail(fmt::format("EOF: reading {}, expected {} bytes got {}", what, count, rest.size()));
  const std::string_view taken = rest.substr(0, count);
  rest.remove_prefix(count);
  return taken;
}

/// Removes everything in front of the elements.
Header take_header(std::string_view& rest) {
  const std::string_view magic = take_bytes(rest, kMagic.size() + 2, "magic string");
  if (!magic.starts_with(kMagic))
    fail(fmt::format("the magic string is not correct; expected {}, got {}", quote(kMagic),
                     quote(magic.substr(0, kMagic.size()))));
  const int major = static_cast<unsigned char>(magic[6]);
  const int minor = static_cast<unsigned char>(magic[7]);
  if (major < 1 || major > 3 || minor != 0)
    fail(fmt::format("we only support format version (1,0), (2,0), and (3,0), not ({}, {})", major, minor));
  const std::string_view size_bytes = take_bytes(rest, major == 1 ? 2 : 4, "array header length");
  std::uint32_t size = 0;
  std::memcpy(&size, size_bytes.data(), size_bytes.size());
  const std::string_view text = take_bytes(rest, size, "array header");
  if (size > kMaxHeader)
    fail(fmt::format("Header info length ({}) is large and may not be safe to load securely.", size));
  return HeaderParser(text).parse();
}

struct Layout {
  DType dtype;
  bool swapped;
};

Layout layout_of(const std::string& descr) {
  if (descr.find('O') != std::string::npos) fail("Object arrays cannot be loaded when allow_pickle=False");
  const bool has_order = !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
  const std::string_view type = std::string_view(descr).substr(has_order ? 1 : 0);
  for (const Descr& row : kDescrs)
    if (row.text == type) return {row.dtype, descr[0] == '>' && itemsize(row.dtype) > 1};
  fail(fmt::format("arrays of dtype {} cannot be loaded", quote(descr)));
}

/// Turns the bytes of every number round; a complex is two.
void swap_bytes(std::byte* bytes, std::size_t count, DType dtype) {
  const std::size_t size = static_cast<std::size_t>(itemsize(real_dtype(dtype)));
  for (std::size_t at = 0; at < count; at += size) std::reverse(bytes + at, bytes + at + size);
}

/// Any byte but 0 is true, also in a file that holds others than 0 and 1.
void normalise_bools(std::byte* bytes, std::size_t count) {
  std::transform(bytes, bytes + count, bytes, [](std::byte b) { return b == std::byte{0} ? b : std::byte{1}; });
}

Tensor take_elements(std::string_view rest, Layout layout, const Shape& shape) {
  const std::int64_t count = element_count(shape);
  const std::int64_t available = static_cast<std::int64_t>(rest.size()) / itemsize(layout.dtype);
  if (count > available)
    fail(
        fmt::format("Failed to read all data for array. Expected {} = {} elements, could only read {} elements. (file "
                    "seems not fully written?)",
                    to_string(shape), count, available));
  Tensor out = Tensor::empty(layout.dtype, shape);
  std::byte* to = out.mutable_bytes();
  in_text_parts(rest.substr(0, static_cast<std::size_t>(count * out.itemsize())), [&](std::string_view part) {
    std::memcpy(to, part.data(), part.size());
    if (layout.swapped) swap_bytes(to, part.size(), layout.dtype);
    if (layout.dtype == DType::boolean) normalise_bools(to, part.size());
    to += part.size();
  });
  return out;
}

Tensor rows_of(const Tensor& x, std::int64_t first, std::int64_t count) {
  Shape shape = x.shape();
  shape[0] = count;
  return x.view(std::move(shape), x.strides(), first * x.strides()[0]);
}

/// One row, without the first axis.
Tensor row_of(const Tensor& x, std::int64_t at) {
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape.erase(0);
  strides.erase(0);
  return x.view(std::move(shape), std::move(strides), at * x.strides()[0]);
}

void add_contiguous(const Tensor& x, const AddBytes& add) {
  std::string_view rest(reinterpret_cast<const char*>(x.bytes()), static_cast<std::size_t>(x.size() * x.itemsize()));
  for (; !rest.empty(); rest.remove_prefix(std::min<std::size_t>(rest.size(), kCopied))) {
    charge_text(std::min<std::size_t>(rest.size(), kCopied));
    add(rest.substr(0, kCopied));
  }
}

/// The same elements with the axes in the opposite order, row-major.
Tensor reversed_axes(const Tensor& x) {
  Shape shape = x.shape();
  Strides strides = x.strides();
  std::reverse(shape.begin(), shape.end());
  std::reverse(strides.begin(), strides.end());
  return x.view(std::move(shape), std::move(strides)).contiguous();
}

}  // namespace

void add_elements(const Tensor& x, const AddBytes& add) {
  const std::int64_t bytes = x.size() * x.itemsize();
  if (x.is_contiguous() || bytes <= kCopied) return add_contiguous(x.contiguous(), add);
  const std::int64_t rows = x.dim(0), at_once = kCopied / (bytes / rows);
  if (at_once == 0) {
    for (std::int64_t at = 0; at < rows; ++at) add_elements(row_of(x, at), add);
  } else {
    for (std::int64_t at = 0; at < rows; at += at_once)
      add_contiguous(rows_of(x, at, std::min(at_once, rows - at)).contiguous(), add);
  }
}

void write_npy(const Tensor& x, const AddBytes& add) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr_of(x.dtype()),
                                   to_string(x.shape()));
  if (x.rank() > 0) header.append(kGrowthDigits - std::min(kGrowthDigits, std::to_string(x.dim(0)).size()), ' ');
  const std::size_t front = kMagic.size() + 2 + 2;
  header.append(kAlignment - (front + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string out(kMagic);
  out += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  add(out + header);
  add_elements(x, add);
}

Tensor read_npy(std::string_view bytes) {
  Header header = take_header(bytes);
  const Layout layout = layout_of(header.descr);
  if (!header.fortran_order) return take_elements(bytes, layout, header.shape);
  std::reverse(header.shape.begin(), header.shape.end());
  return reversed_axes(take_elements(bytes, layout, header.shape));
}

}  // namespace inlay
