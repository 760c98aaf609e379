// sort.cpp - sort, argsort and searchsorted.
// Lines along the axis are made contiguous and sorted one by one, as unsigned keys (sort_keys.h); complex numbers by
// comparison. Invariant: sorting is stable: of equal elements (0 and -0 too) the one that came first stays first.
// Cases of values: already in order -> nothing | 4 and 8 bytes where there are vectors -> vector_sort.h, of one long
// line first split into ranges, each sorted by one thread: the sequence of sorted keys is the same whoever sorts it |
// short -> std::sort of keys | long -> radix sort, whose passes skip constant digits. Positions: radix sort of pairs.
#include "runtime/reductions/sort.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/order.h"
#include "runtime/dtypes/promote.h"
#include "runtime/reductions/key_rows.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kRadixMinimum = 512;       // below, histograms cost more than comparisons
constexpr std::int64_t kSharedMinimum = 1 << 16;  // keys of a line that is worth splitting among threads
constexpr int kRangesPerThread = 8;               // so that uneven ranges even out
constexpr std::int64_t kMergePoll = 1 << 14;      // elements merged between two looks at whether to stop
constexpr int kSortCost = 16;                     // element-steps of sorting one element

template <class Key>
struct Keyed {
  Key key;
  std::uint32_t index;
};
/// For lines of 2^32 elements and more: takes the same room for keys of any width.
struct WideKeyed {
  std::uint64_t key;
  std::int64_t index;
};

/// Whether items are in order already. True as well if it is to stop: then nothing is to be done.
template <class Item, class Before>
bool are_sorted(const Item* items, std::int64_t n, Before before) {
  bool are_sorted_yet = true;
  in_parts(n, [&](std::int64_t begin, std::int64_t end) {
    const Item* const from = items + std::max<std::int64_t>(begin - 1, 0);  // each part with the last of the one before
    are_sorted_yet = are_sorted_yet && std::is_sorted(from, items + end, before);
  });
  return are_sorted_yet;
}

template <class Item, class KeyFn>
void sort_items(Item* items, Item* spare, std::int64_t n, KeyFn key_of) {
  const auto before = [&](const Item& a, const Item& b) { return key_of(a) < key_of(b); };
  if (are_sorted(items, n, before)) return;
  if (n >= kRadixMinimum) return radix_sort(items, spare, n, key_of);
  if constexpr (std::is_integral_v<Item>)
    std::sort(items, items + n);
  else
    std::sort(items, items + n, [&](const Item& a, const Item& b) {
      return key_of(a) < key_of(b) || (key_of(a) == key_of(b) && a.index < b.index);
    });
}

/// Puts the zeros of a sorted line into the order they had: keys put -0 first, but it equals 0. Elements are their
/// bits.
template <class Key>
void restore_zeros(const Key* before, Key* sorted, std::int64_t n) {
  const auto precedes_zero = [](Key bits) { return bits > kSign<Key>; };  // NaNs that were keys have no sign
  Key* at = std::partition_point(sorted, sorted + n, precedes_zero);
  if (at == sorted + n || *at != kSign<Key>) return;
  in_parts(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      if (static_cast<Key>(before[i] & ~kSign<Key>) == 0) *at++ = before[i];
  });
}

/// Whether sorting lines of n keys takes a second buffer.
template <class Key>
bool needs_spare(std::int64_t n) {
  return n >= kRadixMinimum && vector_sort<Key>() == nullptr;
}

/// `spare`: room for n keys if needs_spare.
template <class Key>
void sort_keys(Key* keys, Key* spare, std::int64_t n) {
  if (const auto* vectors = vector_sort<Key>()) {
    if (!are_sorted(keys, n, std::less<Key>())) vectors->sort(keys, n);
  } else {
    sort_items(keys, spare, n, [](Key k) { return k; });
  }
}

