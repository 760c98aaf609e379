// sorted_elements.cpp - what sorting would put at some places, without sorting all.
// A row of keys is split in place, and only parts that hold a wanted place are split on; short ones are sorted.
// Invariant: what is found is the element of the sorted sequence, whatever the pivots were; of zeros the negative ones
// come first.
#include <algorithm>
#include <vector>

#include "runtime/dtypes/order.h"
#include "runtime/reductions/key_rows.h"
#include "runtime/reductions/sort.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kSortedWhole = kMinimumToSplit;  // keys that are sorted at once
constexpr int kMostSplits = 48;                         // lopsided ones, after which the rest is sorted
constexpr int kCost = 8;                                // element-steps of an element
constexpr std::uint64_t kComparisonsPerPoll = 1 << 18;

using Places = std::span<const std::int64_t>;

/// Puts the keys of ascending `places` where sorting would; `before`: the place of keys[0].
template <class Key>
void select_keys(const VectorSort<Key>& vectors, Key* keys, std::int64_t n, std::int64_t before, Places places,
                 int splits) {
  while (!places.empty()) {
    if (n <= kSortedWhole || splits == 0) return vectors.sort(keys, n);
    const std::int64_t m = vectors.split(keys, n);
    if (m == 0 || m == n) return;  // all equal
    const auto later = std::lower_bound(places.begin(), places.end(), before + m);
    --splits;
    select_keys(vectors, keys, m, before, Places(places.begin(), later), splits);
    places = Places(later, places.end());
    keys += m;
    before += m;
    n -= m;
  }
}

/// Thrown by a comparison, and caught where the algorithm that compares was called.
struct Stopped {};

/// The same by comparisons. Leaves early, with the elements in any order, if it is to stop.
template <class T, class Before>
void select_by(T* elements, std::int64_t n, Places places, Before before) {
  std::uint64_t compared = 0;
  const auto polled_before = [&](const T& a, const T& b) {
    if (++compared % kComparisonsPerPoll == 0 && is_stopping()) throw Stopped();
    return before(a, b);
  };
  std::int64_t done = 0;
  try {
    for (const std::int64_t place : places) {
      std::nth_element(elements + done, elements + place, elements + n, polled_before);
      done = place + 1;
    }
  } catch (const Stopped&) {  // the loop around throws what the user sees
  }
}

/// One row; `keys` has room for it.
template <class Key>
void select_row(const KeyRows<Key>& rows, const Key* in, std::int64_t n, Places places, Key* keys, Key* out) {
  if (!in_parts(n, [&](std::int64_t begin, std::int64_t end) { rows.to_keys(in + begin, keys + begin, end - begin); }))
    return;
  if (const auto* vectors = vector_sort<Key>())
    select_keys(*vectors, keys, n, 0, places, kMostSplits);
  else
    select_by(keys, n, places, std::less<>());
  std::transform(places.begin(), places.end(), out, [keys](std::int64_t place) { return keys[place]; });
  rows.from_keys(out, std::ssize(places));
}

template <class T>
void select_complex_row(const T* in, std::int64_t n, Places places, T* copy, T* out) {
  std::copy(in, in + n, copy);
  select_by(copy, n, places, sorts_before<T>);
  std::transform(places.begin(), places.end(), out, [copy](std::int64_t place) { return copy[place]; });
}

/// Calls `select(row, copy, out)` for each row of n elements, of which `count` are wanted; `copy`: room for a row.
template <class T, class Select>
void select_rows(const Tensor& in, std::int64_t n, std::int64_t count, Tensor& out, const Select& select) {
  const Ref<Buffer> memory = Buffer::allocate(static_cast<std::size_t>(in.size()) * sizeof(T));
  const T* from = in.data<T>();
  T *copies = reinterpret_cast<T*>(memory->data()), *to = out.mutable_data<T>();
  const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / n);
  parallel_for(in.size() / n, block, in.size() * kCost, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) select(from + begin * n, copies + begin * n, to + begin * count);
  });
}

}  // namespace

Tensor sorted_elements(const Tensor& x, std::span<const std::int64_t> places) {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const std::int64_t n = x.shape().back(), count = std::ssize(places);
  Shape shape = x.shape();
  shape[shape.size() - 1] = count;
  Tensor out = Tensor::empty(x.dtype(), shape);
  if (out.size() == 0) return out;
  const Tensor in = x.contiguous();
  visit_keys(
      x.dtype(),
      [&]<class Key>(const KeyRows<Key>& rows) {
        select_rows<Key>(in, n, count, out, [&](const Key* row, Key* copy, Key* selected) {
          select_row(rows, row, n, places, copy, selected);
        });
      },
      [&]<class T>(Type<T>) {
        select_rows<T>(in, n, count, out,
                       [&](const T* row, T* copy, T* selected) { select_complex_row(row, n, places, copy, selected); });
      });
  return out;
}

}  // namespace inlay
