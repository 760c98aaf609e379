// region_gradient.cpp - following rules to find the gradient of a region, and running it. See region_gradient.h.
// Knows no tensor of the program: symbols stand for tensors of one element, whose dtypes alone count.
#include "interpreter/fusion/region_gradient.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "interpreter/gradients/gradient_rules.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/operators.h"
#include "interpreter/operations/ufunc_methods.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {

namespace {

using From = PullInput::Source;

/// Call sites that see more signatures than this record their ops one by one: following rules takes longer than that.
constexpr std::size_t kMostGradients = 8;

bool is_same_number(const RegionInput& a, const RegionInput& b) {
  return a.kind == b.kind && a.integer == b.integer &&
         std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real) &&
         std::bit_cast<std::uint64_t>(a.imaginary) == std::bit_cast<std::uint64_t>(b.imaginary);
}

/// What a step on plain numbers gave: a plain number, or a tensor of rank 0.
Value given_value(const RegionInput& input) {
  if (input.weak) return Value::of(input.number());
  Tensor out = Tensor::empty(input.dtype, {});
  std::memcpy(out.mutable_bytes(), input.data, static_cast<std::size_t>(itemsize(input.dtype)));
  return Value::of(std::move(out));
}

bool is_given_value(const Value& value, const RegionInput& input) {
  RegionInput known;
  if (!describe(value, known) || known.weak != input.weak) return false;
  if (input.weak) return is_same_number(known, input);
  return std::memcmp(known.data, input.data, static_cast<std::size_t>(itemsize(input.dtype))) == 0;
}

bool is_same_constant(const Value& a, const Value& b) {
  if (a.tag() != b.tag()) return false;
  if (a.is(Value::Tag::floating))
    return std::bit_cast<std::uint64_t>(a.floating()) == std::bit_cast<std::uint64_t>(b.floating());
  return a.is(Value::Tag::integer) && a.integer() == b.integer();
}

bool is_step(const RegionSteps& region, std::size_t ref) { return ref >= static_cast<std::size_t>(region.inputs); }

/// The ufunc's step with the kind of its arity.
RegionStep elementwise_step(ElementwiseOp op) {
  RegionStep step;
  step.kind = arity(op) == 1 ? RegionStep::Kind::unary : RegionStep::Kind::binary;
  step.op = op;
  step.is_operator = op == ElementwiseOp::power;
  return step;
}

/// The elementwise step that a row is; nothing for any other row.
std::optional<RegionStep> step_of(const OpRow& row) {
  static const OpRow* const where = find_op("where", kNumpy);
  if (&row == where) {
    RegionStep step;
    step.kind = RegionStep::Kind::where;
    return step;
  }
  const std::optional<Ufunc> ufunc = ufunc_of(row);
  return ufunc && ufunc->op ? std::optional(elementwise_step(*ufunc->op)) : std::nullopt;
}

/// The row whose rules a step follows. A masked assignment is a choice.
const OpRow& row_of(const RegionStep& step) {
  const OpRow* row = find_op(step.arity() == 3 ? std::string_view("where") : name(step.op), kNumpy | kInternal);
  INLAY_CHECK(row != nullptr);
  return *row;
}

/// Some element, for a symbol of this dtype.
Value element_of(DType dtype) { return Value::of(cast(Tensor::of<std::int64_t>({1}), dtype)); }

/// A step on ordinary values.
Tensor computed(const RegionStep& step, const std::vector<Operand>& operands) {
  if (step.kind == RegionStep::Kind::unary) return unary(step.op, operands[0]);
  if (step.kind == RegionStep::Kind::binary) return binary(step.op, operands[0], operands[1]);
  const Operand& condition = operands[0];
  return where(condition.is_number() ? to_tensor(condition.number) : condition.tensor, operands[1], operands[2]);
}

}  // namespace

// ---- following the rules --------------------------------------------------------------------------------------------

