// tracked.cpp - evaluating ops on tracked values and noting them on the tape. See tracked.h.
#include "interpreter/gradients/tracked.h"

#include <algorithm>
#include <numeric>

#include "interpreter/fusion/region_gradient.h"
#include "interpreter/gradients/gradient_rules.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/operators.h"
#include "interpreter/values/nested.h"

namespace inlay {

namespace {

using Tag = Value::Tag;

TrackedObject& object_of(const Value& value) { return value.object<TrackedObject>(); }

/// What `value` and the elements in it stand for, one level down.
Value unwrapped(const Value& value, int level) {
  if (tracking_level(value) < level) return value;
  return remade<Into::sequences>(value, [level](const Value& each) {
    return is_tracked(each) && object_of(each).tape->level == level ? object_of(each).primal : each;
  });
}

/// The tape of this level that something in `value` is tracked on.
Tape* tape_of(const Value& value, int level) {
  Tape* tape = nullptr;
  any_in_operand(value, [&](const Value& each) {
    if (is_tracked(each) && object_of(each).tape->level == level) tape = object_of(each).tape.get();
    return tape != nullptr;
  });
  return tape;
}

/// The Rule (nested.h) that makes links of what is tracked on a tape.
struct Linking {
  using Made = Link;
  struct Parts {
    explicit Parts(const Value& /*container*/) {}
    void add(Link link) {
      leads_anywhere = leads_anywhere || link.leads_anywhere();
      links.push_back(std::move(link));
    }
    std::vector<Link> links;
    bool leads_anywhere = false;
  };
  static constexpr bool kIsShared = false;
  static constexpr std::size_t kDeepest = kNestingLimit;

  [[nodiscard]] Link leaf(const Value& value) const {
    const bool is_here = is_tracked(value) && object_of(value).tape.get() == &tape;
    return {is_here ? object_of(value).node : -1, {}};
  }
  static Link whole(const Value& /*container*/, Parts parts) {
    return {-1, parts.leads_anywhere ? std::move(parts.links) : std::vector<Link>()};
  }