/// Sorts one line with all threads: it is split until there are ranges enough, level by level.
template <class Key>
void sort_shared(const VectorSort<Key>& vectors, Key* keys, std::int64_t n) {
  const std::size_t wanted = static_cast<std::size_t>(context().threads) * kRangesPerThread;
  std::vector<std::int64_t> ends = {0, n};
  while (ends.size() <= wanted) {
    std::vector<std::int64_t> halves(2 * ends.size() - 1, n);
    parallel_for(static_cast<std::int64_t>(ends.size()) - 1, 1, n, [&](std::int64_t at, std::int64_t) {
      const std::int64_t begin = ends[at], count = ends[at + 1] - begin;
      halves[2 * at] = begin;
      halves[2 * at + 1] = begin + (count < kMinimumToSplit ? 0 : vectors.split(keys + begin, count));
    });
    ends = std::move(halves);
  }
  parallel_for(static_cast<std::int64_t>(ends.size()) - 1, 1, n * kSortCost, [&](std::int64_t at, std::int64_t) {
    sort_keys<Key>(keys + ends[at], nullptr, ends[at + 1] - ends[at]);
  });
}

/// Elements to keys in the place of the result, which are sorted and turned back there.
template <class Key, class SortKeys>
void sort_line(const KeyRows<Key>& rows, const Key* in, Key* out, std::int64_t n, SortKeys sort_keys_of) {
  if (!in_parts(n, [&](std::int64_t begin, std::int64_t end) { rows.to_keys(in + begin, out + begin, end - begin); }))
    return;
  sort_keys_of(out, n);
  if (is_stopping()) return;  // the keys may be in any order, of which the rest must not make anything
  const bool is_turned_back =
      in_parts(n, [&](std::int64_t begin, std::int64_t end) { rows.from_keys(out + begin, end - begin); });
  if (is_turned_back && rows.is_floating) restore_zeros(in, out, n);
}

/// Pairs elements [begin, end) with their positions, some at a time: their keys stay in the cache.
template <class Key, class Item>
void make_items(const KeyRows<Key>& rows, const Key* in, Item* items, std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t kTogether = 512;
  Key keys[kTogether];
  for (; begin < end; begin += kTogether) {
    const std::int64_t n = std::min(kTogether, end - begin);
    rows.to_keys(in + begin, keys, n);
    for (std::int64_t i = 0; i < n; ++i) {
      const bool is_negative_zero = rows.is_floating && keys[i] == kSign<Key> - 1;
      items[begin + i] = {static_cast<Key>(keys[i] + is_negative_zero), static_cast<decltype(items->index)>(begin + i)};
    }
  }
}

template <class Key, class Item>
void argsort_line(const KeyRows<Key>& rows, const Key* in, std::int64_t* out, Item* items, Item* spare,
                  std::int64_t n) {
  if (!in_parts(n, [&](std::int64_t begin, std::int64_t end) { make_items(rows, in, items, begin, end); })) return;
  sort_items(items, spare, n, [](const Item& item) { return item.key; });
  in_parts(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out[i] = static_cast<std::int64_t>(items[i].index);
  });
}

/// Merges the runs [left, middle) and [middle, end) into `to`; false if it left early because it is to stop.
template <class Item, class Before>
bool merge_runs(const Item* left, const Item* middle, const Item* end, Item* to, Before before) {
  const Item *left_end = middle, *right = middle;
  while (left != left_end && right != end) {
    for (std::int64_t count = 0; count < kMergePoll && left != left_end && right != end; ++count)
      *to++ = before(*right, *left) ? *right++ : *left++;
    if (end - right + left_end - left > kMergePoll && is_stopping()) return false;
  }
  const Item* const rest = left == left_end ? right : left;
  return in_parts(left_end - left + end - right,
                  [&](std::int64_t from, std::int64_t past) { std::copy(rest + from, rest + past, to + from); });
}

/// Puts each run of `length` items into order by insertion; false if it left early because it is to stop.
template <class Item, class Before>
bool sort_runs(Item* items, std::int64_t n, std::int64_t length, Before before) {
  return in_parts(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      Item *const run = items + at / length * length, *const item = items + at;
      std::rotate(std::upper_bound(run, item, *item, before), item, item + 1);
    }
  });
}

