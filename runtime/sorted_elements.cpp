// sorted_elements.cpp - what sorting would put at some places, without sorting all.
// A row of keys is split in place, and only parts that hold a wanted place are split on; short ones are sorted.
// Invariant: what is found is the element of the sorted sequence, whatever the pivots were; of zeros the negative ones
// come first.
#include <algorithm>
#include <vector>

#include "runtime/key_rows.h"
#include "runtime/order.h"
#include "runtime/parallel.h"
#include "runtime/sort.h"

namespace inlay {
namespace {

constexpr std::int64_t kSortedWhole = 2048;  // keys that are sorted at once: no shorter than kMinimumToSplit
constexpr int kMostSplits = 48;              // lopsided ones, after which the rest is sorted
constexpr int kCost = 8;                     // element-steps of an element
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

/// One row; `scratch` has room for it.
template <class T>
void select_row(const T* in, std::int64_t n, Places places, std::byte* scratch, T* out) {
  if constexpr (is_complex_v<T>) {
    T* copy = std::copy(in, in + n, reinterpret_cast<T*>(scratch)) - n;
    select_by(copy, n, places, sorts_before<T>);
    for (const std::int64_t place : places) *out++ = copy[place];
  } else {
    using Key = KeyOf<T>;
    Key* keys = reinterpret_cast<Key*>(scratch);
    if (!in_parts(n, [&](std::int64_t begin, std::int64_t end) { to_keys(in + begin, keys + begin, end - begin); }))
      return;
    if (const auto* vectors = vector_sort<Key>())
      select_keys(*vectors, keys, n, 0, places, kMostSplits);
    else
      select_by(keys, n, places, std::less<>());
    for (const std::int64_t place : places) *out++ = from_key<T>(keys[place]);
  }
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
  const Ref<Buffer> scratch = Buffer::allocate(static_cast<std::size_t>(in.size() * in.itemsize()));
  visit(x.dtype(), [&]<class T>(Type<T>) {
    T* to = out.mutable_data<T>();
    const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / n);
    parallel_for(in.size() / n, block, in.size() * kCost, [&](std::int64_t begin, std::int64_t end) {
      for (; begin < end; ++begin)
        select_row(in.data<T>() + begin * n, n, places, scratch->data() + begin * n * in.itemsize(),
                   to + begin * count);
    });
  });
  return out;
}

}  // namespace inlay