  const Tape& tape;
};

std::size_t link_bytes(const Link& link) {
  std::size_t bytes = link.parts.size() * sizeof(Link);
  for (const Link& part : link.parts) bytes += link_bytes(part);
  return bytes;
}

Link link_of(const Value& value, const Tape& tape) {
  if (tape_of(value, tape.level) == nullptr) return {};
  Linking rule{tape};
  return NestedFold<Into::sequences, Linking>(rule).of(value);
}

/// A node for a value, with its dtype and shape.
int add_node(Tape& tape, const Value& value) {
  const Value& primal = primal_of(value);
  Node& node = tape.add();
  if (primal.is_tensor()) {
    node.dtype = primal.tensor_dtype();
    node.shape = primal.is(Tag::scalar) ? Shape() : primal.tensor_shape();
  } else {
    node.dtype = primal.is(Tag::complex) ? DType::complex128 : DType::float64;
  }
  return static_cast<int>(tape.nodes.size()) - 1;
}

[[noreturn]] void refuse_gradient(const OpRow& row, std::size_t parameter) {
  const auto& parameters = signature_of(row).parameters;
  std::string_view name = row.name;
  while (name.starts_with('_')) name.remove_prefix(1);
  raise(ErrorKind::TypeError,
        "{} has no gradient with respect to '{}'; if it is to count as a constant, give it stop_gradient({})", name,
        parameters[parameter].name, parameters[parameter].name);
}

/// The rules that the tracked arguments need, each of which must exist.
void link_inputs(Node& node, const Tape& tape, std::span<const Value> arguments) {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    Link link = link_of(arguments[at], tape);
    if (!link.leads_anywhere()) continue;
    if (node.rules->find(at) == nullptr) refuse_gradient(node.rules->row(), at);
    node.inputs.emplace_back(at, std::move(link));
  }
}

/// A plain number as a tensor, whose arithmetic gives inf where a plain number's refuses.
Value as_residual(const Value& value) { return value.is(Tag::floating) ? Value::of(to_tensor(value.number())) : value; }

/// Keeps what the rules of the inputs will read.
void keep_residuals(Node& node, std::span<const Value> primals, const Value& result) {
  node.arguments.resize(primals.size());
  for (const auto& [parameter, link] : node.inputs) {
    const GradientRule& rule = *node.rules->find(parameter);
    if (rule.reads(GradientRule::Source::result)) node.result = as_residual(result);
    for (const auto& input : rule.inputs)
      if (input.source == GradientRule::Source::argument && node.arguments[input.index].is_undefined())
        node.arguments[input.index] = primals[input.index];
    node.arguments[parameter] = as_residual(node.arguments[parameter]);
  }
}

/// The parts of a result of several, those of floats tracked.
Value tracked_parts(Tape& tape, int node, const Value& result) {
  std::vector<Value> parts;
  const int first = static_cast<int>(tape.nodes.size());
  tape.nodes[static_cast<std::size_t>(node)].part_count = result.elements().size();
  tape.nodes[static_cast<std::size_t>(node)].first_part = first;
  for (std::size_t at = 0; at < result.elements().size(); ++at) {
    const Value& part = result.elements()[at];
    const int id = add_node(tape, part);
    tape.nodes.back().parent = node;
    tape.nodes.back().part = at;
    parts.push_back(carries_gradient(part) ? tracked_on(tape, part, id) : part);
  }
  if (result.is(Tag::list)) return Value::list(std::move(parts));
  return Value::tuple(std::move(parts), result.object<TupleObject>().type);
}

/// The values that tracked arguments stand for. Where an argument is consumed, nobody else holds it and no rule will
/// read it, its value is taken out of it, so that the op may work in place, and put back if the op fails.
class Primals {
 public:
  Primals(OpCall& call, int level, const RowRules& rules) : call_(call) {
    values.reserve(call.arguments.size());
    for (std::size_t at = 0; at < call.arguments.size(); ++at) {
      Value& argument = call.arguments[at];
      const bool takes = is_tracked(argument) && call.may_reuse(at) && argument.unique() &&
                         object_of(argument).tape->level == level && !rules.reads(at);
      values.push_back(takes ? std::move(object_of(argument).primal) : unwrapped(argument, level));
      if (takes) taken_ |= std::uint64_t{1} << at;
    }
  }
  ~Primals() {
    if (std::uncaught_exceptions() == exceptions_) return;
    for (std::size_t at = 0; at < values.size() && at < 64; ++at)
      if (((taken_ >> at) & 1) != 0) object_of(call_[at]).primal = std::move(values[at]);
  }
  Primals(const Primals&) = delete;
  Primals& operator=(const Primals&) = delete;
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  OpCall& call_;
  std::uint64_t taken_ = 0;
  int exceptions_ = std::uncaught_exceptions();

 public:
  std::vector<Value> values;
};

int level_of(std::span<const Value> arguments) {
  int level = 0;
  for (const Value& each : arguments) level = std::max(level, tracking_level(each));
  return level;
}

Tape& tape_among(std::span<const Value> arguments, int level) {
  for (const Value& each : arguments)
    if (Tape* tape = tape_of(each, level)) return *tape;
  INLAY_CHECK(false);
  std::terminate();
}

/// `evaluate` on what the arguments stand for, noted as `row`.
template <class Evaluate>
Value noted(const OpRow& row, std::vector<Value> arguments, const Evaluate& evaluate) {
  const int level = level_of(arguments);
  std::vector<Value> primals;
  for (const Value& each : arguments) primals.push_back(unwrapped(each, level));
  Value result = evaluate(primals);
  const std::size_t count = signature_of(row).parameters.size();
  arguments.resize(count, Value::none());
  primals.resize(count, Value::none());
  return tape_among(arguments, level).note(row, arguments, primals, std::move(result));
}

const OpRow& core_row(std::string_view name) {
  const OpRow* row = find_op(name, kNumpy | kInternal);
  INLAY_CHECK(row != nullptr);
  return *row;
}

/// Methods of ufuncs that are functions of the core.
struct UfuncMethod {
  std::string_view ufunc, method, row;
};
constexpr UfuncMethod kUfuncMethods[] = {
    {"add", "reduce", "sum"},     {"multiply", "reduce", "prod"},  {"maximum", "reduce", "max"},
    {"minimum", "reduce", "min"}, {"add", "accumulate", "cumsum"}, {"multiply", "accumulate", "cumprod"},
};

/// Of what an operand is as a tensor: a number, a tensor or nested lists of them.
Shape shape_of(const Value& value) { return as_tensor(without_tracking(value)).shape(); }

/// x with `count` axes of size 1 behind its own.
Value with_axes_behind(Evaluator& evaluator, const Value& x, std::size_t count) {
  std::vector<Value> shape;
  for (const std::int64_t size : shape_of(x)) shape.push_back(Value::of(size));
  shape.resize(shape.size() + count, Value::of(std::int64_t{1}));
  return call_core(evaluator, "reshape", {x, Value::tuple(std::move(shape))});
}

/// Attributes that are functions of the core.
constexpr std::pair<std::string_view, std::string_view> kAttributes[] = {
    {"T", "transpose"}, {"mT", "matrix_transpose"}, {"real", "real"}, {"imag", "imag"}, {"flat", "ravel"}};

}  // namespace