/// The tape of a region's steps and of what their rules do with symbols.
class RegionTrace final : public Tape {
 public:
  RegionTrace(Evaluator& owner, int level_of_tape, const RegionSteps& region, const RegionOperands& operands)
      : Tape(owner, level_of_tape), region_(region), operands_(operands) {}

  /// Fills in the pulls; raises where a rule does what no region can.
  void follow(RegionGradient& gradient) {
    const std::size_t count = region_.steps.size() - (region_.steps.back().kind == RegionStep::Kind::reduce ? 1 : 0);
    const bool has_result = count == region_.steps.size();
    make_operands();
    for (std::size_t at = 0; at < count; ++at) make_step(at, has_result && at + 1 == count);
    cotangents_.resize(values_.size());
    cotangents_.back() = symbol(element_of(dtype_of(values_.back())), add({From::cotangent, 0, {}}));
    for (std::size_t at = count; at-- > 0;) pull_step(at);
    std::map<int, std::vector<int>> operands_by_node;
    for (int at = 0; at < region_.inputs; ++at)
      if (const Value& cotangent = cotangents_[static_cast<std::size_t>(at)]; !cotangent.is_undefined())
        operands_by_node[node_of(cotangent)].push_back(at);
    for (auto& [node, operands] : operands_by_node) gradient.pulls_.push_back(pull_to(node, std::move(operands)));
    gradient.fits_ = std::all_of(gradient.pulls_.begin(), gradient.pulls_.end(),
                                 [](const RegionPull& pull) { return pull.steps.steps.empty() || pull.plan.fits; });
  }

  /// Lets go of the symbols, each of which holds this.
  void forget() {
    trace_.clear();
    values_.clear();
    cotangents_.clear();
  }

  Value note(const OpRow& row, std::span<const Value> arguments, std::span<const Value>, Value result) override {
    if (row.name == "isinstance") return result;  // of a symbol as of the tensor it stands for
    if (row.name == "asarray" && has_defaults(row, arguments, 1))
      return symbol(std::move(result), node_of(arguments[0]));
    std::optional<RegionStep> step = step_of(row);
    if (!step || !has_defaults(row, arguments, static_cast<std::size_t>(step->arity()))) refuse();
    for (int at = 0; at < step->arity(); ++at) {
      const auto place = static_cast<std::size_t>(at);
      step->operands[place] = static_cast<std::int16_t>(node_of(arguments[place]));
    }
    return symbol(std::move(result), add(*step));
  }

  void decide() const override { refuse(); }

 private:
  /// An input or a step, whose operands are nodes before it.
  struct TraceNode {
    std::optional<RegionStep> step;
    PullInput input;
    Value element;  // of an input
  };

  [[noreturn]] static void refuse() { raise(ErrorKind::TypeError, "no region can say this"); }

  static bool has_defaults(const OpRow& row, std::span<const Value> arguments, std::size_t from) {
    const auto& parameters = signature_of(row).parameters;
    for (std::size_t at = from; at < arguments.size(); ++at)
      if (!arguments[at].is_undefined() && !arguments[at].identical(parameters[at].default_value)) return false;
    return true;
  }

  static DType dtype_of(const Value& value) { return primal_of(value).tensor_dtype(); }
  [[nodiscard]] bool is_tracked_operand(int at) const { return ((operands_.tracked >> at) & 1) != 0; }
  [[nodiscard]] bool is_given(std::size_t ref) const { return operands_.signature[ref] != 0; }

  Value symbol(Value element, int node) {
    const DType dtype = element.tensor_dtype();
    if (is_complex(dtype)) refuse();
    TraceNode& at = trace_[static_cast<std::size_t>(node)];
    if (!at.step) at.element = element;
    return tracked_on(*this, std::move(element), node);
  }

  // ---- nodes: one for equal steps and numbers ----

  int add(PullInput input) {
    trace_.push_back({std::nullopt, std::move(input), {}});
    return static_cast<int>(trace_.size()) - 1;
  }

