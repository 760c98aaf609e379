// vector_sort_avx512.cpp - quicksort of unsigned keys in 512-bit registers; the only file with these intrinsics.
// Everything but the two tables is in an anonymous namespace: what is compiled here must not be linked anywhere else.
// Parts that fit into 16 registers are sorted by a bitonic network, whose columns are sorted across registers first
// (cheap) and then merged across lanes (3 instructions an exchange). Larger parts are split in place: vectors are read
// from the side with less free room, compressed both ways, and stored at both ends.
// Invariant: split leaves both parts smaller or all keys equal, so that every recursion ends; after kMedianDepth
// lopsided levels pivots halve the range of values, which bounds the depth by the width of a key.
#include "runtime/reductions/vector_sort.h"

#if defined(__x86_64__)
#include "runtime/kernels/function_target.h"
#include "runtime/threads/parallel.h"

// GCC 12 takes the undefined operands of its own intrinsics for mistakes.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

BEGIN_FUNCTION_TARGET("avx512f,avx512bw,avx512dq,avx512vl,bmi2,popcnt")

namespace inlay {
namespace {

struct Keys32 {
  using Key = std::uint32_t;
  using Mask = __mmask16;
  static constexpr int lanes = 16;
  static __m512i broadcast(Key k) { return _mm512_set1_epi32(static_cast<int>(k)); }
  static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu32(a, b); }
  static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu32(a, b); }
  static __m512i max_where(__m512i otherwise, Mask m, __m512i a, __m512i b) {
    return _mm512_mask_max_epu32(otherwise, m, a, b);
  }
  static Mask below(__m512i a, __m512i b) { return _mm512_cmplt_epu32_mask(a, b); }
  static Mask not_below(__m512i a, __m512i b) { return _mm512_cmpge_epu32_mask(a, b); }
  static __m512i compress(Mask m, __m512i a) { return _mm512_maskz_compress_epi32(m, a); }
  static __m512i load(Mask m, __m512i otherwise, const Key* at) { return _mm512_mask_loadu_epi32(otherwise, m, at); }
  static void store(Key* at, Mask m, __m512i a) { _mm512_mask_storeu_epi32(at, m, a); }
  static Key smallest(__m512i a) { return _mm512_reduce_min_epu32(a); }
  static Key largest(__m512i a) { return _mm512_reduce_max_epu32(a); }
  /// Lane i takes lane i ^ bits.
  template <int bits>
  static __m512i exchange(__m512i a) {
    const __m512i i = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_permutexvar_epi32(_mm512_xor_si512(i, _mm512_set1_epi32(bits)), a);
  }
  static __m512i interleave_first(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi32(a, _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0), b);
  }
  static __m512i interleave_last(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi32(a, _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8),
                                     b);
  }
};

struct Keys64 {
  using Key = std::uint64_t;
  using Mask = __mmask8;
  static constexpr int lanes = 8;
  static __m512i broadcast(Key k) { return _mm512_set1_epi64(static_cast<long long>(k)); }
  static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu64(a, b); }
  static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu64(a, b); }
  static __m512i max_where(__m512i otherwise, Mask m, __m512i a, __m512i b) {
    return _mm512_mask_max_epu64(otherwise, m, a, b);
  }
  static Mask below(__m512i a, __m512i b) { return _mm512_cmplt_epu64_mask(a, b); }
  static Mask not_below(__m512i a, __m512i b) { return _mm512_cmpge_epu64_mask(a, b); }
  static __m512i compress(Mask m, __m512i a) { return _mm512_maskz_compress_epi64(m, a); }
  static __m512i load(Mask m, __m512i otherwise, const Key* at) { return _mm512_mask_loadu_epi64(otherwise, m, at); }
  static void store(Key* at, Mask m, __m512i a) { _mm512_mask_storeu_epi64(at, m, a); }
  static Key smallest(__m512i a) { return _mm512_reduce_min_epu64(a); }
  static Key largest(__m512i a) { return _mm512_reduce_max_epu64(a); }
  template <int bits>
  static __m512i exchange(__m512i a) {
    const __m512i i = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_permutexvar_epi64(_mm512_xor_si512(i, _mm512_set1_epi64(bits)), a);
  }
  static __m512i interleave_first(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi64(a, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), b);
  }
  static __m512i interleave_last(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), b);
  }
};

