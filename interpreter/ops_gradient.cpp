// ops_gradient.cpp - grad and its kin, and the ops that the rules of library/gradients are made of.
// Knows no rule. A gradient is one run of the function on tracked values, then one pull from its result.
// Invariant: a zero cotangent times any factor is zero, also where the factor is infinite or nan: what was not taken
// contributes nothing.
#include <fmt/ranges.h>

#include <numeric>

#include "interpreter/at_view.h"
#include "interpreter/index_items.h"
#include "interpreter/machine.h"
#include "interpreter/mutators.h"
#include "interpreter/tracked.h"
#include "runtime/cast.h"
#include "runtime/parallel.h"
#include "runtime/promote.h"
#include "runtime/reduce.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

using Tag = Value::Tag;

// ---- arguments and gradients of the same structure ------------------------------------------------------------------

/// A list, tuple or dict with `change` made to what is in it.
template <class Change>
Value rebuilt(const Value& value, const Change& change) {
  if (value.is(Tag::dict)) {
    Value out = Value::dict();
    for (const auto& [key, each] : value.dictionary().items)
      out.mutable_dictionary().set(key, rebuilt(each, change));
    return out;
  }
  if (!value.is_sequence()) return change(value);
  std::vector<Value> elements;
  for (const Value& each : value.elements()) elements.push_back(rebuilt(each, change));
  if (value.is(Tag::list)) return Value::list(std::move(elements));
  return Value::tuple(std::move(elements), value.object<TupleObject>().type);
}

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
  const std::int64_t at = as_index(argnum), size = static_cast<std::int64_t>(count);
  if (at < -size || at >= size)
    raise(ErrorKind::ValueError, "{}: argnums={} names no argument: the function was called with {} by position",
          name(wanted), at, count);
  return static_cast<std::size_t>(at < 0 ? at + size : at);
}

/// The floats of an argument tracked. TypeError if it has none.
Value tracked_argument(Tape& tape, const Value& argument, std::size_t position, Wanted wanted) {
  bool has_float = false;
  const Value out = rebuilt(argument, [&](const Value& each) {
    if (each.is_sequence() || !carries_gradient(each)) return each;
    has_float = true;
    return track(tape, each);
  });
  if (has_float) return out;
  raise(ErrorKind::TypeError,
        "{}: argument {} holds no floats, and integers carry no gradient; give floats, or choose others with argnums",
        name(wanted), position);
}

Value zeros_of(const Node& node) {
  return Value::of(Tensor::zeros(node.dtype, node.shape));
}

/// The cotangents of a tracked argument, in its structure; None for what carries none.
Value gradient_of(const Value& argument, const Pullback& pullback, const Tape& tape) {
  return rebuilt(argument, [&](const Value& each) {
    if (!is_tracked(each) || each.object<TrackedObject>().tape.get() != &tape) return Value::none();
    const int node = each.object<TrackedObject>().node;
    const Value& cotangent = pullback.of(node);
    return cotangent.is_undefined() ? zeros_of(tape.nodes[static_cast<std::size_t>(node)]) : cotangent;
  });
}

