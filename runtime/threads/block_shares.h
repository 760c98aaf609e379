// block_shares.h - which thread runs which block of a loop. Private to the two teams.
// Each member begins with a share of neighbouring blocks: it reads and writes memory in one run, and in the next loop
// over the same tensors the same part, which its cache may still hold. Who has run out of blocks takes those of the
// others. Invariant: work_off() runs each block once, whoever calls and however many do.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace inlay {

class BlockShares {
 public:
  /// Deals out [0, n_blocks) to `members`. Nobody may be at work on what was dealt before.
  void deal(std::int64_t n_blocks, int members) {
    count_ = std::clamp(members, 1, kMost);
    joined_.store(0, std::memory_order_relaxed);
    const std::int64_t each = n_blocks / count_, longer = n_blocks % count_;  // the first ones have one more
    for (int share = 0; share < count_; ++share) {
      shares_[share].next.store(share * each + std::min<std::int64_t>(share, longer), std::memory_order_relaxed);
      shares_[share].end = (share + 1) * each + std::min<std::int64_t>(share + 1, longer);
    }
  }

  /// Calls `run(block)` for blocks that nobody else has claimed, until none is left. From any thread, without locks.
  template <class Run>
  void work_off(const Run& run) {
    const int own = joined_.fetch_add(1, std::memory_order_relaxed);
    for (int turn = 0; turn < count_; ++turn) {
      Share& share = shares_[(own + turn) % count_];
      for (std::int64_t at; (at = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) run(at);
    }
  }

 private:
  static constexpr int kMost = 64;  // members beyond that begin in others' shares

  struct alignas(64) Share {  // each counter has a cache line of its own
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  std::array<Share, kMost> shares_{};
  int count_ = 1;
  alignas(64) std::atomic<int> joined_{0};
};

}  // namespace inlay
