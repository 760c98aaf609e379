// product.cpp - see product.h.
// Cases: rows of b contiguous -> rows of c gather multiples of rows of b, in tiles of columns that stay in L1
// | otherwise -> one dot product per element, in independent lanes where both sides are contiguous.
#include "runtime/matrices/product.h"

#include <algorithm>
#include <concepts>
#include <type_traits>

#include "runtime/dtypes/order.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kColumnTile = 512;
constexpr std::int64_t kDepthTile = 64;   // rows of b that are used again for the next row of c
constexpr std::int64_t kDotBlock = 4096;  // elements summed in lanes before the sums are added up
constexpr std::int64_t kLanes = 16;
// Multiplications between two looks at whether to stop; a product that is stopped is left undone.
constexpr std::int64_t kStepsPerLook = 1 << 20;

/// Looks now and then whether the loop around is to stop.
class Looks {
 public:
  bool is_over(std::int64_t steps) {
    if ((since_ += steps) < kStepsPerLook) return false;
    since_ = 0;
    return is_over_ = is_over_ || is_stopping();
  }
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  std::int64_t since_ = 0;
  bool is_over_ = false;
};

/// acc + x * y.
template <class T>
T multiply_add(T acc, T x, T y) {
  if constexpr (std::same_as<T, bool>) {
    return static_cast<bool>(acc | (x & y));
  } else if constexpr (std::is_integral_v<T>) {
    using U = std::conditional_t<(sizeof(T) < 4), std::uint32_t, std::make_unsigned_t<T>>;
    return static_cast<T>(static_cast<U>(acc) + static_cast<U>(x) * static_cast<U>(y));
  } else if constexpr (is_complex_v<T>) {
    return {acc.real() + (x.real() * y.real() - x.imag() * y.imag()),
            acc.imag() + (x.real() * y.imag() + x.imag() * y.real())};
  } else {
    return acc + x * y;
  }
}

template <class T>
T add(T a, T b) {
  return multiply_add(a, b, T(1));
}

template <class T>
void add_multiples(const ProductShape& s, const T* a, const T* b, T* __restrict c, std::int64_t depth,
                   std::int64_t columns) {
  for (std::int64_t k = 0; k < depth; ++k) {
    const T factor = a[k * s.a_column];
    const T* row = b + k * s.b_row;
    for (std::int64_t column = 0; column < columns; ++column) c[column] = multiply_add(c[column], factor, row[column]);
  }
}

template <class T>
void product_by_rows(const ProductShape& s, const T* a, const T* b, T* c) {
  Looks looks;
  for (std::int64_t row = 0; row < s.rows; ++row) std::fill_n(c + row * s.c_row, s.columns, T{});
  for (std::int64_t column = 0; column < s.columns; column += kColumnTile)
    for (std::int64_t k = 0; k < s.depth; k += kDepthTile)
      for (std::int64_t row = 0; row < s.rows; ++row) {
        add_multiples(s, a + row * s.a_row + k * s.a_column, b + k * s.b_row + column, c + row * s.c_row + column,
                      std::min(kDepthTile, s.depth - k), std::min(kColumnTile, s.columns - column));
        if (looks.is_over(kDepthTile * kColumnTile)) return;
      }
}

template <class T>
T dot_lanes(const T* a, const T* b, std::int64_t n) {
  T acc[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) acc[lane] = multiply_add(acc[lane], a[i + lane], b[i + lane]);
  for (std::int64_t lane = 0; i < n; ++i, ++lane) acc[lane] = multiply_add(acc[lane], a[i], b[i]);
  for (std::int64_t width = kLanes / 2; width > 0; width /= 2)
    for (std::int64_t lane = 0; lane < width; ++lane) acc[lane] = add(acc[lane], acc[lane + width]);
  return acc[0];
}

template <class T>
T dot(const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, std::int64_t n, Looks& looks) {
  T sum{};
  if (a_step == 1 && b_step == 1) {
    for (std::int64_t at = 0; at < n && !looks.is_over(std::min(kDotBlock, n)); at += kDotBlock)
      sum = add(sum, dot_lanes(a + at, b + at, std::min(kDotBlock, n - at)));
    return sum;
  }
  for (std::int64_t at = 0; at < n && !looks.is_over(std::min(kDotBlock, n)); at += kDotBlock)
    for (std::int64_t k = at; k < std::min(n, at + kDotBlock); ++k)
      sum = multiply_add(sum, a[k * a_step], b[k * b_step]);
  return sum;
}

template <class T>
void product(const ProductShape& s, const void* a_data, const void* b_data, void* c_data) {
  const T* a = static_cast<const T*>(a_data);
  const T* b = static_cast<const T*>(b_data);
  T* c = static_cast<T*>(c_data);
  if (s.b_column == 1 && s.columns > 1) return product_by_rows(s, a, b, c);
  Looks looks;
  for (std::int64_t row = 0; row < s.rows && !looks.is_over(); ++row)
    for (std::int64_t column = 0; column < s.columns && !looks.is_over(); ++column)
      c[row * s.c_row + column] = dot(a + row * s.a_row, s.a_column, b + column * s.b_column, s.b_row, s.depth, looks);
}

}  // namespace

ProductKernel product_kernel(DType dtype) {
  return visit(dtype, []<class T>(Type<T>) -> ProductKernel {
    if constexpr (std::same_as<T, Half> || std::same_as<T, BFloat16>)
      return nullptr;
    else
      return product<T>;
  });
}

}  // namespace inlay
