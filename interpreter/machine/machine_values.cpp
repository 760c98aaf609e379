// machine_values.cpp - instructions that build and take apart values. See machine.h.
#include <fmt/ranges.h>

#include <algorithm>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/subscripts/index_items.h"
#include "interpreter/subscripts/plain_parts.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/texts/long_text.h"
#include "interpreter/texts/quote.h"

namespace inlay {

Value Machine::make_sequence(const ir::Instruction& in, Frame& frame) {
  const std::vector<bool>* stars =
      in.attribute >= 0 ? &frame.linked.program->stars[static_cast<std::size_t>(in.attribute)] : nullptr;
  std::vector<Value> elements;
  elements.reserve(in.operands.size());
  for (std::size_t i = 0; i < in.operands.size(); ++i) {
    if (stars == nullptr || !(*stars)[i]) {
      elements.push_back(take(in, i, frame));
      continue;
    }
    Iteration iteration(take(in, i, frame));
    for (Value item; iteration.next(item);) {
      context().charge(1, elements.size() * sizeof(Value));
      elements.push_back(std::move(item));
    }
  }
  return in.code == ir::Opcode::make_list ? Value::list(std::move(elements)) : Value::tuple(std::move(elements));
}

Value Machine::make_dict(const ir::Instruction& in, Frame& frame) {
  Value dict = Value::dict();
  for (std::size_t i = 0; i + 1 < in.operands.size(); i += 2) {
    const Value key = take(in, i, frame);
    dict.mutable_dictionary().set(key, take(in, i + 1, frame));
  }
  return dict;
}

Value Machine::make_slice(const ir::Instruction& in, Frame& frame) {
  const auto part = [&](std::size_t at) { return in.operands[at] ? take(in, at, frame) : Value::none(); };
  return Value::slice(part(0), part(1), part(2));
}

Value Machine::append(const ir::Instruction& in, Frame& frame) {
  Value list = take(in, 0, frame);
  list.mutable_elements().push_back(take(in, 1, frame));
  return list;
}

Value Machine::insert(const ir::Instruction& in, Frame& frame) {
  Value dict = take(in, 0, frame);
  const Value key = take(in, 1, frame);
  dict.mutable_dictionary().set(key, take(in, 2, frame));
  return dict;
}

void Machine::unpack(const ir::Instruction& in, Frame& frame) {
  const ir::UnpackShape shape = frame.linked.program->unpacks[static_cast<std::size_t>(in.attribute)];
  if (const Value& whole = read(in.operands[0], frame);
      shape.star < 0 && whole.is_sequence() && whole.elements().size() == in.results.size()) {
    const Value held = take(in, 0, frame);
    for (std::size_t i = 0; i < in.results.size(); ++i) store(in.results[i], held.elements()[i], frame);
    return;
  }
  std::vector<Value> elements;
  Iteration iteration(take(in, 0, frame), true);
  for (Value item; iteration.next(item);) {
    if (shape.star < 0 && static_cast<int>(elements.size()) == shape.count)
      raise(ErrorKind::ValueError, "too many values to unpack (expected {})", shape.count);
    context().charge(1, elements.size() * sizeof(Value));
    elements.push_back(std::move(item));
  }
  const int got = static_cast<int>(elements.size());
  const int wanted = shape.star < 0 ? shape.count : shape.count - 1;
  if (got < wanted)
    raise(ErrorKind::ValueError, "not enough values to unpack (expected {}{}, got {})",
          shape.star < 0 ? "" : "at least ", wanted, got);
  std::size_t from = 0;
  for (std::size_t i = 0; i < in.results.size(); ++i) {
    if (static_cast<int>(i) != shape.star) {
      store(in.results[i], std::move(elements[from++]), frame);
      continue;
    }
    std::vector<Value> rest;
    for (int n = got - wanted; n > 0; --n) rest.push_back(std::move(elements[from++]));
    store(in.results[i], Value::list(std::move(rest)), frame);
  }
}

Value Machine::format(const ir::Instruction& in, Frame& frame) {
  const Value& value = read(in.operands[0], frame);
  const std::string spec = in.operands.size() > 1 ? read(in.operands[1], frame).string() : std::string();
  const char conversion = static_cast<char>(in.detail);
  if (value.is_string() && spec.empty() && (conversion == 0 || conversion == 's')) return value;
  if (conversion == 'r' || conversion == 'a') {
    const std::string text = conversion == 'r' ? to_repr(value) : ascii_only(to_repr(value));
    return Value::of(std::string_view(inlay::format(std::string_view(text), spec)));
  }
  if (conversion == 's') return Value::of(std::string_view(inlay::format(std::string_view(to_str(value)), spec)));
  return Value::of(std::string_view(format_value(value, spec)));
}

Value Machine::join(const ir::Instruction& in, Frame& frame) {
  std::string out;
  for (ir::Place operand : in.operands) {
    append_text(out, read(operand, frame).string());
  }
  return Value::of(std::string_view(out));
}

namespace {

int plain_parameters(const std::vector<ir::Parameter>& parameters) {
  const bool is_plain = std::none_of(parameters.begin(), parameters.end(),
                                     [](const ir::Parameter& each) { return each.star || each.keyword_only; });
  return is_plain ? static_cast<int>(parameters.size()) : -1;
}

}  // namespace

Value Machine::function_value(std::shared_ptr<LinkedProgram> program, const ir::Function& function) {
  auto object = std::make_unique<FunctionObject>();
  object->program = std::move(program);
  object->function = &function;
  object->plain_parameters = plain_parameters(function.parameters);
  return Value::adopt(Value::Tag::function, object.release());
}

Value Machine::make_function(const ir::Instruction& in, Frame& frame) {
  const auto at = static_cast<std::size_t>(in.attribute);
  Value value = function_value(frame.linked.self.lock(), *frame.linked.program->functions[at]);
  auto& function = value.object<FunctionObject>();
  for (std::size_t i = 0; i < in.operands.size(); ++i) function.defaults.push_back(take(in, i, frame));
  for (int cell : function.function->captures) function.captured.push_back(frame.cells[static_cast<std::size_t>(cell)]);
  return value;
}

void Machine::raise_user(const ir::Instruction& in, Frame& frame) {
  const std::string message = in.operands[0] ? to_str(read(in.operands[0], frame)) : std::string();
  throw Error(static_cast<ErrorKind>(in.detail), message);
}

Value Machine::check_contract(const ir::Instruction& in, Frame& frame) {
  const ir::Contract& contract = frame.linked.program->contracts[static_cast<std::size_t>(in.attribute)];
  Value value = take(in, 0, frame);
  const auto breach = [&](std::string_view got) {
    raise(ErrorKind::TypeError, "{} is declared {}, got {}", contract.what, contract.text, got);
  };
  const Value& primal = primal_of(value);
  if (!primal.is_tensor() && !primal.is_number()) breach(type_name(value));
  const Tensor tensor = primal.is_tensor() ? primal.tensor() : to_tensor(primal.number());
  const std::string got = fmt::format("{}[{}]", name(tensor.dtype()), fmt::join(tensor.shape(), ", "));
  if (!contract.any_dtype && tensor.dtype() != contract.dtype && primal.is_tensor()) breach(got);
  if (!contract.has_shape) return value;
  const std::size_t rank = contract.sizes.size();
  if (contract.leading ? tensor.rank() < rank : tensor.rank() != rank) breach(got);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = tensor.dim(tensor.rank() - rank + i);
    const auto& declared = contract.sizes[i];
    if (declared.name.empty()) {
      if (declared.value != size) breach(got);
      continue;
    }
    const auto it = std::find_if(frame.sizes.begin(), frame.sizes.end(),
                                 [&](const auto& known) { return known.first == declared.name; });
    if (it == frame.sizes.end())
      frame.sizes.emplace_back(declared.name, size);
    else if (it->second != size)
      breach(fmt::format("{}, where {} is {} in this call", got, declared.name, it->second));
  }
  return value;
}

