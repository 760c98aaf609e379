// thread_team_openmp.cpp - a team of OpenMP's; the only file with its pragmas (-Dthreads=openmp).
// For hosts that compute with OpenMP themselves and want one set of threads. libgomp's threads spin while they wait
// unless OMP_WAIT_POLICY=passive stands in the environment before main, and a loop waits for every member to start.
// Invariant: the team has the size of the process's largest so far: libgomp ends and restarts threads whenever it
// changes.
#include <omp.h>
#include <pthread.h>

#include <atomic>
#include <cfenv>

#include "runtime/threads/block_shares.h"
#include "runtime/threads/thread_team.h"

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

/// Members that are too many return at once.
int team_size(int members) {
  static std::atomic<int> largest{0};
  int size = largest.load(std::memory_order_relaxed);
  while (size < members && !largest.compare_exchange_weak(size, members, std::memory_order_relaxed)) {
  }
  return size < members ? members : size;
}

}  // namespace

bool is_in_team() { return omp_in_parallel() != 0 || forked.load(std::memory_order_relaxed); }

void run_on_team(int members, std::int64_t n_blocks, const std::function<void(std::int64_t)>& run) {
  watch_forks();
  BlockShares blocks;
  blocks.deal(n_blocks, members);
  std::fenv_t rounding;  // of the calling thread: a result must not show which thread computed it
  std::fegetenv(&rounding);
#pragma omp parallel num_threads(team_size(members))
  if (omp_get_thread_num() < members) {
    std::fesetenv(&rounding);
    blocks.work_off(run);
  }
}

}  // namespace inlay
