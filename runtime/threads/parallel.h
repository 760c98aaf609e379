// parallel.h - the only place that knows how loops are shared out among threads.
// Invariant: how a range is cut depends on its length alone, never on the number of threads, so that every result has
// the same bits for any number of threads. `body` must not throw.
#pragma once

#include <cstdint>

#include "runtime/memory/context.h"

namespace inlay {

/// Element-steps that are worth another thread, which takes up to 10 us to wake: of the cheapest kernels 8 us in a
/// core's cache, 25 us in memory.
inline constexpr std::int64_t kStepsPerThread = 1 << 16;
/// A range shorter than this many element-steps, 30 to 100 us, is not worth waking anybody for.
inline constexpr std::int64_t kParallelThreshold = 4 * kStepsPerThread;
/// Elements per block of a partitioned loop.
inline constexpr std::int64_t kParallelBlock = 1 << 14;

/// Whether a loop that writes in place, and so cannot be stopped, is short enough for that: some 50 ms on one thread,
/// less than 100 where memory is all that it waits for. Longer updates are computed into fresh memory.
constexpr bool is_short(std::int64_t steps, std::int64_t bytes) {
  return steps <= std::int64_t{1} << 26 && bytes <= std::int64_t{400} << 20;
}

/// Processors this process may run on, by its affinity and by its container's limit.
int hardware_threads();

/// The body of a loop, which its caller keeps alive meanwhile: called with the two ends of a range, by any thread.
class LoopBody {
 public:
  template <class Body>
  LoopBody(const Body& body)  // NOLINT: implicit on purpose
      : body_(&body), call_([](const void* of, std::int64_t begin, std::int64_t end) {
          (*static_cast<const Body*>(of))(begin, end);
        }) {}
  void operator()(std::int64_t begin, std::int64_t end) const { call_(body_, begin, end); }

 private:
  const void* body_;
  void (*call_)(const void* body, std::int64_t begin, std::int64_t end);
};

/// Calls `body(begin, end)` over [0, n) cut into blocks of `block`, on up to context().threads threads; serially where
/// `cost` (element-steps in all) is below the threshold, or inside a parallel region of ours or of the host's.
/// Throws KeyboardInterrupt or LimitExceeded if it was stopped (Budget::should_stop): the blocks that had not begun are
/// left out then, and nothing is known of what the body writes. Where that must not be seen, see Context::in_place.
void parallel_for(std::int64_t n, std::int64_t block, std::int64_t cost, const LoopBody& body);

/// Says before the loops of an operation what they cost in all, so that the host can be told how far it is
/// (OperationClock). For those that know; loops of theirs that are no part of it must be short beside it.
void expect_work(std::int64_t cost);

/// Calls `body(begin, end)` over [0, n) part by part, in order and on this thread. Throws between two parts as
/// parallel_for does; the body may throw.
template <class Body>
void serial_for(std::int64_t n, const Body& body) {
  constexpr std::int64_t kPart = 1 << 17;  // some ms of the dearest bodies
  for (std::int64_t begin = 0; begin < n; begin += kPart) {
    context().poll();
    body(begin, n - begin < kPart ? n : begin + kPart);
  }
}

/// For bodies whose blocks take long: whether the loop around them is to stop, so that they may return with their work
/// undone. From any thread of the loop.
bool is_stopping() noexcept;

}  // namespace inlay
