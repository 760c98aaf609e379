// ops_gradient.cpp - grad and its kin: one run of the function on tracked values, then one pull from its result.
// Knows no rule, and no op but those that put jacobians together.
// Invariant: a recording ends as it began, whether its function returns or throws; gradients have the structure of the
// arguments they belong to.
#include <fmt/ranges.h>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/activation.h"
#include "interpreter/machine/machine.h"
#include "interpreter/values/nested.h"
#include "runtime/dtypes/cast.h"
#include "runtime/indexing/position.h"
#include "runtime/memory/stack.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

using Tag = Value::Tag;

// ---- arguments and gradients of the same structure ------------------------------------------------------------------

/// What a gradient function was made of.
enum class Wanted : std::uint8_t { gradient, value_and_gradient, jacobian };

struct Plan {
  Wanted wanted;
  Value function;
  Value argnums;
};

std::string_view name(Wanted wanted) {
  return wanted == Wanted::jacobian ? "jacobian" : wanted == Wanted::gradient ? "grad" : "value_and_grad";
}

std::size_t argument_position(const Value& argnum, std::size_t count, Wanted wanted) {
  const std::int64_t index = as_index(argnum), at = position_of(index, static_cast<std::int64_t>(count));
  if (at < 0)
    raise(ErrorKind::ValueError, "{}: argnums={} names no argument: the function was called with {} by position",
          name(wanted), index, count);
  return static_cast<std::size_t>(at);
}

/// The floats of an argument tracked. TypeError if it has none.
Value tracked_argument(Tape& tape, const Value& argument, std::size_t position, Wanted wanted) {
  bool has_float = false;
  const Value out = remade_by_place(argument, [&](const Value& each) {
    if (!carries_gradient(each)) return each;
    has_float = true;
    return track(tape, each);
  });
  if (has_float) return out;
  raise(ErrorKind::TypeError,
        "{}: argument {} holds no floats, and integers carry no gradient; give floats, or choose others with argnums",
        name(wanted), position);
}

Value zeros_of(const Node& node) { return Value::of(Tensor::zeros(node.dtype, node.shape)); }

/// The cotangents of a tracked argument, in its structure; None for what carries none.
Value gradient_of(const Value& argument, const Pullback& pullback, const Tape& tape) {
  return remade_by_place(argument, [&](const Value& each) {
    if (!is_tracked(each) || each.object<TrackedObject>().tape.get() != &tape) return Value::none();
    const int node = each.object<TrackedObject>().node;
    const Value& cotangent = pullback.of(node);
    return cotangent.is_undefined() ? zeros_of(tape.nodes[static_cast<std::size_t>(node)]) : cotangent;
  });
}

/// One run of a function with tracked arguments: a call, for the limit of their depth.
class Recording {
 public:
  Recording(Evaluator& evaluator, const Plan& plan, std::vector<Value> positional,
            std::vector<std::pair<std::string, Value>> keywords)
      : machine_(evaluator), depth_(machine_.state), plan_(plan) {
    ++machine_.state.recording;
    try {
      tape_ = Ref<Tape>::adopt(std::make_unique<Tape>(evaluator, machine_.state.recording).release());
      tape_->reserve(Tape::kFewNodes);
      track_arguments(positional);
      result = machine_.apply(plan.function, {std::move(positional), std::move(keywords)});
    } catch (...) {
      --machine_.state.recording;
      throw;
    }
    --machine_.state.recording;
  }

