// budget.h - what one interpreter may use and has used: steps, live bytes, time; and the request to stop.
// Knows numbers only: neither tensors nor scripts. Whoever allocates or computes charges here first, and asks here
// while it takes long whether to go on.
// Invariant: a refused charge has changed nothing. Only request_stop() may be called from another thread or a signal
// handler, and should_stop() from the threads of a parallel loop.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "inlay/limits.hpp"
#include "runtime/memory/operation_clock.h"

namespace inlay {

/// "7.28 TiB": NumPy's words for a number of bytes, three digits at least.
std::string size_text(std::uint64_t bytes);

/// The live bytes of one interpreter. It outlives the interpreter for as long as anything charged to it lives: values
/// may stay with the host, and may end on another thread. The thread that runs the interpreter counts plainly, any
/// other one atomically, since plain counting costs next to nothing (docs/decisions/005).
class Account {
 public:
  static Account* open();
  /// The interpreter's end: the account goes with the last thing charged to it.
  void close() { settle(live_ - kOpen); }
  /// Tells the interpreter from every other one that this process has or had; never 0.
  [[nodiscard]] std::uint64_t number() const { return number_; }

  [[nodiscard]] std::uint64_t live() const {
    return static_cast<std::uint64_t>(live_ + elsewhere_.load(std::memory_order_relaxed) - kOpen);
  }
  /// By the running interpreter's thread.
  void take(std::uint64_t bytes) { live_ += static_cast<std::int64_t>(bytes); }
  /// By any thread; `is_running`: by that of the run that is in progress.
  void give_back(std::uint64_t bytes, bool is_running) {
    const auto change = -static_cast<std::int64_t>(bytes);
    if (is_running) [[likely]]
      live_ += change;
    else
      settle(change);
  }

 private:
  static constexpr std::int64_t kOpen = std::int64_t{1} << 62;  // keeps `elsewhere_` above 0 until close()
  void settle(std::int64_t change);
  static std::uint64_t next_number();

  const std::uint64_t number_ = next_number();
  std::int64_t live_ = 0;
  std::atomic<std::int64_t> elsewhere_{kOpen};
};

class Budget {
 public:
  /// Without any limit, and without an account.
  Budget() = default;
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Sets the limits and opens an account.
  void limit(const Limits& limits);
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] Usage usage() const;
  [[nodiscard]] Account* account() const { return account_; }

  /// A run begins: its steps, its output and its time count from here.
  void begin_run();
  /// It has ended, and so has every request to stop it.
  void end_run();

  /// Counts steps before they are done. Throws LimitExceeded, or KeyboardInterrupt if stopping was asked for.
  void spend(std::uint64_t steps) {
    if (steps > before_look_) [[unlikely]]
      return look(steps);
    before_look_ -= steps;
  }
  /// Steps that are left, and to go back to what was left before something that is not to count.
  [[nodiscard]] std::uint64_t left() const { return fuel_ + before_look_; }
  void restore(std::uint64_t left) {
    before_look_ = 0;
    fuel_ = left;
  }
  /// Throws LimitExceeded if `bytes` more would be too many. What is alive never exceeds the limit.
  void require(std::uint64_t bytes) const {
    if (account_ != nullptr && bytes > limits_.memory - account_->live()) [[unlikely]]
      refuse_bytes(bytes);
  }
  /// The same, and counts them as alive. There must be an account.
  void take(std::uint64_t bytes) {
    const std::uint64_t live = account_->live();
    if (bytes > limits_.memory - live) [[unlikely]]
      refuse_bytes(bytes);
    account_->take(bytes);
    if (live + bytes > peak_) peak_ = live + bytes;
  }
  /// Counts what is printed or warned of. Throws LimitExceeded.
  void print(std::uint64_t bytes);
  /// Counts what goes into files. Throws LimitExceeded.
  void write(std::uint64_t bytes);
  /// Throws LimitExceeded for a tensor of too many elements, which names its bytes where they are too many as well; or
  /// of too many axes.
  void require_elements(std::uint64_t elements, std::uint64_t bytes) const {
    if (elements > limits_.elements) [[unlikely]]
      refuse_elements(elements, bytes);
  }
  void require_rank(std::size_t rank) const {
    if (rank > limits_.rank) [[unlikely]]
      refuse_rank(rank);
  }

  /// Asks what runs to stop, or else the next run. From any thread and from a signal handler.
  void request_stop() noexcept { stop_.store(Stop::cancelled, std::memory_order_relaxed); }
  /// For tests: asks for it when it is looked for the `looks`-th time from now.
  void request_stop_after(std::int64_t looks) noexcept {
    looks_left_.store(looks, std::memory_order_relaxed);
    stop_.store(Stop::counting, std::memory_order_relaxed);
  }
  /// Whether what runs is to stop. From any thread of a loop. Once true, it stays so until the run has ended.
  [[nodiscard]] bool should_stop() const noexcept {
    const Stop stop = stop_.load(std::memory_order_relaxed);
    return stop != Stop::none ? is_stopped(stop) : has_clock_ && look_at_clock();
  }
  /// Throws KeyboardInterrupt or LimitExceeded if it is.
  void poll() const {
    if (should_stop()) [[unlikely]]
      raise_stop();
  }

  /// Told of operations that take long; it is looked at with every question whether to stop.
  [[nodiscard]] OperationClock& operations() { return operations_; }

 private:
  using Clock = OperationClock::Clock;
  enum class Stop : int { none, cancelled, counting };
  static_assert(std::atomic<Stop>::is_always_lock_free);

  void look(std::uint64_t steps);
  [[nodiscard]] bool look_at_clock() const noexcept;
  [[nodiscard]] bool is_stopped(Stop stop) const noexcept;
  [[noreturn]] void raise_stop() const;
  [[noreturn]] void refuse_bytes(std::uint64_t bytes) const;
  [[noreturn]] void refuse_elements(std::uint64_t elements, std::uint64_t bytes) const;
  [[noreturn]] void refuse_rank(std::size_t rank) const;

  Limits limits_ = Limits::none();
  Account* account_ = nullptr;
  std::uint64_t peak_ = 0;
  std::uint64_t printed_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t before_look_ = 0;       // steps until look() is due
  std::uint64_t fuel_ = Limits::kNone;  // steps left behind those
  mutable std::atomic<Stop> stop_{Stop::none};
  mutable std::atomic<std::int64_t> looks_left_{0};  // of Stop::counting
  bool has_clock_ = false;  // while something runs: there is a deadline, or operations_ is listened to
  bool has_deadline_ = false;
  Clock::time_point deadline_;
  mutable OperationClock operations_;
};

/// What one object or buffer is charged with; gives it back at its end.
class Charge {
 public:
  Charge() = default;
  /// Charges an interpreter, or nobody where it has no account. Throws LimitExceeded.
  Charge(Budget& budget, std::uint64_t bytes) : bytes_(bytes) {
    if (budget.account() == nullptr) return;
    budget.take(bytes);
    account_ = budget.account();
  }
  /// Charges the one that runs on this thread, if any.
  explicit Charge(std::uint64_t bytes);
  Charge(Charge&& other) noexcept : account_(std::exchange(other.account_, nullptr)), bytes_(other.bytes_) {}
  Charge& operator=(Charge&&) = delete;
  ~Charge();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Charges what `bytes` are more than before.
  void grow_to(std::uint64_t bytes) {
    if (bytes > bytes_) [[unlikely]]
      grow(bytes);
  }

 private:
  void grow(std::uint64_t bytes);
  Account* account_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace inlay
