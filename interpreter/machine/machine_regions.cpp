// machine_regions.cpp - regions: in one pass where their operands allow it, else instruction by instruction. See
// machine.h and fuse.h.
// Invariant: what a region does is what its body does. Errors of the one pass are never shown: the body runs into them
// again, in its own order and with its own places.
#include <algorithm>
#include <exception>

#include "interpreter/fusion/region_gradient.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/single_values.h"
#include "interpreter/subscripts/index_items.h"
#include "interpreter/subscripts/index_select.h"
#include "runtime/elementwise/region_packed.h"
#include "runtime/threads/parallel.h"

namespace inlay {

namespace {

constexpr std::size_t kMaxInputs = ir::kMaxRegionInputs + ir::kMaxRegionSteps;  // operands, and steps on plain numbers
constexpr std::uint8_t kWeak = 0x80;                                            // of a type code
// A region that could not be computed this often in a row is tried once in so many times from then on.
constexpr std::uint8_t kPatience = 8, kMostMisses = 100;
// What is chosen from fewer bytes, and its mask, is made one op after the other: while all that stays in a cache, it
// takes four fifths of the time in which blocks compute their masks twice. Of 16 MB, blocks take 0.6.
constexpr std::int64_t kBytesToPack = std::int64_t{12} << 20;

/// What a place holds that is no constant.
const Value* variable_at(ir::Place place, const Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  if (place.kind == ir::Place::Kind::reg) return &frame.registers[at];
  if (place.kind == ir::Place::Kind::global) return frame.linked.globals[at];
  return place.kind == ir::Place::Kind::cell ? &frame.cells[at]->value : nullptr;
}

bool is_tensor(const Value* value) { return value != nullptr && value->is(Value::Tag::tensor); }

/// The bytes of what is chosen from; 0 if that is no tensor.
std::int64_t bytes_to_choose_from(const ir::Instruction& in, const Frame& frame, const ir::RegionShape& shape) {
  const Value* const from = variable_at(in.operands[static_cast<std::size_t>(shape.target)], frame);
  return is_tensor(from) ? from->tensor_size() * itemsize(from->tensor_dtype()) : 0;
}

/// Whether the region may be computed in one pass, from a glance at its operands. What its body reads first is not
/// known yet.
bool may_compute_tensors(const ir::Instruction& in, const Frame& frame, const ir::RegionShape& shape) {
  const auto operand = [&](int at) { return variable_at(in.operands[static_cast<std::size_t>(at)], frame); };
  if (shape.kind == ir::RegionShape::Kind::part) return is_tensor(operand(shape.target));
  if (shape.kind == ir::RegionShape::Kind::chosen) {
    const Value* mask = operand(shape.steps.steps.back().operands[0]);
    return is_tensor(mask) && mask->tensor_dtype() == DType::boolean;
  }
  return !shape.others.empty() || std::any_of(in.operands.begin(), in.operands.end(), [&](ir::Place place) {
    const Value* value = variable_at(place, frame);
    return value != nullptr && (value->is_tensor() || is_tracked(*value));
  });
}

/// Whether a region is operators on single elements and plain numbers: as steps they cost less than a pass.
bool is_of_singles(const ir::Instruction& in, const Frame& frame, const ir::RegionShape& shape) {
  if (shape.kind != ir::RegionShape::Kind::value || !shape.others.empty()) return false;
  for (const ir::Place place : in.operands) {
    const Value* const value = variable_at(place, frame);
    if (value != nullptr && !is_single(*value)) return false;
  }
  const auto is_operator = [](const ir::Instruction& each) {
    return each.code == ir::Opcode::binary || each.code == ir::Opcode::compare;
  };
  const std::vector<ir::Instruction>& body = in.blocks[0]->body;
  return std::all_of(body.begin(), body.end(), is_operator);
}

/// Lets views that this region alone holds go of a buffer, so that it counts as its owner's alone; for a scope.
class ReleasedViews {
 public:
  /// `target`: the operand that owns the buffer.
  ReleasedViews(const ir::Instruction& in, std::size_t target, Frame& frame, const Ref<Buffer>& buffer)
      : buffer_(buffer.get()) {
    for (std::size_t at = 0; at < in.operands.size(); ++at) {
      if (at == target || in.operands[at].kind != ir::Place::Kind::reg || !in.consumes(at)) continue;
      const Value& value = frame.registers[static_cast<std::size_t>(in.operands[at].index)];
      if (!value.is(Value::Tag::tensor) || !value.tensor_data().unique()) continue;
      const Ref<TensorData> view = value.tensor().ref();
      if (view->buffer.get() != buffer_) continue;
      view->buffer = Ref<Buffer>();
      views_[count_++] = view.get();
    }
  }
  ~ReleasedViews() {
    for (std::size_t at = 0; at < count_; ++at) views_[at]->buffer = Ref<Buffer>::of(buffer_);
  }
  ReleasedViews(const ReleasedViews&) = delete;
  ReleasedViews& operator=(const ReleasedViews&) = delete;