  int add(const RegionStep& step) {
    const auto same = [&](const TraceNode& node) {
      return node.step && node.step->kind == step.kind && node.step->op == step.op &&
             std::equal(step.operands.begin(), step.operands.begin() + step.arity(), node.step->operands.begin());
    };
    const auto it = std::find_if(trace_.begin(), trace_.end(), same);
    if (it != trace_.end()) return static_cast<int>(it - trace_.begin());
    trace_.push_back({step, {}, {}});
    return static_cast<int>(trace_.size()) - 1;
  }

  int node_of(const Value& value) {
    if (is_tracked(value)) return value.object<TrackedObject>().node;
    if (!value.is_number() && !(value.is_tensor() && value.tensor_rank() == 0)) refuse();
    const auto it = std::find_if(trace_.begin(), trace_.end(), [&](const TraceNode& node) {
      return !node.step && node.input.source == From::constant && is_same_constant(node.input.constant, value);
    });
    if (it != trace_.end()) return static_cast<int>(it - trace_.begin());
    const int node = add({From::constant, 0, value});
    trace_.back().element = value;
    return node;
  }

  // ---- the region forwards, then its rules backwards ----

  void make_operands() {
    for (int at = 0; at < region_.inputs; ++at) {
      const RegionInput& input = operands_.inputs[static_cast<std::size_t>(at)];
      values_.push_back(input.weak ? Value::of(input.number())
                                   : symbol(element_of(input.dtype), add({From::operand, at, {}})));
    }
  }

  void make_step(std::size_t at, bool is_result) {
    const std::size_t ref = static_cast<std::size_t>(region_.inputs) + at;
    if (is_given(ref)) {
      values_.push_back(given_value(operands_.inputs[ref]));
      return;
    }
    const RegionStep& step = region_.steps[at];
    std::vector<Value> arguments = operands_of(step);
    if (step.kind == RegionStep::Kind::assign_where) return make_assignment(arguments.back());
    std::vector<Operand> operands;
    for (const Value& each : arguments) operands.push_back(to_operand(primal_of(each)));
    Value element = Value::of(computed(step, operands));
    if (is_result) {
      values_.push_back(symbol(std::move(element), add({From::result, 0, {}})));
      return;
    }
    RegionStep made = step;
    made.is_operator = step.op == ElementwiseOp::power;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      made.operands[i] = static_cast<std::int16_t>(node_of(arguments[i]));
    values_.push_back(symbol(std::move(element), add(made)));
  }

  /// The last step, which gives what the target is of, whatever is written there.
  void make_assignment(const Value& target) {
    if (!is_tracked(target)) refuse();
    values_.push_back(symbol(element_of(dtype_of(target)), add({From::result, 0, {}})));
  }

  [[nodiscard]] std::vector<Value> operands_of(const RegionStep& step) const {
    std::vector<Value> out;
    for (int at = 0; at < step.arity(); ++at)
      out.push_back(values_[static_cast<std::size_t>(step.operands[static_cast<std::size_t>(at)])]);
    return out;
  }

  /// Whether a cotangent of this value is wanted.
  [[nodiscard]] bool is_pulled(std::size_t ref) const {
    if (ref < static_cast<std::size_t>(region_.inputs)) return is_tracked_operand(static_cast<int>(ref));
    if (is_given(ref) || !carries_gradient(values_[ref])) return false;
    if (kind(dtype_of(values_[ref])) < Kind::floating) return false;
    const RegionStep& step = region_.steps[ref - static_cast<std::size_t>(region_.inputs)];
    return std::any_of(step.operands.begin(), step.operands.begin() + step.arity(),
                       [&](std::int16_t operand) { return is_pulled(static_cast<std::size_t>(operand)); });
  }