constexpr int kRegisters = 16;    // of the largest network
constexpr int kUnroll = 4;        // vectors a step of split, so that the choice of a side is rarely mispredicted
constexpr int kMedianDepth = 40;  // levels with sampled pivots
constexpr std::int64_t kManyKeys = 4096;  // where a larger sample is worth sorting

/// 0 <= n <= lanes; without a branch.
template <class V>
typename V::Mask first_lanes(int n) {
  return static_cast<typename V::Mask>(_bzhi_u32(~0U, static_cast<unsigned>(n)));
}

/// How many lanes of vector number `vector` the first `count` keys fill.
template <class V>
int lanes_filled(std::int64_t count, int vector) {
  const std::int64_t left = count - vector * V::lanes;
  return static_cast<int>(left < 0 ? 0 : left > V::lanes ? V::lanes : left);
}

template <class V>
void order(__m512i& low, __m512i& high) {
  const __m512i smaller = V::min(low, high);
  high = V::max(low, high);
  low = smaller;
}

/// The lanes whose number has the bit `bit`: they keep the larger key of an exchange.
template <class V, int bit>
constexpr typename V::Mask upper_lanes() {
  unsigned mask = 0;
  for (int lane = 0; lane < V::lanes; ++lane)
    if (lane & bit) mask |= 1U << lane;
  return static_cast<typename V::Mask>(mask);
}

template <class V, int bits, int bit>
__m512i exchanged(__m512i a, __m512i partner) {
  const __m512i other = V::template exchange<bits>(partner);
  return V::max_where(V::min(a, other), upper_lanes<V, bit>(), a, other);
}

/// Sorts every lane's column r[0], r[1] ... by a bitonic network across registers.
template <class V, int n>
void sort_columns(__m512i* r) {
  for (int size = 2; size <= n; size *= 2) {
    for (int i = 0; i < n; ++i)
      if (const int other = i ^ (size - 1); i < other) order<V>(r[i], r[other]);
    for (int distance = size / 4; distance > 0; distance /= 2)
      for (int i = 0; i < n; ++i)
        if ((i & distance) == 0) order<V>(r[i], r[i + distance]);
  }
}

/// Orders pairs of lanes `distance`, distance / 2, ... 1 apart.
template <class V, int n, int distance>
void merge_lanes(__m512i* r) {
  if constexpr (distance > 0) {
    for (int i = 0; i < n; ++i) r[i] = exchanged<V, distance, distance>(r[i], r[i]);
    merge_lanes<V, n, distance / 2>(r);
  }
}

/// Merges sorted runs of `width` columns each (element i of a column is register i) to runs of twice the width.
template <class V, int n, int width>
void merge_columns(__m512i* r) {
  if constexpr (width < V::lanes) {
    // The first step pairs each element with its mirror image in the doubled run.
    for (int i = 0; i < (n + 1) / 2; ++i) {
      const __m512i a = r[i], b = r[n - 1 - i];
      r[i] = exchanged<V, 2 * width - 1, width>(a, b);
      if (n > 1) r[n - 1 - i] = exchanged<V, 2 * width - 1, width>(b, a);
    }
    merge_lanes<V, n, width / 2>(r);
    for (int distance = n / 2; distance > 0; distance /= 2)
      for (int i = 0; i < n; ++i)
        if ((i & distance) == 0) order<V>(r[i], r[i + distance]);
    merge_columns<V, n, 2 * width>(r);
  }
}

/// Transposes n registers: r[i] lane j becomes element j * n + i, by log2(n) perfect shuffles.
template <class V, int n>
void transpose(__m512i* r) {
  for (int done = 1; done < n; done *= 2) {
    __m512i shuffled[n];
    for (int i = 0; i < n / 2; ++i) {
      shuffled[2 * i] = V::interleave_first(r[i], r[i + n / 2]);
      shuffled[2 * i + 1] = V::interleave_last(r[i], r[i + n / 2]);
    }
    for (int i = 0; i < n; ++i) r[i] = shuffled[i];
  }
}