 private:
  Buffer* buffer_;
  std::array<TensorData*, ir::kMaxRegionInputs> views_;
  std::size_t count_ = 0;
};

/// Puts back what is emptied, in this scope, of the registers that a region drops: some of its body runs twice.
class KeptRegisters {
 public:
  KeptRegisters(const ir::Instruction& in, Frame& frame) : in_(in), frame_(frame) {
    kept_.reserve(in.drops.size());
    for (const std::int32_t at : in.drops) kept_.push_back(frame.registers[at]);
  }
  ~KeptRegisters() {
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      Value& value = frame_.registers[in_.drops[i]];
      if (value.is_undefined()) value = std::move(kept_[i]);
    }
  }
  KeptRegisters(const KeptRegisters&) = delete;
  KeptRegisters& operator=(const KeptRegisters&) = delete;

 private:
  const ir::Instruction& in_;
  Frame& frame_;
  std::vector<Value> kept_;
};

/// One evaluation of a region.
class RegionEvaluation {
 public:
  RegionEvaluation(Machine& machine, const ir::Instruction& in, Frame& frame)
      : machine_(machine),
        in_(in),
        frame_(frame),
        shape_(frame.linked.program->regions[static_cast<std::size_t>(in.attribute)]),
        plan_(frame.linked.regions[static_cast<std::size_t>(in.attribute)]) {}

  /// Computes the result in one pass; false if that cannot be done, and nothing but registers of the body has changed.
  bool in_one_pass();
  /// Runs what has not been run yet of the body, in its order.
  void one_by_one();

 private:
  using Kind = ir::RegionShape::Kind;
  static constexpr std::size_t kMostKept = 8;  // operands of a call with all its parameters

  [[nodiscard]] const ir::Instruction& body(ir::RegionShape::At at) const {
    const ir::Instruction& in = in_.blocks[0]->body[static_cast<std::size_t>(at.place)];
    return at.inner < 0 ? in : in.blocks[0]->body[static_cast<std::size_t>(at.inner)];
  }
  bool run(ir::RegionShape::At at);
  bool run_ahead(ir::RegionShape::At at);
  bool run_others();
  bool describe_operands();
  bool find_part(const ir::Instruction& update, const ir::SubscriptShape& subscript, const Value& target);
  bool describe_part();
  [[nodiscard]] bool chooses_alike() const;
  bool describe_plain_steps();
  bool take_plan();
  bool compute();
  template <class Compute>
  bool update(std::size_t target, const Compute& compute);
  [[nodiscard]] bool can_assign(const Shape& shape) const;
  bool assign(RegionCall& call);
  bool assign_part();
  bool pack();
  /// Whether the region may write over that many elements, which must then not be stopped half-way.
  [[nodiscard]] bool is_short_call(std::int64_t size) const {
    return is_short(plan_.element_steps(size), size * itemsize(plan_.result));
  }
  [[nodiscard]] Tensor output(const Shape& shape);
  [[nodiscard]] Tensor replaced(const Shape& shape);
  void let_go();
  bool finds_gradient();

  Machine& machine_;
  const ir::Instruction& in_;
  Frame& frame_;
  const ir::RegionShape& shape_;
  RegionPlan& plan_;
  std::uint64_t done_ = 0;    // bit i: instruction i of the body has run …
  std::exception_ptr error_;  // … and the one after these failed
  std::int32_t failed_ = -1;
  std::size_t count_ = 0;
  Layout part_;  // of the target
  std::array<std::uint8_t, kMaxInputs> signature_;
  std::array<RegionInput, kMaxInputs> inputs_;
  RegionTracking tracking_;
};

/// Runs an instruction of the body ahead of the steps; false if it fails, which the body then comes to in its order.
bool RegionEvaluation::run(ir::RegionShape::At at) {
  const bool is_inside = at.inner >= 0;  // then it runs again
  try {
    machine_.run_shown(body(at), frame_);
  } catch (const Error&) {
    if (is_inside) return false;
    error_ = std::current_exception();
    failed_ = at.place;
    return false;
  }
  if (!is_inside) done_ |= std::uint64_t{1} << at.place;
  return true;
}

/// Runs a step on plain numbers ahead of all others, which may read the same registers: none of them is emptied.
bool RegionEvaluation::run_ahead(ir::RegionShape::At at) {
  const ir::Instruction& step = body(at);
  if (step.operands.size() > kMostKept) return false;
  std::array<Value, kMostKept> kept;
  const auto each_register = [&](const auto& visit) {
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      const ir::Place place = step.operands[i];
      if (step.consumes(i) && place.kind == ir::Place::Kind::reg && place != step.results[0])
        visit(kept[i], frame_.registers[static_cast<std::size_t>(place.index)]);
    }
  };
  each_register([](Value& copy, const Value& value) { copy = value; });
  const bool is_done = run(at);
  each_register([](Value& copy, Value& value) { value = std::move(copy); });
  return is_done;
}