// ---- asking ----

const Value& primal_of(const Value& value) {
  const Value* at = &value;
  while (is_tracked(*at)) at = &object_of(*at).primal;
  return *at;
}

Value without_tracking(const Value& value) {
  if (!any_within<Into::dicts_too>(value, is_tracked)) return value;
  return remade<Into::dicts_too>(value, primal_of);
}

int tracking_level(const Value& value) {
  int level = 0;
  any_in_operand(value, [&](const Value& each) {
    if (is_tracked(each)) level = std::max(level, object_of(each).tape->level);
    return false;
  });
  return level;
}

bool carries_gradient(const Value& value) {
  return any_in_operand(value, [](const Value& each) {
    if (each.is_tensor()) return kind(each.tensor_dtype()) >= Kind::floating;
    return is_tracked(each) || each.is(Tag::floating) || each.is(Tag::complex);
  });
}

Value tracked_on(Tape& tape, Value primal, int node) {
  auto object = std::make_unique<TrackedObject>();
  object->primal = std::move(primal);
  object->tape = Ref<Tape>::of(&tape);
  object->node = node;
  return Value::adopt(Tag::tracked, object.release());
}

Value track(Tape& tape, Value primal) {
  const int node = add_node(tape, primal);
  return tracked_on(tape, std::move(primal), node);
}

// ---- noting ----

Node& Tape::add() {
  if (nodes.size() == nodes.capacity()) reserve(std::max(kFewNodes, 2 * nodes.capacity()));
  return nodes.emplace_back();
}

void Tape::reserve(std::size_t count) {
  charge.grow_to(charge.bytes() + (count - nodes.capacity()) * sizeof(Node));
  nodes.reserve(count);
}

void Tape::charge_parts(const Node& node) {
  const std::size_t links = std::accumulate(
      node.inputs.begin(), node.inputs.end(), std::size_t{0},
      [](std::size_t sum, const auto& input) { return sum + sizeof(input) + link_bytes(input.second); });
  charge.grow_to(charge.bytes() + links + node.arguments.size() * sizeof(Value));
}

Value Tape::note(const OpRow& row, std::span<const Value> arguments, std::span<const Value> primals, Value result) {
  if (!carries_gradient(result)) return result;
  Node node;
  node.rules = &gradient_rules_of(evaluator, row);
  link_inputs(node, *this, arguments);
  keep_residuals(node, primals, result);
  charge_parts(node);
  const int id = result.is_sequence() ? static_cast<int>(nodes.size()) : add_node(*this, result);
  if (result.is_sequence()) add();
  node.dtype = nodes.back().dtype;
  node.shape = nodes.back().shape;
  nodes.back() = std::move(node);
  return result.is_sequence() ? tracked_parts(*this, id, result) : tracked_on(*this, std::move(result), id);
}

Value note_region(Tape& tape, std::shared_ptr<const RegionGradient> gradient, std::span<const Value> operands,
                  Value result) {
  if (!carries_gradient(result)) return result;
  const int id = add_node(tape, result);
  Node& node = tape.nodes.back();
  node.arguments.resize(operands.size());
  for (std::size_t at = 0; at < operands.size(); ++at) {
    if (gradient->reads_operand(static_cast<int>(at))) node.arguments[at] = primal_of(operands[at]);
    if (gradient->reaches(static_cast<int>(at))) node.inputs.emplace_back(at, link_of(operands[at], tape));
  }
  if (gradient->reads_result()) node.result = result;
  node.region = std::move(gradient);
  tape.charge_parts(node);
  return tracked_on(tape, std::move(result), id);
}

// ---- ops ----

