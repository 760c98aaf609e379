// budget.cpp - see budget.h: refusals, and what is looked at once in a while instead of at every step.
#include "runtime/memory/budget.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "runtime/memory/context.h"
#include "runtime/memory/error.h"

namespace inlay {
namespace {

/// Steps between two looks at the clock and at requests to stop: instructions take up to 10 us each where they call
/// into the library, so that a look comes at least every 40 ms.
constexpr std::uint64_t kStepsPerLook = 1 << 12;

}  // namespace

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  int unit = bytes == 0 ? 0 : (static_cast<int>(std::bit_width(bytes)) - 1) / 10;
  double count = std::ldexp(static_cast<double>(bytes), -10 * unit);
  if (std::nearbyint(count) == 1024) {
    ++unit;
    count /= 1024;
  }
  if (unit == 0) return fmt::format("{} bytes", bytes);
  if (std::nearbyint(count) < 1000) return fmt::format("{:#.3g} {}", count, kUnits[unit]);
  return fmt::format("{:#.0f} {}", count, kUnits[unit]);
}

// ---- accounts -------------------------------------------------------------------------------------------------------

std::uint64_t Account::next_number() {
  constinit static std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Account* Account::open() { return std::make_unique<Account>().release(); }

void Account::settle(std::int64_t change) {
  if (elsewhere_.fetch_add(change, std::memory_order_acq_rel) + change == 0) std::default_delete<Account>()(this);
}

void Charge::grow(std::uint64_t bytes) {
  Budget& budget = context().budget;
  // What another interpreter made, or nobody, stays as it was charged.
  if (account_ == nullptr || budget.account() != account_) return;
  budget.take(bytes - bytes_);
  bytes_ = bytes;
}

// ---- budgets --------------------------------------------------------------------------------------------------------

Budget::~Budget() {
  if (account_ != nullptr) account_->close();
}

void Budget::limit(const Limits& limits) {
  limits_ = limits;
  restore(limits.fuel);
  if (account_ == nullptr) account_ = Account::open();
}

Usage Budget::usage() const {
  Usage usage;
  usage.fuel = limits_.fuel - fuel_ - before_look_;
  usage.memory = account_ == nullptr ? 0 : account_->live();
  usage.peak = peak_;
  usage.output = printed_;
  usage.written = written_;
  return usage;
}

void Budget::begin_run() {
  fuel_ = limits_.fuel;
  before_look_ = 0;
  printed_ = written_ = 0;
  has_deadline_ = std::isfinite(limits_.seconds);
  if (has_deadline_) {
    const std::chrono::duration<double> most = std::chrono::hours(24 * 365);  // more would not fit the clock
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                   std::min(std::chrono::duration<double>(limits_.seconds), most));
  }
  has_clock_ = has_deadline_ || operations_.is_listened_to();
}

void Budget::end_run() {
  operations_.end();
  has_clock_ = has_deadline_ = false;
  stop_.store(Stop::none, std::memory_order_relaxed);
}

void Budget::look(std::uint64_t steps) {
  poll();
  const std::uint64_t left = fuel_ + before_look_;
  if (steps > left) raise(ErrorKind::LimitExceeded, "fuel: more than {} steps in one run", limits_.fuel);
  const std::uint64_t rest = left - steps;
  before_look_ = std::min(rest, kStepsPerLook);
  fuel_ = rest - before_look_;
}

bool Budget::is_stopped(Stop stop) const noexcept {
  if (stop == Stop::counting && looks_left_.fetch_sub(1, std::memory_order_relaxed) > 1) return false;
  stop_.store(Stop::cancelled, std::memory_order_relaxed);
  return true;
}

/// Whether it is too late to go on. Other threads than the interpreter's own leave operations_ alone.
bool Budget::look_at_clock() const noexcept {
  const bool tells = operations_.is_listened_to() && &context().budget == this;
  if (!tells && !has_deadline_) return false;
  const Clock::time_point now = Clock::now();
  if (tells) operations_.look(now);
  return has_deadline_ && now > deadline_;
}

void Budget::raise_stop() const {
  if (stop_.load(std::memory_order_relaxed) == Stop::cancelled) raise(ErrorKind::KeyboardInterrupt, "interrupted");
  raise(ErrorKind::LimitExceeded, "seconds: more than {} s in one run", limits_.seconds);
}

void Budget::print(std::uint64_t bytes) {
  if (bytes > limits_.output - printed_)
    raise(ErrorKind::LimitExceeded, "output: more than {} printed or warned of in one run", size_text(limits_.output));
  printed_ += bytes;
}

void Budget::write(std::uint64_t bytes) {
  if (bytes > limits_.written - written_)
    raise(ErrorKind::LimitExceeded, "written: {} wanted, {} allowed, {} written in this run", size_text(bytes),
          size_text(limits_.written), size_text(written_));
  written_ += bytes;
}

void Budget::refuse_bytes(std::uint64_t bytes) const {
  raise(ErrorKind::LimitExceeded, "memory: {} wanted, {} allowed, {} in use", size_text(bytes),
        size_text(limits_.memory), size_text(account_->live()));
}

void Budget::refuse_elements(std::uint64_t elements, std::uint64_t bytes) const {
  require(bytes);
  raise(ErrorKind::LimitExceeded, "elements: {} wanted, {} allowed", elements, limits_.elements);
}

void Budget::refuse_rank(std::size_t rank) const {
  raise(ErrorKind::LimitExceeded, "rank: a tensor of {} axes wanted, {} allowed", rank, limits_.rank);
}

}  // namespace inlay
