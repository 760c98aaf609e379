// context.h - what one interpreter lends the runtime while it works: threads, counters, its budget, warnings.
// The runtime has no globals; the interpreter that is running on this thread installs its Context for the time of a
// call. Invariant: context() is always valid; without an interpreter it is a default one of the thread's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/memory/budget.h"

namespace inlay {

/// Why an update was not done in place. `stoppable`: it takes too long for one that cannot be stopped.
enum class CopyReason : std::uint8_t { shared_value, shared_buffer, read_only, layout, stoppable, count_ };

/// What the runtime did, for `explain` and for tests that count instead of timing.
struct Counters {
  std::uint64_t copies = 0;  // updates that had to copy their target first
  std::uint64_t copied_bytes = 0;
  std::uint64_t copies_by_reason[static_cast<int>(CopyReason::count_)] = {};
  std::uint64_t in_place = 0;  // updates that wrote where they stood
  std::uint64_t allocations = 0;
  std::uint64_t allocated_bytes = 0;
};

class Context {
 public:
  virtual ~Context() = default;
  /// A warning for the user, once per call: "divide by zero encountered in floor_divide".
  virtual void warn(std::string_view) {}
  /// Called before an op touches `elements` and before something that is charged later grows to `bytes`; throws
  /// LimitExceeded or KeyboardInterrupt.
  void charge(std::uint64_t elements, std::uint64_t bytes) {
    budget.spend(elements);
    if (bytes != 0) budget.require(bytes);
  }
  /// For serial loops that take long, between two pieces of work: throws if they are to stop.
  void poll() const {
    if (!in_place) budget.poll();
  }

  Budget budget;
  Counters counters;
  int threads = 1;  // how many may work on one op
  /// Elements that somebody holds are being written where they stand, so that the loop that does it is not stopped. The
  /// next allocation ends that: whatever may fail comes before the first write.
  bool in_place = false;
  /// What updates write is thrown away if they fail: they need not be whole, however long they take.
  bool is_scratch = false;
  /// The host is told of something in the midst of an operation: nothing else may run.
  bool is_telling = false;
};

/// Tells the host something in the current scope.
class TellingScope {
 public:
  explicit TellingScope(Context& context) : context_(context), previous_(std::exchange(context.is_telling, true)) {}
  ~TellingScope() { context_.is_telling = previous_; }
  TellingScope(const TellingScope&) = delete;
  TellingScope& operator=(const TellingScope&) = delete;

 private:
  Context& context_;
  const bool previous_;
};

namespace detail {
extern constinit thread_local Context* current_context;  // null: none was installed
Context& fallback_context();
}  // namespace detail

/// The context of the interpreter running on this thread.
inline Context& context() {
  Context* const current = detail::current_context;
  return current != nullptr ? *current : detail::fallback_context();
}

/// What the interpreter running on this thread charges; null if there is none.
inline const Account* running_account() {
  const Context* const current = detail::current_context;
  return current != nullptr ? current->budget.account() : nullptr;
}

inline Charge::Charge(std::uint64_t bytes) : Charge(context().budget, bytes) {}
inline Charge::~Charge() {
  if (account_ != nullptr) account_->give_back(bytes_, running_account() == account_);
}

/// While something of the host's is let go of, which may call back: nothing else may run in the interpreter that lets
/// go of it.
class ReleasingScope {
 public:
  ReleasingScope() {
    if (detail::current_context != nullptr) scope_.emplace(*detail::current_context);
  }

 private:
  std::optional<TellingScope> scope_;
};

/// Installs a context for the current scope.
class ContextScope {
 public:
  explicit ContextScope(Context& context);
  ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  Context* previous_;
};

}  // namespace inlay
