// operation_clock.h - how long the operation that runs has been running and how far it has come, told to whoever
// listens once that is long.
// Knows a number that changes when another operation begins, and a clock; neither operations nor who is told.
// Invariant: everything here is of the interpreter's own thread; an operation that is over within kFirstReport is not
// told of, and of one that was, the end is told too.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace inlay {

class OperationClock {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirstReport{2000};
  static constexpr std::chrono::milliseconds kBetweenReports{100};

  struct Report {
    double seconds = 0;                // since the operation was seen first
    std::int64_t done = 0, total = 0;  // of its work; total is 0 where it does not know how much there is
    bool is_over = false;
  };
  /// Told in the middle of a kernel: it must not throw, nor use the runtime.
  using Listener = std::function<void(const Report&)>;

  /// `begun` counts the operations that have begun; it is read for as long as the clock lives.
  void listen(const std::uint64_t* begun, Listener listener);
  [[nodiscard]] bool is_listened_to() const { return begun_ != nullptr; }

  /// Looks which operation runs, and tells of it if that is due.
  void look(Clock::time_point now) noexcept;
  /// Nothing runs any more.
  void end() noexcept;

  /// The operation's work is `cost` element-steps of loops, those of its next loops. Where it says so twice it does not
  /// know how much will come.
  void expect(std::int64_t cost) noexcept;
  /// A loop of `cost` element-steps has come to the share `done` of it; 1: it has ended.
  void advance(std::int64_t cost, double done) noexcept;

 private:
  void begin(Clock::time_point now) noexcept;
  void tell(Clock::time_point now, bool is_over) noexcept;

  const std::uint64_t* begun_ = nullptr;
  Listener listener_;
  std::uint64_t seen_ = 0;  // of *begun_, when the operation was seen first
  Clock::time_point begin_, due_;
  bool is_running_ = false;
  bool has_told_ = false;
  std::int64_t expected_ = 0;  // element-steps; -1: more than it knows of
  std::int64_t done_ = 0;      // by loops that have ended
  std::int64_t current_ = 0;   // by the one that runs
};

}  // namespace inlay
