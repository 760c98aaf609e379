// traffic.h - the bytes that one instruction reads and writes, from the shapes of what it takes and gives.
// Knows nothing of caches: a byte counts as often as an operation that walks its operands once would touch it. Views
// move nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "interpreter/lowering/ir.h"
#include "interpreter/machine/evaluator.h"

namespace inlay {

struct Frame;
class Buffer;

/// What is known before an instruction runs.
struct Traffic {
  std::uint64_t bytes = 0;              // certain already
  std::vector<const Buffer*> operands;  // of tensors: a result that shares one may be a view
};

/// The value of an operand as it is, without looking up what is unbound; null if there is none.
const Value* value_at(ir::Place place, const Frame& frame);
/// The memory behind a tensor; null for anything else.
const Buffer* buffer_of(const Value& value);

Traffic traffic_before(const ir::Instruction& instruction, const Frame& frame);
/// All bytes moved, now that the results are there.
std::uint64_t traffic_after(const Traffic& before, const ir::Instruction& instruction, const Frame& frame);

/// Counts what one instruction moves (Evaluator::State::moved).
class TrafficCount {
 public:
  TrafficCount(Evaluator::State& state, const ir::Instruction& instruction, const Frame& frame);
  /// Its results are stored. Where other instructions were counted meanwhile, it was they that moved the bytes.
  void finish() const;

 private:
  Evaluator::State& state_;
  const ir::Instruction& instruction_;
  const Frame& frame_;
  const Traffic before_;
  const std::uint64_t copied_, counted_;
};

}  // namespace inlay
