// parallel_test.cpp - how loops are cut, and that threads cannot be seen in a result.
#include "runtime/threads/parallel.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/memory/context.h"
#include "runtime/threads/block_shares.h"

using namespace inlay;

namespace {

struct Threads {
  explicit Threads(int n) { own.threads = n; }
  Context own;
  ContextScope scope{own};
};

/// The cuts of a loop, sorted.
std::vector<std::pair<std::int64_t, std::int64_t>> cuts(std::int64_t n, std::int64_t block, int threads) {
  const Threads scope(threads);
  std::vector<std::pair<std::int64_t, std::int64_t>> out(static_cast<std::size_t>(n / block + 1), {-1, -1});
  parallel_for(n, block, kParallelThreshold, [&](std::int64_t begin, std::int64_t end) {
    out[static_cast<std::size_t>(begin / block)] = {begin, end};
  });
  std::erase(out, std::pair<std::int64_t, std::int64_t>(-1, -1));
  return out;
}

}  // namespace

TEST_CASE("blocks depend on the length alone") {
  for (const std::int64_t n : {0, 1, 9, 10, 11, 99, 100, 12345}) {
    CAPTURE(n);
    const auto serial = cuts(n, 10, 1);
    CHECK(static_cast<std::int64_t>(serial.size()) == (n + 9) / 10);
    std::int64_t covered = 0;
    for (const auto& [begin, end] : serial) {
      CHECK(begin == covered);
      covered = end;
    }
    CHECK(covered == n);
    for (const int threads : {2, 3, 8}) CHECK(cuts(n, 10, threads) == serial);
  }
}

TEST_CASE("short loops stay on the calling thread") {
  const Threads scope(4);
  bool elsewhere = false;
  const auto here = std::this_thread::get_id();
  const auto note = [&](std::int64_t, std::int64_t) { elsewhere |= std::this_thread::get_id() != here; };
  parallel_for(1000, 10, kParallelThreshold - 1, note);
  CHECK_FALSE(elsewhere);
}

TEST_CASE("a loop inside a loop is serial") {
  const Threads scope(2);
  std::vector<int> seen(64, 0);
  parallel_for(8, 1, kParallelThreshold, [&](std::int64_t outer, std::int64_t) {
    const auto here = std::this_thread::get_id();
    parallel_for(8, 1, kParallelThreshold, [&](std::int64_t inner, std::int64_t) {
      seen[static_cast<std::size_t>(outer * 8 + inner)] += std::this_thread::get_id() == here ? 1 : 100;
    });
  });
  CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
}

TEST_CASE("long loops use the threads there are") {
  const Threads scope(3);
  std::atomic<int> inside{0}, most{0};
  for (int round = 0; round < 200 && most < 2; ++round) {
    parallel_for(64, 1, kParallelThreshold, [&](std::int64_t, std::int64_t) {
      most = std::max(most.load(), inside.fetch_add(1) + 1);
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      inside.fetch_sub(1);
    });
  }
  CHECK(most >= 2);
  CHECK(most <= 3);
  CHECK(inside == 0);
}

TEST_CASE("every loop of many threads is complete when it returns") {
  const auto loops = [](int seed, bool& right) {
    const Threads scope(2 + seed % 3);
    for (int round = 0; round < 500; ++round) {
      std::vector<int> seen(100, 0);
      parallel_for(100, 1, kParallelThreshold,
                   [&](std::int64_t at, std::int64_t) { ++seen[static_cast<std::size_t>(at)]; });
      right = right && std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; });
    }
  };
  bool right[4] = {true, true, true, true};
  std::vector<std::thread> hosts;
  for (int seed = 0; seed < 4; ++seed) hosts.emplace_back(loops, seed, std::ref(right[seed]));
  for (std::thread& host : hosts) host.join();
  for (const bool each : right) CHECK(each);
}

TEST_CASE("who joins begins with a share of neighbouring blocks, and takes what others leave") {
  static BlockShares blocks;
  blocks.deal(7, 3);  // 0 1 2 | 3 4 | 5 6
  std::vector<std::int64_t> first, second;
  blocks.work_off([&](std::int64_t at) {
    first.push_back(at);
    if (at == 3) blocks.work_off([&](std::int64_t other) { second.push_back(other); });
  });
  CHECK(first == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(second == std::vector<std::int64_t>{4, 5, 6});
  for (const int members : {1, 2, 64, 65, 1000}) {
    for (const std::int64_t n_blocks : {0, 1, 63, 64, 1001}) {
      CAPTURE(members);
      CAPTURE(n_blocks);
      blocks.deal(n_blocks, members);
      std::vector<int> times(static_cast<std::size_t>(n_blocks), 0);
      for (int member = 0; member < 3; ++member)
        blocks.work_off([&](std::int64_t at) { ++times[static_cast<std::size_t>(at)]; });
      CHECK(std::all_of(times.begin(), times.end(), [](int count) { return count == 1; }));
    }
  }
}

TEST_CASE("a loop rounds as the calling thread does, whichever thread runs it") {
  const Threads scope(4);
  std::vector<int> modes(64, -1);
  std::fesetround(FE_UPWARD);
  parallel_for(64, 1, kParallelThreshold, [&](std::int64_t at, std::int64_t) {
    modes[static_cast<std::size_t>(at)] = std::fegetround();
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  });
  std::fesetround(FE_TONEAREST);
  CHECK(std::all_of(modes.begin(), modes.end(), [](int mode) { return mode == FE_UPWARD; }));
}

TEST_CASE("the child of a fork goes on") {
  const Threads scope(2);
  const auto sum = [] {
    std::vector<std::int64_t> parts(100);
    parallel_for(100, 1, kParallelThreshold,
                 [&](std::int64_t at, std::int64_t) { parts[static_cast<std::size_t>(at)] = at; });
    std::int64_t total = 0;
    for (const std::int64_t part : parts) total += part;
    return total;
  };
  REQUIRE(sum() == 4950);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);  // a hang ends as a signal, not as a test that never returns
    _exit(sum() == 4950 && sum() == 4950 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