bool RegionEvaluation::describe_operands() {
  bool has_tensor = false;
  for (const ir::Place place : in_.operands) {
    RegionInput& input = inputs_[count_];
    if (!describe(tracking_.primal(machine_.read(place, frame_), count_), input)) return false;
    has_tensor = has_tensor || !input.weak;
    signature_[count_++] = input.type_code();
  }
  return has_tensor;
}

/// Lays out the part of a tensor that an update is about; false if that is none of slices.
bool RegionEvaluation::find_part(const ir::Instruction& update, const ir::SubscriptShape& subscript,
                                 const Value& target) {
  PlainItems items;
  const bool is_plain = items.read(machine_, update, subscript, frame_) && !items.is_element();
  if (is_plain && plain_layout(target.tensor_data(), items.all(), part_)) return true;
  const Value index = machine_.subscript_index(update, 1, subscript, frame_);
  Selection selected = select(layout_of(target.tensor()), to_index_items(index), IndexMode::raise);
  part_ = std::move(selected.view);
  return !selected.indexed && !selected.scalar;
}

/// The part that is assigned to, as the input behind the operands.
bool RegionEvaluation::describe_part() {
  if (shape_.kind != Kind::part) return true;
  const Value& value = machine_.read(in_.operands[static_cast<std::size_t>(shape_.target)], frame_);
  if (!value.is(Value::Tag::tensor)) return false;
  const ir::Instruction& update = in_.blocks[0]->body.back();
  const auto& path = frame_.linked.program->paths[static_cast<std::size_t>(update.attribute)];
  if (!find_part(update, path.steps[0].subscript, value)) return false;
  RegionInput& input = inputs_[count_];
  input.data = value.tensor_data().data + part_.offset;
  input.shape = &part_.shape;
  input.strides = &part_.strides;
  input.size = element_count(part_.shape);
  input.dtype = part_.dtype;
  input.contiguous = is_row_major(part_);
  input.weak = false;
  signature_[count_++] = input.type_code();
  return true;
}

/// Whether all that a mask chooses from has the mask's shape, and everything else is one element.
bool RegionEvaluation::chooses_alike() const {
  const RegionInput& mask = inputs_[static_cast<std::size_t>(shape_.steps.steps.back().operands[0])];
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    const RegionInput& input = inputs_[at];
    const bool is_chosen = ((shape_.chosen >> at) & 1) != 0;
    if (is_chosen ? input.weak || !(*input.shape == *mask.shape)
                  : !input.weak && (input.size != 1 || input.shape->size() > 1))
      return false;
  }
  return !mask.shape->empty();
}

/// Ops on plain numbers are arithmetic of the language, with results that depend on values: they run, and are inputs.
bool RegionEvaluation::describe_plain_steps() {
  const std::vector<RegionStep>& steps = shape_.steps.steps;
  for (std::size_t at = 0; at < steps.size(); ++at, ++count_) {
    const RegionStep& step = steps[at];
    const bool is_plain = std::all_of(step.operands.begin(), step.operands.begin() + step.arity(),
                                      [&](std::int16_t ref) { return (signature_[ref] & kWeak) != 0; });
    signature_[count_] = 0;
    if (!is_plain) continue;
    const ir::RegionShape::At place = shape_.instructions[at];
    const ir::Place result = body(place).results[0];
    if (result.kind != ir::Place::Kind::reg || !run_ahead(place)) return false;
    if (!describe(machine_.read(result, frame_), inputs_[count_])) return false;
    signature_[count_] = inputs_[count_].type_code();
  }
  return true;
}

/// Makes sure that the call site's plan is for these inputs; false if they have none.
bool RegionEvaluation::take_plan() {
  if (std::equal(plan_.signature.begin(), plan_.signature.end(), signature_.begin(), signature_.begin() + count_))
    return plan_.fits;
  const std::span signature(signature_.data(), count_);
  plan_ = RegionPlan();
  plan_.signature.assign(signature.begin(), signature.end());  // of no plan, should there be none
  plan_ = plan_region(shape_.steps, std::span(inputs_.data(), count_), signature);
  return plan_.fits;
}