  void pull_step(std::size_t at) {
    const std::size_t ref = static_cast<std::size_t>(region_.inputs) + at;
    if (is_given(ref) || cotangents_[ref].is_undefined()) return;
    const RegionStep& step = region_.steps[at];
    const RowRules& rules = gradient_rules_of(evaluator, row_of(step));
    for (int i = 0; i < step.arity(); ++i) {
      const auto operand = static_cast<std::size_t>(step.operands[static_cast<std::size_t>(i)]);
      if (!is_pulled(operand)) continue;
      const GradientRule* rule = rules.find(static_cast<std::size_t>(i));
      if (rule == nullptr) refuse();
      accumulate(operand, followed(*rule, step, ref));
    }
  }

  Value followed(const GradientRule& rule, const RegionStep& step, std::size_t ref) {
    using Read = GradientRule::Source;
    const std::vector<Value> operands = operands_of(step);
    const auto& parameters = signature_of(row_of(step)).parameters;
    std::vector<Value> arguments;
    for (const auto& input : rule.inputs) {
      if (input.source == Read::cotangent)
        arguments.push_back(cotangents_[ref]);
      else if (input.source == Read::result)
        arguments.push_back(values_[ref]);
      else if (input.source == Read::argument)
        arguments.push_back(input.index < operands.size() ? operands[input.index]
                                                          : parameters[input.index].default_value);
      else if (input.source == Read::default_value)
        arguments.push_back(input.value);
      else
        refuse();
    }
    const auto& function = rule.function.object<FunctionObject>();
    return Machine(evaluator).run_function(*function.program, *function.function, function.captured, arguments);
  }

  void accumulate(std::size_t ref, const Value& cotangent) {
    if (cotangent.is_none()) return;
    if (!is_tracked(cotangent)) refuse();
    Value& so_far = cotangents_[ref];
    so_far = so_far.is_undefined() ? cotangent : tracked_binary(ast::BinaryOp::add, so_far, cotangent);
    const bool is_operand = ref < static_cast<std::size_t>(region_.inputs);
    if (!is_operand && dtype_of(so_far) != dtype_of(values_[ref])) refuse();
  }

  // ---- a pull: what its result needs of the trace ----

  RegionPull pull_to(int last, std::vector<int> operands) {
    std::vector<bool> is_needed(trace_.size());
    is_needed[static_cast<std::size_t>(last)] = true;
    for (auto at = static_cast<std::size_t>(last) + 1; at-- > 0;) {
      if (!is_needed[at] || !trace_[at].step) continue;
      for (int i = 0; i < trace_[at].step->arity(); ++i)
        is_needed[static_cast<std::size_t>(trace_[at].step->operands[static_cast<std::size_t>(i)])] = true;
    }
    RegionPull pull;
    pull.operands = std::move(operands);
    std::vector<std::int16_t> places(trace_.size());
    std::vector<RegionInput> inputs;
    for (std::size_t at = 0; at < trace_.size(); ++at) {
      if (!is_needed[at] || trace_[at].step) continue;
      places[at] = static_cast<std::int16_t>(pull.inputs.size());
      pull.inputs.push_back(trace_[at].input);
      if (!describe(trace_[at].element, inputs.emplace_back())) refuse();
    }
    add_steps(pull, is_needed, places);
    if (!pull.steps.steps.empty()) pull.plan = planned(pull.steps, std::move(inputs));
    return pull;
  }

  void add_steps(RegionPull& pull, const std::vector<bool>& is_needed, std::vector<std::int16_t>& places) const {
    pull.steps.inputs = static_cast<int>(pull.inputs.size());
    for (std::size_t at = 0; at < trace_.size(); ++at) {
      if (!is_needed[at] || !trace_[at].step) continue;
      places[at] = static_cast<std::int16_t>(pull.inputs.size() + pull.steps.steps.size());
      RegionStep step = *trace_[at].step;
      for (int i = 0; i < step.arity(); ++i) {
        auto& operand = step.operands[static_cast<std::size_t>(i)];
        operand = places[static_cast<std::size_t>(operand)];
      }
      pull.steps.steps.push_back(step);
    }
  }

