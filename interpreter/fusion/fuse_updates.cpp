// fuse_updates.cpp - see fuse_updates.h. An update looks back, over what sets registers only, for the formula that made
// its value. If that reads other tensors through the update's own index (`x[m] = y[m] * 2`), the index is taken for a
// mask, and the formula for one over whole tensors; if the update names its part by slices, the formula's result may go
// there directly.
#include "interpreter/fusion/fuse_updates.h"

#include <algorithm>

#include "grammar/ast.h"
#include "interpreter/fusion/fuse_steps.h"
#include "interpreter/machine/operators.h"

namespace inlay::ir {

namespace {

class UpdateFuser : public FormulaFuser {
 public:
  using FormulaFuser::FormulaFuser;

  void run() {
    FormulaFuser::run([this] {
      if (done_.back().code == Opcode::update && !done_.back().undoable) join();
    });
  }

 private:
  [[nodiscard]] const Instruction& update() const { return done_.back(); }
  [[nodiscard]] std::size_t own_place() const { return done_.size() - 1; }
  [[nodiscard]] bool is_augmented() const { return update().detail != 0xff; }
  [[nodiscard]] Place target() const { return update().operands[0]; }
  [[nodiscard]] Place index() const { return update().operands[1]; }

  void join() {
    if (is_augmented() && static_cast<ast::BinaryOp>(update().detail) == ast::BinaryOp::matmul) return;
    const SubscriptShape* subscript = only_subscript(program_.paths[static_cast<std::size_t>(update().attribute)]);
    if (subscript == nullptr) return;
    const std::optional<Formula> formula = formula_of(update().operands.back());
    if (!formula) return;
    const auto& slices = subscript->is_slice;
    if (is_one_plain_item(*subscript) && !is_number(index()))
      join_chosen(*formula);
    else if (!formula->steps.empty() && std::find(slices.begin(), slices.end(), true) != slices.end())
      join_part(*formula);
  }

  /// The formula of a value that is read once; `y[m]` is one without steps.
  [[nodiscard]] std::optional<Formula> formula_of(Place value) const {
    const auto at = reads(value) == 1 ? definer(value) : std::nullopt;
    if (!at) return std::nullopt;
    if (done_[*at].code == Opcode::get_item) return Formula{*at, {value}, {}, {}, {}};
    std::optional<Formula> out = formula_at(*at);
    const bool has_value = out && out->steps.back().kind != RegionStep::Kind::reduce;
    return has_value ? std::move(out) : std::nullopt;
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
    if (reads(input) != 1) return std::nullopt;
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
    shape.steps.inputs = static_cast<int>(inputs.size());
    std::int16_t value = add_steps(shape, formula, references, first);
    if (is_augmented()) value = add_own_op(shape, into, value, first);
    RegionStep assignment;
    assignment.kind = RegionStep::Kind::assign_where;
    assignment.operands = {mask, value, into};
    add_step(shape, assignment, first);
    skipped.push_back({static_cast<std::int32_t>(own_place())});
    close(std::move(shape), std::move(inputs), {&formula}, first, skipped);
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
    shape.steps.inputs = part + 1;
    const std::int16_t value = add_steps(shape, formula, references, formula.at);
    if (is_augmented()) add_own_op(shape, part, value, formula.at);
    close(std::move(shape), std::move(inputs), {&formula}, formula.at, {{static_cast<std::int32_t>(own_place())}});
  }

  // ---- both ----

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
};

}  // namespace

void fuse_updates(Program& program, const Uses& uses, Block& block) { UpdateFuser(program, uses, block).run(); }

}  // namespace inlay::ir
