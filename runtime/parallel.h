// parallel.h - the only place that knows how loops are shared out among threads.
// Invariant: how a range is cut depends on its length alone, never on the number of threads, so that every result has
// the same bits for any number of threads. `body` must not throw.
#pragma once

#include <cstdint>
#include <functional>

namespace inlay {

/// A range shorter than this many element-steps is not worth waking a thread for: about 100 us of the cheapest kernels.
inline constexpr std::int64_t kParallelThreshold = 1 << 18;
/// Elements per block of a partitioned loop.
inline constexpr std::int64_t kParallelBlock = 1 << 14;

/// Processors this process may run on.
int hardware_threads();

/// Calls `body(begin, end)` over [0, n) cut into blocks of `block`, on up to context().threads threads; serially where
/// `cost` (element-steps in all) is below the threshold, or inside a parallel region of the host.
void parallel_for(std::int64_t n, std::int64_t block, std::int64_t cost,
                  const std::function<void(std::int64_t, std::int64_t)>& body);

}  // namespace inlay
