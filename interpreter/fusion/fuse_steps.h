// fuse_steps.h - which instructions a region may take in, and as which step. Private to the fuse*.cpp files.
// Knows nothing of how regions are cut.
// Invariant: what is called pure sets registers and nothing else, so that it may wait for what follows.
#pragma once

#include <optional>

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

/// Instructions of one body, which an evaluator ticks off in a word.
inline constexpr std::size_t kMaxBody = 64;

/// An instruction as a step, and which of its operands are the step's.
struct Candidate {
  RegionStep step;
  std::array<int, 3> operands{0, 1, 2};
};

Candidate elementwise_step(ElementwiseOp op, bool is_operator);
/// The step of an instruction that computes a value; nothing for any other instruction.
std::optional<Candidate> value_step(const Program& program, const Instruction& in);
/// The same, or the step of what may end a region: a reduction, an assignment through a mask.
std::optional<Candidate> step_of(const Program& program, const Instruction& in);

/// Whether the instruction sets registers and nothing else.
bool is_pure(const Program& program, const Instruction& in);
/// Whether an op gives bools, as far as can be known.
bool may_be_mask(const RegionStep& step);

/// Puts the instructions from `first` on into the body of a region that reads `inputs` and gives what the last of them
/// did.
void make_region(Program& program, std::vector<Instruction>& done, std::size_t first, std::vector<Place> inputs,
                 RegionShape shape);

/// The subscript of a path that is nothing else; null for any other path.
const SubscriptShape* only_subscript(const PathShape& path);
/// `[i]`: neither a slice nor several items.
bool is_one_plain_item(const SubscriptShape& subscript);

}  // namespace inlay::ir
