// gather.cpp - see gather.h.
#include "runtime/indexing/gather.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "runtime/indexing/index_bounds.h"
#include "runtime/indexing/selection_walk.h"
#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Indices: two pieces stay in L1 from the look at them to their use. A piece is looked at before the one in front of
/// it is used, so that its elements can be asked for.
constexpr std::int64_t kPiece = 1024;
static_assert(kEntriesAhead <= kPiece);

/// Entries [0, n); false as soon as one is out of range.
template <class T>
bool gather_range(const Tensor& x, const std::int64_t* indices, std::int64_t n, std::byte* to) {
  constexpr std::int64_t item = sizeof(T);
  const std::int64_t size = x.size();
  const Entries entries{indices, item, size};
  const bool is_far = reach(entries) > kNearBytes;
  auto* from = const_cast<std::byte*>(x.bytes());  // only loaded through
  std::int64_t known = std::min(kPiece, n);
  if (!indices_within(indices, known, -size, size)) return false;
  if (is_far) ask_for(from, entries, std::min(known, kEntriesAhead));
  for (std::int64_t at = 0; at < n; at += kPiece) {
    const std::int64_t next = std::min(kPiece, n - known), few = known - at;
    if (!indices_within(indices + known, next, -size, size)) return false;
    known += next;
    for_each_asked(from, entries.from(at), few, is_far ? known - at : 0,
                   [=](const std::byte* element, std::int64_t entry) {
                     std::memcpy(to + (at + entry) * item, element, sizeof(T));
                   });
  }
  return true;
}

}  // namespace

Tensor gather(const Tensor& x, const Tensor& indices) {
  context().charge(static_cast<std::uint64_t>(indices.size()), 0);
  Tensor out = Tensor::empty(x.dtype(), indices.shape());
  std::byte* to = out.mutable_bytes();
  const std::int64_t* all = indices.data<std::int64_t>();
  std::atomic<bool> within{true};
  visit_size(x.itemsize(), [&]<class T>(Type<T>) {
    parallel_for(indices.size(), kParallelBlock, indices.size(), [&](std::int64_t begin, std::int64_t end) {
      if (!gather_range<T>(x, all + begin, end - begin, to + begin * x.itemsize()))
        within.store(false, std::memory_order_relaxed);
    });
  });
  return within.load(std::memory_order_relaxed) ? out : Tensor();
}

}  // namespace inlay
