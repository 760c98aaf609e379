// memory.cpp - see memory.h. Large blocks have a few sizes per doubling, so that a freed one fits the next request; the
// longest unused go back to the system first, when the cap is reached or when they have lain for a while.
// The sizes and the page advice follow docs/decisions/008.
#include "runtime/memory/memory.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace inlay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kAdviseFrom = std::size_t{4} << 20;  // below, a huge page would waste more than it saves
constexpr std::size_t kMaximalCap = std::size_t{1} << 30;
constexpr std::size_t kMostBlocks = 1024;  // kept: they are searched one by one
constexpr auto kIdle = std::chrono::seconds(1);

/// The size that a large request is rounded up to: eighths of a power of two, whole pages.
std::size_t block_size(std::size_t bytes) {
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

/// An eighth of the machine's memory, at most a GiB.
std::size_t cap() {
  static const std::size_t value = [] {
    const auto pages = static_cast<std::size_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
    return std::min(kMaximalCap, pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 8);
  }();
  return value;
}

/// Fresh pages, on a huge page's border where that pays. Null if the system has none.
void* map_pages(std::size_t size) {
  const std::size_t margin = size >= kAdviseFrom ? kHugePage : 0;
  void* mapped = mmap(nullptr, size + margin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (margin == 0) return mapped;
  auto* begin = static_cast<std::byte*>(mapped);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before > 0) munmap(begin, before);
  if (margin > before) munmap(begin + before + size, margin - before);
  madvise(begin + before, size, MADV_HUGEPAGE);  // a wish: systems without huge pages refuse
  return begin + before;
}

void unmap_pages(void* block, std::size_t size) { munmap(block, size); }

struct Kept {
  void* block;
  std::size_t size;
  Clock::time_point since;
};

/// The blocks that wait for their next use, the longest unused first. It takes no memory itself: what is given back may
/// be all there is.
class Cache {
 public:
  /// A block of exactly this size, the one used last; null if there is none.
  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    for (std::size_t at = count_; at-- > 0;) {
      if (kept_[at].size != size) continue;
      void* block = kept_[at].block;
      bytes_ -= size;
      remove(at, 1);
      return block;
    }
    return nullptr;
  }

  void keep(void* block, std::size_t size) noexcept {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    kept_[count_++] = {block, size, now};
    bytes_ += size;
    const Kept* const excess = count_ > kMostBlocks ? kept_.data() : nullptr;
    drop_while([&](const Kept& oldest) { return bytes_ > cap() || &oldest == excess || now - oldest.since > kIdle; });
  }

  void clear() noexcept {
    const std::lock_guard lock(mutex_);
    drop_while([](const Kept&) { return true; });
  }

  std::size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

  /// Held by a fork, so that the child finds it whole and free.
  std::mutex& mutex() { return mutex_; }

 private:
  template <class Condition>
  void drop_while(const Condition& condition) {
    std::size_t dropped = 0;
    for (; dropped < count_ && condition(kept_[dropped]); ++dropped) {
      bytes_ -= kept_[dropped].size;
      unmap_pages(kept_[dropped].block, kept_[dropped].size);
    }
    remove(0, dropped);
  }

  void remove(std::size_t first, std::size_t count) {
    std::move(kept_.begin() + first + count, kept_.begin() + count_, kept_.begin() + first);
    count_ -= count;
  }

  std::mutex mutex_;
  std::array<Kept, kMostBlocks + 1> kept_{};  // few are in use: a program has few large sizes in flight
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

constinit Cache kept_blocks;
/// Buffers of static objects may outlive any order of destruction.
static_assert(std::is_trivially_destructible_v<Cache>);

/// At load, and so before the thread team's: a fork asks the last registered first, and a loop that runs on the team
/// takes and gives back blocks.
[[maybe_unused]] const int at_fork = pthread_atfork(
    [] { kept_blocks.mutex().lock(); }, [] { kept_blocks.mutex().unlock(); }, [] { kept_blocks.mutex().unlock(); });

}  // namespace

void* acquire_memory(std::size_t bytes) {
  if (bytes < kLargeBlock) return std::malloc(bytes);
  const std::size_t size = block_size(bytes);
  if (void* block = kept_blocks.take(size)) return block;
  if (void* block = map_pages(size)) return block;
  kept_blocks.clear();  // what is kept may be what is missing
  return map_pages(size);
}

void release_memory(void* block, std::size_t bytes) {
  if (bytes < kLargeBlock) return std::free(block);
  const std::size_t size = block_size(bytes);
  if (size > cap()) return unmap_pages(block, size);
  kept_blocks.keep(block, size);
}

std::size_t kept_memory() { return kept_blocks.bytes(); }
void trim_memory() { kept_blocks.clear(); }

}  // namespace inlay
