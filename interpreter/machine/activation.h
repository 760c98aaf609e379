// activation.h - what a function needs while it runs: registers on the evaluator's stack, its cells, its depth.
// Private to the machine. Knows nothing of instructions.
// Invariant: activations are left in the reverse order of their making, and leave no counted value behind in the
// registers.
#pragma once

#include "interpreter/machine/machine.h"

namespace inlay {

/// Counts how deep calls are nested; RecursionError beyond the limit, or where the thread has no more stack.
class Depth {
 public:
  explicit Depth(Evaluator::State& state) : depth_(state.depth) {
    const std::uint64_t most = state.context_owner->budget.limits().depth;
    if (static_cast<std::uint64_t>(depth_) >= most || state.stack.is_near()) [[unlikely]]
      refuse(most);
    ++depth_;
  }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  [[noreturn]] void refuse(std::uint64_t most) const;
  int& depth_;
};

/// A function's registers: the next ones of the evaluator's stack of chunks.
class Registers {
 public:
  Registers(Evaluator::State& state, int count)
      : state_(state), next_(state.next_register), end_(state.end_register), count_(count) {
    if (end_ - next_ < count) [[unlikely]]
      next_chunk();
    values = state.next_register;
    state.next_register += count;
  }
  ~Registers() {
    for (Value* each = values + count_; each != values;) (--each)->let_go();
    state_.next_register = next_;
    if (end_ != state_.end_register) [[unlikely]]
      previous_chunk();
  }
  Registers(const Registers&) = delete;
  Registers& operator=(const Registers&) = delete;

  Value* values = nullptr;

 private:
  void next_chunk();
  void previous_chunk();
  Evaluator::State& state_;
  Value* next_;  // the caller's, to return to
  Value* end_;
  std::ptrdiff_t count_;
};

/// One call of a function of the language, before its arguments are stored.
class Activation {
 public:
  Activation(Machine& machine, LinkedProgram& linked, const ir::Function& function,
             const std::vector<Ref<CellObject>>& captured)
      : code(linked.code(function, machine.state.watcher != nullptr)),
        depth_(machine.state),
        registers_(machine.state, code.registers),
        frame{linked,
              function,
              registers_.values,
              linked.program->constants.data(),
              linked.globals.data(),
              machine.state.undo.size(),
              {},
              {}} {
    for (int i = 0; i < function.cells; ++i) frame.cells.push_back(machine.evaluator.new_cell());
    if (!captured.empty()) frame.cells.insert(frame.cells.end(), captured.begin(), captured.end());
  }

  const Code& code;

 private:
  Depth depth_;
  Registers registers_;

 public:
  Frame frame;
};

}  // namespace inlay
