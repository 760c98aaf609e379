// machine_methods.cpp - x.name(…): ops and functions that are methods of tensors, methods of other values, members of
// modules. See machine.h.
// Invariant: the ways for plain arguments do what apply_method does, or nothing.
#include <algorithm>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/methods/at_view.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/operations/ufunc_methods.h"
#include "interpreter/random/random_generator.h"

namespace inlay {

namespace {

/// The function that `module.name(…)` calls; null if `self` is no module or that is no function of the language.
const FunctionObject* module_function(const Value& self, std::string_view name) {
  const Value* member = self.is(Value::Tag::module) ? self.object<ModuleObject>().variables.find(name) : nullptr;
  return member != nullptr && member->is(Value::Tag::function) ? &member->object<FunctionObject>() : nullptr;
}

/// The parameter that each argument of a method call is for, the tensor itself being the first; false for calls that
/// are to be refused, spread a sequence or collect keywords. Arguments for `*sizes` all name that parameter.
bool find_places(std::span<const OpParameter> parameters, const ir::CallShape& shape, std::span<std::uint8_t> places) {
  std::uint32_t given = 1;
  const auto positional = static_cast<std::size_t>(shape.positional);
  std::size_t next = 1;
  for (std::size_t at = 0; at < positional; ++at) {
    if (next >= parameters.size() || parameters[next].keyword_only || shape.starred[at]) return false;
    given |= std::uint32_t{1} << next;
    places[at] = static_cast<std::uint8_t>(parameters[next].star ? next : next++);
  }
  for (std::size_t at = 0; at < shape.keywords.size(); ++at) {
    const auto named = [&](const OpParameter& each) {
      return each.name == shape.keywords[at] && !each.star && !each.positional_only;
    };
    const auto place =
        static_cast<std::size_t>(std::find_if(parameters.begin(), parameters.end(), named) - parameters.begin());
    if (place == parameters.size() || ((given >> place) & 1) != 0) return false;
    given |= std::uint32_t{1} << place;
    places[positional + at] = static_cast<std::uint8_t>(place);
  }
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    const bool is_given = ((given >> at) & 1) != 0;
    if (parameters[at].keywords || (!is_given && !parameters[at].star && parameters[at].default_value.is_undefined()))
      return false;
  }
  return true;
}

}  // namespace

/// A method of a value that is no tensor, with a few plain arguments; undefined if it is not that.
Value Machine::call_plain_method(const Value& self, const ir::Instruction& in, const ir::CallShape& shape,
                                 Frame& frame) {
  const auto count = static_cast<std::size_t>(shape.positional);
  const bool is_plain = shape.keywords.empty() && count <= kFewArguments &&
                        std::find(shape.starred.begin(), shape.starred.end(), true) == shape.starred.end();
  if (!is_plain || self.is_tensor() || state.recording != 0) return {};
  const PlainMethod method = find_plain_method(self, shape.name, count);
  if (method.row == nullptr) return {};
  Value arguments[kFewArguments];
  for (std::size_t at = 0; at < count; ++at) arguments[at] = take(in, at + 1, frame);
  for (std::size_t at = count; at < method.parameters.size(); ++at) arguments[at] = method.parameters[at].default_value;
  return method.row->evaluate({evaluator, self, {arguments, method.parameters.size()}, {}});
}

/// What a call of a tensor's method means, looked up when it is first made.
static const MethodLink& link_of(LinkedProgram& linked, const ir::Instruction& in, const ir::CallShape& shape) {
  MethodLink& link = linked.methods[static_cast<std::size_t>(in.attribute)];
  if (link.is_known) return link;
  link.is_known = true;
  const OpRow* const row = in.operands.size() <= kInlineArguments ? find_op(shape.name, kMethod) : nullptr;
  if (row == nullptr) return link;
  link.parameters = signature_of(*row).parameters;
  const bool is_short = !link.parameters.empty() && link.parameters.size() <= kInlineArguments;
  if (is_short && !link.parameters[0].star && find_places(link.parameters, shape, link.places)) link.row = row;
  return link;
}