  /// The node of the result, or -1 if it does not depend on the arguments.
  [[nodiscard]] int node() const { return node(result); }
  /// The same of a part of it.
  [[nodiscard]] int node(const Value& part) const {
    const bool is_ours = is_tracked(part) && part.object<TrackedObject>().tape.get() == tape_.get();
    return is_ours ? part.object<TrackedObject>().node : -1;
  }
  [[nodiscard]] Value primal() const { return node() < 0 ? result : result.object<TrackedObject>().primal; }
  [[nodiscard]] Tape& tape() const { return *tape_; }
  /// The gradients of the arguments, as argnums names them.
  [[nodiscard]] Value gradients(const Pullback& pullback) const {
    std::vector<Value> out;
    for (const Value& each : tracked_) out.push_back(gradient_of(each, pullback, *tape_));
    return plan_.argnums.is_sequence() ? Value::tuple(std::move(out)) : out[0];
  }

 private:
  void track_arguments(std::vector<Value>& arguments) {
    const auto track_one = [&](const Value& argnum) {
      const std::size_t at = argument_position(argnum, arguments.size(), plan_.wanted);
      arguments[at] = tracked_argument(*tape_, arguments[at], at, plan_.wanted);
      tracked_.push_back(arguments[at]);
    };
    if (!plan_.argnums.is_sequence()) return track_one(plan_.argnums);
    for (const Value& each : plan_.argnums.elements()) track_one(each);
  }

  Machine machine_;
  Depth depth_;
  const Plan& plan_;
  Ref<Tape> tape_;
  std::vector<Value> tracked_;

 public:
  Value result;
};

// ---- grad -----------------------------------------------------------------------------------------------------------

std::string described(const Value& value) {
  const Value& primal = primal_of(value);
  if (!primal.is_tensor()) return std::string(type_name(primal));
  const Shape shape = primal.is(Tag::scalar) ? Shape() : primal.tensor_shape();
  return fmt::format("{}[{}]", inlay::name(primal.tensor_dtype()), fmt::join(shape, ", "));
}

/// A gradient is that of one real number.
void check_scalar(const Value& result, Wanted wanted) {
  const Value& primal = primal_of(result);
  const bool is_scalar = primal.is(Tag::floating) || (primal.is_tensor() && primal.tensor_rank() == 0);
  if (!is_scalar)
    raise(ErrorKind::TypeError,
          "{} wants a function that gives one number, not {}: reduce it, with sum() or mean() say, or take jacobian",
          name(wanted), described(result));
  if (primal.is_tensor() && !is_floating(primal.tensor_dtype()))
    raise(ErrorKind::TypeError, "{} wants a function that gives a float, not {}{}", name(wanted), described(result),
          is_complex(primal.tensor_dtype()) ? ": take its real part or its absolute value" : "");
}

Value one_for(const Node& node) { return Value::of(cast(Tensor::scalar<std::int64_t>(1), node.dtype)); }

Value differentiate(Evaluator& evaluator, const Plan& plan, std::vector<Value> positional,
                    std::vector<std::pair<std::string, Value>> keywords) {
  const Recording run(evaluator, plan, std::move(positional), std::move(keywords));
  check_scalar(run.result, plan.wanted);
  Pullback pullback(run.tape(), true);
  if (run.node() >= 0) pullback.run(run.node(), one_for(run.tape().nodes[static_cast<std::size_t>(run.node())]));
  Value gradients = run.gradients(pullback);
  if (plan.wanted == Wanted::gradient) return gradients;
  return Value::tuple({run.primal(), std::move(gradients)});
}

// ---- jacobian -------------------------------------------------------------------------------------------------------

/// One at a position, zero elsewhere.
Value unit(const Node& node, std::int64_t at) {
  Tensor out = Tensor::zeros(node.dtype, Shape{static_cast<std::int64_t>(element_count(node.shape))});
  const IndexItem item = at;
  index_accumulate(out, {&item, 1}, UpdateKind::set, Scalar::of(1.0));
  return Value::of(reshape(out, node.shape));
}

