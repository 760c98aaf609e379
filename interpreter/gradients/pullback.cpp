// pullback.cpp - from the cotangent of a result to those of the inputs, op by op, last op first. See tracked.h.
// Knows no op: each one's rule is called as the function that it is, so a pull is itself differentiable.
// Invariant: when a node is pulled, every op that used its result has been; a cotangent that reaches a node has the
// node's dtype and shape.
#include <algorithm>

#include "interpreter/fusion/region_gradient.h"
#include "interpreter/gradients/gradient_rules.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/operators.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {

namespace {

Value shape_value(const Shape& shape) {
  std::vector<Value> sizes;
  for (const std::int64_t size : shape) sizes.push_back(Value::of(size));
  return Value::tuple(std::move(sizes));
}

/// The shape of an argument; that of a nested list is read off its first tracked element.
Shape shape_of(const Link& link, const Tape& tape) {
  if (link.node >= 0) return tape.nodes[static_cast<std::size_t>(link.node)].shape;
  const auto first =
      std::find_if(link.parts.begin(), link.parts.end(), [](const Link& each) { return each.leads_anywhere(); });
  Shape out{static_cast<std::int64_t>(link.parts.size())};
  if (first != link.parts.end())
    for (const std::int64_t size : shape_of(*first, tape)) out.push_back(size);
  return out;
}

bool fits(const Value& cotangent, const Node& node) {
  const Value& primal = primal_of(cotangent);
  if (!primal.is_tensor() || primal.tensor_dtype() != node.dtype) return false;
  return primal.is(Value::Tag::scalar) ? node.shape.empty() : primal.tensor_shape() == node.shape;
}

}  // namespace

void Pullback::run(int node, Value seed) {
  accumulate(node, std::move(seed));
  for (int id = node; id >= 0; --id)
    if (!cotangents_[static_cast<std::size_t>(id)].is_undefined() ||
        tape_.nodes[static_cast<std::size_t>(id)].part_count)
      pull(id);
}

/// The cotangents of a result of several; None where nothing came. Undefined if nothing came at all.
Value Pullback::parts_of(const Node& node) {
  std::vector<Value> parts;
  bool has_any = false;
  for (std::size_t at = 0; at < node.part_count; ++at) {
    Value& part = cotangents_[static_cast<std::size_t>(node.first_part) + at];
    has_any = has_any || !part.is_undefined();
    parts.push_back(part.is_undefined() ? Value::none() : std::move(part));
    part = Value();
  }
  return has_any ? Value::list(std::move(parts)) : Value();
}

void Pullback::pull(int id) {
  Node& node = tape_.nodes[static_cast<std::size_t>(id)];
  if (node.rules == nullptr && !node.region) return;  // an input, or a part, which waits for the op it is a part of
  Value cotangent = node.part_count > 0 ? parts_of(node) : std::move(cotangents_[static_cast<std::size_t>(id)]);
  cotangents_[static_cast<std::size_t>(id)] = Value();
  if (cotangent.is_undefined()) return;
  if (node.region) {
    pull_region(node, std::move(cotangent));
  } else {
    pull_ops(node, cotangent);
  }
  if (!is_last_) return;
  node.arguments = {};
  node.result = Value();
}

void Pullback::pull_region(Node& node, Value cotangent) {
  if (node.is_mean) {
    const auto count = static_cast<std::int64_t>(element_count(*node.reduced));
    cotangent = call_core(tape_.evaluator, "divide", {std::move(cotangent), Value::of(count)});
  }
  const std::vector<RegionPull>& pulls = node.region->pulls();
  for (const RegionPull& pull : pulls) {
    const bool is_last = &pull == &pulls.back();
    Value pulled = run_pull(pull, {node.arguments, node.result}, is_last ? std::move(cotangent) : Value(cotangent));
    // One cotangent stands for those of all elements that were reduced.
    if (node.reduced) pulled = Value::of(broadcast_to(pulled.tensor(), *node.reduced));
    for (const auto& [operand, link] : node.inputs)
      if (std::find(pull.operands.begin(), pull.operands.end(), static_cast<int>(operand)) != pull.operands.end())
        distribute(link, pulled);
  }
}

void Pullback::pull_ops(Node& node, Value& cotangent) {
  // The first parameters last: an update changes its target's cotangent in place once everything else has read it.
  for (std::size_t at = node.inputs.size(); at-- > 0;) pull_parameter(node, at, cotangent, at == 0);
}

void Pullback::pull_parameter(Node& node, std::size_t input, Value& cotangent, bool moves) {
  using From = GradientRule::Source;
  const auto& [parameter, link] = node.inputs[input];
  const GradientRule& rule = *node.rules->find(parameter);
  if (rule.is_identity) return distribute(link, moves ? std::move(cotangent) : cotangent);
  Value* const so_far = link.node >= 0 ? &cotangents_[static_cast<std::size_t>(link.node)] : nullptr;
  const bool adds = rule.reads(From::into) && so_far != nullptr;
  std::vector<Value> arguments;
  arguments.reserve(rule.inputs.size());
  for (const auto& each : rule.inputs) {
    switch (each.source) {
      case From::cotangent:
        arguments.push_back(moves ? std::move(cotangent) : cotangent);
        break;
      case From::result:
        arguments.push_back(node.result);
        break;
      case From::shape:
        arguments.push_back(shape_value(shape_of(link, tape_)));
        break;
      case From::into:
        arguments.push_back(!adds || so_far->is_undefined() ? Value::none() : std::move(*so_far));
        break;
      case From::argument:
        arguments.push_back(node.arguments[each.index]);
        break;
      case From::default_value:
        arguments.push_back(each.value);
        break;
    }
  }
  if (adds) *so_far = Value();
  const auto& function = rule.function.object<FunctionObject>();
  distribute(
      link, Machine(tape_.evaluator).run_function(*function.program, *function.function, function.captured, arguments));
}

void Pullback::distribute(const Link& link, Value cotangent) {
  if (cotangent.is_none()) return;
  if (link.node >= 0) return accumulate(link.node, std::move(cotangent));
  for (std::size_t at = 0; at < link.parts.size(); ++at)
    if (link.parts[at].leads_anywhere())
      distribute(link.parts[at], subscript(cotangent, Value::of(static_cast<std::int64_t>(at))));
}

/// A cotangent brought to the shape of the value it belongs to: the sum over what was broadcast.
Value Pullback::fitted(const Node& node, Value cotangent) {
  if (fits(cotangent, node)) return cotangent;
  if (cotangent.is(Value::Tag::tensor)) return Value::of(fitted_to(cotangent.tensor(), node.shape, node.dtype));
  return call_core(tape_.evaluator, "_fit", {std::move(cotangent), shape_value(node.shape), Value::of(node.dtype)});
}

void Pullback::accumulate(int node, Value cotangent) {
  Value& so_far = cotangents_[static_cast<std::size_t>(node)];
  Value fitting = fitted(tape_.nodes[static_cast<std::size_t>(node)], std::move(cotangent));
  if (so_far.is_undefined())
    so_far = std::move(fitting);
  else
    so_far = binary_operation(ast::BinaryOp::add, so_far, fitting, 1);
}

}  // namespace inlay
