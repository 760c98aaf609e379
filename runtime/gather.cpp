// gather.cpp - see gather.h.
#include "runtime/gather.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "runtime/context.h"
#include "runtime/index_bounds.h"
#include "runtime/parallel.h"
#include "runtime/selection_walk.h"

namespace inlay {
namespace {

constexpr std::int64_t kPiece = 2048;  // indices: they stay in L1 from the look at them to their use

/// Entries [begin, end); false as soon as one is out of range.
template <class T>
bool gather_range(const Tensor& x, const std::int64_t* indices, std::int64_t begin, std::int64_t end, std::byte* to) {
  constexpr std::int64_t item = sizeof(T);
  const std::int64_t size = x.size();
  auto* from = const_cast<std::byte*>(x.bytes());  // only loaded through
  for (std::int64_t at = begin; at < end; at += kPiece) {
    const std::int64_t few = std::min(kPiece, end - at);
    if (!indices_within(indices + at, few, -size, size)) return false;
    for_each_kept(from, Entries{indices + at, item, size}, few, [=](const std::byte* element, std::int64_t entry) {
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
      if (!gather_range<T>(x, all, begin, end, to)) within.store(false, std::memory_order_relaxed);
    });
  });
  return within.load(std::memory_order_relaxed) ? out : Tensor();
}

}  // namespace inlay