  static RegionPlan planned(const RegionSteps& steps, std::vector<RegionInput> inputs) {
    std::vector<std::uint8_t> signature;
    for (const RegionInput& input : inputs) signature.push_back(input.type_code());
    signature.resize(inputs.size() + steps.steps.size());
    inputs.resize(signature.size());
    return plan_region(steps, inputs, signature);
  }

  const RegionSteps& region_;
  const RegionOperands& operands_;
  std::vector<TraceNode> trace_;
  std::vector<Value> values_;      // of the region's inputs, then of its steps
  std::vector<Value> cotangents_;  // of the same
};

/// A trace while it is followed. Its symbols hold it, so it lets go of them at the end.
struct Tracing {
  Evaluator::State& state;
  Ref<RegionTrace> trace;

  Tracing(Evaluator& evaluator, const RegionSteps& region, const RegionOperands& operands)
      : state(Machine(evaluator).state),
        trace(Ref<RegionTrace>::adopt(
            std::make_unique<RegionTrace>(evaluator, state.recording + 1, region, operands).release())) {
    ++state.recording;
  }
  ~Tracing() {
    --state.recording;
    trace->forget();
  }
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;
};

// ---- gradients ------------------------------------------------------------------------------------------------------

RegionGradient::RegionGradient(Evaluator& evaluator, const RegionSteps& region, const RegionOperands& operands)
    : signature_(operands.signature.begin(), operands.signature.end()), tracked_(operands.tracked) {
  for (std::size_t at = 0; at < signature_.size(); ++at) {
    const bool is_constant = signature_[at] != 0 && (operands.inputs[at].weak || is_step(region, at));
    constants_.push_back(is_constant ? given_value(operands.inputs[at]) : Value());
  }
  const Tracing tracing(evaluator, region, operands);
  try {
    tracing.trace->follow(*this);
  } catch (const Error& error) {
    fits_ = false;
    if (error.kind() == ErrorKind::LimitExceeded || error.kind() == ErrorKind::KeyboardInterrupt) throw;
  }
}

bool RegionGradient::is_for(const RegionOperands& operands) const {
  if (operands.tracked != tracked_ ||
      !std::equal(operands.signature.begin(), operands.signature.end(), signature_.begin(), signature_.end()))
    return false;
  for (std::size_t at = 0; at < constants_.size(); ++at)
    if (!constants_[at].is_undefined() && !is_given_value(constants_[at], operands.inputs[at])) return false;
  return true;
}

bool RegionGradient::reads_operand(int operand) const {
  return std::any_of(pulls_.begin(), pulls_.end(), [&](const RegionPull& pull) {
    return std::any_of(pull.inputs.begin(), pull.inputs.end(), [&](const PullInput& input) {
      return input.source == From::operand && input.operand == operand;
    });
  });
}

bool RegionGradient::reads_result() const {
  return std::any_of(pulls_.begin(), pulls_.end(), [](const RegionPull& pull) {
    return std::any_of(pull.inputs.begin(), pull.inputs.end(),
                       [](const PullInput& input) { return input.source == From::result; });
  });
}

bool RegionGradient::reaches(int operand) const {
  return std::any_of(pulls_.begin(), pulls_.end(), [&](const RegionPull& pull) {
    return std::find(pull.operands.begin(), pull.operands.end(), operand) != pull.operands.end();
  });
}

std::shared_ptr<const RegionGradient> RegionGradients::of(Evaluator& evaluator, const RegionSteps& region,
                                                          const RegionOperands& operands) {
  auto it = std::find_if(made_.begin(), made_.end(), [&](const auto& each) { return each->is_for(operands); });
  if (it == made_.end()) {
    if (made_.size() == kMostGradients) return nullptr;
    made_.push_back(std::make_shared<RegionGradient>(evaluator, region, operands));
    it = made_.end() - 1;
  }
  return (*it)->fits() ? *it : nullptr;
}

