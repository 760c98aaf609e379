// compress_kernels_loops.h - the loops over masks for any processor; also the ends of vector loops, where a whole
// vector does not fit. Included by the kernels' own files only: everything here has internal linkage. Invariant: no
// branch depends on a random mask's bytes, except where a store must not happen.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/indexing/compress_kernels.h"

namespace inlay {
namespace {

template <class T>
inline constexpr std::int64_t kItem = static_cast<std::int64_t>(sizeof(T));

/// The next eight bytes of a mask at once.
inline std::uint64_t eight_bytes(const std::uint8_t* mask) {
  std::uint64_t bytes;
  std::memcpy(&bytes, mask, sizeof bytes);
  return bytes;
}

/// Groups of eight that are all false are skipped. While there is room for a whole group, an element is written
/// wherever the next chosen one belongs, and the place advances only past chosen ones.
template <class T>
std::byte* pack_loop(const std::uint8_t* mask, const std::byte* x, std::byte* to, const std::byte* end,
                     std::int64_t n) {
  std::int64_t at = 0;
  for (; at + 8 <= n && end - to >= 8 * kItem<T>; at += 8) {
    if (eight_bytes(mask + at) == 0) continue;
    for (std::int64_t in_group = at; in_group < at + 8; ++in_group) {
      std::memcpy(to, x + in_group * kItem<T>, sizeof(T));
      to += mask[in_group] != 0 ? kItem<T> : 0;
    }
  }
  for (; at < n && to != end; ++at) {
    std::memcpy(to, x + at * kItem<T>, sizeof(T));
    to += mask[at] != 0 ? kItem<T> : 0;
  }
  return to;
}

template <class T>
const std::byte* store_loop(const std::uint8_t* mask, std::byte* x, const std::byte* values, const std::byte* end,
                            std::int64_t n) {
  for (std::int64_t at = 0; at < n && values != end; ++at) {
    if (mask[at] == 0) continue;
    std::memcpy(x + at * kItem<T>, values, sizeof(T));
    values += kItem<T>;
  }
  return values;
}

/// An element's bits are chosen by `and` and `or`: a branch on a random mask is mispredicted half of the time.
template <class T>
inline void put_if(bool is_chosen, std::byte* to, const std::byte* value) {
  T element, other;
  std::memcpy(&element, to, sizeof(T));
  std::memcpy(&other, value, sizeof(T));
  if constexpr (std::is_integral_v<T>) {
    const T chosen = static_cast<T>(-static_cast<T>(is_chosen));
    element = static_cast<T>((element & static_cast<T>(~chosen)) | (other & chosen));
  } else if (is_chosen) {
    element = other;
  }
  std::memcpy(to, &element, sizeof(T));
}

template <class T>
void fill_loop(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n) {
  T fill;
  std::memcpy(&fill, value, sizeof(T));
  const auto* bytes = reinterpret_cast<const std::byte*>(&fill);
  for (std::int64_t at = 0; at < n; ++at) put_if<T>(mask[at] != 0, x + at * kItem<T>, bytes);
}

template <class T>
void blend_loop(const std::uint8_t* mask, std::byte* x, const std::byte* from, std::int64_t n) {
  for (std::int64_t at = 0; at < n; ++at) put_if<T>(mask[at] != 0, x + at * kItem<T>, from + at * kItem<T>);
}

inline std::int64_t* positions_loop(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to,
                                    const std::int64_t* end, std::int64_t n) {
  for (std::int64_t at = 0; at < n && to != end; ++at) {
    *to = begin + at;
    to += mask[at] != 0;
  }
  return to;
}

/// Eight bytes at a time: of each, the lowest bit tells whether any bit is set; a product adds the eight up.
inline std::int64_t count_loop(const std::uint8_t* mask, std::int64_t n) {
  constexpr std::uint64_t kLow = 0x0101010101010101, kSeven = 0x7f * kLow;
  std::int64_t count = 0;
  std::int64_t at = 0;
  for (; at + 8 <= n; at += 8) {
    const std::uint64_t bytes = eight_bytes(mask + at);
    const std::uint64_t any = ((((bytes & kSeven) + kSeven) | bytes) >> 7) & kLow;
    count += static_cast<std::int64_t>((any * kLow) >> 56);
  }
  for (; at < n; ++at) count += mask[at] != 0;
  return count;
}

template <class T>
constexpr MaskKernels kLoops{pack_loop<T>, store_loop<T>, fill_loop<T>, blend_loop<T>};

}  // namespace
}  // namespace inlay
