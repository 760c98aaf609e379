// undo.h - what statements overwrote, to be taken back and brought again.
// Knows variables by name and value, nothing of how they are shown. Invariant: keeping never makes an update copy: what
// is going to be updated where it stands is copied beforehand if it is small, and not kept otherwise.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inlay/inlay.hpp"

namespace inlay::program {

class Undo {
 public:
  static constexpr std::uint64_t kDefaultBudget = 256'000'000;
  /// A tensor that is going to be updated is copied for keeping up to this size, in some 100 us.
  static constexpr std::uint64_t kCopied = 1'000'000;

  /// One entry, taken back or brought again.
  struct Result {
    std::string entry;
    std::vector<std::string> names;  // of variables that have their values of before
    std::vector<std::string> lost;   // of those that do not: their values were not kept
  };

  explicit Undo(Interpreter& interpreter) : interpreter_(interpreter) {}

  /// Keeps what an entry is about to overwrite. `shares` is false where keeping must not even delay the reuse of
  /// memory.
  void before(std::string_view entry, const std::vector<Effect>& effects, bool shares);
  /// The last entry's changes, taken back; nothing if there is none.
  std::optional<Result> undo() { return move(done_, undone_); }
  std::optional<Result> redo() { return move(undone_, done_); }
  void clear();

  [[nodiscard]] std::uint64_t budget() const { return budget_; }
  void set_budget(std::uint64_t bytes);

 private:
  struct Change {
    std::string name;
    std::optional<Value> value;  // none: there was no such variable, or it was not kept
    bool is_lost = false;
    std::uint64_t bytes = 0;
  };
  struct Step {
    std::string entry;
    std::vector<Change> changes;
    std::uint64_t bytes = 0;
  };
  using Steps = std::deque<Step>;

  Change keep(const std::string& name, bool updates, bool shares) const;
  std::optional<Result> move(Steps& from, Steps& to);
  Change exchange(const Change& change);
  void trim();

  Interpreter& interpreter_;
  Steps done_, undone_;
  std::uint64_t budget_ = kDefaultBudget;
  std::uint64_t bytes_ = 0;  // of done_
};

}  // namespace inlay::program