/// Stable, for items that have no keys. `spare`: room for n items. Leaves early if it is to stop.
template <class Item, class Before>
void merge_sort(Item* items, Item* spare, std::int64_t n, Before before) {
  constexpr std::int64_t kRun = 16;
  if (!sort_runs(items, n, kRun, before)) return;
  Item *from = items, *to = spare;
  for (std::int64_t run = kRun; run < n; run *= 2, std::swap(from, to)) {
    for (std::int64_t at = 0; at < n; at += 2 * run) {
      if (at % kMergePoll == 0 && is_stopping()) return;
      const std::int64_t middle = std::min(at + run, n), end = std::min(at + 2 * run, n);
      if (!merge_runs(from + at, from + middle, from + end, to + at, before)) return;
    }
  }
  if (from == items) return;
  in_parts(n, [&](std::int64_t begin, std::int64_t end) { std::copy(from + begin, from + end, items + begin); });
}

/// Calls f(line) with the first element's number of every line of n elements.
template <class F>
void for_each_line(std::int64_t size, std::int64_t n, F f) {
  const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / n);
  parallel_for(size / n, block, size * kSortCost, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) f(begin * n);
  });
}

/// Memory for `count` items; counted like a tensor's, since it is as large.
template <class Item>
Ref<Buffer> scratch(std::int64_t count) {
  return Buffer::allocate(static_cast<std::size_t>(count) * sizeof(Item));
}

template <class Key>
void sort_lines(const KeyRows<Key>& rows, const Tensor& in, Tensor& result, std::int64_t n) {
  const std::int64_t size = in.size();
  const Key* from = in.data<Key>();
  Key* out = result.mutable_data<Key>();
  const Ref<Buffer> memory = needs_spare<Key>(n) ? scratch<Key>(size) : Ref<Buffer>();
  Key* spare = memory ? reinterpret_cast<Key*>(memory->data()) : nullptr;
  // Splitting without vectors costs more than a radix sort on one thread, whose passes are few for narrow keys.
  const auto* const vectors = vector_sort<Key>();
  if (vectors && size == n && n >= kSharedMinimum && context().threads > 1) {
    sort_line(rows, from, out, n, [&](Key* keys, std::int64_t) { sort_shared(*vectors, keys, n); });
    return context().poll();
  }
  for_each_line(size, n, [&](std::int64_t at) {
    sort_line(rows, from + at, out + at, n,
              [&](Key* keys, std::int64_t) { sort_keys(keys, spare ? spare + at : spare, n); });
  });
}

template <class T>
void sort_complex_lines(const T* in, T* out, std::int64_t size, std::int64_t n) {
  const Ref<Buffer> memory = scratch<T>(size);
  T* spare = reinterpret_cast<T*>(memory->data());
  serial_for(size, [&](std::int64_t begin, std::int64_t end) { std::copy(in + begin, in + end, out + begin); });
  for_each_line(size, n, [&](std::int64_t at) { merge_sort(out + at, spare + at, n, sorts_before<T>); });
}

template <class Item, class Key>
void argsort_lines_with(const KeyRows<Key>& rows, const Key* in, std::int64_t* out, std::int64_t size, std::int64_t n) {
  const Ref<Buffer> items = scratch<Item>(size), spare = scratch<Item>(size);
  auto* k = reinterpret_cast<Item*>(items->data());
  auto* s = reinterpret_cast<Item*>(spare->data());
  for_each_line(size, n, [&](std::int64_t at) { argsort_line(rows, in + at, out + at, k + at, s + at, n); });
}

template <class Key>
void argsort_lines(const KeyRows<Key>& rows, const Key* in, std::int64_t* out, std::int64_t size, std::int64_t n) {
  if (n <= std::numeric_limits<std::uint32_t>::max())
    argsort_lines_with<Keyed<Key>>(rows, in, out, size, n);
  else
    argsort_lines_with<WideKeyed>(rows, in, out, size, n);
}