/// One run of a function with tracked arguments.
class Recording {
 public:
  Recording(Evaluator& evaluator, const Plan& plan, std::vector<Value> positional,
            std::vector<std::pair<std::string, Value>> keywords)
      : machine_(evaluator), plan_(plan) {
    ++machine_.state.recording;
    try {
      tape_ = Ref<Tape>::adopt(std::make_unique<Tape>(evaluator, machine_.state.recording).release());
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
  return rebuilt(run.result, [&](const Value& each) { return jacobian_of(run, each); });
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

Value op_stop_gradient(OpCall& call) { return without_tracking(call[0]); }

// ---- what rules are made of -----------------------------------------------------------------------------------------

/// out = cotangent == 0 ? 0 : cotangent * factor, over two tensors of one dtype and shape.
template <class T>
void times_unless_zero(const Tensor& cotangent, const Tensor& factor, Tensor& out) {
  const T *g = cotangent.data<T>(), *d = factor.data<T>();
  T* to = out.mutable_data<T>();
  parallel_for(out.size(), kParallelBlock, out.size(), [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) to[at] = g[at] == T(0) ? T(0) : g[at] * d[at];
  });
}

Tensor times_general(const Tensor& cotangent, const Operand& factor) {
  const Tensor product = binary(ElementwiseOp::multiply, cotangent, factor);
  const Tensor is_zero = binary(ElementwiseOp::equal, cotangent, Scalar::of(std::int64_t{0}));
  return where(is_zero, Scalar::of(std::int64_t{0}), product);
}

Value op_times(OpCall& call) {
  const Tensor cotangent = tensor_argument(call[0]);
  Operand factor = operand_argument(call[1]);
  if (!factor.is_number() && is_complex(factor.tensor.dtype()))
    factor = unary(ElementwiseOp::conjugate, factor);
  if (factor.is_number() && factor.number.kind == Scalar::Kind::complex) factor.number.imaginary *= -1;
  const bool is_plain = !factor.is_number() && factor.tensor.dtype() == cotangent.dtype() &&
                        factor.tensor.shape() == cotangent.shape() &&
                        (cotangent.dtype() == DType::float32 || cotangent.dtype() == DType::float64);
  if (!is_plain) return Value::of(times_general(cotangent, factor));
  Tensor out = Tensor::empty(cotangent.dtype(), cotangent.shape());
  const Tensor g = cotangent.contiguous(), d = factor.tensor.contiguous();
  if (cotangent.dtype() == DType::float32)
    times_unless_zero<float>(g, d, out);
  else
    times_unless_zero<double>(g, d, out);
  return Value::of(std::move(out));
}

/// The sum over the axes that broadcasting `shape` to x's shape added or stretched.
Tensor reduced_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const std::size_t extra = x.rank() > shape.size() ? x.rank() - shape.size() : 0;
  std::vector<int> leading(extra), stretched;
  std::iota(leading.begin(), leading.end(), 0);
  Tensor out = extra > 0 ? reduce(ReduceOp::sum, x, leading, false) : x;
  const std::size_t shift = shape.size() - out.rank();
  for (std::size_t axis = 0; axis < out.rank(); ++axis)
    if (shape[axis + shift] == 1 && out.dim(axis) != 1) stretched.push_back(static_cast<int>(axis));
  if (!stretched.empty()) out = reduce(ReduceOp::sum, out, stretched, true);
  return broadcast_to(out, shape);
}

Value op_fit(OpCall& call) {
  Tensor x = reduced_to(tensor_argument(call[0]), shape_argument(call[1]));
  const DType dtype = call[2].dtype();
  if (is_complex(x.dtype()) && !is_complex(dtype)) x = real(x);
  return Value::of(cast(x, dtype));
}

/// zeros of `sizes` to which each element of `cotangent` is added at the position in `source`; below 0: nowhere.
Value op_collect(OpCall& call) {
  const Tensor cotangent = tensor_argument(call[0]);
  const Shape shape = shape_argument(call[2]);
  const auto size = static_cast<std::int64_t>(element_count(shape));
  Tensor out = Tensor::zeros(cotangent.dtype(), Shape{size});
  Tensor at = cast(tensor_argument(call[1]), DType::int64).copy();
  auto* position = at.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < at.size(); ++i)
    if (position[i] < 0) position[i] = size;  // out of range: dropped
  const IndexItem item = ravel(at);
  index_accumulate(out, {&item, 1}, UpdateKind::add, Operand(ravel(broadcast_to(cotangent, at.shape()))),
                   IndexMode::drop);
  return Value::of(reshape(out, shape));
}

bool is_basic(const IndexItem& item) {
  const Tensor* tensor = std::get_if<Tensor>(&item);
  return tensor == nullptr || tensor->dtype() == DType::boolean || tensor->rank() == 0;
}

bool is_basic(const PathStep& step) {
  return step.kind != PathStep::Kind::flat && std::all_of(step.items.begin(), step.items.end(),
                                                          [](const IndexItem& item) { return is_basic(item); });
}