// ---- pulling --------------------------------------------------------------------------------------------------------

namespace {

const Value& value_of(const PullInput& input, const RegionResiduals& kept, const Value& cotangent) {
  switch (input.source) {
    case From::operand:
      return kept.operands[static_cast<std::size_t>(input.operand)];
    case From::result:
      return kept.result;
    case From::cotangent:
      return cotangent;
    case From::constant:
      break;
  }
  return input.constant;
}

/// The steps one after the other, for shapes that no single pass goes over.
Value run_steps(const RegionPull& pull, const std::vector<const Value*>& values) {
  std::vector<Operand> operands;
  for (const Value* value : values) operands.push_back(to_operand(*value));
  for (const RegionStep& step : pull.steps.steps) {
    std::vector<Operand> chosen;
    for (int at = 0; at < step.arity(); ++at)
      chosen.push_back(operands[static_cast<std::size_t>(step.operands[static_cast<std::size_t>(at)])]);
    operands.emplace_back(computed(step, chosen));
  }
  return Value::of(std::move(operands.back().tensor));
}

}  // namespace

Value run_pull(const RegionPull& pull, const RegionResiduals& kept, Value cotangent) {
  std::vector<const Value*> values;
  std::vector<RegionInput> inputs(pull.inputs.size() + pull.steps.steps.size());
  for (const PullInput& input : pull.inputs) {
    values.push_back(&value_of(input, kept, cotangent));
    INLAY_CHECK(describe(*values.back(), inputs[values.size() - 1]));
  }
  if (pull.steps.steps.empty()) return *values[0];
  RegionPlan plan = pull.plan;
  RegionCall call(plan, inputs);
  const Shape* shape = call.shape(pull.steps);
  if (shape == nullptr) return run_steps(pull, values);
  const bool takes =
      is_unique(cotangent) && cotangent.tensor_dtype() == plan.result && cotangent.tensor_shape() == *shape;
  Tensor out = takes ? cotangent.take_tensor() : Tensor::empty(plan.result, *shape);
  call.run(out.mutable_bytes());
  return Value::of(std::move(out));
}

// ---- recording ------------------------------------------------------------------------------------------------------

const Value& RegionTracking::primal(const Value& operand, std::size_t at) {
  if (!is_tracked(operand)) return operand;
  const auto& object = operand.object<TrackedObject>();
  tape_ = object.tape.get();
  tracked_ |= std::uint64_t{1} << at;
  refuses_ = refuses_ || tape_->level != 1 || !object.primal.is_tensor();
  return primal_of(operand);
}

bool RegionTracking::finds_gradient(std::shared_ptr<RegionGradients>& cache, const RegionSteps& region,
                                    RegionOperands operands) {
  if (refuses_) return false;
  const RegionStep& last = region.steps.back();
  if (last.kind == RegionStep::Kind::reduce && last.reduction != ReduceOp::sum && last.reduction != ReduceOp::mean)
    return false;
  operands.tracked = tracked_;
  if (!cache) cache = std::make_shared<RegionGradients>();
  gradient_ = cache->of(tape_->evaluator, region, operands);
  return gradient_ != nullptr;
}

void RegionTracking::keep(std::size_t at, const Value& operand) {
  const bool is_needed = ((tracked_ >> at) & 1) != 0 || gradient_->reads_operand(static_cast<int>(at));
  operands_.push_back(is_needed ? operand : Value());
}

Value RegionTracking::noted(const RegionSteps& region, Value result, const Shape& shape) {
  Value out = note_region(*tape_, gradient_, operands_, std::move(result));
  const RegionStep& last = region.steps.back();
  if (last.kind == RegionStep::Kind::reduce && is_tracked(out)) {
    tape_->nodes.back().reduced = shape;
    tape_->nodes.back().is_mean = last.reduction == ReduceOp::mean;
  }
  return out;
}

}  // namespace inlay