template <class T>
void argsort_complex_lines(const T* in, std::int64_t* out, std::int64_t size, std::int64_t n) {
  const Ref<Buffer> memory = scratch<std::int64_t>(size);
  auto* spare = reinterpret_cast<std::int64_t*>(memory->data());
  for_each_line(size, n, [&](std::int64_t at) {
    in_parts(n,
             [line = out + at](std::int64_t begin, std::int64_t end) { std::iota(line + begin, line + end, begin); });
    if (is_stopping()) return;  // what are no positions must not be followed
    merge_sort(out + at, spare + at, n,
               [line = in + at](std::int64_t a, std::int64_t b) { return sorts_before(line[a], line[b]); });
  });
}

/// Runs `lines(in, out)` on x with `axis` last and contiguous, and puts the axis back.
template <class Lines>
Tensor along_axis(const Tensor& x, int axis, DType result, Lines lines) {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const int last = static_cast<int>(x.rank()) - 1;
  const bool moved = axis != last;
  const Tensor in = (moved ? swapaxes(x, axis, last) : x).contiguous();
  Tensor out = Tensor::empty(result, in.shape());
  if (out.size() > 0) lines(in, out);
  return moved ? swapaxes(out, axis, last).contiguous() : out;
}

/// A type whose order is right for searching: 16-bit floats go to float32.
DType search_dtype(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16 ? DType::float32 : dtype; }

template <class T>
std::int64_t insertion_point(const T* begin, const T* end, T value, bool right) {
  return (right ? std::upper_bound(begin, end, value, sorts_before<T>)
                : std::lower_bound(begin, end, value, sorts_before<T>)) -
         begin;
}

}  // namespace

Tensor sort(const Tensor& x, int axis) {
  return along_axis(x, axis, x.dtype(), [](const Tensor& in, Tensor& out) {
    const std::int64_t n = in.shape().back();
    visit_keys(
        in.dtype(), [&](const auto& rows) { sort_lines(rows, in, out, n); },
        [&]<class T>(Type<T>) { sort_complex_lines(in.data<T>(), out.mutable_data<T>(), in.size(), n); });
  });
}

Tensor argsort(const Tensor& x, int axis) {
  if (x.rank() == 0) return Tensor::zeros(DType::int64, {1});
  return along_axis(x, axis, DType::int64, [](const Tensor& in, Tensor& out) {
    const std::int64_t n = in.shape().back();
    auto* to = out.mutable_data<std::int64_t>();
    visit_keys(
        in.dtype(), [&]<class Key>(const KeyRows<Key>& rows) { argsort_lines(rows, in.data<Key>(), to, in.size(), n); },
        [&]<class T>(Type<T>) { argsort_complex_lines(in.data<T>(), to, in.size(), n); });
  });
}

Tensor searchsorted(const Tensor& x, const Tensor& values, bool right) {
  if (x.rank() == 0) raise(ErrorKind::ValueError, "object of too small depth for desired array");
  if (x.rank() > 1) raise(ErrorKind::ValueError, "object too deep for desired array");
  const DType dtype = search_dtype(promote(x.dtype(), values.dtype()));
  const Tensor sorted = cast(x, dtype).contiguous(), wanted = cast(values, dtype).contiguous();
  context().charge(static_cast<std::uint64_t>(wanted.size()), 0);
  Tensor out = Tensor::empty(DType::int64, wanted.shape());
  visit(dtype, [&]<class T>(Type<T>) {
    if constexpr (!std::same_as<T, Half> && !std::same_as<T, BFloat16>) {
      const T *first = sorted.data<T>(), *last = first + sorted.size(), *value = wanted.data<T>();
      auto* to = out.mutable_data<std::int64_t>();
      parallel_for(out.size(), kParallelBlock, out.size() * 8, [=](std::int64_t begin, std::int64_t end) {
        for (; begin < end; ++begin) to[begin] = insertion_point(first, last, value[begin], right);
      });
    }
  });
  return out;
}

}  // namespace inlay
