// code.h - a function of the core as one row of steps with jumps, which the machine runs: branches and loops are gone,
// and what a block hands on is moved from register to register. Made from the core when a function is first called.
// Knows nothing of values. Invariant: steps mean what the blocks they were made from mean; a step points to its
// instruction, which has everything that is rarely asked for and lives as long as the program.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "interpreter/lowering/ir.h"

namespace inlay {

/// Where a step finds an operand or puts its result, in one number: a register if it is not negative, else a constant,
/// a variable of the module, or what only the instruction says (a cell, a variable whose old value is kept).
using Slot = std::int32_t;
inline constexpr Slot kFirstConstant = -1;          // and downwards
inline constexpr Slot kFirstVariable = -(1 << 28);  // and downwards
inline constexpr Slot kElsewhere = -(1 << 29);

/// Steps of fuel in the place of an operand that there is none of, below all slots.
inline constexpr std::uint64_t kMostCost = std::uint64_t{1} << 30;
constexpr Slot slot_of_cost(std::uint64_t cost) {
  return kElsewhere - 1 - static_cast<Slot>(cost < kMostCost ? cost : kMostCost);
}
constexpr std::uint64_t cost_in(Slot slot) { return static_cast<std::uint64_t>(kElsewhere - 1 - slot); }

enum class StepCode : std::uint8_t {  // ORDER STEPS (machine_run.cpp)
  evaluate,                           // result = what the instruction says
  perform,                            // the same for instructions with other results than one, or none
  move,                               // result = a
  unpack,                             // results of the instruction = the elements of a
  add,                                // result = a + b …
  subtract,
  multiply,
  divide,
  floor_divide,
  remainder,
  less,  // result = a < b …
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  jump_less,  // to the target if a < b is `detail` …
  jump_less_equal,
  jump_greater,
  jump_greater_equal,
  jump_equal,
  jump_not_equal,
  truth,         // result = bool(a)
  get_item,      // result = a[b]
  set_item,      // a[b] = what is in slot `target`, in the variable or the register `result`
  augment,       // result = a, changed by operator `detail` and b
  augment_item,  // a[b], changed by operator `detail` and what is in slot `target`, likewise
  region,        // computes the region and goes to the target; on, through the steps of its body, if that cannot be
  append,        // result = a, a list, with b at its end
  append_to,     // the same of a variable, by a.append(b)
  call,          // result = a(…), with `detail` plain positional arguments; 0xff: with others
  call_method,   // result = a.name(…)
  jump,
  poll,        // pays for a round of a loop, which costs `a`
  jump_if,     // to the target if a, a bool, is `detail`
  jump_truth,  // to the target if bool(a) is `detail`
  begin,       // result = a walk over a
  next,        // result = the next element of walk a, and to the target; on at its end. A round costs `b`
  drop,        // empties register a
  return_,     // a
  watched,     // shows the instruction to who looks on, before and after
  enter,       // shows it before …
  leave,       // … and after the steps it was made into
};

/// Bits of Step::flags.
enum StepFlag : std::uint8_t {
  kTakesA = 1,  // a is used for the last time
  kTakesB = 2,
};

struct Step {
  StepCode code{};
  std::uint8_t detail = 0;
  std::uint8_t flags = 0;
  mutable std::uint8_t misses = 0;  // of a region: how often in a row it had nothing to compute in one pass
  Slot a = kElsewhere;
  Slot b = kElsewhere;
  Slot result = kElsewhere;
  std::int32_t target = -1;  // a position among the steps; of items that change a slot
  const ir::Instruction* source = nullptr;
};
static_assert(sizeof(Step) == 32);

struct Code {
  std::vector<Step> steps;
  std::uint64_t cost = 0;  // steps of fuel, those of its loops apart
  int registers = 0;       // the function's own, and those of its loops
  /// Whether the parameters are the first registers, in order.
  bool has_plain_parameters = false;
};

/// `watched`: with the steps that show instructions to a watcher, and none that hide one.
std::unique_ptr<Code> make_code(const ir::Program& program, const ir::Function& function, bool watched);

}  // namespace inlay
