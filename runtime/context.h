// context.h - what one interpreter lends the runtime while it works: threads, counters, limits, warnings.
// The runtime has no globals; the interpreter that is running on this thread installs its Context for the time of a
// call. Invariant: context() is always valid; without an interpreter it is a default one of the thread's own.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace inlay {

/// Why an update could not be done in place.
enum class CopyReason : std::uint8_t { shared_value, shared_buffer, read_only, layout, count_ };

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
  /// Asked before `bytes` are allocated and before an op touches `elements`; throws LimitExceeded or KeyboardInterrupt.
  virtual void charge(std::uint64_t /*elements*/, std::uint64_t /*bytes*/) {}

  Counters counters;
  int threads = 1;  // how many may work on one op
  std::atomic<bool> cancelled{false};
};

/// The context of the interpreter running on this thread.
Context& context();

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
