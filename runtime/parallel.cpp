// parallel.cpp - loops over OpenMP; the only file with its pragmas.
// Worker threads have a context() of their own: a body must not use it, nor allocate, warn or throw.
// Invariant: blocks are cut by n and block alone; which thread runs one, and when, cannot be seen in the result.
#include "runtime/parallel.h"

#include <sched.h>

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>

#include "runtime/context.h"

namespace inlay {
namespace {

// Threads are the process's, so this is too: after a fork only the forking thread lives on, and libgomp would wait
// forever for the others.
std::atomic<bool> forked{false};

/// Registered with the first parallel loop: a child of a process that never had one may still start threads.
void watch_forks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forked.store(true, std::memory_order_relaxed); });
  static_cast<void>(registered);
}

bool is_serial(std::int64_t n_blocks, std::int64_t cost, int threads) {
  return n_blocks < 2 || cost < kParallelThreshold || threads < 2 || forked.load(std::memory_order_relaxed) ||
         omp_in_parallel();
}

}  // namespace

void parallel_for(std::int64_t n, std::int64_t block, std::int64_t cost,
                  const std::function<void(std::int64_t, std::int64_t)>& body) {
  const std::int64_t n_blocks = n / block + (n % block != 0);
  const auto run = [&](std::int64_t at) { body(at * block, std::min(n, (at + 1) * block)); };
  const int threads = context().threads;
  if (is_serial(n_blocks, cost, threads)) {
    for (std::int64_t at = 0; at < n_blocks; ++at) run(at);
    return;
  }
  watch_forks();
  // Always the context's whole team: libgomp ends and restarts threads whenever the number changes.
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (std::int64_t at = 0; at < n_blocks; ++at) run(at);
}

int hardware_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(CPU_COUNT(&set), 1) : 1;
}

}  // namespace inlay
