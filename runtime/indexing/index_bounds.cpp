// index_bounds.cpp - whether indices are in range: one pass that only reads, before anything is moved.
// Knows nothing of what the indices are for.
// Invariant: the answer depends on no order, so blocks may be looked at side by side.
#include "runtime/indexing/index_bounds.h"

#include <atomic>

#include "runtime/indexing/selection.h"
#include "runtime/kernels/instruction_set.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Unsigned distances from `low`: one comparison for both ends, and no overflow however wild an index is.
inline bool is_within(const std::int64_t* offsets, std::int64_t n, std::int64_t low, std::uint64_t width) {
  std::uint64_t outside = 0;
  for (std::int64_t at = 0; at < n; ++at) {
    outside |=
        static_cast<std::uint64_t>(static_cast<std::uint64_t>(offsets[at]) - static_cast<std::uint64_t>(low) >= width);
  }
  return outside == 0;
}

using Check = bool (*)(const std::int64_t*, std::int64_t, std::int64_t, std::uint64_t);

#if defined(__x86_64__)
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), gnu::flatten]] bool is_within_avx512(const std::int64_t* offsets,
                                                                                          std::int64_t n,
                                                                                          std::int64_t low,
                                                                                          std::uint64_t width) {
  return is_within(offsets, n, low, width);
}

[[gnu::target("avx2"), gnu::flatten]] bool is_within_avx2(const std::int64_t* offsets, std::int64_t n, std::int64_t low,
                                                          std::uint64_t width) {
  return is_within(offsets, n, low, width);
}

Check check_for(InstructionSet set) {
  if (set == InstructionSet::avx512) return is_within_avx512;
  return set == InstructionSet::avx2 ? is_within_avx2 : is_within;
}
#else
Check check_for(InstructionSet) { return is_within; }
#endif

}  // namespace

bool indices_within(const std::int64_t* indices, std::int64_t n, std::int64_t low, std::int64_t high) {
  static const Check check = check_for(instruction_set());
  return check(indices, n, low, static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low));
}

bool offsets_within(const Tensor& offsets, std::int64_t low, std::int64_t high) {
  const std::int64_t* all = offsets.data<std::int64_t>();
  if (offsets.size() <= kParallelBlock) return indices_within(all, offsets.size(), low, high);
  std::atomic<bool> within{true};
  parallel_for(offsets.size(), kParallelBlock, offsets.size(), [&](std::int64_t begin, std::int64_t end) {
    if (!indices_within(all + begin, end - begin, low, high)) within.store(false, std::memory_order_relaxed);
  });
  return within.load(std::memory_order_relaxed);
}

}  // namespace inlay