/// The result's tensor: that of an operand nobody needs any more, or a fresh one.
Tensor RegionEvaluation::output(const Shape& shape) {
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    if (!in_.consumes(at) || inputs_[at].weak || inputs_[at].dtype != plan_.result) continue;
    Value& value = machine_.read(in_.operands[at], frame_);
    if (!is_unique(value) || !(value.tensor_shape() == shape)) continue;
    if (in_.operands[at].kind != ir::Place::Kind::reg) {
      if (!is_short_call(element_count(shape))) continue;
      context().in_place = true;
    }
    return value.take_tensor();
  }
  return replaced(shape);
}

/// The tensor of the variable that the result replaces, which will not have to be given back, or a fresh one.
Tensor RegionEvaluation::replaced(const Shape& shape) {
  Value* const value = tracking_.is_tracking() ? nullptr : replaced_value(in_, frame_);
  const bool serves = value != nullptr && value->tensor_dtype() == plan_.result && value->tensor_shape() == shape &&
                      is_short_call(element_count(shape));
  if (!serves) return Tensor::empty(plan_.result, shape);
  context().in_place = true;
  return value->take_tensor();
}

/// Registers whose last use this was no longer hold what they held.
void RegionEvaluation::let_go() {
  for (std::size_t at = 0; at < in_.operands.size(); ++at) {
    if (in_.operands[at].kind == ir::Place::Kind::reg && in_.consumes(at))
      frame_.registers[static_cast<std::size_t>(in_.operands[at].index)] = Value();
  }
}

/// Calls `compute` with the elements of an operand that the result takes over, which nobody else may hold.
template <class Compute>
bool RegionEvaluation::update(std::size_t target, const Compute& compute) {
  Value& value = machine_.read(in_.operands[target], frame_);
  const bool is_register = in_.results[0].kind == ir::Place::Kind::reg;
  if (!is_register && in_.operands[target] != in_.results[0]) return false;
  if (!in_.consumes(target) || !is_unique(value)) return false;
  if (!is_register && !is_short_call(value.tensor_size())) return false;
  Tensor tensor = value.take_tensor();
  try {
    compute(tensor.writable());
  } catch (...) {
    value = Value::of(std::move(tensor));
    throw;
  }
  (is_register ? machine_.read(in_.results[0], frame_) : value) = Value::of(std::move(tensor));
  return true;
}

/// Whether `x[m] = v` is a choice between elements of that shape, x's own.
bool RegionEvaluation::can_assign(const Shape& shape) const {
  if (shape_.kind == Kind::chosen) return chooses_alike();
  const RegionInput& target = inputs_[static_cast<std::size_t>(shape_.steps.steps.back().operands[2])];
  return !target.weak && *target.shape == shape;
}

/// `x[m] = v` into x itself.
bool RegionEvaluation::assign(RegionCall& call) {
  const auto target = static_cast<std::size_t>(shape_.steps.steps.back().operands[2]);
  if (shape_.kind == Kind::chosen) return update(target, [&](std::byte* out) { call.run_chosen(out); });
  return update(target, [&](std::byte* out) { call.run(out); });
}

/// `x[a:b] = v` into x itself. The formula may read views of x, which exist for it alone.
bool RegionEvaluation::assign_part() {
  const auto target = static_cast<std::size_t>(shape_.target);
  const TensorData& tensor = machine_.read(in_.operands[target], frame_).tensor_data();
  RegionCall call(plan_, std::span(inputs_.data(), count_));
  call.aim(part_, tensor.data);
  if (plan_.result != part_.dtype || !call.shape(shape_.steps)) return false;
  const bool is_done = [&] {
    const ReleasedViews released(in_, target, frame_, tensor.buffer);
    return update(target, [&](std::byte*) { call.run_part(); });
  }();
  if (is_done) let_go();
  return is_done;
}

/// What is computed of elements that a mask chooses. That there are none is for the body, whose reductions may refuse
/// it.
bool RegionEvaluation::pack() {
  RegionCall call(plan_, std::span(inputs_.data(), count_));
  if (!call.shape(shape_.steps)) return false;
  PackedRegion packed(call);
  const std::int64_t count = packed.fits() ? packed.count() : 0;
  if (count == 0) return false;
  const RegionStep& last = shape_.steps.steps.back();
  const bool reduces = last.kind == RegionStep::Kind::reduce;
  Tensor out = reduces ? packed.reduce(last.reduction) : Tensor::empty(plan_.result, {count});
  if (!reduces) packed.run(out.mutable_bytes());
  let_go();
  machine_.store_result(in_, Value::of(std::move(out)), frame_);
  return true;
}

