// parallel.h - the only place that knows how loops are shared out among threads.
// Invariant: how a range is cut depends on its length alone, never on the number of threads, so that every result has
// the same bits for any number of threads. `body` must not throw.
#pragma once

#include <cstdint>
#include <functional>

namespace inlay {

/// Element-steps that are worth another thread, which takes up to 10 us to wake: of the cheapest kernels 8 us in a
/// core's cache, 25 us in memory.
inline constexpr std::int64_t kStepsPerThread = 1 << 16;
/// A range shorter than this many element-steps, 30 to 100 us, is not worth waking anybody for.
inline constexpr std::int64_t kParallelThreshold = 4 * kStepsPerThread;
/// Elements per block of a partitioned loop.
inline constexpr std::int64_t kParallelBlock = 1 << 14;

/// Processors this process may run on, by its affinity and by its container's limit.
int hardware_threads();

/// Calls `body(begin, end)` over [0, n) cut into blocks of `block`, on up to context().threads threads; serially where
/// `cost` (element-steps in all) is below the threshold, or inside a parallel region of ours or of the host's.
void parallel_for(std::int64_t n, std::int64_t block, std::int64_t cost,
                  const std::function<void(std::int64_t, std::int64_t)>& body);

}  // namespace inlay
