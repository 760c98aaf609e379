// machine_flat_regions.cpp - regions over small tensors that lie element after element: the commonest, where every
// nanosecond around the kernels shows. See machine.h and region_flat.h; everything else is machine_regions.cpp's.
// Invariant: what is done here is what the region's body does; where this cannot be seen at once, nothing is done.
#include <algorithm>

#include "interpreter/fusion/region_inputs.h"
#include "interpreter/machine/machine.h"
#include "runtime/elementwise/region_flat.h"
#include "runtime/tensors/reuse.h"

namespace inlay {

namespace {

constexpr std::size_t kMostOperands = 8;

/// The variable that a place names; null for registers and constants.
Value* variable_of(ir::Place place, Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  if (place.kind == ir::Place::Kind::cell) return &frame.cells[at]->value;
  return place.kind == ir::Place::Kind::global ? frame.globals[at] : nullptr;
}

/// One evaluation.
class FlatEvaluation {
 public:
  FlatEvaluation(const ir::Instruction& in, Frame& frame)
      : in_(in),
        frame_(frame),
        steps_(frame.linked.program->regions[static_cast<std::size_t>(in.attribute)].steps),
        chooses_(frame.linked.program->regions[static_cast<std::size_t>(in.attribute)].kind ==
                 ir::RegionShape::Kind::packed),
        plan_(frame.linked.regions[static_cast<std::size_t>(in.attribute)]) {}

  /// False if it is not that simple, and nothing has happened.
  bool run(Machine& machine);

 private:
  bool describe_operands(Machine& machine);
  bool take_plan();
  bool run_chosen(Machine& machine, FlatRegion& region);
  /// Of a register.
  [[nodiscard]] bool is_last_use(std::size_t at) const {
    return in_.consumes(at) && in_.operands[at].kind == ir::Place::Kind::reg;
  }
  [[nodiscard]] bool may_hold_result(const Value& value) const {
    return is_unique(value) && value.tensor_dtype() == plan_.result && value.tensor_data().shape == *shape_;
  }
  [[nodiscard]] Value* target();
  [[nodiscard]] Value* spare();
  void let_go();

