// parallel.cpp - how a loop is cut, and when it is worth more than one thread. Knows no way to have threads.
// Worker threads have a context() of their own: a body must not use it, nor allocate, warn or throw.
// Invariant: blocks are cut by n and block alone; which thread runs one, and when, cannot be seen in the result.
#include "runtime/threads/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <utility>

#include "runtime/memory/context.h"
#include "runtime/threads/thread_team.h"

namespace inlay {
namespace {

/// Who may stop the loop that this thread works for; null: nobody.
constinit thread_local const Budget* running_loop = nullptr;

class LoopScope {
 public:
  explicit LoopScope(const Budget* budget) : previous_(std::exchange(running_loop, budget)) {}
  ~LoopScope() { running_loop = previous_; }
  LoopScope(const LoopScope&) = delete;
  LoopScope& operator=(const LoopScope&) = delete;

 private:
  const Budget* previous_;
};

/// A loop of so few element-steps is over before anybody could stop it, or be told of it.
constexpr std::int64_t kFewSteps = 1 << 10;

/// Threads that have enough to do; 1 where waking another would take longer than it saves.
int members_for(std::int64_t n_blocks, std::int64_t cost, int threads) {
  if (n_blocks < 2 || cost < kParallelThreshold || threads < 2) return 1;
  return static_cast<int>(std::min<std::int64_t>({n_blocks, cost / kStepsPerThread, threads}));
}

/// Processors whose time a container's limit leaves us; without one, any number.
int threads_of_quota() {
  std::ifstream limit("/sys/fs/cgroup/cpu.max");  // "200000 100000", or "max 100000"
  double quota = 0, period = 0;
  if (!(limit >> quota >> period) || period <= 0) return std::numeric_limits<int>::max();
  return std::max(1, static_cast<int>(std::ceil(quota / period)));
}

}  // namespace

void parallel_for(std::int64_t n, std::int64_t block, std::int64_t cost, const LoopBody& body) {
  Context& owner = context();
  if (n <= block && cost <= kFewSteps && !owner.budget.operations().is_listened_to()) {
    if (n > 0) body(0, n);
    if (running_loop == nullptr) owner.poll();
    return;
  }
  const std::int64_t n_blocks = n / block + (n % block != 0);
  const bool is_inner = running_loop != nullptr;  // stopped, and ended by throwing, by the loop around it
  const Budget* const budget = is_inner ? running_loop : owner.in_place ? nullptr : &owner.budget;
  OperationClock& clock = owner.budget.operations();
  const bool is_told = !is_inner && clock.is_listened_to();
  std::atomic<std::int64_t> begun{0};  // counted only where somebody is told
  const auto run = [&](std::int64_t at) {
    const LoopScope scope(budget);
    if (is_told) {
      const std::int64_t before = begun.fetch_add(1, std::memory_order_relaxed);
      if (&context() == &owner) clock.advance(cost, static_cast<double>(before) / static_cast<double>(n_blocks));
    }
    if (!is_stopping()) body(at * block, std::min(n, (at + 1) * block));
  };
  const int members = members_for(n_blocks, cost, owner.threads);
  if (members > 1 && !is_in_team()) {
    run_on_team(members, n_blocks, std::cref(run));
  } else {
    for (std::int64_t at = 0; at < n_blocks; ++at) run(at);
  }
  if (is_told) clock.advance(cost, 1);
  if (!is_inner) owner.poll();
}

void expect_work(std::int64_t cost) {
  OperationClock& clock = context().budget.operations();
  if (running_loop == nullptr && clock.is_listened_to()) clock.expect(cost);
}

bool is_stopping() noexcept {
  if (running_loop != nullptr) return running_loop->should_stop();
  const Context& owner = context();
  return !owner.in_place && owner.budget.should_stop();
}

int hardware_threads() {
  static const int quota = threads_of_quota();
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::clamp(CPU_COUNT(&set), 1, quota) : 1;
}

}  // namespace inlay
