// memory_test.cpp - large blocks come back; small ones are the C library's; nothing is kept beyond trim.
#include "runtime/memory/memory.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/unit/sanitized.h"

namespace inlay {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// AddressSanitizer watches the C library's blocks, so nothing is kept under it.
bool keeps_blocks() { return kLargeBlock != static_cast<std::size_t>(-1); }

TEST_CASE("a freed large block serves the next request of about its size without a page fault") {
  if (!keeps_blocks()) return;
  trim_memory();
  void* first = acquire_memory(40 * kMiB);
  std::memset(first, 1, 40 * kMiB);
  release_memory(first, 40 * kMiB);
  CHECK(kept_memory() >= 40 * kMiB);
  const long before = page_faults();
  void* second = acquire_memory(39 * kMiB);
  CHECK(second == first);
  std::memset(second, 2, 39 * kMiB);
  CHECK(page_faults() - before < 16);
  CHECK(kept_memory() == 0);
  release_memory(second, 39 * kMiB);
}

TEST_CASE("trim gives everything back") {
  release_memory(acquire_memory(8 * kMiB), 8 * kMiB);
  trim_memory();
  CHECK(kept_memory() == 0);
}

TEST_CASE("large blocks are aligned to a cache line; sizes far apart do not share") {
  trim_memory();
  void* small = acquire_memory(kMiB);
  CHECK(reinterpret_cast<std::uintptr_t>(small) % 16 == 0);
  release_memory(small, kMiB);
  void* large = acquire_memory(64 * kMiB);
  CHECK(large != small);
  if (keeps_blocks()) CHECK(reinterpret_cast<std::uintptr_t>(large) % (2 * kMiB) == 0);
  release_memory(large, 64 * kMiB);
  trim_memory();
}

TEST_CASE("small blocks are not kept") {
  trim_memory();
  release_memory(acquire_memory(1000), 1000);
  CHECK(kept_memory() == 0);
}

TEST_CASE("several threads share the blocks") {
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([n] {
      for (int round = 0; round < 50; ++round) {
        const std::size_t bytes = kMiB * static_cast<std::size_t>(1 + (n + round) % 5);
        auto* block = static_cast<unsigned char*>(acquire_memory(bytes));
        block[0] = static_cast<unsigned char>(n);
        block[bytes - 1] = static_cast<unsigned char>(n);
        REQUIRE(block[0] == n);
        release_memory(block, bytes);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  trim_memory();
  CHECK(kept_memory() == 0);
}

TEST_CASE("a child process has blocks, whatever other threads do at the fork") {
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n)
    threads.emplace_back([&] {
      while (!is_over) release_memory(acquire_memory(kMiB), kMiB);
    });
  int hung = 0;
  for (int round = 0; round < (kIsSanitized ? 40 : 200) && hung == 0; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      alarm(5);
      release_memory(acquire_memory(kMiB), kMiB);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    hung += status != 0;
  }
  is_over = true;
  for (std::thread& each : threads) each.join();
  CHECK(hung == 0);
}

}  // namespace
}  // namespace inlay
