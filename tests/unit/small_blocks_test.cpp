// small_blocks_test.cpp - freed small blocks come back to their thread; blocks may cross threads.
#include "runtime/memory/small_blocks.h"

#include <doctest/doctest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace inlay {
namespace {

TEST_CASE("a freed small block serves the next request of its size, and no other") {
  if (!small_blocks::kKeeps) return;
  void* first = acquire_small(100);
  release_small(first, 100);
  void* larger = acquire_small(200);
  void* second = acquire_small(128);
  CHECK(larger != first);
  CHECK(second == first);
  release_small(second, 128);
  release_small(larger, 200);
}

TEST_CASE("every size up to the largest has room for its bytes") {
  for (std::size_t bytes = 0; bytes <= kSmallBlock; ++bytes) {
    void* block = acquire_small(bytes);
    REQUIRE(block != nullptr);
    std::memset(block, 1, bytes);
    release_small(block, bytes);
  }
}

TEST_CASE("a thread keeps a bounded number of blocks of a size") {
  if (!small_blocks::kKeeps) return;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(acquire_small(64));
  for (void* block : blocks) release_small(block, 64);
  CHECK(small_blocks::lists.count[small_blocks::size_class(64)] == small_blocks::kMostKept);
}

TEST_CASE("a block may be freed by another thread, before and after its lists have opened") {
  std::vector<void*> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(acquire_small(300));
  std::thread([&] {
    release_small(blocks[0], 300);
    release_small(acquire_small(300), 300);
    for (std::size_t at = 1; at < blocks.size(); ++at) release_small(blocks[at], 300);
  }).join();
  void* from_elsewhere = nullptr;
  std::thread([&] { from_elsewhere = acquire_small(300); }).join();
  std::memset(from_elsewhere, 1, 300);
  release_small(from_elsewhere, 300);
}

}  // namespace
}  // namespace inlay