bool Machine::get_quickly(const ir::Instruction& in, const ir::SubscriptShape& shape, Frame& frame, Value& out) {
  const Value& object = read(in.operands[0], frame);
  if (shape.is_item()) return plain_item(object, read(in.operands[1], frame), out);
  PlainItems items;
  if (!object.is(Value::Tag::tensor) || !items.read(*this, in, shape, frame)) return false;
  return items.is_element() ? plain_element(object, items.indices(), out) : plain_view(object, items.all(), out);
}

Value Machine::get_item(const ir::Instruction& in, Frame& frame) {
  const ir::SubscriptShape& shape = frame.linked.program->subscripts[static_cast<std::size_t>(in.attribute)];
  if (Value out; get_quickly(in, shape, frame, out)) return out;
  const Value& object = read(in.operands[0], frame);
  if (object.is(Value::Tag::indexer)) return call_indexer(in, object, subscript_index(in, 1, shape, frame), frame);
  if (shape.is_item()) return subscript(object, read(in.operands[1], frame));
  return subscript(object, subscript_index(in, 1, shape, frame));
}

/// The value between the brackets: slices and tuples as Python builds them.
Value Machine::subscript_index(const ir::Instruction& in, std::size_t first, const ir::SubscriptShape& shape,
                               Frame& frame) {
  std::vector<Value> items;
  std::size_t at = first;
  for (bool is_slice : shape.is_slice) {
    const auto part = [&](std::size_t i) { return in.operands[i] ? read(in.operands[i], frame) : Value::none(); };
    items.push_back(is_slice ? Value::slice(part(at), part(at + 1), part(at + 2)) : part(at));
    at += is_slice ? 3 : 1;
  }
  return shape.is_tuple ? Value::tuple(std::move(items)) : std::move(items[0]);
}

}  // namespace inlay
