// fuse_updates.cpp - see fuse_updates.h. An update looks back, over what sets registers only, for the formula that made
// its value. If that reads other tensors through the update's own index (`x[m] = y[m] * 2`), the index is taken for a
// mask, and the formula for one over whole tensors; if the update names its part by slices, the formula's result may go
// there directly.
#include "interpreter/fuse_updates.h"

#include <algorithm>
#include <iterator>

#include "grammar/ast.h"
#include "interpreter/fuse_steps.h"
#include "interpreter/operators.h"

namespace inlay::ir {

namespace {

using At = RegionShape::At;

/// More inputs or steps than a region made by fuse.cpp has: mask, target and part; the op of `op=` and the assignment.
constexpr std::size_t kMoreInputs = 3;

/// A formula as a region has it.
struct Formula {
  std::size_t at = 0;  // its instruction
  std::vector<Place> inputs;
  std::vector<RegionStep> steps;
  std::vector<At> instructions, others;  // `place` is 0, the formula's
};

class UpdateFuser {
 public:
  UpdateFuser(Program& program, const Uses& uses, Block& block) : program_(program), uses_(uses), block_(block) {}

  void run() {
    std::vector<Instruction> before = std::move(block_.body);
    for (Instruction& each : before) {
      const bool pure = is_pure(program_, each);
      done_.push_back(std::move(each));
      if (done_.back().code == Opcode::update && !done_.back().undoable) join();
      if (!pure) run_start_ = done_.size();
    }
    block_.body = std::move(done_);
  }

 private:
  [[nodiscard]] const Instruction& update() const { return done_.back(); }
  [[nodiscard]] bool is_augmented() const { return update().detail != 0xff; }
  [[nodiscard]] Place target() const { return update().operands[0]; }
  [[nodiscard]] Place index() const { return update().operands[1]; }

  /// Whether the index is no mask, as far as can be seen.
  [[nodiscard]] bool is_number() const {
    return index().kind == Place::Kind::constant ||
           std::find(uses_.items.begin(), uses_.items.end(), index()) != uses_.items.end();
  }

  void join() {
    if (is_augmented() && static_cast<ast::BinaryOp>(update().detail) == ast::BinaryOp::matmul) return;
    const SubscriptShape* subscript = only_subscript(program_.paths[static_cast<std::size_t>(update().attribute)]);
    if (subscript == nullptr) return;
    const std::optional<Formula> formula = formula_of(update().operands.back());
    if (!formula) return;
    const auto& slices = subscript->is_slice;
    if (is_one_plain_item(*subscript) && !is_number())
      join_chosen(*formula);
    else if (!formula->steps.empty() && std::find(slices.begin(), slices.end(), true) != slices.end())
      join_part(*formula);
  }

