// thread_team_pool.cpp - a team of threads of our own (-Dthreads=pool, the default).
// One loop at a time, of whichever interpreter comes first; others run theirs alone meanwhile. Workers claim a seat,
// then block after block (block_shares.h), and sleep when there has been nothing to do for a moment. The calling thread
// works too, and closes the loop when no block is left to claim: it waits for workers that are at one, never for one
// that has yet to wake, so a busy processor costs nothing but the help it would have given.
// Invariant: a worker reads `job` only between taking a seat and giving it back; `job` changes only while all seats are
// empty and none is free.
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <mutex>
#include <vector>

#include "runtime/threads/block_shares.h"
#include "runtime/threads/thread_team.h"

// The host's OpenMP, if it has one.
extern "C" int omp_in_parallel() __attribute__((weak));

namespace inlay {
namespace {

/// How long a thread looks for work before it sleeps: a little longer than waking it takes.
constexpr auto kSpin = std::chrono::microseconds(10);
/// Most threads that can have a seat; the counts are 16 bits wide.
constexpr int kMostSeats = (1 << 15) - 1;
/// A seat at the loop that runs: in the upper half of `seats` those that are free, in the lower those that are taken.
constexpr std::uint32_t kFreeSeat = 1 << 16;
constexpr std::uint32_t kTaken = kFreeSeat - 1;

struct Job {
  const std::function<void(std::int64_t)>* run = nullptr;
  std::fenv_t rounding{};  // of the calling thread: a result must not show which thread computed it
};

/// All of it outlives every thread: it is never destroyed. Each counter has a cache line of its own.
struct Team {
  std::mutex owner;  // held by the thread whose loop runs, by a fork and by the end
  Job job;
  BlockShares blocks;
  alignas(64) std::atomic<std::uint32_t> seats{0};   // see kFreeSeat
  alignas(64) std::atomic<std::uint32_t> opened{0};  // counts loops; workers sleep on it
  std::atomic<bool> stopped{false};
};
constinit Team team;

thread_local bool is_member = false;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Waits until `word` is no longer `old`, awake at first. Gives what it is then.
std::uint32_t wait_for_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) {
  const auto asleep_at = std::chrono::steady_clock::now() + kSpin;
  for (;;) {
    for (int turn = 0; turn < 32; ++turn, relax())
      if (const std::uint32_t now = word.load(std::memory_order_acquire); now != old) return now;
    if (std::chrono::steady_clock::now() > asleep_at) break;
  }
  word.wait(old, std::memory_order_acquire);
  return word.load(std::memory_order_acquire);
}

bool take_seat() {
  std::uint32_t seats = team.seats.load(std::memory_order_relaxed);
  while (seats >= kFreeSeat)
    if (team.seats.compare_exchange_weak(seats, seats - kFreeSeat + 1, std::memory_order_acquire)) return true;
  return false;
}

void give_seat_back() {
  if (team.seats.fetch_sub(1, std::memory_order_release) == 1) team.seats.notify_one();
}

void* worker(void*) {
  is_member = true;
  for (std::uint32_t seen = 0; !team.stopped.load(std::memory_order_relaxed);) {
    if (take_seat()) {
      std::fesetenv(&team.job.rounding);
      team.blocks.work_off(*team.job.run);
      give_seat_back();
    }
    seen = wait_for_change(team.opened, seen);
  }
  return nullptr;
}

/// The workers, and what has to happen to them when the process forks and when it ends.
class Workers {
 public:
  Workers() { pthread_atfork(before_fork, after_fork, in_child); }
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  static Workers& instance() {
    static Workers workers;
    return workers;
  }

  /// Starts threads until there are `count`, or as many as the system gives.
  void grow(int count) {
    while (static_cast<int>(threads_.size()) < count && start()) {
    }
  }

 private:
  /// Workers take none of the host's signals.
  bool start() {
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pthread_t thread{};
    const bool is_started = pthread_create(&thread, nullptr, worker, nullptr) == 0;
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    if (is_started) threads_.push_back(thread);
    return is_started;
  }

  void stop() {
    const std::lock_guard lock(team.owner);
    team.stopped = true;
    team.opened.fetch_add(1);
    team.opened.notify_all();
    for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
  }

  static void before_fork() { team.owner.lock(); }
  static void after_fork() { team.owner.unlock(); }
  /// Only the forking thread lives on in the child; it starts others of its own when it needs them.
  static void in_child() {
    instance().threads_.clear();
    team.seats = 0;
    team.owner.unlock();
  }

  std::vector<pthread_t> threads_;
};

void open(int members, std::int64_t n_blocks, const std::function<void(std::int64_t)>& run) {
  team.job.run = &run;
  std::fegetenv(&team.job.rounding);
  team.blocks.deal(n_blocks, members);
  team.seats.store(static_cast<std::uint32_t>(members - 1) * kFreeSeat, std::memory_order_release);
  team.opened.fetch_add(1, std::memory_order_release);
  team.opened.notify_all();
}

/// No seat can be taken any more; returns when those that are taken have been given back.
void close() {
  std::uint32_t taken = team.seats.fetch_and(kTaken, std::memory_order_acquire) & kTaken;
  while (taken != 0) taken = wait_for_change(team.seats, taken);
}

}  // namespace

bool is_in_team() { return is_member || (omp_in_parallel != nullptr && omp_in_parallel() != 0); }

void run_on_team(int members, std::int64_t n_blocks, const std::function<void(std::int64_t)>& run) {
  const std::unique_lock lock(team.owner, std::try_to_lock);
  if (!lock || team.stopped) {
    for (std::int64_t at = 0; at < n_blocks; ++at) run(at);
    return;
  }
  members = std::min(members, kMostSeats);
  Workers::instance().grow(members - 1);
  open(members, n_blocks, run);
  is_member = true;
  team.blocks.work_off(*team.job.run);
  is_member = false;
  close();
}

}  // namespace inlay