Value evaluate_tracked(OpCall& call) {
  const int level = level_of(call.arguments);
  if (level == 0) return call.row.evaluate(call);
  const RowRules& rules = gradient_rules_of(call.evaluator, call.row);
  if (rules.role() == RowRules::Role::transparent) return call.row.evaluate(call);
  if (rules.role() == RowRules::Role::dropping) refuse_to_drop(fmt::format("x.{}()", call.row.name));
  Primals primals(call, level, rules);
  std::vector<Value> kept = primals.values;
  if (primals.taken() != 0)
    for (std::size_t at = 0; at < kept.size() && at < 64; ++at)
      if (((primals.taken() >> at) & 1) != 0) kept[at] = Value();
  OpCall inner{call.evaluator, call.row, primals.values, primals.taken(), nullptr};
  Value result = evaluate_tracked(inner);
  return tape_among(call.arguments, level).note(call.row, call.arguments, kept, std::move(result));
}

Value call_core(Evaluator& evaluator, std::string_view name, std::vector<Value> arguments) {
  return call_core_taking(evaluator, name, arguments, 0);
}

Value call_core_taking(Evaluator& evaluator, std::string_view name, std::vector<Value>& arguments,
                       std::uint64_t consumed) {
  const OpRow& row = core_row(name);
  const auto& parameters = signature_of(row).parameters;
  for (std::size_t at = arguments.size(); at < parameters.size(); ++at)
    arguments.push_back(parameters[at].default_value);
  OpCall call{evaluator, row, arguments, consumed, nullptr};
  return evaluate_tracked(call);
}

Value tracked_binary(ast::BinaryOp op, const Value& a, const Value& b) {
  const std::string_view row = op == ast::BinaryOp::matmul ? "matmul" : name(elementwise_of(op));
  return noted(core_row(row), {a, b}, [&](std::vector<Value>& values) {
    Value left = values[0], right = values[1];
    return binary_operation(op, left, right);
  });
}

Value tracked_unary(ast::UnaryOp op, const Value& a) {
  const std::string_view row = op == ast::UnaryOp::negative   ? "negative"
                               : op == ast::UnaryOp::positive ? "positive"
                                                              : "invert";
  return noted(core_row(row), {a}, [&](std::vector<Value>& values) {
    Value operand = values[0];
    return unary_operation(op, operand);
  });
}

Value tracked_compare(ast::CompareOp op, const Value& a, const Value& b) {
  return noted(core_row(name(elementwise_of(op))), {a, b},
               [&](const std::vector<Value>& values) { return compare_operation(op, values[0], values[1]); });
}

bool tracked_truth(const Value& value) {
  object_of(value).tape->decide();
  return truth(object_of(value).primal);
}

Value tracked_subscript(const Value& object, const Value& index) {
  return call_core(object_of(object).tape->evaluator, "_subscript", {object, index});
}

Value tracked_attribute(const Value& object, std::string_view name) {
  for (const auto& [attribute, row] : kAttributes)
    if (attribute == name) return call_core(object_of(object).tape->evaluator, row, {object});
  return {};
}

Value tracked_ufunc_method(Evaluator& evaluator, const OpRow& ufunc, std::string_view method,
                           std::vector<Value> positional, std::vector<std::pair<std::string, Value>> keywords) {
  if (method == "outer" && positional.size() == 2) {
    positional[0] = with_axes_behind(evaluator, positional[0], shape_of(positional[1]).size());
    return evaluator.call(Value::of(&ufunc), std::move(positional), std::move(keywords));
  }
  for (const UfuncMethod& each : kUfuncMethods) {
    if (each.ufunc != ufunc.name || each.method != method) continue;
    const bool has_axis = positional.size() > 1 || std::any_of(keywords.begin(), keywords.end(),
                                                               [](const auto& pair) { return pair.first == "axis"; });
    if (!has_axis) keywords.emplace_back("axis", Value::of(0));
    return evaluator.call(Value::of(&core_row(each.row)), std::move(positional), std::move(keywords));
  }
  raise(ErrorKind::TypeError,
        "{}.{} has no gradient; write it with functions that have one, or give it stop_gradient(x)", ufunc.name,
        method);
}

void refuse_to_drop(std::string_view call) {
  raise(ErrorKind::TypeError,
        "{} would drop the gradient of a value that is being differentiated: keep it a tensor, or say that it is a "
        "constant with stop_gradient(x)",
        call);
}

}  // namespace inlay