  /// The instruction of the run that defines a value which is read once.
  [[nodiscard]] std::optional<std::size_t> definer(Place place) const {
    if (place.kind != Place::Kind::reg || uses_.reads[static_cast<std::size_t>(place.index)] != 1) return std::nullopt;
    for (std::size_t at = done_.size() - 1; at-- > run_start_;) {
      const auto& results = done_[at].results;
      if (std::find(results.begin(), results.end(), place) != results.end()) return at;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Formula> formula_of(Place value) const {
    const auto at = definer(value);
    if (!at) return std::nullopt;
    const Instruction& in = done_[*at];
    Formula out;
    out.at = *at;
    out.inputs = {value};
    if (in.code == Opcode::get_item) return out;
    out.inputs = in.operands;
    if (in.code == Opcode::region) return region_formula(in, std::move(out));
    const std::optional<Candidate> candidate = value_step(program_, in);
    if (!candidate) return std::nullopt;
    out.steps = {candidate->step};
    for (std::int16_t operand = 0; operand < candidate->step.arity(); ++operand)
      out.steps[0].operands[static_cast<std::size_t>(operand)] = operand;
    out.inputs.resize(static_cast<std::size_t>(candidate->step.arity()));
    out.instructions = {{0}};
    return out;
  }

  [[nodiscard]] std::optional<Formula> region_formula(const Instruction& in, Formula out) const {
    const RegionShape& shape = program_.regions[static_cast<std::size_t>(in.attribute)];
    const RegionStep::Kind last = shape.steps.steps.back().kind;
    const bool has_value = last != RegionStep::Kind::reduce && last != RegionStep::Kind::assign_where;
    if (!has_value || shape.kind != RegionShape::Kind::value) return std::nullopt;
    out.steps = shape.steps.steps;
    for (const At& each : shape.instructions) out.instructions.push_back({0, each.place});
    for (const At& each : shape.others) out.others.push_back({0, each.place});
    return out;
  }

  // ---- x[m] = f(y[m]) ----

  /// What `value` is the elements of, if that is what the update's index chose: `y` of `y[m]`.
  [[nodiscard]] std::optional<Place> chosen_from(const Instruction& in, Place value) const {
    if (in.code != Opcode::get_item || in.results[0] != value || in.operands[1] != index()) return std::nullopt;
    if (!is_one_plain_item(program_.subscripts[static_cast<std::size_t>(in.attribute)])) return std::nullopt;
    return in.operands[0];
  }

  /// An input that is `y[m]`: where that is read, in the run or inside the formula, and of what.
  struct Chosen {
    At at;  // `place` as a place in the run
    Place from;
  };
  [[nodiscard]] std::optional<Chosen> chosen_input(const Formula& formula, Place input) const {
    if (input.kind != Place::Kind::reg || uses_.reads[static_cast<std::size_t>(input.index)] != 1) return std::nullopt;
    if (const auto at = definer(input)) {
      if (const auto from = chosen_from(done_[*at], input)) return Chosen{{static_cast<std::int32_t>(*at)}, *from};
    }
    for (const At& other : formula.others) {
      const Instruction& in = done_[formula.at].blocks[0]->body[static_cast<std::size_t>(other.inner)];
      if (const auto from = chosen_from(in, input))
        return Chosen{{static_cast<std::int32_t>(formula.at), other.inner}, *from};
    }
    return std::nullopt;
  }

  void join_chosen(const Formula& formula) {
    RegionShape shape;
    shape.kind = RegionShape::Kind::chosen;
    std::vector<Place> inputs;
    std::vector<std::int16_t> references;
    std::vector<At> skipped;
    for (const Place input : formula.inputs) {
      const auto chosen = chosen_input(formula, input);
      if (chosen) skipped.push_back(chosen->at);
      references.push_back(input_of(shape, inputs, chosen ? chosen->from : input, chosen.has_value()));
    }
    if (skipped.empty()) return;
    std::size_t first = formula.at;
    for (const At& each : skipped) first = std::min(first, static_cast<std::size_t>(each.place));
    const std::int16_t into = input_of(shape, inputs, target(), true), mask = input_of(shape, inputs, index(), true);
    std::int16_t value = add_steps(shape, formula, references, static_cast<int>(inputs.size()), first);
    if (is_augmented()) value = add_own_op(shape, into, value, first);
    RegionStep assignment;
    assignment.kind = RegionStep::Kind::assign_where;
    assignment.operands = {mask, value, into};
    add_step(shape, assignment, first);
    close(std::move(shape), std::move(inputs), formula, first, skipped);
  }

  /// The number of an input among those of the region. One that is chosen is another one than the same in full.
  static std::int16_t input_of(RegionShape& shape, std::vector<Place>& inputs, Place place, bool is_chosen) {
    for (std::size_t at = 0; at < inputs.size(); ++at) {
      if (inputs[at] == place && ((shape.chosen >> at) & 1) == is_chosen) return static_cast<std::int16_t>(at);
    }
    if (is_chosen) shape.chosen |= std::uint64_t{1} << inputs.size();
    inputs.push_back(place);
    return static_cast<std::int16_t>(inputs.size() - 1);
  }

  // ---- x[a:b] = f(…) ----

  void join_part(const Formula& formula) {
    RegionShape shape;
    shape.kind = RegionShape::Kind::part;
    std::vector<Place> inputs;
    std::vector<std::int16_t> references;
    for (const Place input : formula.inputs) references.push_back(input_of(shape, inputs, input, false));
    shape.target = input_of(shape, inputs, target(), false);
    const auto part = static_cast<std::int16_t>(inputs.size());
    const std::int16_t value = add_steps(shape, formula, references, part + 1, formula.at);
    if (is_augmented()) add_own_op(shape, part, value, formula.at);
    close(std::move(shape), std::move(inputs), formula, formula.at, {});
  }

  // ---- both ----

  /// The formula's steps, over `count` inputs; a reference to its value.
  static std::int16_t add_steps(RegionShape& shape, const Formula& formula, const std::vector<std::int16_t>& references,
                                int count, std::size_t first) {
    shape.steps.inputs = count;
    const auto old_count = static_cast<int>(references.size());
    const auto renumbered = [&](int ref) {
      return static_cast<std::int16_t>(ref < old_count ? references[static_cast<std::size_t>(ref)]
                                                       : ref - old_count + count);
    };
    const auto place = static_cast<std::int32_t>(formula.at - first);
    for (std::size_t at = 0; at < formula.steps.size(); ++at) {
      RegionStep step = formula.steps[at];
      for (int i = 0; i < step.arity(); ++i) step.operands[i] = renumbered(step.operands[i]);
      shape.steps.steps.push_back(step);
      shape.instructions.push_back({place, formula.instructions[at].inner});
    }
    return renumbered(old_count + static_cast<int>(formula.steps.size()) - 1);
  }

  /// The op of `op=`.
  std::int16_t add_own_op(RegionShape& shape, std::int16_t old, std::int16_t value, std::size_t first) const {
    RegionStep step = elementwise_step(elementwise_of(static_cast<ast::BinaryOp>(update().detail)), true).step;
    step.operands = {old, value, 0};
    return add_step(shape, step, first);
  }

  std::int16_t add_step(RegionShape& shape, const RegionStep& step, std::size_t first) const {
    shape.steps.steps.push_back(step);
    shape.instructions.push_back({static_cast<std::int32_t>(done_.size() - 1 - first)});
    return static_cast<std::int16_t>(shape.steps.inputs + static_cast<int>(shape.steps.steps.size()) - 1);
  }

  /// Puts the instructions from `first` on into a region, if that is not too long. `skipped`: what one pass need not
  /// run.
  void close(RegionShape shape, std::vector<Place> inputs, const Formula& formula, std::size_t first,
             const std::vector<At>& skipped) {
    if (done_.size() - first > kMaxBody || inputs.size() + kMoreInputs > kMaxRegionInputs ||
        shape.steps.steps.size() > kMaxRegionSteps)
      return;
    add_others(shape, formula, first, skipped);
    make_region(program_, done_, first, std::move(inputs), std::move(shape));
  }

  void add_others(RegionShape& shape, const Formula& formula, std::size_t first, const std::vector<At>& skipped) const {
    const auto runs = [&](std::size_t at, std::int32_t inner) {
      return std::none_of(skipped.begin(), skipped.end(), [&](const At& each) {
        return each.place == static_cast<std::int32_t>(at) && each.inner == inner;
      });
    };
    for (std::size_t at = first; at + 1 < done_.size(); ++at) {
      const auto place = static_cast<std::int32_t>(at - first);
      if (at != formula.at && runs(at, -1)) shape.others.push_back({place});
      if (at != formula.at) continue;
      for (const At& each : formula.others)
        if (runs(at, each.inner)) shape.others.push_back({place, each.inner});
    }
  }

  Program& program_;
  const Uses& uses_;
  Block& block_;
  std::vector<Instruction> done_;
  std::size_t run_start_ = 0;  // of what may be overtaken, in done_
};

}  // namespace

void fuse_updates(Program& program, const Uses& uses, Block& block) { UpdateFuser(program, uses, block).run(); }

}  // namespace inlay::ir