/// Sorts at most n vectors of keys.
template <class V, int n>
void sort_network(typename V::Key* keys, std::int64_t count) {
  const __m512i rest = V::broadcast(static_cast<typename V::Key>(~typename V::Key{0}));
  __m512i r[n];
  for (int i = 0; i < n; ++i) r[i] = V::load(first_lanes<V>(lanes_filled<V>(count, i)), rest, keys + i * V::lanes);
  sort_columns<V, n>(r);
  merge_columns<V, n, 1>(r);
  transpose<V, n>(r);
  for (int i = 0; i < n; ++i) V::store(keys + i * V::lanes, first_lanes<V>(lanes_filled<V>(count, i)), r[i]);
}

template <class V, int n = 1>
void sort_few(typename V::Key* keys, std::int64_t count) {
  if constexpr (n < kRegisters)
    if (count > n * V::lanes) return sort_few<V, 2 * n>(keys, count);
  sort_network<V, n>(keys, count);
}

/// Where the two sorted ends of a range that is being split begin.
template <class V>
struct Ends {
  typename V::Key *low, *high;
  __m512i pivot;

  /// The first `valid` lanes. There is room for a vector at the low end; at the high end only what belongs there is
  /// written.
  void put(__m512i a, int valid) {
    const typename V::Mask below = V::below(a, pivot) & first_lanes<V>(valid),
                           above = V::not_below(a, pivot) & first_lanes<V>(valid);
    const int n_below = __builtin_popcount(below), n_above = valid - n_below;
    high -= n_above;
    _mm512_storeu_si512(low, V::compress(below, a));
    V::store(high, first_lanes<V>(n_above), V::compress(above, a));
    low += n_below;
  }
};

/// Rounds of a partition, and keys of a part, between two looks at whether to stop: about a millisecond.
constexpr std::uint32_t kTurnsPerPoll = 1 << 13;
constexpr std::int64_t kPollFrom = 1 << 18;

/// Puts keys below the pivot first and returns how many there are; n is at least two steps.
template <class V>
std::int64_t partition(typename V::Key* keys, std::int64_t n, typename V::Key pivot) {
  constexpr std::int64_t step = kUnroll * V::lanes;
  __m512i held[2 * kUnroll];
  for (int i = 0; i < kUnroll; ++i) {
    held[i] = _mm512_loadu_si512(keys + i * V::lanes);
    held[kUnroll + i] = _mm512_loadu_si512(keys + n - step + i * V::lanes);
  }
  typename V::Key *left = keys + step, *right = keys + n - step;
  Ends<V> ends{keys, keys + n, V::broadcast(pivot)};
  for (std::uint32_t turn = 1; right - left >= step; ++turn) {
    if (turn % kTurnsPerPoll == 0 && is_stopping()) return n / 2;
    const bool from_left = left - ends.low <= ends.high - right;
    right -= from_left ? 0 : step;
    const typename V::Key* next = from_left ? left : right;
    left += from_left ? step : 0;
    __m512i a[kUnroll];
    for (int i = 0; i < kUnroll; ++i) a[i] = _mm512_loadu_si512(next + i * V::lanes);
    for (int i = 0; i < kUnroll; ++i) ends.put(a[i], V::lanes);
  }
  __m512i last[kUnroll];
  const std::int64_t between = right - left;
  for (int i = 0; i < kUnroll; ++i)
    last[i] = V::load(first_lanes<V>(lanes_filled<V>(between, i)), ends.pivot, left + i * V::lanes);
  for (int i = 0; i < kUnroll; ++i) ends.put(last[i], lanes_filled<V>(between, i));
  for (const __m512i a : held) ends.put(a, V::lanes);
  return ends.low - keys;
}

/// The median of `count` keys spread over the range.
template <class V, int count>
typename V::Key median_of(const typename V::Key* keys, std::int64_t n) {
  typename V::Key sample[count];
  const std::int64_t step = n / count;
  for (int i = 0; i < count; ++i) sample[i] = keys[i * step + step / 2];
  sort_few<V>(sample, count);
  return sample[count / 2];
}

template <class V>
typename V::Key sampled_pivot(const typename V::Key* keys, std::int64_t n) {
  return n < kManyKeys ? median_of<V, V::lanes>(keys, n) : median_of<V, 4 * V::lanes>(keys, n);
}