/// The rows' leaves, stacked and shaped as the result's axes, then the argument's.
Value stacked(Evaluator& evaluator, const std::vector<Value>& rows, const Shape& result_shape) {
  const Value& first = rows[0];
  if (first.is(Tag::dict)) {
    Value out = Value::dict();
    for (const auto& [key, each] : first.dictionary().items) {
      std::vector<Value> part;
      for (const Value& row : rows) part.push_back(*row.dictionary().find(key));
      out.mutable_dictionary().set(key, stacked(evaluator, part, result_shape));
    }
    return out;
  }
  if (first.is_sequence()) {
    std::vector<Value> elements;
    for (std::size_t at = 0; at < first.elements().size(); ++at) {
      std::vector<Value> part;
      for (const Value& row : rows) part.push_back(row.elements()[at]);
      elements.push_back(stacked(evaluator, part, result_shape));
    }
    return first.is(Tag::list) ? Value::list(std::move(elements)) : Value::tuple(std::move(elements));
  }
  if (first.is_none()) return first;
  const Value all = call_core(evaluator, "stack", {Value::tuple(rows)});
  std::vector<Value> sizes;
  for (const std::int64_t size : result_shape) sizes.push_back(Value::of(size));
  const Value& leaf = primal_of(first);
  if (!leaf.is(Tag::scalar))
    for (const std::int64_t size : leaf.tensor_shape()) sizes.push_back(Value::of(size));
  return call_core(evaluator, "reshape", {all, Value::tuple(std::move(sizes))});
}

/// The derivatives of one tensor that the function gave.
Value jacobian_of(const Recording& run, const Value& result) {
  if (!carries_gradient(result)) return Value::none();
  const Value& primal = primal_of(result);
  Node node;
  node.dtype = primal.is_tensor() ? primal.tensor_dtype() : DType::float64;
  if (primal.is(Tag::tensor)) node.shape = primal.tensor_shape();
  const int id = run.node(result);
  std::vector<Value> rows;
  for (std::int64_t at = 0; at < static_cast<std::int64_t>(element_count(node.shape)); ++at) {
    Pullback pullback(run.tape(), false);
    if (id >= 0) pullback.run(id, unit(node, at));
    rows.push_back(run.gradients(pullback));
  }
  if (rows.empty()) raise(ErrorKind::ValueError, "jacobian of a function that gives no elements");
  return stacked(run.tape().evaluator, rows, node.shape);
}

/// For a structure of results the same structure of derivatives.
Value jacobian(Evaluator& evaluator, const Plan& plan, std::vector<Value> positional,
               std::vector<std::pair<std::string, Value>> keywords) {
  const Recording run(evaluator, plan, std::move(positional), std::move(keywords));
  const bool is_structure = run.result.is_sequence() || run.result.is(Tag::dict);
  if (!is_structure && !carries_gradient(run.result))
    raise(ErrorKind::TypeError, "jacobian wants a function that gives a tensor of floats, not {}",
          described(run.result));
  return remade_by_place(run.result, [&](const Value& each) { return jacobian_of(run, each); });
}

// ---- functions that give functions ----------------------------------------------------------------------------------

Value op_gradient(OpCall& call) {
  const std::vector<Value>& parts = call[0].elements();
  const Plan plan{static_cast<Wanted>(parts[0].integer()), parts[1], parts[2]};
  std::vector<std::pair<std::string, Value>> keywords;
  for (const auto& [key, value] : call[2].dictionary().items) keywords.emplace_back(key.string(), value);
  const auto run = plan.wanted == Wanted::jacobian ? jacobian : differentiate;
  return run(call.evaluator, plan, call[1].elements(), std::move(keywords));
}

void check_function(const Value& function, std::string_view caller) {
  if (!function.is_callable())
    raise(ErrorKind::TypeError, "{} wants a function, not {}; write {}(f)(x)", caller, type_name(function), caller);
}

Value gradient_function(Wanted wanted, const Value& function, const Value& argnums, std::string_view caller) {
  check_function(function, caller);
  auto method = std::make_unique<MethodObject>();
  method->self = Value::tuple({Value::of(static_cast<std::int64_t>(wanted)), function, argnums});
  method->function = Value::of(find_op("_gradient", kInternal));
  method->name = caller;
  return Value::adopt(Tag::method, method.release());
}

