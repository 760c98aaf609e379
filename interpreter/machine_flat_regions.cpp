// machine_flat_regions.cpp - regions over small tensors that lie element after element: the commonest, where every
// nanosecond around the kernels shows. See machine.h and region_flat.h; everything else is machine_regions.cpp's.
// Invariant: what is done here is what the region's body does; where this cannot be seen at once, nothing is done.
#include "interpreter/machine.h"
#include "interpreter/region_inputs.h"
#include "runtime/region_flat.h"
#include "runtime/reuse.h"

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
        plan_(frame.linked.regions[static_cast<std::size_t>(in.attribute)]) {}

  /// False if it is not that simple, and nothing has happened.
  bool run(Machine& machine);

 private:
  bool describe_operands(Machine& machine);
  [[nodiscard]] bool may_hold_result(const Value& value) const {
    return is_unique(value) && value.tensor_dtype() == plan_.result && value.tensor_data().shape == *shape_;
  }
  [[nodiscard]] Value* target();
  [[nodiscard]] Value* spare();
  void let_go();

  const ir::Instruction& in_;
  Frame& frame_;
  const RegionSteps& steps_;
  RegionPlan& plan_;
  const Shape* shape_ = nullptr;
  Value* operands_[kMostOperands];
  RegionInput inputs_[kMostOperands];
};

bool FlatEvaluation::describe_operands(Machine& machine) {
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    operands_[at] = &machine.read(in_.operands[at], frame_);
    if (!describe(*operands_[at], inputs_[at]) || inputs_[at].type_code() != plan_.signature[at]) return false;
  }
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
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    const bool is_last_use = in_.consumes(at) && in_.operands[at].kind == ir::Place::Kind::reg;
    if (is_last_use && may_hold_result(*operands_[at])) return operands_[at];
  }
  Value* const replaced = replaced_value(in_, frame_);
  return replaced != nullptr && may_hold_result(*replaced) ? replaced : nullptr;
}

/// Registers whose last use this was no longer hold what they held.
void FlatEvaluation::let_go() {
  for (std::size_t at = 0; at < in_.operands.size(); ++at)
    if (in_.consumes(at) && in_.operands[at].kind == ir::Place::Kind::reg) operands_[at]->reset();
}

bool FlatEvaluation::run(Machine& machine) {
  if (in_.operands.size() > kMostOperands || !describe_operands(machine)) return false;
  FlatRegion region(plan_, std::span(inputs_, in_.operands.size()));
  shape_ = region.shape(steps_);
  if (shape_ == nullptr) return false;
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
  if (shape.kind != ir::RegionShape::Kind::value || !shape.others.empty()) return false;
  try {
    return FlatEvaluation(in, frame).run(*this);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::LimitExceeded || error.kind() == ErrorKind::KeyboardInterrupt) throw;
    return false;  // the body runs into it again
  }
}

}  // namespace inlay
