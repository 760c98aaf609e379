// vector_sort.h - unsigned keys into order with vector instructions, in place.
// Knows neither tensors nor dtypes: sort.cpp turns elements into keys. Invariant: equal keys are the same bits, so the
// result is the one sorted sequence, whatever the pivots were.
#pragma once

#include <cstdint>

namespace inlay {

/// What sorts keys of one width.
template <class Key>
struct VectorSort {
  void (*sort)(Key* keys, std::int64_t n);
  /// Rearranges keys[0, n), n at least kMinimumToSplit, and returns m: no key of [0, m) is greater than any of [m, n),
  /// and 0 < m < n unless all keys are equal.
  std::int64_t (*split)(Key* keys, std::int64_t n);
};

inline constexpr std::int64_t kMinimumToSplit = 1024;

namespace avx512 {
extern const VectorSort<std::uint32_t> kSort32;
extern const VectorSort<std::uint64_t> kSort64;
}  // namespace avx512

}  // namespace inlay
