// shape.cpp - lists of sizes, and the arithmetic of shapes.
// Knows nothing of elements. Messages are NumPy's, character for character.
#include "runtime/tensors/shape.h"

#include <algorithm>

#include "runtime/memory/error.h"

namespace inlay {
namespace {

void check_rank(std::size_t rank) {
  if (rank > static_cast<std::size_t>(kMaxRank)) {
    raise(ErrorKind::ValueError, "maximum supported dimension for an ndarray is currently {}, found {}", kMaxRank,
          rank);
  }
}

std::string join(std::span<const std::int64_t> shape, std::string_view separator) {
  std::string text;
  for (const std::int64_t size : shape) {
    if (!text.empty()) text += separator;
    text += std::to_string(size);
  }
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

[[noreturn]] void refuse_broadcast(std::span<const Shape* const> shapes) {
  std::string text;
  for (const Shape* shape : shapes) text += join(*shape, ",") + " ";
  raise(ErrorKind::ValueError, "operands could not be broadcast together with shapes {}", text);
}

/// Broadcasts `shape` into `out`, which has at least its rank; false if a size does not fit.
bool broadcast_into(Shape& out, const Shape& shape) {
  const std::size_t leading = out.size() - shape.size();
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    std::int64_t& size = out[leading + axis];
    if (size == 1)
      size = shape[axis];
    else if (shape[axis] != 1 && shape[axis] != size)
      return false;
  }
  return true;
}

}  // namespace

// Few entries are copied one by one: a call of the library's copying costs more than they do.
Dims::Dims(std::span<const std::int64_t> values) {
  const std::size_t count = values.size();
  if (count > kInline) [[unlikely]] {
    *this = Dims(count, 0);
    std::copy(values.begin(), values.end(), begin());
    return;
  }
  size_ = static_cast<std::uint32_t>(count);
  for (std::size_t at = 0; at < count; ++at) inline_[at] = values[at];
}

Dims::Dims(std::size_t count, std::int64_t value) {
  if (count > kInline) [[unlikely]] {
    check_rank(count);
    capacity_ = static_cast<std::uint32_t>(count);
    heap_ = std::make_unique<std::int64_t[]>(count);
  }
  size_ = static_cast<std::uint32_t>(count);
  std::int64_t* const to = data();
  for (std::size_t at = 0; at < count; ++at) to[at] = value;
}

void Dims::push_back(std::int64_t value) { insert(size_, value); }

void Dims::insert(std::size_t at, std::int64_t value) {
  check_rank(size_ + std::size_t{1});
  if (size_ == capacity_) {
    auto larger = std::make_unique<std::int64_t[]>(2 * std::size_t{capacity_});
    std::copy(begin(), end(), larger.get());
    heap_ = std::move(larger);
    capacity_ *= 2;
  }
  ++size_;
  std::copy_backward(begin() + at, end() - 1, end());
  data()[at] = value;
}

void Dims::erase(std::size_t at) {
  std::copy(begin() + at + 1, end(), begin() + at);
  --size_;
}

bool Dims::operator==(const Dims& other) const {
  if (size_ != other.size_) return false;
  const std::int64_t *one = data(), *two = other.data();
  std::uint32_t at = 0;
  while (at < size_ && one[at] == two[at]) ++at;
  return at == size_;
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
  // Sizes of 0 do not hide an overflow of the others: strides are computed from them.
  std::int64_t nonzero = 1;
  bool is_empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) raise(ErrorKind::ValueError, "negative dimensions are not allowed");
    if (size == 0)
      is_empty = true;
    else if (__builtin_mul_overflow(nonzero, size, &nonzero))
      raise_too_big();
  }
  return is_empty ? 0 : nonzero;
}

std::int64_t byte_count(std::int64_t size, std::int64_t itemsize) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(size, itemsize, &bytes)) raise_too_big();
  return bytes;
}

void raise_too_big() {
  raise(ErrorKind::ValueError,
        "array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
}

Extent extent(const Shape& shape, const Strides& strides, std::int64_t itemsize) {
  const std::int64_t size = element_count(shape);
  (void)byte_count(size, itemsize);  // strides of 0 make much of little
  if (size == 0) return {};          // beside an axis of size 0 any other may be of any size
  Extent bytes{0, itemsize};
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(shape[axis] - 1, strides[axis], &reach)) raise_too_big();
    std::int64_t& side = reach < 0 ? bytes.begin : bytes.end;
    if (__builtin_add_overflow(side, reach, &side)) raise_too_big();
  }
  std::int64_t whole = 0;
  if (__builtin_sub_overflow(bytes.end, bytes.begin, &whole)) raise_too_big();
  return bytes;
}

Strides contiguous_strides(std::span<const std::int64_t> shape, std::int64_t itemsize) {
  Strides strides(shape.size(), 0);
  // An empty tensor's strides are never used.
  auto stride = static_cast<std::uint64_t>(itemsize);
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = static_cast<std::int64_t>(stride);
    stride *= static_cast<std::uint64_t>(std::max<std::int64_t>(shape[axis], 1));
  }
  return strides;
}

std::string to_string(std::span<const std::int64_t> shape) { return join(shape, ", "); }

int normalize_axis(std::int64_t axis, std::size_t rank) {
  const auto limit = static_cast<std::int64_t>(rank);
  if (axis < -limit || axis >= limit) {
    raise(ErrorKind::ValueError, "axis {} is out of bounds for array of dimension {}", axis, rank);
  }
  return static_cast<int>(axis < 0 ? axis + limit : axis);
}

Shape broadcast_shapes(std::span<const Shape* const> shapes) {
  std::size_t rank = 0;
  for (const Shape* shape : shapes) rank = std::max(rank, shape->size());
  Shape out(rank, 1);
  for (const Shape* shape : shapes) {
    if (!broadcast_into(out, *shape)) refuse_broadcast(shapes);
  }
  return out;
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const Shape* const both[] = {&a, &b};
  return broadcast_shapes(both);
}

}  // namespace inlay