/// A method of a tensor that is an op, its arguments put where the op reads them; undefined if it is not that.
Value Machine::call_op_method(Value& self, const ir::Instruction& in, const ir::CallShape& shape, Frame& frame) {
  if (!self.is_tensor()) return {};
  const MethodLink& link = link_of(frame.linked, in, shape);
  if (link.row == nullptr) return {};
  if (link.parameters.size() <= kFewArguments) {
    Value values[kFewArguments];
    return call_op_method_on(values, self, link, in, frame);
  }
  Value values[kInlineArguments];
  return call_op_method_on(values, self, link, in, frame);
}

/// The same with room for a value per parameter.
Value Machine::call_op_method_on(Value* values, Value& self, const MethodLink& link, const ir::Instruction& in,
                                 Frame& frame) {
  const std::span<const OpParameter> parameters = link.parameters;
  const std::size_t count = in.operands.size() - 1;
  std::vector<Value> collected;  // by the parameter with a star
  std::size_t star = parameters.size();
  for (std::size_t at = 1; at < parameters.size(); ++at) {
    if (parameters[at].star)
      star = at;
    else
      values[at] = parameters[at].default_value;
  }
  if (star < parameters.size()) collected.reserve(count);
  values[0] = std::move(self);
  for (std::size_t at = 0; at < count; ++at) {
    if (link.places[at] == star)
      collected.push_back(take(in, at + 1, frame));
    else
      values[link.places[at]] = take(in, at + 1, frame);
  }
  if (star < parameters.size()) values[star] = Value::tuple(std::move(collected));
  OpCall call{evaluator, *link.row, {values, parameters.size()}, 0, nullptr};
  return evaluate_op(call);
}

Value Machine::call_method(const ir::Instruction& in, Frame& frame) {
  const ir::CallShape& shape = frame.linked.program->calls[static_cast<std::size_t>(in.attribute)];
  Value self = take(in, 0, frame);
  if (Value result = call_plain_method(self, in, shape, frame); !result.is_undefined()) return result;
  try {
    if (Value result = call_op_method(self, in, shape, frame); !result.is_undefined()) return result;
    return apply_method(self, shape.name, arguments(in, shape, 1, frame));
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    if (const FunctionObject* function = module_function(self, shape.name)) note_call(error, *function, frame, in.span);
    throw;
  }
}

Value Machine::apply_method(Value& self, std::string_view method, Arguments arguments) {
  using Tag = Value::Tag;
  if (self.is_tensor() || is_tracked(self)) return tensor_method(self, method, std::move(arguments));
  if (self.is(Tag::module)) return apply(evaluator.attribute(self, method), std::move(arguments));
  if (self.is(Tag::op)) {
    if (state.recording != 0 && std::any_of(arguments.positional.begin(), arguments.positional.end(),
                                            [](const Value& each) { return tracking_level(each) > 0; }))
      return tracked_ufunc_method(evaluator, *self.op(), method, std::move(arguments.positional),
                                  std::move(arguments.keywords));
    const Value result = ufunc_method(evaluator, *self.op(), method, arguments.positional, arguments.keywords);
    if (!result.is_undefined()) return result;
  }
  if (self.is(Tag::at))
    return at_method(evaluator, self.object<AtObject>(), method, arguments.positional, arguments.keywords);
  if (self.is(Tag::host)) {
    if (state.recording != 0) refuse_tracked(arguments, fmt::format("the drawing .{}(…)", method));
    const Value result = generator_method(evaluator, self, method, arguments.positional, arguments.keywords);
    if (!result.is_undefined()) return result;
  }
  const Value result = call_value_method(evaluator, self, method, arguments.positional, arguments.keywords);
  if (!result.is_undefined()) return result;
  // The attributes of these are their methods alone, which have all been asked for by now.
  if (self.is(Tag::op) || self.is(Tag::host))
    raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'", type_name(self), method);
  return apply(evaluator.attribute(self, method), std::move(arguments));
}

/// x.name(…): a row marked kMethod, or a library function named in the method list, with x as the first argument.
Value Machine::tensor_method(Value& self, std::string_view method, Arguments arguments) {
  Value function;
  if (const OpRow* row = find_op(method, kMethod))
    function = Value::of(row);
  else
    function = evaluator.library_method(method);
  if (function.is_undefined()) return apply(evaluator.attribute(self, method), std::move(arguments));
  arguments.positional.insert(arguments.positional.begin(), std::move(self));
  return apply(function, std::move(arguments));
}

}  // namespace inlay
