// fuse.cpp - see fuse.h. Block by block, forwards: an op whose only reader is a later op of the same run waits for it;
// any other one is the root of a tree, which becomes a region from the tree's first op to the root.
#include "interpreter/fusion/fuse.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "interpreter/fusion/fuse_packed.h"
#include "interpreter/fusion/fuse_steps.h"
#include "interpreter/fusion/fuse_updates.h"
#include "runtime/memory/context.h"
#include "runtime/memory/poller.h"

namespace inlay::ir {

namespace {

/// Ops of one region: enough for the longest formulas, few enough for the registers of a plan.
constexpr int kMaxSteps = 20;
constexpr std::size_t kMaxInputs = 24;
// ---- how values are used --------------------------------------------------------------------------------------------

void count_reads(const Block& block, std::vector<int>& reads) {
  for (const auto& in : block.body) {
    for (Place operand : in.operands)
      if (operand.kind == Place::Kind::reg) ++reads[static_cast<std::size_t>(operand.index)];
    for (const auto& inner : in.blocks) count_reads(*inner, reads);
  }
}

void collect_items(const Block& block, PlaceSet& items) {
  for (const auto& in : block.body) {
    if (in.code == Opcode::for_) items.insert(in.blocks[0]->parameters[0]);
    if (in.code == Opcode::copy && items.contains(in.operands[0])) items.insert(in.results[0]);
    for (const auto& inner : in.blocks) collect_items(*inner, items);
  }
}

// ---- regions of one block -------------------------------------------------------------------------------------------

/// Where each register of a function is defined and read in a block; of registers of other blocks anything.
struct Places {
  explicit Places(std::size_t registers) : defined(registers), read(registers) {}
  std::vector<std::uint32_t> defined, read;
};

class BlockFuser {
 public:
  BlockFuser(Program& program, const std::vector<int>& reads, Places& places, Block& block)
      : program_(program), reads_(reads), places_(places), block_(block) {}

  void run() {
    find_readers();
    std::vector<Instruction> before = std::move(block_.body);
    Poller poll;
    for (std::size_t at = 0; at < before.size(); ++at) {
      poll();
      const bool pure = is_pure(program_, before[at]);
      done_.push_back(std::move(before[at]));
      if (step_of(program_, done_.back()) && !waits(at)) close_tree();
      note(done_.back().results, places_.defined, done_.size() - 1);
      if (!pure) run_start_ = done_.size();
    }
    block_.body = std::move(done_);
  }

 private:
  /// For each op, whether one later op alone reads its result, with nothing between that may not be overtaken.
  void find_readers() {
    const auto& body = block_.body;
    has_reader_.assign(body.size(), false);
    Poller poll;
    for (std::size_t at = body.size(), impure = body.size(); at-- > 0;) {
      poll();
      if (value_step(program_, body[at]) && is_read_once(body[at].results[0])) has_reader_[at] = has_reader(at, impure);
      if (!is_pure(program_, body[at])) impure = at;
      note(body[at].operands, places_.read, at);
    }
  }

  /// Whether the one that reads what `at` makes is a step in front of the next impure instruction, or that itself.
  [[nodiscard]] bool has_reader(std::size_t at, std::size_t impure) const {
    const Place place = block_.body[at].results[0];
    const std::size_t reader = places_.read[static_cast<std::size_t>(place.index)];
    return reader > at && reader <= impure && reader < block_.body.size() &&
           is_step_operand(block_.body[reader], place);
  }

  static void note(const std::vector<Place>& places, std::vector<std::uint32_t>& where, std::size_t at) {
    for (const Place place : places)
      if (place.kind == Place::Kind::reg) where[static_cast<std::size_t>(place.index)] = static_cast<std::uint32_t>(at);
  }

  [[nodiscard]] bool is_read_once(Place place) const {
    return place.kind == Place::Kind::reg && reads_[static_cast<std::size_t>(place.index)] == 1;
  }

  /// Whether an instruction takes a value into its tree: of an assignment the mask, and what is assigned if that need
  /// not be a plain number.
  static bool joins(const Candidate& candidate, int operand) {
    if (candidate.step.kind != RegionStep::Kind::assign_where) return true;
    return operand == 0 || (operand == 1 && !candidate.step.one_value);
  }

  [[nodiscard]] bool is_step_operand(const Instruction& in, Place place) const {
    const auto candidate = step_of(program_, in);
    for (int at = 0; candidate && at < candidate->step.arity(); ++at) {
      const Place operand = in.operands[static_cast<std::size_t>(candidate->operands[at])];
      if (operand == place && joins(*candidate, at)) return true;
    }
    return false;
  }

  /// Whether the op is left to the tree of its reader.
  [[nodiscard]] bool waits(std::size_t at) {
    std::vector<std::size_t> tree;
    std::vector<Place> inputs;
    collect(done_.size() - 1, tree, inputs);
    return has_reader_[at] && tree.size() < kMaxSteps / 2 && inputs.size() < kMaxInputs / 2;
  }