/// The middle of the range of values, rounded up.
template <class V>
typename V::Key middle_pivot(const typename V::Key* keys, std::int64_t n) {
  __m512i low = V::broadcast(keys[0]), high = low;
  std::int64_t i = 0;
  for (; i + V::lanes <= n; i += V::lanes) {
    const __m512i a = _mm512_loadu_si512(keys + i);
    low = V::min(low, a);
    high = V::max(high, a);
  }
  typename V::Key least = V::smallest(low), most = V::largest(high);
  for (; i < n; ++i) {
    least = keys[i] < least ? keys[i] : least;
    most = keys[i] > most ? keys[i] : most;
  }
  return static_cast<typename V::Key>(most - (most - least) / 2);
}

/// See VectorSort::split. Where nothing is below the pivot, those equal to it are split off: `sorted` says that the
/// first part is all equal.
template <class V>
std::int64_t split_at(typename V::Key* keys, std::int64_t n, typename V::Key pivot, bool& sorted) {
  const std::int64_t below = partition<V>(keys, n, pivot);
  sorted = below == 0;
  if (!sorted) return below;
  return pivot == static_cast<typename V::Key>(~typename V::Key{0})
             ? n
             : partition<V>(keys, n, static_cast<typename V::Key>(pivot + 1));
}

template <class V>
void sort_keys(typename V::Key* keys, std::int64_t n, int depth) {
  while (n > kRegisters * V::lanes) {
    const auto pivot = depth > 0 ? sampled_pivot<V>(keys, n) : middle_pivot<V>(keys, n);
    bool sorted = false;
    const std::int64_t m = split_at<V>(keys, n, pivot, sorted);
    depth = m < n / 8 || m > n - n / 8 ? depth - 1 : depth;
    if (n > kPollFrom && is_stopping()) return;
    if (!sorted) sort_keys<V>(keys, m, depth);
    keys += m;
    n -= m;
  }
  if (n > 1) sort_few<V>(keys, n);
}

template <class V>
void sort(typename V::Key* keys, std::int64_t n) {
  sort_keys<V>(keys, n, kMedianDepth);
}

template <class V>
std::int64_t split(typename V::Key* keys, std::int64_t n) {
  bool sorted = false;
  return split_at<V>(keys, n, sampled_pivot<V>(keys, n), sorted);
}

template <class Key>
constexpr Key kSignBit = Key{1} << (8 * sizeof(Key) - 1);
template <class Key>
constexpr Key kInfinity = sizeof(Key) == 4 ? Key{0x7F800000} : static_cast<Key>(0x7FF0000000000000U);

/// All ones for a key with the sign bit.
template <class Key>
Key spread_sign(Key bits) {
  return static_cast<Key>(Key{0} - (bits >> (8 * sizeof(Key) - 1)));
}

template <class Key>
void to_keys(const Key* bits, Key* keys, std::int64_t n, KeyForm form) {
  const Key flip = form == KeyForm::with_sign ? kSignBit<Key> : Key{0};
  if (form != KeyForm::floating) {
    for (std::int64_t i = 0; i < n; ++i) keys[i] = bits[i] ^ flip;
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const Key ordered = bits[i] ^ (spread_sign(bits[i]) | kSignBit<Key>);
    keys[i] = (bits[i] & ~kSignBit<Key>) > kInfinity<Key> ? ~Key{0} : ordered;
  }
}

template <class Key>
void from_keys(Key* keys, std::int64_t n, KeyForm form) {
  if (form != KeyForm::floating) return to_keys(keys, keys, n, form);
  for (std::int64_t i = 0; i < n; ++i) {
    const Key bits = keys[i] ^ (~spread_sign(keys[i]) | kSignBit<Key>);
    keys[i] = keys[i] == ~Key{0} ? kInfinity<Key> | kInfinity<Key> >> 1 : bits;
  }
}

}  // namespace

namespace avx512 {
extern const VectorSort<std::uint32_t> kSort32 = {sort<Keys32>, split<Keys32>, to_keys<std::uint32_t>,
                                                  from_keys<std::uint32_t>};
extern const VectorSort<std::uint64_t> kSort64 = {sort<Keys64>, split<Keys64>, to_keys<std::uint64_t>,
                                                  from_keys<std::uint64_t>};
}  // namespace avx512

}  // namespace inlay
END_FUNCTION_TARGET
#endif