  const ir::Instruction& in_;
  Frame& frame_;
  const RegionSteps& steps_;
  const bool chooses_;  // what a mask does
  RegionPlan& plan_;
  const Shape* shape_ = nullptr;
  Value* operands_[kMostOperands];
  RegionInput inputs_[kMostOperands];
};

bool FlatEvaluation::describe_operands(Machine& machine) {
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    operands_[at] = &machine.read(in_.operands[at], frame_);
    if (!describe(*operands_[at], inputs_[at])) return false;
  }
  return true;
}

/// Whether the call site's plan is for these operands. What a mask chooses from few elements is planned here: elsewhere
/// that is done for large tensors only.
bool FlatEvaluation::take_plan() {
  const std::span inputs(inputs_, in_.operands.size());
  const auto is_planned = [](const RegionInput& input, std::uint8_t code) { return input.type_code() == code; };
  if (plan_.signature.size() >= inputs.size() &&
      std::equal(inputs.begin(), inputs.end(), plan_.signature.begin(), is_planned))
    return true;
  const auto is_weak = [&](std::int16_t ref) {
    return static_cast<std::size_t>(ref) < inputs.size() && inputs[ref].weak;
  };
  const auto is_plain = [&](const RegionStep& step) {
    return std::all_of(step.operands.begin(), step.operands.begin() + step.arity(), is_weak);
  };
  if (!chooses_ || std::any_of(steps_.steps.begin(), steps_.steps.end(), is_plain)) return false;
  std::vector<std::uint8_t> signature(inputs.size() + steps_.steps.size());
  std::transform(inputs.begin(), inputs.end(), signature.begin(),
                 [](const RegionInput& input) { return input.type_code(); });
  plan_ = plan_region(steps_, inputs, signature);
  return true;
}

/// The variable or register that an assignment through a mask changes where it stands; null if it may not.
Value* FlatEvaluation::target() {
  const auto at = static_cast<std::size_t>(steps_.steps.back().operands[2]);
  const bool is_register = in_.results[0].kind == ir::Place::Kind::reg;
  const bool is_own = in_.consumes(at) && (is_register || (!in_.undoable && in_.operands[at] == in_.results[0]));
  return is_own && may_hold_result(*operands_[at]) ? operands_[at] : nullptr;
}

/// Who holds memory for the result that nobody needs any more: an operand, or the variable that it replaces.
Value* FlatEvaluation::spare() {
  for (std::size_t at = 0; in_.consumed >> at != 0; ++at)
    if (is_last_use(at) && may_hold_result(*operands_[at])) return operands_[at];
  Value* const replaced = replaced_value(in_, frame_);
  return replaced != nullptr && may_hold_result(*replaced) ? replaced : nullptr;
}

/// Registers whose last use this was no longer hold what they held.
void FlatEvaluation::let_go() {
  for (std::size_t at = 0; in_.consumed >> at != 0; ++at)
    if (is_last_use(at)) operands_[at]->reset();
}

/// What a mask chooses: where the variable's old elements lie, if they are as many, or in fresh memory.
bool FlatEvaluation::run_chosen(Machine& machine, FlatRegion& region) {
  const Shape chosen{region.choose()};
  shape_ = &chosen;
  Value* const replaced = replaced_value(in_, frame_);
  if (replaced != nullptr && may_hold_result(*replaced)) {
    region.run_chosen(replaced->tensor_data().data);
    return let_go(), true;
  }
  Tensor out = Tensor::empty(plan_.result, chosen);
  region.run_chosen(out.mutable_bytes());
  let_go();
  machine.store_result(in_, Value::of(std::move(out)), frame_);
  return true;
}

bool FlatEvaluation::run(Machine& machine) {
  if (in_.operands.size() > kMostOperands || !describe_operands(machine) || !take_plan()) return false;
  FlatRegion region(plan_, std::span(inputs_, in_.operands.size()));
  shape_ = region.shape(steps_);
  if (shape_ == nullptr) return false;
  if (chooses_) return run_chosen(machine, region);
  const bool is_assignment = steps_.steps.back().kind == RegionStep::Kind::assign_where;
  Value* const holder = is_assignment ? target() : spare();
  if (is_assignment && holder == nullptr) return false;
  Tensor fresh = holder == nullptr ? Tensor::empty(plan_.result, *shape_) : Tensor();
  region.run(holder == nullptr ? fresh.mutable_bytes() : holder->tensor_data().data);
  context().counters.in_place += is_assignment;
  if (holder != nullptr && holder == variable_of(in_.results[0], frame_)) return let_go(), true;
  Value result = holder == nullptr ? Value::of(std::move(fresh)) : std::move(*holder);
  let_go();
  machine.store_result(in_, std::move(result), frame_);
  return true;
}

}  // namespace

Value* replaced_value(const ir::Instruction& in, Frame& frame) {
  Value* const variable = in.undoable ? nullptr : variable_of(in.results[0], frame);
  const bool is_tensor = variable != nullptr && variable->is(Value::Tag::tensor);
  return is_tensor && may_be_taken_over(variable->tensor_data()) ? variable : nullptr;
}

bool Machine::flat_region(const ir::Instruction& in, Frame& frame) {
  const ir::RegionShape& shape = frame.linked.program->regions[static_cast<std::size_t>(in.attribute)];
  using Regions = ir::RegionShape::Kind;
  const bool is_known = shape.kind == Regions::value || shape.kind == Regions::packed;
  if (!is_known || !shape.others.empty()) return false;
  try {
    return FlatEvaluation(in, frame).run(*this);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::LimitExceeded || error.kind() == ErrorKind::KeyboardInterrupt) throw;
    return false;  // the body runs into it again
  }
}

}  // namespace inlay
