// memory.cpp - see memory.h. Large blocks have a few sizes per doubling, so that a freed one fits the next request; the
// longest unused go back to the system first, when the cap is reached or when they have lain for a while.
// The sizes and the page advice follow docs/decisions/008.
#include "runtime/memory/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <vector>

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

/// The blocks that wait for their next use, the longest unused first.
class Cache {
 public:
  /// A block of exactly this size, the one used last; null if there is none.
  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    const auto it = std::find_if(kept_.rbegin(), kept_.rend(), [&](const Kept& each) { return each.size == size; });
    if (it == kept_.rend()) return nullptr;
    void* block = it->block;
    bytes_ -= size;
    kept_.erase(std::next(it).base());
    return block;
  }

  void keep(void* block, std::size_t size) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    kept_.push_back({block, size, now});
    bytes_ += size;
    const Kept* const excess = kept_.size() > kMostBlocks ? kept_.data() : nullptr;
    drop_while([&](const Kept& oldest) { return bytes_ > cap() || &oldest == excess || now - oldest.since > kIdle; });
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    drop_while([](const Kept&) { return true; });
  }

  std::size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  template <class Condition>
  void drop_while(const Condition& condition) {
    auto end = kept_.begin();
    for (; end != kept_.end() && condition(*end); ++end) {
      bytes_ -= end->size;
      unmap_pages(end->block, end->size);
    }
    kept_.erase(kept_.begin(), end);
  }

  std::mutex mutex_;
  std::vector<Kept> kept_;  // few: a program has few large sizes in flight
  std::size_t bytes_ = 0;
};

/// Never destroyed: buffers of static objects may outlive any order of destruction.
Cache& cache() {
  alignas(Cache) static std::byte place[sizeof(Cache)];
  static auto* const instance = ::new (place) Cache;
  return *instance;
}

}  // namespace

void* acquire_memory(std::size_t bytes) {
  if (bytes < kLargeBlock) return std::malloc(bytes);
  const std::size_t size = block_size(bytes);
  if (void* block = cache().take(size)) return block;
  if (void* block = map_pages(size)) return block;
  cache().clear();  // what is kept may be what is missing
  return map_pages(size);
}

void release_memory(void* block, std::size_t bytes) {
  if (bytes < kLargeBlock) return std::free(block);
  const std::size_t size = block_size(bytes);
  if (size > cap()) return unmap_pages(block, size);
  cache().keep(block, size);
}

std::size_t kept_memory() { return cache().bytes(); }
void trim_memory() { cache().clear(); }

}  // namespace inlay
