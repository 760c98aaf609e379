// small_blocks.cpp - see small_blocks.h: the ends of the lists, and of threads.
#include "runtime/memory/small_blocks.h"

#include <utility>

namespace inlay::small_blocks {

constinit thread_local FreeLists lists{};

namespace {

/// Empties the lists when the thread ends. What is freed later (by other objects of the thread) goes to the C library.
struct Cleaner {
  Cleaner() { lists.limit = kMostKept; }
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    lists.limit = 0;
    for (FreeBlock*& first : lists.first) {
      while (first != nullptr) std::free(std::exchange(first, first->next));
    }
    for (std::uint32_t& count : lists.count) count = 0;
  }
};

}  // namespace

void* acquire(std::size_t size_class) {
  thread_local const Cleaner cleaner;  // from the thread's first block on
  return std::malloc(size_class == 0 ? 1 : size_class * kStep);
}

}  // namespace inlay::small_blocks
