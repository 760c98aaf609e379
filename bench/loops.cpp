// loops.cpp - what it costs to share a loop out: the time of parallel loops that do nothing, one after the other and
// after the threads have gone to sleep, and of loops that do something.
//
//   ./dev bench loops
//
// Run it beside a busy process too: a loop must not wait for a processor that somebody else has.
#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>
#include <vector>

#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"

using namespace inlay;

namespace {

struct Threads {
  explicit Threads(std::int64_t n) { own.threads = static_cast<int>(n); }
  Context own;
  ContextScope scope{own};
};

void nothing(std::int64_t, std::int64_t) {}

void back_to_back(benchmark::State& state) {
  const Threads threads(state.range(0));
  for (auto _ : state) parallel_for(state.range(0), 1, kParallelThreshold, nothing);
}

void after_idling(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const Threads threads(state.range(0));
  for (auto _ : state) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto begin = Clock::now();
    parallel_for(state.range(0), 1, kParallelThreshold, nothing);
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
  }
}

/// Arithmetic on elements that stay in a core's cache.
void arithmetic(benchmark::State& state) {
  const Threads threads(state.range(0));
  std::vector<float> x(300'000, 0.5f);
  for (auto _ : state) {
    parallel_for(300'000, kParallelBlock, 6'000'000, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at)
        for (int step = 0; step < 20; ++step)
          x[static_cast<std::size_t>(at)] = x[static_cast<std::size_t>(at)] * 0.9f + 0.1f;
    });
  }
}

}  // namespace

BENCHMARK(back_to_back)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();
BENCHMARK(after_idling)->Arg(1)->Arg(2)->Arg(4)->UseManualTime()->Iterations(100);
BENCHMARK(arithmetic)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

BENCHMARK_MAIN();
