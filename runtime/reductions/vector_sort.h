// vector_sort.h - unsigned keys into order with vector instructions, in place.
// Knows neither tensors nor dtypes: sort.cpp turns elements into keys. Invariant: equal keys are the same bits, so the
// result is the one sorted sequence, whatever the pivots were.
#pragma once

#include <cstdint>

namespace inlay {

/// How an element's bits become a key of the same order; see exact_key and from_key in sort_keys.h.
enum class KeyForm : std::uint8_t { whole, with_sign, floating };

/// What sorts keys of one width.
template <class Key>
struct VectorSort {
  void (*sort)(Key* keys, std::int64_t n);
  /// Rearranges keys[0, n), n at least kMinimumToSplit, and returns m: no key of [0, m) is greater than any of [m, n),
  /// and 0 < m < n unless all keys are equal.
  std::int64_t (*split)(Key* keys, std::int64_t n);
  /// The bits of elements to keys, and keys in place to the bits of elements.
  void (*to_keys)(const Key* bits, Key* keys, std::int64_t n, KeyForm form);
  void (*from_keys)(Key* keys, std::int64_t n, KeyForm form);
};

inline constexpr std::int64_t kMinimumToSplit = 256;

namespace avx2 {
extern const VectorSort<std::uint32_t> kSort32;
extern const VectorSort<std::uint64_t> kSort64;
}  // namespace avx2
namespace avx512 {
extern const VectorSort<std::uint32_t> kSort32;
extern const VectorSort<std::uint64_t> kSort64;
}  // namespace avx512

}  // namespace inlay
