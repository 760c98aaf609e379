// machine_quick_updates.cpp - the commonest updates and mutations without the machinery of paths: numbers and elements,
// slices and masks of few elements, items of lists and dicts and what these lead to. See machine.h.
// Invariant: what is done here is what the general way of machine_updates.cpp does, or nothing.
#include <algorithm>

#include "interpreter/machine/machine.h"
#include "interpreter/machine/plain_numbers.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/subscripts/plain_augment.h"

namespace inlay {

Value* Machine::own_target(const ir::Instruction& in, Frame& frame, bool is_element) {
  const ir::Place place = in.results[0];
  Value& variable = read(in.operands[0], frame);
  if (place.kind == ir::Place::Kind::reg) return in.consumes(0) ? &variable : nullptr;
  if ((in.undoable && !is_element) || place != in.operands[0]) return nullptr;
  const bool is_global = place.kind == ir::Place::Kind::global;
  const Value* slot =
      is_global ? frame.globals[place.index] : &frame.cells[static_cast<std::size_t>(place.index)]->value;
  return slot == &variable ? &variable : nullptr;
}

namespace {

bool is_item(const ir::PathStepShape& step) {
  return step.kind == ir::PathStepShape::Kind::subscript && step.subscript.is_item();
}

/// Whether all steps of a path but the last few are single items.
bool begins_with_items(const ir::PathShape& path, std::size_t rest) {
  return path.steps.size() >= rest && std::all_of(path.steps.begin(), path.steps.end() - rest, is_item);
}

/// `l[0] = l` must see two holders.
bool is_value_root(const ir::Instruction& in, std::size_t value) { return in.operands[value] == in.operands[0]; }

}  // namespace

Value* Machine::enter(Value& root, const ir::Instruction& in, std::size_t count, Frame& frame) {
  Value* target = &root;
  for (std::size_t at = 1; at <= count && target != nullptr; ++at)
    target = plain_entry(*target, read(in.operands[at], frame));
  return target;
}

/// The last step of an update, in what the steps before lead to.
bool Machine::update_target(const ir::Instruction& in, const ir::PathShape& path, Value& root, Frame& frame) {
  const bool is_augmented = in.detail != 0xff;
  const auto operand = [&](std::size_t at) -> Value& { return read(in.operands[at], frame); };
  const auto op = static_cast<ast::BinaryOp>(in.detail);
  ElementwisePlan& plan = frame.linked.plans[static_cast<std::size_t>(in.cache)];
  const std::size_t last = path.steps.size(), count = in.operands.size();
  const ir::SubscriptShape& shape = path.steps[last - 1].subscript;
  // The root as it was before it is entered, where that is the value: `m[0][0] = m`.
  const Value held = is_value_root(in, count - 1) ? root : Value();
  Value* const target = enter(root, in, last - 1, frame);
  if (target == nullptr) return false;
  const Value& value = held.is_undefined() ? operand(count - 1) : held;
  if (shape.is_item()) {
    if (is_augmented) return augment_plain_item(op, *target, operand(last), value, plan);
    if (in.consumes(count - 1) && held.is_undefined())
      return store_plain_item(*target, operand(last), operand(count - 1));
    Value another = value;
    return store_plain_item(*target, operand(last), another);
  }
  if (shape.is_tuple) {
    PlainItems items;
    if (!items.read(*this, in, shape, frame, last)) return false;
    if (is_augmented) {
      return items.is_element() ? augment_plain_element(op, *target, items.indices(), value, plan)
                                : augment_plain_parts(op, *target, items.all(), value, plan);
    }
    return items.is_element() ? store_plain_element(*target, items.indices(), value)
                              : store_plain_parts(*target, items.all(), value);
  }
  const Value none = Value::none();
  const auto bound = [&](std::size_t at) -> const Value& { return in.operands[at] ? operand(at) : none; };
  if (is_augmented) {
    const PlainItem slice{nullptr, &bound(last), &bound(last + 1), &bound(last + 2)};
    return augment_plain_parts(op, *target, {&slice, 1}, value, plan);
  }
  const bool is_last_use = in.consumes(count - 1) && in.operands[count - 1].kind == ir::Place::Kind::reg;
  return store_plain_slice(*target, {bound(last), bound(last + 1), bound(last + 2)}, value, is_last_use);
}

/// Updates of plain values: `n op= number`, `l[i] = v`, `d[k] = v`, `d[k] op= number`, elements and slices of small
/// tensors set to a number or to such elements; and the same in lists and dicts that items lead to: `m[i][j] = v`.
/// False if this is none of them.
bool Machine::update_quickly(const ir::Instruction& in, const ir::PathShape& path, Frame& frame) {
  const bool is_augmented = in.detail != 0xff, is_whole = path.steps.empty();
  if (is_whole ? !is_augmented : !begins_with_items(path, 1)) return false;
  if (!is_whole && path.steps.back().kind != ir::PathStepShape::Kind::subscript) return false;
  const bool is_element = in.undoable && !is_augmented && keep_element(in, path, frame);
  Value* const root = own_target(in, frame, is_element);
  if (root == nullptr) return false;
  const bool is_done =
      is_whole ? plain_binary(static_cast<ast::BinaryOp>(in.detail), *root, read(in.operands[1], frame), *root)
               : update_target(in, path, *root, frame);
  const ir::Place place = in.results[0];
  if (is_done && place.kind == ir::Place::Kind::reg) frame.registers[place.index] = std::move(*root);
  return is_done;
}

namespace {

/// A method of a list or a dict with at most one argument, or `x.fill(v)` with one value; false if it is none of them,
/// and nothing has changed. None calls functions, as sort(key=…) does, and what the host is told of can run nothing.
bool mutate_plainly(Value& target, const MutatorCall& call, Value& returned) {
  const std::span<const Value> arguments = call.positional;
  if (target.is(Value::Tag::tensor)) {
    const bool is_fill = call.name == "fill" && !arguments.empty();
    if (!is_fill || (arguments[0].is_tensor() && arguments[0].tensor_rank() > 0)) return false;
    return store_plain_parts(target, {}, arguments[0]);
  }
  const bool is_list = target.is(Value::Tag::list);
  if (!is_list && !target.is(Value::Tag::dict)) return false;
  if (is_list && call.name == "append" && !arguments.empty()) {
    target.mutable_elements().push_back(arguments[0]);
  } else if (is_list && call.name == "pop" && arguments.empty() && !target.elements().empty()) {
    std::vector<Value>& elements = target.mutable_elements();
    returned = std::move(elements.back());
    elements.pop_back();
  } else {
    returned = mutate_by_method(target, call);
  }
  return true;
}

}  // namespace

/// A method of a list, a dict or a tensor in a variable, or where items of one lead to, with at most one argument:
/// l.append(value), d[k].append(value), l.pop().
bool Machine::mutate_quickly(const ir::Instruction& in, const ir::MutationShape& shape, Frame& frame) {
  const std::size_t steps = shape.path.steps.size(), count = in.operands.size() - 1 - steps;
  const bool is_method = !shape.function && !shape.shuffling && shape.ufunc == nullptr &&
                         begins_with_items(shape.path, 0) && static_cast<std::size_t>(shape.call.positional) == count &&
                         count <= 1 && (count == 0 || !shape.call.starred[0]);
  Value* const root = is_method ? own_target(in, frame) : nullptr;
  if (root == nullptr) return false;
  // Before anything is entered: `l.append(l)` must see two holders.
  const Value argument = count == 1 ? read(in.operands[steps + 1], frame) : Value();
  Value* const target = enter(*root, in, steps, frame);
  Value returned = Value::none();
  if (target == nullptr ||
      !mutate_plainly(*target, {evaluator, shape.call.name, {&argument, count}, {}, {}, nullptr}, returned))
    return false;
  if (in.results[0].kind == ir::Place::Kind::reg) frame.registers[in.results[0].index] = std::move(*root);
  store(in.results[1], std::move(returned), frame);
  return true;
}

}  // namespace inlay