Value op_grad(OpCall& call) {
  return gradient_function(static_cast<Wanted>(call.row.data), call[0], call[1], call.row.name);
}

/// The jacobian of the gradient.
Value op_hessian(OpCall& call) {
  const Value gradient = gradient_function(Wanted::gradient, call[0], call[1], call.row.name);
  return gradient_function(Wanted::jacobian, gradient, call[1], call.row.name);
}

/// The part of a structure at a key or position of another one.
const Value& part_of(const Value& structure, const Value& key) {
  if (structure.is(Tag::dict)) {
    if (const Value* found = structure.dictionary().find(key)) return *found;
  } else if (structure.is_sequence() && key.is(Tag::integer)) {
    const auto at = static_cast<std::size_t>(key.integer());
    if (at < structure.elements().size()) return structure.elements()[at];
  }
  raise(ErrorKind::ValueError, "structures differ: one has a part {}, another one is {}", to_short_repr(key),
        described(structure));
}

/// A function and what it is mapped over.
class Mapping {
 public:
  Mapping(Evaluator& evaluator, const Value& function, std::size_t count)
      : machine_(evaluator),
        function_(function),
        is_plain_(function.is(Tag::function) &&
                  function.object<FunctionObject>().plain_parameters == static_cast<int>(count)) {}

  /// The function of what stands at the same place in several structures, as a structure like the first, nested at most
  /// kNestingLimit deep.
  Value of(std::vector<Value> structures) {
    const Value first = structures[0];
    if (!is_container<Into::dicts_too>(first)) return called(std::move(structures));
    require_stack("in a nested value");
    if (depth_ == kNestingLimit) raise(ErrorKind::RecursionError, "maximum recursion depth exceeded in a nested value");
    ++depth_;
    GrowingList elements;
    if (first.is(Tag::dict)) {
      for (const auto& [key, each] : first.dictionary().items) elements.add(of(parts(structures, key)));
    } else {
      for (std::size_t place = 0; place < first.elements().size(); ++place)
        elements.add(of(parts(structures, Value::of(static_cast<std::int64_t>(place)))));
    }
    --depth_;
    return container_like(first, elements.take());
  }

 private:
  static std::vector<Value> parts(const std::vector<Value>& structures, const Value& key) {
    std::vector<Value> out;
    out.reserve(structures.size());
    for (const Value& each : structures) out.push_back(part_of(each, key));
    return out;
  }
  Value called(std::vector<Value> arguments) {
    if (!is_plain_) return machine_.apply(function_, {std::move(arguments), {}});
    const auto& function = function_.object<FunctionObject>();
    return machine_.run_function(*function.program, *function.function, function.captured, arguments);
  }

  Machine machine_;
  const Value& function_;
  bool is_plain_;
  int depth_ = 0;
};

Value op_map_structure(OpCall& call) {
  const std::vector<Value>& structures = call[1].elements();
  return Mapping(call.evaluator, call[0], structures.size()).of(structures);
}

Value op_stop_gradient(OpCall& call) { return without_tracking(call[0]); }

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBare = kPython;
constexpr ResultKind kAny = ResultKind::any;

constexpr OpRow kRows[] = {
    {"_gradient", "plan, *args, **keywords", kInternal, kAny, op_gradient},
    {"_map_structure", "f, *structures", kInternal, kAny, op_map_structure},
    {"grad", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::gradient)},
    {"hessian", "f, argnums=0", kBare, kAny, op_hessian},
    {"jacobian", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::jacobian)},
    {"stop_gradient", "x", kBare, kAny, op_stop_gradient},
    {"value_and_grad", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::value_and_gradient)},
};

}  // namespace

std::span<const OpRow> gradient_ops() { return kRows; }

}  // namespace inlay
