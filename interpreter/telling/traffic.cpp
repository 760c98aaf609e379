// traffic.cpp - see traffic.h.
#include "interpreter/telling/traffic.h"

#include <algorithm>

#include "interpreter/machine/machine.h"
#include "interpreter/subscripts/index_items.h"

namespace inlay {
namespace {

using ir::Opcode;

std::uint64_t bytes_of(const Value& value) {
  if (!value.is_tensor()) return 0;
  return static_cast<std::uint64_t>(value.tensor_size() * itemsize(value.tensor_dtype()));
}

/// Instructions that pass values on without a look at the elements of tensors.
bool only_hands_on(const ir::Instruction& in) {
  static constexpr Opcode kHandsOn[] = {
      Opcode::copy,   Opcode::bound,  Opcode::make_tuple,    Opcode::make_list, Opcode::make_dict, Opcode::make_slice,
      Opcode::append, Opcode::insert, Opcode::make_function, Opcode::unpack,    Opcode::contract,  Opcode::yield,
      Opcode::break_, Opcode::echo,   Opcode::continue_,     Opcode::return_,   Opcode::remove};
  const bool has_parts = !in.blocks.empty() && in.code != Opcode::region;
  return has_parts || std::find(std::begin(kHandsOn), std::end(kHandsOn), in.code) != std::end(kHandsOn);
}

/// Operations that compute every element of their result, in an operand's memory if they may.
bool computes(const ir::Instruction& in, const Frame& frame) {
  if (in.code == Opcode::op) {
    const ResultKind result = frame.linked.program->ops[static_cast<std::size_t>(in.attribute)]->result;
    return result == ResultKind::elementwise || result == ResultKind::elementwise_mask;
  }
  return in.code == Opcode::unary || in.code == Opcode::binary || in.code == Opcode::compare ||
         in.code == Opcode::region;
}

/// Which operand is written to, or -1.
int target_of(Opcode code) {
  if (code == Opcode::store_where) return 2;
  return code == Opcode::update || code == Opcode::mutate ? 0 : -1;
}

/// Whether the subscript whose operands begin at `at` names its part by slices and integers alone.
bool is_basic(const ir::Instruction& in, const ir::SubscriptShape& shape, std::size_t at, const Frame& frame) {
  for (const bool is_slice : shape.is_slice) {
    const Value* item = is_slice ? nullptr : value_at(in.operands[at], frame);
    if (!is_slice && (item == nullptr || !(item->is(Value::Tag::integer) || item->is(Value::Tag::ellipsis))))
      return false;
    at += is_slice ? 3 : 1;
  }
  return true;
}

Value subscript_of(const ir::Instruction& in, const ir::SubscriptShape& shape, std::size_t at, const Frame& frame) {
  std::vector<Value> items;
  const auto part = [&](std::size_t i) {
    const Value* value = value_at(in.operands[i], frame);
    return value == nullptr ? Value::none() : *value;
  };
  for (const bool is_slice : shape.is_slice) {
    items.push_back(is_slice ? Value::slice(part(at), part(at + 1), part(at + 2)) : part(at));
    at += is_slice ? 3 : 1;
  }
  return shape.is_tuple ? Value::tuple(std::move(items)) : std::move(items[0]);
}

/// The tensor that a path comes to through lists and dicts, and what of the path and the operands is left behind it.
struct Reached {
  const Value* tensor;  // null: none
  std::span<const ir::PathStepShape> steps;
  std::size_t operand;
};

const Value* element_of(const Value& collection, const Value& index) {
  if (collection.is(Value::Tag::dict)) return collection.dictionary().find(index);
  if (!collection.is_sequence() || !index.is(Value::Tag::integer)) return nullptr;
  const auto size = static_cast<std::int64_t>(collection.elements().size());
  const std::int64_t at = index.integer() + (index.integer() < 0 ? size : 0);
  return at >= 0 && at < size ? &collection.elements()[static_cast<std::size_t>(at)] : nullptr;
}

Reached reach(const ir::Instruction& in, const ir::PathShape& path, const Value* value, const Frame& frame) {
  Reached out{value, path.steps, 1};
  while (out.tensor != nullptr && !out.tensor->is_tensor()) {
    const bool goes_on = !out.steps.empty() && out.steps[0].kind == ir::PathStepShape::Kind::subscript &&
                         out.steps[0].subscript.is_item();
    const Value* index = goes_on ? value_at(in.operands[out.operand++], frame) : nullptr;
    if (index == nullptr) return {nullptr, {}, 0};
    try {
      out.tensor = element_of(*out.tensor, *index);
    } catch (const Error&) {  // unhashable
      return {nullptr, {}, 0};
    }
    out.steps = out.steps.subspan(1);
  }
  return out;
}

/// Of a tensor or a list of indices or values.
std::int64_t elements_in(const Value& value) {
  if (value.is_sequence()) return static_cast<std::int64_t>(value.elements().size());
  return value.is_tensor() ? value.tensor_size() : 0;
}

/// Elements that an update writes: those of a part that slices name, else as many as the longest operand has, or all
/// where there is none.
std::int64_t written_elements(const ir::Instruction& in, const Reached& to, const Frame& frame) {
  if (to.steps.empty() && in.code != Opcode::mutate) return to.tensor->tensor_size();
  const bool is_part = to.steps.size() == 1 && to.steps[0].kind == ir::PathStepShape::Kind::subscript;
  if (is_part && is_basic(in, to.steps[0].subscript, to.operand, frame)) {
    const Value index = subscript_of(in, to.steps[0].subscript, to.operand, frame);
    return index_get(to.tensor->tensor(), to_index_items(index)).size();
  }
  std::int64_t most = 0;
  for (std::size_t at = 1; at < in.operands.size(); ++at)
    if (const Value* value = value_at(in.operands[at], frame)) most = std::max(most, elements_in(*value));
  if (most == 0 && in.code == Opcode::mutate) return to.tensor->tensor_size();
  return std::max<std::int64_t>(most, 1);
}

std::uint64_t written_bytes(const ir::Instruction& in, const Frame& frame) {
  const int root = target_of(in.code);
  const Value* target = root < 0 ? nullptr : value_at(in.operands[static_cast<std::size_t>(root)], frame);
  if (target == nullptr) return 0;
  if (in.code == Opcode::store_where) return 2 * bytes_of(*target);
  const ir::Program& program = *frame.linked.program;
  const auto attribute = static_cast<std::size_t>(in.attribute);
  const bool is_mutation = in.code == Opcode::mutate;
  const Reached to =
      reach(in, is_mutation ? program.mutations[attribute].path : program.paths[attribute], target, frame);
  if (to.tensor == nullptr) return 0;
  const bool reads_too = is_mutation || in.detail != 0xff;
  const std::int64_t item = itemsize(to.tensor->tensor_dtype());
  return static_cast<std::uint64_t>(written_elements(in, to, frame) * item * (reads_too ? 2 : 1));
}

}  // namespace

const Value* value_at(ir::Place place, const Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  switch (place.kind) {
    case ir::Place::Kind::absent:
      return nullptr;
    case ir::Place::Kind::reg:
      return &frame.registers[at];
    case ir::Place::Kind::constant:
      return &frame.linked.program->constants[at];
    case ir::Place::Kind::global:
      return frame.linked.globals[at];
    case ir::Place::Kind::cell:
      return &frame.cells[at]->value;
  }
  return nullptr;
}

const Buffer* buffer_of(const Value& value) {
  return value.is(Value::Tag::tensor) ? value.tensor().ref()->buffer.get() : nullptr;
}

Traffic traffic_before(const ir::Instruction& in, const Frame& frame) {
  Traffic out;
  if (only_hands_on(in)) return out;
  const int root = target_of(in.code);
  for (std::size_t at = 0; at < in.operands.size(); ++at) {
    const Value* value = value_at(in.operands[at], frame);
    if (value == nullptr || static_cast<int>(at) == root) continue;
    out.bytes += bytes_of(*value);
    if (const Buffer* buffer = buffer_of(*value)) out.operands.push_back(buffer);
  }
  out.bytes += written_bytes(in, frame);
  return out;
}

std::uint64_t traffic_after(const Traffic& before, const ir::Instruction& in, const Frame& frame) {
  if (only_hands_on(in) || target_of(in.code) >= 0) return before.bytes;
  std::uint64_t bytes = before.bytes;
  for (const ir::Place place : in.results) {
    const Value* result = value_at(place, frame);
    if (result == nullptr || !result->is_tensor()) continue;
    const bool shares = std::count(before.operands.begin(), before.operands.end(), buffer_of(*result)) > 0;
    if (shares && !computes(in, frame)) return 0;
    // An element or a slice that was copied out was read as well; nothing else of its tensor was.
    if (in.code == Opcode::get_item) return 2 * bytes_of(*result);
    bytes += bytes_of(*result);
  }
  return bytes;
}

TrafficCount::TrafficCount(Evaluator::State& state, const ir::Instruction& in, const Frame& frame)
    : state_(state),
      instruction_(in),
      frame_(frame),
      before_(traffic_before(in, frame)),
      copied_(state.context_owner->counters.copied_bytes),
      counted_(++state.counted) {}

void TrafficCount::finish() const {
  if (state_.counted != counted_) return;
  const std::uint64_t copied = state_.context_owner->counters.copied_bytes - copied_;
  *state_.moved += traffic_after(before_, instruction_, frame_) + 2 * copied;
}

}  // namespace inlay
