// vector_extreme.h - the least or largest element of a contiguous row, and where it is; for kernel files alone.
// Vectors are the compiler's own (vector_size) and as wide as the target's registers; lanes are virtual, so that the
// same elements meet in the same order on every set: which of 0 and -0 stays cannot be told from the instructions.
// Knows no strides: whoever has one copies the row first. Invariant: a NaN anywhere makes the extreme a NaN.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/kernels/vector_bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace inlay {
inline namespace INLAY_TARGET {
namespace kernels {

/// One bit per byte of the result of a comparison.
template <class Mask>
std::uint64_t mask_bits(const Mask& mask) {
#if defined(__AVX512BW__)
  if constexpr (sizeof mask == 64) return _mm512_movepi8_mask(reinterpret_cast<__m512i>(mask));
#endif
#if defined(__AVX2__)
  if constexpr (sizeof mask == 32)
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(mask)));
#endif
#if defined(__x86_64__)
  if constexpr (sizeof mask == 16)
    return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(mask)));
#endif
  std::uint8_t bytes[sizeof mask];
  std::memcpy(bytes, &mask, sizeof mask);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof mask; ++i) bits |= std::uint64_t{bytes[i] & 1U} << i;
  return bits;
}

/// `bytes` virtual bytes of accumulators, in as many vectors as the target needs for them. Each lane keeps its first
/// element until a later one beats it. TRIED: the NaN kept in the lane, as the extreme is - two selections that wait
/// for each other, twice the time.
template <class T, bool maximum, int bytes>
class ExtremeLanes {
 public:
  static constexpr int lanes = bytes / sizeof(T);

  explicit ExtremeLanes(const T* x) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      best_[v] = load(x + v * kWidth);
      nan_[v] = best_[v] != best_[v];
    }
  }
  void add(const T* x) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const Vector next = load(x + v * kWidth);
      best_[v] = joined(best_[v], next);
      if constexpr (std::floating_point<T>) nan_[v] |= next != next;
    }
  }
  T value() {
#pragma GCC unroll 16
    for (int half = kVectors / 2; half > 0; half /= 2)
#pragma GCC unroll 16
      for (int v = 0; v < half; ++v) {
        best_[v] = joined(best_[v], best_[v + half]);
        nan_[v] |= nan_[v + half];
      }
    if constexpr (std::floating_point<T>)
      if (mask_bits(nan_[0]) != 0) return std::numeric_limits<T>::quiet_NaN();
    return across<kWidth / 2>(best_[0]);
  }

 private:
  static constexpr int kSize = bytes < kVectorBytes ? bytes : kVectorBytes, kVectors = bytes / kSize,
                       kWidth = kSize / static_cast<int>(sizeof(T));
  typedef T Vector __attribute__((vector_size(kSize)));
  using Mask = decltype(Vector{} != Vector{});

  static Vector load(const T* from) {
    Vector out;
    std::memcpy(&out, from, sizeof out);
    return out;
  }
  static Vector joined(Vector a, Vector b) {
    if constexpr (maximum)
      return a < b ? b : a;
    else
      return b < a ? b : a;
  }
  /// Lane i of the result is lane i ^ width.
  template <int width, int... lane>
  static Vector partners(Vector v, std::integer_sequence<int, lane...>) {
    return __builtin_shufflevector(v, v, (lane ^ width)...);
  }
  /// Halves the lanes that are left: lane i meets lane i + width.
  template <int width>
  static T across(Vector v) {
    if constexpr (width == 0)
      return v[0];
    else
      return across<width / 2>(joined(v, partners<width>(v, std::make_integer_sequence<int, kWidth>{})));
  }

  Vector best_[kVectors];
  Mask nan_[kVectors];
};

/// Of at least as many elements as there are lanes; the last step takes some elements twice, which changes nothing.
template <class T, bool maximum, int bytes>
T extreme_by(const T* x, std::int64_t n) {
  using Lanes = ExtremeLanes<T, maximum, bytes>;
  Lanes acc(x);
  std::int64_t i = Lanes::lanes;
  for (; i + Lanes::lanes <= n; i += Lanes::lanes) acc.add(x + i);
  if (i < n) acc.add(x + n - Lanes::lanes);
  return acc.value();
}

/// The extreme of n > 0 real elements; NaN if one of them is.
template <class T, bool maximum>
T extreme_of(const T* x, std::int64_t n) {
  constexpr std::int64_t size = sizeof(T);
  if (n * size >= 256) return extreme_by<T, maximum, 256>(x, n);
  if (n * size >= 64) return extreme_by<T, maximum, 64>(x, n);
  if (n * size >= 16) return extreme_by<T, maximum, 16>(x, n);
  T best = x[0];
  for (std::int64_t i = 1; i < n; ++i) best = ((maximum ? best < x[i] : x[i] < best) | (x[i] != x[i])) ? x[i] : best;
  return best;
}

/// Whether elements are the extreme that was found: equal to it, or NaN if it is.
template <class T, class Elements>
auto is_extreme(const Elements& elements, T extreme) {
  if constexpr (std::floating_point<T>)
    if (extreme != extreme) return elements != elements;
  return elements == extreme;
}

/// Where `extreme` is first, which is there.
template <class T>
std::int64_t first_place(const T* x, std::int64_t n, T extreme) {
  constexpr std::int64_t width = kVectorBytes / sizeof(T);
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  std::int64_t at = 0;
  if (n < width) {
    while (!is_extreme(x[at], extreme)) ++at;
    return at;
  }
  for (;; at += width) {
    at = at < n - width ? at : n - width;
    Vector elements;
    std::memcpy(&elements, x + at, sizeof elements);
    const std::uint64_t bits = mask_bits(is_extreme(elements, extreme));
    if (bits != 0) return at + __builtin_ctzll(bits) / static_cast<int>(sizeof(T));
  }
}

/// Where the extreme of n > 0 real elements is first. Blocks are small, so that few elements are searched again.
template <class T, bool maximum>
std::int64_t find_extreme(const T* x, std::int64_t n) {
  constexpr std::int64_t kBlock = 4096 / sizeof(T);
  T best = extreme_of<T, maximum>(x, n < kBlock ? n : kBlock);
  std::int64_t block = 0;
  for (std::int64_t at = kBlock; at < n && best == best; at += kBlock) {
    const T extreme = extreme_of<T, maximum>(x + at, n - at < kBlock ? n - at : kBlock);
    const bool beats = (maximum ? best < extreme : extreme < best) | (extreme != extreme);
    block = beats ? at : block;
    best = beats ? extreme : best;
  }
  return block + first_place(x + block, n - block, best);
}

}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
