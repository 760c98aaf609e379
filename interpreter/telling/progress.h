// progress.h - telling the host how far a loop over progress(iterable) has come, and how long an operation takes.
// Knows a clock and the host's callback, nothing of terminals. Invariant: a loop that is over within kFirstReport says
// nothing; one that said anything says once that it is over, however it was left.
#pragma once

#include <chrono>
#include <cstdint>

#include "interpreter/machine/evaluator.h"

namespace inlay {

struct Machine;

class ProgressReport {
 public:
  static constexpr std::chrono::milliseconds kFirstReport{200};
  static constexpr std::chrono::milliseconds kBetweenReports{100};

  /// Reports a loop over `iterable` if that is a progress() and the host listens; otherwise does nothing.
  ProgressReport(const Value& iterable, Machine& machine);
  ~ProgressReport();
  ProgressReport(const ProgressReport&) = delete;
  ProgressReport& operator=(const ProgressReport&) = delete;

  /// Said before each round, and after the last.
  void next() {
    if (machine_ != nullptr) advance();
  }

 private:
  using Clock = std::chrono::steady_clock;
  void advance();
  void report(Clock::time_point now, bool is_over);

  Machine* machine_ = nullptr;  // null: nobody wants to know
  Value subject_;
  std::int64_t done_ = -1;
  std::int64_t total_ = 0;
  Clock::time_point begin_, due_;
  bool has_reported_ = false;
};

/// Tells the evaluator's host, if it listens, of operations that take long (OperationClock).
void report_operations(Evaluator& evaluator, Evaluator::State& state);

}  // namespace inlay