/// Whether an element can be named twice by a path, or values repeat along it.
Value op_repeats(OpCall& call) {
  const auto& steps = steps_of(call[0]);
  return Value::of(!std::all_of(steps.begin(), steps.end(), [](const PathStep& step) { return is_basic(step); }));
}

Value op_subscript(OpCall& call) { return subscript(call[0], call[1]); }

/// x with `value` added at an index where duplicates count.
Value op_add_at(OpCall& call) {
  Tensor x = call.may_reuse(0) ? call[0].take_tensor() : call[0].tensor();
  PathStep step;
  step.items = to_index_items(call[1]);
  if (is_basic(step))
    path_update(x, {&step, 1}, {operand_argument(call[2]), ElementwiseOp::add});
  else
    index_accumulate(x, step.items, UpdateKind::add, operand_argument(call[2]));
  return Value::of(std::move(x));
}

Value op_read_path(OpCall& call) {
  Tensor part = path_get(tensor_argument(call[0]), steps_of(call[1]));
  return Value::of(part.rank() == 0 ? part.copy() : part);
}

Value op_write_path(OpCall& call) {
  const bool takes = call.may_reuse(0) && call[0].is(Tag::tensor);
  Tensor x = takes ? call[0].take_tensor() : call[0].tensor();
  const bool is_nested = call[2].is_sequence();
  try {
    const DType dtype = x.dtype();
    path_update(x, steps_of(call[1]),
                {is_nested ? Operand(as_tensor(call[2], &dtype)) : to_operand(call[2]), std::nullopt, is_nested});
  } catch (...) {
    if (takes) call[0] = Value::of(std::move(x));
    throw;
  }
  return Value::of(std::move(x));
}

/// x.at[index].name(value)
Value op_at(OpCall& call) {
  AtObject at;
  at.tensor = call[0];
  at.index = call[1];
  const std::vector<std::pair<std::string, Value>> keywords{{"mode", call[4]}, {"duplicates", call[5]}};
  const bool reads = call[3].string() == "get";
  return at_method(call.evaluator, at, call[3].string(), reads ? std::span<const Value>() : call.arguments.subspan(2, 1),
                   reads ? std::span(keywords).first(1) : std::span(keywords));
}

/// The tensor that put, putmask … makes of x: `values` first among the arguments where the function takes them first.
Value op_mutated(OpCall& call) {
  Value target = Value::of(call[0].tensor().copy());
  const std::string& function = call[2].string();
  std::vector<Value> arguments = call[3].elements();
  const bool is_first = function == "copyto" || function == "fill_diagonal";
  arguments.insert(arguments.begin() + (is_first ? 0 : 1), call[1]);
  mutate_by_function(target, {call.evaluator, function, arguments, {}, {}});
  return target;
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBare = kPython;
constexpr ResultKind kAny = ResultKind::any;

constexpr OpRow kRows[] = {
    {"_add_at", "x, index, value", kInternal, kAny, op_add_at},
    {"_at", "x, index, value, name, mode, duplicates", kInternal, kAny, op_at},
    {"_collect", "cotangent, source, sizes", kInternal, kAny, op_collect},
    {"_fit", "cotangent, sizes, dtype", kInternal, kAny, op_fit},
    {"_gradient", "plan, *args, **keywords", kInternal, kAny, op_gradient},
    {"_mutated", "x, values, name, others", kInternal, kAny, op_mutated},
    {"_read_path", "x, path", kInternal, kAny, op_read_path},
    {"_repeats", "path", kInternal, kAny, op_repeats},
    {"_subscript", "x, index", kInternal, kAny, op_subscript},
    {"_times", "cotangent, factor", kInternal, kAny, op_times},
    {"_write_path", "x, path, values", kInternal, kAny, op_write_path},
    {"grad", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::gradient)},
    {"hessian", "f, argnums=0", kBare, kAny, op_hessian},
    {"jacobian", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::jacobian)},
    {"stop_gradient", "x", kBare, kAny, op_stop_gradient},
    {"value_and_grad", "f, argnums=0", kBare, kAny, op_grad, static_cast<int>(Wanted::value_and_gradient)},
};

}  // namespace

std::span<const OpRow> gradient_ops() { return kRows; }

}  // namespace inlay