  /// The instruction before `at` in the run that defines a value, if it is an op that only this one reads.
  [[nodiscard]] std::optional<std::size_t> member(std::size_t at, Place place) const {
    if (!is_read_once(place)) return std::nullopt;
    const std::size_t before = places_.defined[static_cast<std::size_t>(place.index)];
    if (before < run_start_ || before >= at || done_[before].results.empty()) return std::nullopt;
    const bool is_found = done_[before].results[0] == place && value_step(program_, done_[before]);
    return is_found ? std::optional(before) : std::nullopt;
  }

  /// The tree below an op, operands first, and what it reads.
  void collect(std::size_t at, std::vector<std::size_t>& tree, std::vector<Place>& inputs) const {
    const Candidate candidate = *step_of(program_, done_[at]);
    for (int i = 0; i < candidate.step.arity(); ++i) {
      const Place operand = done_[at].operands[static_cast<std::size_t>(candidate.operands[i])];
      const auto inner = joins(candidate, i) ? member(at, operand) : std::nullopt;
      if (inner && tree.size() < kMaxSteps)
        collect(*inner, tree, inputs);
      else if (std::find(inputs.begin(), inputs.end(), operand) == inputs.end())
        inputs.push_back(operand);
    }
    tree.push_back(at);
  }

  /// Makes a region of the tree whose root is the last instruction, if there is more to it than the root.
  void close_tree() {
    std::vector<std::size_t> tree;
    std::vector<Place> inputs;
    collect(done_.size() - 1, tree, inputs);
    std::sort(tree.begin(), tree.end());
    const std::size_t first = tree.front();
    if (tree.size() < 2 || inputs.size() > kMaxInputs || done_.size() - first > kMaxBody) return;
    if (!assigns_by_mask()) return;
    RegionShape shape = shape_of(tree, inputs);
    make_region(program_, done_, first, std::move(inputs), std::move(shape));
  }

  /// Whether the root is no assignment, or one through what looks like a mask.
  [[nodiscard]] bool assigns_by_mask() const {
    const Candidate root = *step_of(program_, done_.back());
    if (root.step.kind != RegionStep::Kind::assign_where) return true;
    const auto mask = member(done_.size() - 1, done_.back().operands[static_cast<std::size_t>(root.operands[0])]);
    return mask && may_be_mask(value_step(program_, done_[*mask])->step);
  }

  [[nodiscard]] RegionShape shape_of(const std::vector<std::size_t>& tree, const std::vector<Place>& inputs) const {
    RegionShape shape;
    shape.steps.inputs = static_cast<int>(inputs.size());
    for (std::size_t at = tree.front(); at < done_.size(); ++at) {
      const auto place = static_cast<std::int32_t>(at - tree.front());
      if (!std::binary_search(tree.begin(), tree.end(), at)) {
        shape.others.push_back({place});
        continue;
      }
      Candidate candidate = *step_of(program_, done_[at]);
      for (int i = 0; i < candidate.step.arity(); ++i)
        candidate.step.operands[i] =
            reference(done_[at].operands[static_cast<std::size_t>(candidate.operands[i])], inputs, tree);
      shape.steps.steps.push_back(candidate.step);
      shape.instructions.push_back({place});
    }
    return shape;
  }

  /// An operand as steps count them.
  [[nodiscard]] std::int16_t reference(Place operand, const std::vector<Place>& inputs,
                                       const std::vector<std::size_t>& tree) const {
    const auto input = std::find(inputs.begin(), inputs.end(), operand);
    if (input != inputs.end()) return static_cast<std::int16_t>(input - inputs.begin());
    const auto step =
        std::find_if(tree.begin(), tree.end(), [&](std::size_t at) { return done_[at].results[0] == operand; });
    return static_cast<std::int16_t>(inputs.size() + static_cast<std::size_t>(step - tree.begin()));
  }

  Program& program_;
  const std::vector<int>& reads_;
  Places& places_;
  Block& block_;
  std::vector<bool> has_reader_;   // by place before anything was joined
  std::vector<Instruction> done_;  // what the block becomes
  std::size_t run_start_ = 0;      // of what may be overtaken, in done_
};

void fuse_block(Program& program, const Uses& uses, Places& places, Block& block) {
  for (auto& in : block.body)
    for (auto& inner : in.blocks) fuse_block(program, uses, places, *inner);
  context().poll();
  BlockFuser(program, uses.reads, places, block).run();
  fuse_updates(program, uses, block);
  fuse_packed(program, uses, block);
}

}  // namespace

void fuse(Program& program) {
  for (auto& function : program.functions) {
    Uses uses;
    uses.reads.resize(static_cast<std::size_t>(function->registers));
    count_reads(function->body, uses.reads);
    collect_items(function->body, uses.items);
    Places places(static_cast<std::size_t>(function->registers));
    fuse_block(program, uses, places, function->body);
  }
}

}  // namespace inlay::ir