bool RegionEvaluation::compute() {
  if (shape_.kind == Kind::part) return assign_part();
  if (shape_.kind == Kind::packed) return pack();
  RegionCall call(plan_, std::span(inputs_.data(), count_));
  const Shape* shape = call.shape(shape_.steps);
  if (!shape) return false;
  const RegionStep& last = shape_.steps.steps.back();
  const bool assigns = last.kind == RegionStep::Kind::assign_where;
  if (assigns && !can_assign(*shape)) return false;
  if (assigns && !tracking_.is_tracking()) {
    const bool is_done = assign(call);
    if (is_done) let_go();
    return is_done;
  }
  Tensor out = last.kind == RegionStep::Kind::reduce ? call.reduce(last.reduction) : output(*shape);
  if (last.kind != RegionStep::Kind::reduce) call.run(out.mutable_bytes());
  Value result = Value::of(std::move(out));
  if (tracking_.is_tracking()) result = tracking_.noted(shape_.steps, std::move(result), *shape);
  let_go();
  machine_.store_result(in_, std::move(result), frame_);
  return true;
}

/// Whether a gradient can be recorded of the region as a whole, or none is asked for. Rules may be followed for that,
/// which may come to this very region: its plan must not be in use yet.
bool RegionEvaluation::finds_gradient() {
  if (!tracking_.is_tracking()) return true;
  if (shape_.kind == Kind::part || shape_.kind == Kind::packed) return false;  // recorded one by one
  auto& gradients = frame_.linked.region_gradients;
  gradients.resize(frame_.linked.regions.size());
  const RegionOperands operands{std::span(inputs_.data(), count_), std::span(signature_.data(), count_)};
  if (!tracking_.finds_gradient(gradients[static_cast<std::size_t>(in_.attribute)], shape_.steps, operands))
    return false;
  for (std::size_t at = 0; at < in_.operands.size(); ++at) tracking_.keep(at, machine_.read(in_.operands[at], frame_));
  return true;
}

bool RegionEvaluation::run_others() {
  const KeptRegisters kept(in_, frame_);
  return std::all_of(shape_.others.begin(), shape_.others.end(), [&](ir::RegionShape::At other) { return run(other); });
}

bool RegionEvaluation::in_one_pass() {
  if (!run_others()) return false;
  try {
    return describe_operands() && describe_part() && describe_plain_steps() && finds_gradient() && take_plan() &&
           compute();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::LimitExceeded || error.kind() == ErrorKind::KeyboardInterrupt) throw;
    return false;
  }
}

void RegionEvaluation::one_by_one() {
  const auto size = static_cast<std::int32_t>(in_.blocks[0]->body.size());
  for (std::int32_t place = 0; place < size; ++place) {
    if (place == failed_) std::rethrow_exception(error_);
    if (((done_ >> place) & 1) == 0) machine_.run_shown(body({place}), frame_);
  }
  let_go();
}

}  // namespace

bool Machine::region(const ir::Instruction& in, Frame& frame, std::uint8_t& misses) {
  const auto& shape = frame.linked.program->regions[static_cast<std::size_t>(in.attribute)];
  const bool is_packed = shape.kind == ir::RegionShape::Kind::packed;
  const std::int64_t bytes = is_packed ? bytes_to_choose_from(in, frame, shape) : 0;
  if (is_packed && bytes > RegionPlan::kRegisterBytes && bytes < kBytesToPack) return false;
  if (is_of_singles(in, frame, shape)) return false;
  // Where it could not be computed time and again, it is tried only now and then.
  if (misses > kPatience) {
    misses = misses == kMostMisses ? kPatience : misses + 1;
    return false;
  }
  const bool is_few = is_packed && bytes < kBytesToPack;
  const bool has_plan = !frame.linked.regions[static_cast<std::size_t>(in.attribute)].signature.empty();
  if ((has_plan || is_few) && flat_region(in, frame)) {
    misses = 0;
    return true;
  }
  if (is_few) return ++misses, false;
  if (!may_compute_tensors(in, frame, shape)) return false;
  const OperationScope scope(state, {&in, &frame});
  RegionEvaluation evaluation(*this, in, frame);
  const bool is_done = evaluation.in_one_pass();
  misses = is_done ? 0 : misses + 1;
  if (!is_done) evaluation.one_by_one();
  return true;
}

}  // namespace inlay
