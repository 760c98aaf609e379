// shape.h - sizes and strides of up to kMaxRank axes, inline while there are few.
// Invariant: size() <= kMaxRank; the first kInline entries never allocate.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

namespace inlay {

/// No tensor has more axes (NumPy's own bound; results that would are refused).
inline constexpr int kMaxRank = 64;

/// A short list of 64-bit numbers: a shape, strides in bytes, or axes. A contiguous range, so it converts to a span by
/// itself.
class Dims {
 public:
  static constexpr int kInline = 4;

  Dims() = default;
  Dims(std::initializer_list<std::int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const std::int64_t> values);
  Dims(std::size_t count, std::int64_t value);
  Dims(const Dims& other) : Dims(std::span<const std::int64_t>(other.data(), other.size())) {}
  Dims(Dims&& other) noexcept = default;
  Dims& operator=(const Dims& other) {
    if (this != &other) *this = Dims(other);
    return *this;
  }
  Dims& operator=(Dims&& other) noexcept = default;
  ~Dims() = default;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::int64_t* data() { return heap_ ? heap_.get() : inline_; }
  [[nodiscard]] const std::int64_t* data() const { return heap_ ? heap_.get() : inline_; }
  std::int64_t& operator[](std::size_t at) { return data()[at]; }
  std::int64_t operator[](std::size_t at) const { return data()[at]; }
  [[nodiscard]] std::int64_t back() const { return data()[size_ - 1]; }
  std::int64_t* begin() { return data(); }
  std::int64_t* end() { return data() + size_; }
  [[nodiscard]] const std::int64_t* begin() const { return data(); }
  [[nodiscard]] const std::int64_t* end() const { return data() + size_; }

  /// Appends; throws ValueError beyond kMaxRank.
  void push_back(std::int64_t value);
  void insert(std::size_t at, std::int64_t value);
  void erase(std::size_t at);
  bool operator==(const Dims& other) const;

 private:
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = kInline;
  std::int64_t inline_[kInline] = {};
  std::unique_ptr<std::int64_t[]> heap_;
};

using Shape = Dims;
using Strides = Dims;

/// Number of elements. Throws ValueError where the product overflows 63 bits ("array is too big").
std::int64_t element_count(std::span<const std::int64_t> shape);
/// Bytes of so many elements. Throws ValueError where they overflow 63 bits ("array is too big").
std::int64_t byte_count(std::int64_t size, std::int64_t itemsize);
/// Where elements lie in bytes, relative to element (0, …, 0): [begin, end).
struct Extent {
  std::int64_t begin = 0, end = 0;
};
/// Of all elements; empty where there are none, whatever the strides. Throws ValueError where it, or the bytes of the
/// elements one after the other, overflow 63 bits ("array is too big"): afterwards no product of an index and a stride
/// does.
Extent extent(const Shape& shape, const Strides& strides, std::int64_t itemsize);
/// Throws ValueError "array is too big; …", NumPy's words for what no memory can hold.
[[noreturn]] void raise_too_big();
/// Row-major strides in bytes; wrapped for a shape that extent() refuses.
Strides contiguous_strides(std::span<const std::int64_t> shape, std::int64_t itemsize);
/// NumPy's text: "(2, 3)", "(4,)", "()".
std::string to_string(std::span<const std::int64_t> shape);
/// Normalises an axis of a tensor of `rank`; throws ValueError "axis 9 is out of bounds for array of dimension 2".
int normalize_axis(std::int64_t axis, std::size_t rank);
/// The shape that all broadcast to; throws ValueError "operands could not be broadcast together with shapes (2,) (3,)
/// ".
Shape broadcast_shapes(std::span<const Shape* const> shapes);
Shape broadcast_shapes(const Shape& a, const Shape& b);

}  // namespace inlay
