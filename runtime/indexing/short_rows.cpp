// short_rows.cpp - see short_rows.h.
// Cases of a row: elements side by side -> filled | a few bytes apart -> words of element and gap are blended, which
// vectors do | otherwise one after the other.
// TRIED: storing one element after the other where gaps are of the element's size: a store per element and cycle, 11.6
// us for 50,000 single floats instead of 3.2.
#include "runtime/indexing/short_rows.h"

#include <bit>
#include <cstring>

#include "runtime/indexing/position.h"
#include "runtime/kernels/instruction_set.h"

namespace inlay {
namespace {

template <class T>
void fill_strided(std::byte* to, std::int64_t stride, T value, std::int64_t n) {
  for (std::int64_t at = 0; at < n; ++at) std::memcpy(to + at * stride, &value, sizeof value);
}

/// Of words of sizeof(Word) bytes, the first sizeof(T) become the value; the last word may end with its element.
template <class Word, class T>
inline void blend_words(std::byte* to, T value, std::int64_t n) {
  const Word keep = static_cast<Word>(~Word{0} << (8 * sizeof(T)));
  Word fill = 0;
  std::memcpy(&fill, &value, sizeof value);
  for (std::int64_t at = 0; at + 1 < n; ++at) {
    Word word;
    std::memcpy(&word, to + at * static_cast<std::int64_t>(sizeof word), sizeof word);
    word = static_cast<Word>((word & keep) | fill);
    std::memcpy(to + at * static_cast<std::int64_t>(sizeof word), &word, sizeof word);
  }
  std::memcpy(to + (n - 1) * static_cast<std::int64_t>(sizeof(Word)), &value, sizeof value);
}

template <class T>
inline void fill_row(std::byte* to, std::int64_t stride, T value, std::int64_t n) {
  constexpr bool blends = std::endian::native == std::endian::little;
  if (stride == sizeof(T)) return fill_strided(to, std::int64_t{sizeof(T)}, value, n);
  if constexpr (blends && sizeof(T) == 1) {
    if (stride == 2) return blend_words<std::uint16_t>(to, value, n);
  }
  if constexpr (blends && sizeof(T) <= 2) {
    if (stride == 4) return blend_words<std::uint32_t>(to, value, n);
  }
  if constexpr (blends && sizeof(T) <= 4) {
    if (stride == 8) return blend_words<std::uint64_t>(to, value, n);
  }
  fill_strided(to, stride, value, n);
}

template <class T>
inline void fill_rows(std::byte* first, std::span<const FillAxis> axes, const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  if (axes.size() == 1) return fill_row(first, axes[0].stride, value, axes[0].size);
  const FillAxis rows = axes[axes.size() - 2], row = axes.back();
  for (std::int64_t at = 0; at < rows.size; ++at) fill_row(first + at * rows.stride, row.stride, value, row.size);
}

using Fill = void (*)(std::byte*, std::span<const FillAxis>, const std::byte*, int);

inline void fill_planes(std::byte* first, std::span<const FillAxis> axes, const std::byte* element, int itemsize) {
  visit_size(itemsize, [&]<class T>(Type<T>) { fill_rows<T>(first, axes, element); });
}

#if defined(__x86_64__)
[[gnu::target("avx2"), gnu::flatten]] void fill_planes_avx2(std::byte* first, std::span<const FillAxis> axes,
                                                            const std::byte* element, int itemsize) {
  fill_planes(first, axes, element, itemsize);
}
Fill fill_for(InstructionSet set) { return set == InstructionSet::baseline ? fill_planes : fill_planes_avx2; }
#else
Fill fill_for(InstructionSet) { return fill_planes; }
#endif

void fill_outer(Fill fill, std::byte* first, std::span<const FillAxis> axes, const std::byte* element, int itemsize) {
  if (axes.size() <= 2) return fill(first, axes, element, itemsize);
  for (std::int64_t at = 0; at < axes[0].size; ++at)
    fill_outer(fill, first + at * axes[0].stride, axes.subspan(1), element, itemsize);
}

template <class T, bool wraps, bool repeats>
void store_each(const IndexedElements& to, const std::byte* values) {
  constexpr std::int64_t item = sizeof(T);
  const std::int64_t* const indices = to.indices.data();
  const auto n = static_cast<std::int64_t>(to.indices.size());
  const auto place = [&](std::int64_t at) {
    return to.data + item * (wraps ? indices[at] + (to.size & (indices[at] >> 63)) : indices[at]);
  };
  // Not asked for ahead: of few elements that gains nothing in memory, and takes a tenth of the time in a cache.
  for (std::int64_t at = 0; at < n; ++at) std::memcpy(place(at), values + (repeats ? 0 : at * item), sizeof(T));
}

}  // namespace

void fill_axes(std::byte* first, std::span<const FillAxis> axes, const std::byte* element, int itemsize) {
  static const Fill fill = fill_for(instruction_set());
  fill_outer(fill, first, axes, element, itemsize);
}

void load_indexed(const IndexedElements& from, std::byte* to) {
  const auto load = [&](std::size_t item) {
    for (const std::int64_t index : from.indices) {
      std::memcpy(to, from.data + position_of(index, from.size) * from.itemsize, item);
      to += item;
    }
  };
  // A size that is known is a move, not a call.
  if (from.itemsize == 8) return load(8);
  if (from.itemsize == 4) return load(4);
  load(static_cast<std::size_t>(from.itemsize));
}

void store_indexed(const IndexedElements& to, const std::byte* values, bool repeats) {
  visit_size(static_cast<int>(to.itemsize), [&]<class T>(Type<T>) {
    if (repeats)
      to.has_negative ? store_each<T, true, true>(to, values) : store_each<T, false, true>(to, values);
    else
      to.has_negative ? store_each<T, true, false>(to, values) : store_each<T, false, false>(to, values);
  });
}

}  // namespace inlay
