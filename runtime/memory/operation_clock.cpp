// operation_clock.cpp - see operation_clock.h.
#include "runtime/memory/operation_clock.h"

#include <algorithm>
#include <utility>

namespace inlay {

void OperationClock::listen(const std::uint64_t* begun, Listener listener) {
  begun_ = begun;
  listener_ = std::move(listener);
}

void OperationClock::begin(Clock::time_point now) noexcept {
  seen_ = *begun_;
  begin_ = now;
  due_ = now + kFirstReport;
  is_running_ = true;
  expected_ = done_ = current_ = 0;
}

void OperationClock::look(Clock::time_point now) noexcept {
  if (!is_running_ || seen_ != *begun_) {
    end();
    begin(now);
  } else if (now >= due_) {
    due_ = now + kBetweenReports;
    tell(now, false);
  }
}

void OperationClock::end() noexcept {
  if (has_told_) tell(Clock::now(), true);
  has_told_ = is_running_ = false;
}

void OperationClock::tell(Clock::time_point now, bool is_over) noexcept {
  has_told_ = true;
  const std::int64_t total = std::max<std::int64_t>(expected_, 0);
  listener_({std::chrono::duration<double>(now - begin_).count(), std::min(done_ + current_, total), total, is_over});
}

void OperationClock::expect(std::int64_t cost) noexcept {
  expected_ = expected_ == 0 ? cost : -1;
  done_ = current_ = 0;
}

void OperationClock::advance(std::int64_t cost, double done) noexcept {
  current_ = done < 1 ? static_cast<std::int64_t>(static_cast<double>(cost) * done) : 0;
  if (done >= 1) done_ += cost;
}

}  // namespace inlay
