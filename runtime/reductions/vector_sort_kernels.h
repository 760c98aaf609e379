// vector_sort_kernels.h - quicksort of unsigned keys in vector registers, for the instruction set of who includes it.
// For the files of vector_sort.h alone: included where their instructions may be used, behind all other headers. All of
// it is in an anonymous namespace: what is compiled here must not be linked anywhere else.
// Parts that fit into a few registers are sorted by a bitonic network, whose columns are sorted across registers first
// (cheap) and then merged across lanes (3 or 4 instructions an exchange). Larger parts are split in place: vectors are
// read from the side with less free room, parted, and stored at both ends.
// Invariant: split leaves both parts smaller or all keys equal, so that every recursion ends; after kMedianDepth
// lopsided levels pivots halve the range of values, which bounds the depth by the width of a key.
//
// A set of instructions is a class V: Key, Vector; how many `lanes` a vector has, how many `registers` the largest
// network, how many keys a small `sample`; broadcast, load, store (of `count` lanes too, the others `otherwise`), min,
// max, smallest, largest; exchanged<bits, bit>(a, partner): of each lane i of a and lane i ^ bits of the partner the
// larger one where i has `bit`, else the smaller one; interleave_first and interleave_last; and put(Ends, a, valid),
// which moves the first `valid` lanes to the two ends. It may write whole vectors there if all lanes are valid.
#pragma once

namespace inlay {
namespace {

constexpr int kUnroll = 4;        // vectors a step of split, so that the choice of a side is rarely mispredicted
constexpr int kMedianDepth = 40;  // levels with sampled pivots
constexpr std::int64_t kManyKeys = 4096;  // where a larger sample is worth sorting

/// Where the two sorted ends of a range that is being split begin.
template <class V>
struct Ends {
  typename V::Key *low, *high;
  typename V::Vector pivot;
};

/// How many lanes of vector number `vector` the first `count` keys fill.
template <class V>
int lanes_filled(std::int64_t count, int vector) {
  const std::int64_t left = count - vector * V::lanes;
  return static_cast<int>(left < 0 ? 0 : left > V::lanes ? V::lanes : left);
}

template <class V>
void order(typename V::Vector& low, typename V::Vector& high) {
  const typename V::Vector smaller = V::min(low, high);
  high = V::max(low, high);
  low = smaller;
}

/// Sorts every lane's column r[0], r[1] ... by a bitonic network across registers.
template <class V, int n>
void sort_columns(typename V::Vector* r) {
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
void merge_lanes(typename V::Vector* r) {
  if constexpr (distance > 0) {
    for (int i = 0; i < n; ++i) r[i] = V::template exchanged<distance, distance>(r[i], r[i]);
    merge_lanes<V, n, distance / 2>(r);
  }
}

/// Merges sorted runs of `width` columns each (element i of a column is register i) to runs of twice the width.
template <class V, int n, int width>
void merge_columns(typename V::Vector* r) {
  if constexpr (width < V::lanes) {
    // The first step pairs each element with its mirror image in the doubled run.
    for (int i = 0; i < (n + 1) / 2; ++i) {
      const typename V::Vector a = r[i], b = r[n - 1 - i];
      r[i] = V::template exchanged<2 * width - 1, width>(a, b);
      if (n > 1) r[n - 1 - i] = V::template exchanged<2 * width - 1, width>(b, a);
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
void transpose(typename V::Vector* r) {
  for (int done = 1; done < n; done *= 2) {
    typename V::Vector shuffled[n];
    for (int i = 0; i < n / 2; ++i) {
      shuffled[2 * i] = V::interleave_first(r[i], r[i + n / 2]);
      shuffled[2 * i + 1] = V::interleave_last(r[i], r[i + n / 2]);
    }
    for (int i = 0; i < n; ++i) r[i] = shuffled[i];
  }
}

/// Sorts at most n vectors of keys. A function of its own: as part of each that calls it, it would be there five times.
template <class V, int n>
[[gnu::noinline]] void sort_network(typename V::Key* keys, std::int64_t count) {
  const typename V::Vector rest = V::broadcast(static_cast<typename V::Key>(~typename V::Key{0}));
  typename V::Vector r[n];
  for (int i = 0; i < n; ++i) r[i] = V::load(keys + i * V::lanes, lanes_filled<V>(count, i), rest);
  sort_columns<V, n>(r);
  merge_columns<V, n, 1>(r);
  transpose<V, n>(r);
  for (int i = 0; i < n; ++i) V::store(keys + i * V::lanes, lanes_filled<V>(count, i), r[i]);
}

template <class V, int n = 1>
void sort_few(typename V::Key* keys, std::int64_t count) {
  if constexpr (n < V::registers)
    if (count > n * V::lanes) return sort_few<V, 2 * n>(keys, count);
  sort_network<V, n>(keys, count);
}

/// Rounds of a partition, and keys of a part, between two looks at whether to stop: about a millisecond.
constexpr std::uint32_t kTurnsPerPoll = 1 << 13;
constexpr std::int64_t kPollFrom = 1 << 18;

/// Puts keys below the pivot first and returns how many there are; n is at least two steps.
template <class V>
std::int64_t partition(typename V::Key* keys, std::int64_t n, typename V::Key pivot) {
  constexpr std::int64_t step = kUnroll * V::lanes;
  typename V::Vector held[2 * kUnroll];
  for (int i = 0; i < kUnroll; ++i) {
    held[i] = V::load(keys + i * V::lanes);
    held[kUnroll + i] = V::load(keys + n - step + i * V::lanes);
  }
  typename V::Key *left = keys + step, *right = keys + n - step;
  Ends<V> ends{keys, keys + n, V::broadcast(pivot)};
  for (std::uint32_t turn = 1; right - left >= step; ++turn) {
    if (turn % kTurnsPerPoll == 0 && is_stopping()) return n / 2;
    const bool from_left = left - ends.low <= ends.high - right;
    right -= from_left ? 0 : step;
    const typename V::Key* next = from_left ? left : right;
    left += from_left ? step : 0;
    typename V::Vector a[kUnroll];
    for (int i = 0; i < kUnroll; ++i) a[i] = V::load(next + i * V::lanes);
    for (int i = 0; i < kUnroll; ++i) V::put(ends, a[i], V::lanes);
  }
  typename V::Vector last[kUnroll];
  const std::int64_t between = right - left;
  for (int i = 0; i < kUnroll; ++i) last[i] = V::load(left + i * V::lanes, lanes_filled<V>(between, i), ends.pivot);
  for (int i = 0; i < kUnroll; ++i) V::put(ends, last[i], lanes_filled<V>(between, i));
  for (const typename V::Vector a : held) V::put(ends, a, V::lanes);
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
  return n < kManyKeys ? median_of<V, V::sample>(keys, n) : median_of<V, 4 * V::sample>(keys, n);
}

/// The middle of the range of values, rounded up.
template <class V>
typename V::Key middle_pivot(const typename V::Key* keys, std::int64_t n) {
  typename V::Vector low = V::broadcast(keys[0]), high = low;
  std::int64_t i = 0;
  for (; i + V::lanes <= n; i += V::lanes) {
    const typename V::Vector a = V::load(keys + i);
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
  while (n > V::registers * V::lanes) {
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
}  // namespace inlay
