// fuse_formula.h - what the passes over a block share that join an instruction with the formula whose value it uses.
// Private to the fuse*.cpp files. Knows nothing of dtypes and shapes.
// Invariant: a formula is looked for over instructions only that set registers and nothing else.
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

struct PlaceHash {
  std::size_t operator()(Place place) const {
    return static_cast<std::size_t>(place.kind) << 32 ^ static_cast<std::uint32_t>(place.index);
  }
};
using PlaceSet = std::unordered_set<Place, PlaceHash>;

/// What is known of a function before anything in it was joined.
struct Uses {
  std::vector<int> reads;  // how often each register is read
  PlaceSet items;          // what loops go through, one after the other: numbers as a rule
};

/// More inputs or steps than a region made by fuse.cpp has: mask, target and part; the op of `op=` and the assignment.
inline constexpr std::size_t kMoreInputs = 3;

/// A formula as a region has it.
struct Formula {
  std::size_t at = 0;  // its instruction
  std::vector<Place> inputs;
  std::vector<RegionStep> steps;
  std::vector<RegionShape::At> instructions, others;  // `place` is 0, the formula's
};

/// Goes through a block forwards; what has been done may still be joined to what comes.
class FormulaFuser {
 public:
  FormulaFuser(Program& program, const Uses& uses, Block& block) : program_(program), uses_(uses), block_(block) {}

 protected:
  using At = RegionShape::At;

  /// Takes the block's instructions over, one by one, and calls `join()` after each.
  template <class Join>
  void run(const Join& join) {
    std::vector<Instruction> before = std::move(block_.body);
    for (Instruction& each : before) {
      const bool sets_registers_only = is_pure_instruction(each);
      done_.push_back(std::move(each));
      join();
      if (!sets_registers_only) run_start_ = done_.size();
    }
    block_.body = std::move(done_);
  }

  /// Whether an index is no mask, as far as can be seen.
  [[nodiscard]] bool is_number(Place index) const;
  [[nodiscard]] int reads(Place place) const {
    return place.kind == Place::Kind::reg ? uses_.reads[static_cast<std::size_t>(place.index)] : 0;
  }
  /// The instruction of the run that defines a register.
  [[nodiscard]] std::optional<std::size_t> definer(Place place) const;
  /// What an instruction computes, a value or one that a region reduces; nothing for any other instruction.
  [[nodiscard]] std::optional<Formula> formula_at(std::size_t at) const;

  /// The number of an input among those of the region. One that is chosen is another one than the same in full.
  static std::int16_t input_of(RegionShape& shape, std::vector<Place>& inputs, Place place, bool is_chosen);
  /// The formula's steps, its inputs being `references`, in a region from instruction `first` on, whose inputs are
  /// known; a reference to its value.
  static std::int16_t add_steps(RegionShape& shape, const Formula& formula, const std::vector<std::int16_t>& references,
                                std::size_t first);
  /// Puts the instructions from `first` on into a region, if that is not too long. `formulas` are computed by its
  /// steps; `skipped`: what one pass need not run.
  void close(RegionShape shape, std::vector<Place> inputs, const std::vector<const Formula*>& formulas,
             std::size_t first, const std::vector<At>& skipped);

  Program& program_;
  const Uses& uses_;
  Block& block_;
  std::vector<Instruction> done_;
  std::size_t run_start_ = 0;  // of what may be overtaken, in done_

 private:
  [[nodiscard]] bool is_pure_instruction(const Instruction& in) const;
  [[nodiscard]] Formula region_formula(const Instruction& in, Formula out) const;
  void add_others(RegionShape& shape, const std::vector<const Formula*>& formulas, std::size_t first,
                  const std::vector<At>& skipped) const;
};

}  // namespace inlay::ir
