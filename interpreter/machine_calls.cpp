// machine_calls.cpp - calls of ops, functions, methods and types. See machine.h.
#include <algorithm>

#include "interpreter/activation.h"
#include "interpreter/at_view.h"
#include "interpreter/construct.h"
#include "interpreter/machine.h"
#include "interpreter/random_generator.h"
#include "interpreter/tracked.h"
#include "interpreter/ufunc_methods.h"
#include "interpreter/value_methods.h"

namespace inlay {

namespace {

/// The function that `module.name(…)` calls; null if `self` is no module or that is no function of the language.
const FunctionObject* module_function(const Value& self, std::string_view name) {
  const Value* member = self.is(Value::Tag::module) ? self.object<ModuleObject>().variables.find(name) : nullptr;
  return member != nullptr && member->is(Value::Tag::function) ? &member->object<FunctionObject>() : nullptr;
}

constexpr std::size_t kFewArguments = 4, kInlineArguments = 12;

/// Removes frames of the library from an error: users see the place of their own call.
void relocate(LocatedError& error, const LinkedProgram& caller, Span span) {
  const bool library_error = error.source->name().starts_with("<library>");
  if (library_error && !caller.program->source->name().starts_with("<library>")) {
    error.source = caller.program->source;
    error.span = span;
    error.calls.clear();
  }
}

/// int(x), float(x) and complex(x) would make a constant of a value that is being differentiated.
void refuse_conversion(TypeId type, std::span<const Value> arguments) {
  const bool is_number = type == TypeId::integer || type == TypeId::floating || type == TypeId::complex;
  const auto tracked = [](const Value& each) { return tracking_level(each) > 0; };
  if (is_number && std::any_of(arguments.begin(), arguments.end(), tracked))
    refuse_to_drop(fmt::format("{}(x)", type_name(type)));
}

/// What runs outside the core cannot be differentiated.
void refuse_tracked(const Arguments& arguments, const std::string& what) {
  for (const Value& each : arguments.positional)
    if (tracking_level(each) > 0) refuse_to_drop(what);
  for (const auto& [name, each] : arguments.keywords)
    if (tracking_level(each) > 0) refuse_to_drop(what);
}

std::string count_of(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

/// Binds evaluated arguments to a row's parameters, in the order of its signature.
std::vector<Value> bind_row(const OpRow& row, Arguments& arguments) {
  const auto& parameters = signature_of(row).parameters;
  std::vector<Value> bound(parameters.size());
  std::size_t at = 0;
  for (auto& value : arguments.positional) {
    if (at < parameters.size() && parameters[at].star) {
      if (bound[at].is_undefined()) bound[at] = Value::tuple({});
      bound[at].mutable_elements().push_back(std::move(value));
      continue;
    }
    if (at >= parameters.size() || parameters[at].keyword_only)
      raise(ErrorKind::TypeError, "{}() takes {} but {} were given", row.name, count_of(at, "positional argument"),
            arguments.positional.size());
    bound[at++] = std::move(value);
  }
  for (auto& [key, value] : arguments.keywords) {
    const auto it = std::find_if(parameters.begin(), parameters.end(),
                                 [&](const OpParameter& p) { return p.name == key && !p.star && !p.positional_only; });
    if (it == parameters.end() && !parameters.empty() && parameters.back().keywords) {
      if (bound.back().is_undefined()) bound.back() = Value::dict();
      bound.back().mutable_dictionary().set(Value::of(std::string_view(key)), std::move(value));
      continue;
    }
    if (it == parameters.end())
      raise(ErrorKind::TypeError, "{}() got an unexpected keyword argument '{}'", row.name, key);
    Value& slot = bound[static_cast<std::size_t>(it - parameters.begin())];
    if (!slot.is_undefined()) raise(ErrorKind::TypeError, "{}() got multiple values for argument '{}'", row.name, key);
    slot = std::move(value);
  }
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (!bound[i].is_undefined()) continue;
    bound[i] = parameters[i].star ? Value::tuple({}) : parameters[i].default_value;
    if (bound[i].is_undefined())
      raise(ErrorKind::TypeError, "{}() missing required argument: '{}'", row.name, parameters[i].name);
  }
  return bound;
}

}  // namespace

/// An op leaves the ordinary way only while a gradient is recorded.
Value Machine::evaluate_op(OpCall& call) {
  return state.recording == 0 ? call.row.evaluate(call) : evaluate_tracked(call);
}

Value Machine::op(const ir::Instruction& in, Frame& frame) {
  const OpRow& row = *frame.linked.program->ops[static_cast<std::size_t>(in.attribute)];
  const Signature& signature = signature_of(row);
  const std::size_t count = signature.parameters.size();
  if (count <= kFewArguments) {
    Value values[kFewArguments];
    return op_on(values, row, signature, in, frame);
  }
  if (count <= kInlineArguments) {
    Value values[kInlineArguments];
    return op_on(values, row, signature, in, frame);
  }
  std::vector<Value> values(count);
  return op_on(values.data(), row, signature, in, frame);
}

/// The same with room for a value per parameter.
Value Machine::op_on(Value* values, const OpRow& row, const Signature& signature, const ir::Instruction& in,
                     Frame& frame) {
  const auto& parameters = signature.parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i < in.operands.size() && in.operands[i])
      values[i] = take(in, i, frame);
    else
      values[i] = parameters[i].star ? Value::tuple({}) : parameters[i].default_value;
  }
  // A variable that this instruction rebinds is moved out for the time of the call, and back if the call fails. Ops of
  // kind `any` may call functions of the script, which must still see it.
  Value* variable = nullptr;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < in.operands.size() && variable == nullptr && row.result != ResultKind::any; ++i) {
    if (!in.consumes(i) || in.operands[i].kind == ir::Place::Kind::reg) continue;
    Value& place = read(in.operands[i], frame);
    if (!place.is(Value::Tag::tensor)) continue;
    variable = &place;
    moved = i;
    place = Value();
  }
  OpCall call{evaluator,
              row,
              {values, parameters.size()},
              in.consumed,
              in.cache >= 0 ? &frame.linked.plans[static_cast<std::size_t>(in.cache)] : nullptr};
  try {
    return evaluate_op(call);
  } catch (...) {
    note_operands(in, {values, std::min(in.operands.size(), parameters.size())});
    if (variable != nullptr) *variable = std::move(values[moved]);
    throw;
  }
}

Arguments Machine::arguments(const ir::Instruction& in, const ir::CallShape& shape, std::size_t first, Frame& frame) {
  Arguments out;
  std::size_t at = first;
  for (int i = 0; i < shape.positional; ++i, ++at) {
    if (!shape.starred[static_cast<std::size_t>(i)]) {
      out.positional.push_back(take(in, at, frame));
      continue;
    }
    Iteration iteration(take(in, at, frame));
    for (Value item; iteration.next(item);) {
      context().charge(1, out.positional.size() * sizeof(Value));
      out.positional.push_back(std::move(item));
    }
  }
  for (const auto& keyword : shape.keywords) out.keywords.emplace_back(keyword, take(in, at++, frame));
  return out;
}

Value Machine::call(const ir::Instruction& in, Frame& frame) {
  const ir::CallShape& shape = frame.linked.program->calls[static_cast<std::size_t>(in.attribute)];
  const Value callee = read(in.operands[0], frame);
  try {
    return apply(callee, arguments(in, shape, 1, frame));
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    if (callee.is(Value::Tag::function)) note_call(error, callee.object<FunctionObject>(), frame, in.span);
    throw;
  }
}

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

namespace {

/// The parameter that each argument of a method call is for, the tensor itself being the first; false for calls that
/// are to be refused, spread a sequence or collect keywords. Arguments for `*sizes` all name that parameter.
bool find_places(const std::vector<OpParameter>& parameters, const ir::CallShape& shape,
                 std::span<std::size_t> places) {
  std::uint32_t given = 1;
  const auto positional = static_cast<std::size_t>(shape.positional);
  std::size_t next = 1;
  for (std::size_t at = 0; at < positional; ++at) {
    if (next >= parameters.size() || parameters[next].keyword_only || shape.starred[at]) return false;
    given |= std::uint32_t{1} << next;
    places[at] = parameters[next].star ? next : next++;
  }
  for (std::size_t at = 0; at < shape.keywords.size(); ++at) {
    const auto named = [&](const OpParameter& each) {
      return each.name == shape.keywords[at] && !each.star && !each.positional_only;
    };
    const auto place =
        static_cast<std::size_t>(std::find_if(parameters.begin(), parameters.end(), named) - parameters.begin());
    if (place == parameters.size() || ((given >> place) & 1) != 0) return false;
    given |= std::uint32_t{1} << place;
    places[positional + at] = place;
  }
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    const bool is_given = ((given >> at) & 1) != 0;
    if (parameters[at].keywords || (!is_given && !parameters[at].star && parameters[at].default_value.is_undefined()))
      return false;
  }
  return true;
}

}  // namespace

/// A method of a tensor that is an op, its arguments put where the op reads them; undefined if it is not that.
Value Machine::call_op_method(Value& self, const ir::Instruction& in, const ir::CallShape& shape, Frame& frame) {
  const std::size_t count = in.operands.size() - 1;
  const OpRow* const row = self.is_tensor() && count < kInlineArguments ? find_op(shape.name, kMethod) : nullptr;
  if (row == nullptr) return {};
  const std::vector<OpParameter>& parameters = signature_of(*row).parameters;
  std::size_t places[kInlineArguments];
  if (parameters.empty() || parameters.size() > kInlineArguments || parameters[0].star ||
      !find_places(parameters, shape, places))
    return {};
  Value values[kInlineArguments];
  for (std::size_t at = 0; at < parameters.size(); ++at)
    values[at] = parameters[at].star ? Value::tuple({}) : parameters[at].default_value;
  values[0] = std::move(self);
  for (std::size_t at = 0; at < count; ++at) {
    Value& value = values[places[at]];
    if (parameters[places[at]].star)
      value.mutable_elements().push_back(take(in, at + 1, frame));
    else
      value = take(in, at + 1, frame);
  }
  OpCall call{evaluator, *row, {values, parameters.size()}, 0, nullptr};
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

/// Adds a call to the chain an error shows, unless the function is the library's.
void Machine::note_call(LocatedError& error, const FunctionObject& function, const Frame& caller, Span span) {
  if (function.program->program->source->name().starts_with("<library>")) return;
  error.calls.push_back({function.function->name, caller.linked.program->source, span});
}

Value Machine::apply(const Value& function, Arguments arguments) {
  using Tag = Value::Tag;
  switch (function.tag()) {
    case Tag::function:
      return apply_function(function.object<FunctionObject>(), arguments);
    case Tag::op:
      return apply_op(*function.op(), arguments);
    case Tag::type:
      if (state.recording != 0) refuse_conversion(function.type(), arguments.positional);
      return construct(evaluator, function.type(), arguments.positional, arguments.keywords);
    case Tag::dtype:
      if (arguments.positional.size() > 1 || !arguments.keywords.empty())
        raise(ErrorKind::TypeError, "{}() takes at most one argument", name(function.dtype()));
      if (!arguments.positional.empty() && is_tracked(arguments.positional[0]))
        return call_core(evaluator, "asarray", {arguments.positional[0], function});
      return construct(function.dtype(), arguments.positional.empty() ? Value::of(0) : arguments.positional[0]);
    case Tag::method: {
      const auto& method = function.object<MethodObject>();
      Value self = method.self;
      if (!method.function.is_undefined()) {
        arguments.positional.insert(arguments.positional.begin(), std::move(self));
        return apply(method.function, std::move(arguments));
      }
      return apply_method(self, method.name, std::move(arguments));
    }
    case Tag::host: {
      if (generator_of(function) != nullptr)
        raise(ErrorKind::TypeError, "'{}' object is not callable", type_name(function));
      const auto& host = function.object<HostObject>();
      if (state.recording != 0) refuse_tracked(arguments, fmt::format("{}(…), a function of the host,", host.name));
      if (!arguments.keywords.empty()) raise(ErrorKind::TypeError, "{}() takes no keyword arguments", host.name);
      if (host.arity >= 0 && static_cast<std::size_t>(host.arity) != arguments.positional.size())
        raise(ErrorKind::TypeError, "{}() takes {} but {} were given", host.name,
              count_of(static_cast<std::size_t>(host.arity), "argument"), arguments.positional.size());
      return host.function(std::move(arguments.positional));
    }
    default:
      raise(ErrorKind::TypeError, "'{}' object is not callable", type_name(function));
  }
}

Value Machine::apply_op(const OpRow& row, Arguments& arguments) {
  std::vector<Value> bound = bind_row(row, arguments);
  const OperationScope scope(state, {nullptr, nullptr, &row});
  OpCall call{evaluator, row, bound, 0, nullptr};
  return evaluate_op(call);
}

Value Machine::apply_function(const FunctionObject& function, Arguments& arguments) {
  std::vector<Value> bound = bind(function, arguments);
  return run_function(*function.program, *function.function, function.captured, bound);
}

Value Machine::call_direct(const ir::Instruction& in, Value callee, Frame& frame) {
  const FunctionObject& function = callee.object<FunctionObject>();
  try {
    Activation inner(*this, *function.program, *function.function, function.captured);
    const auto count = static_cast<std::size_t>(function.plain_parameters);
    for (std::size_t i = 0; i < count; ++i) {
      if (inner.code.has_plain_parameters) [[likely]]
        inner.frame.registers[i] = take(in, i + 1, frame);
      else
        store(function.function->parameters[i].place, take(in, i + 1, frame), inner.frame);
    }
    return run(inner.code, inner.frame);
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    note_call(error, function, frame, in.span);
    throw;
  }
}

std::vector<Value> Machine::bind(const FunctionObject& function, Arguments& arguments) {
  const auto& parameters = function.function->parameters;
  const std::string& name = function.function->name;
  std::vector<Value> bound(parameters.size());
  std::size_t at = 0;
  for (auto& value : arguments.positional) {
    if (at < parameters.size() && parameters[at].star) {
      if (bound[at].is_undefined()) bound[at] = Value::tuple({});
      bound[at].mutable_elements().push_back(std::move(value));
      continue;
    }
    if (at >= parameters.size() || parameters[at].keyword_only)
      raise(ErrorKind::TypeError, "{}() takes {} but {} {} given", name, count_of(at, "positional argument"),
            arguments.positional.size(), arguments.positional.size() == 1 ? "was" : "were");
    bound[at++] = std::move(value);
  }
  for (auto& [key, value] : arguments.keywords) {
    const auto it = std::find_if(parameters.begin(), parameters.end(), [&](const ir::Parameter& p) {
      return p.name == key && !p.star && !p.positional_only;
    });
    if (it == parameters.end()) raise(ErrorKind::TypeError, "{}() got an unexpected keyword argument '{}'", name, key);
    Value& slot = bound[static_cast<std::size_t>(it - parameters.begin())];
    if (!slot.is_undefined()) raise(ErrorKind::TypeError, "{}() got multiple values for argument '{}'", name, key);
    slot = std::move(value);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (bound[i].is_undefined()) {
      if (parameters[i].star)
        bound[i] = Value::tuple({});
      else if (parameters[i].default_index >= 0)
        bound[i] = function.defaults[static_cast<std::size_t>(parameters[i].default_index)];
      else
        raise(ErrorKind::TypeError, "{}() missing required {}argument: '{}'", name,
              parameters[i].keyword_only ? "keyword-only " : "", parameters[i].name);
    }
  }
  return bound;
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

Value Machine::call_indexer(const ir::Instruction& in, const Value& indexer, Value index, Frame& frame) {
  const Value function = indexer.object<IndexerObject>().function;
  try {
    return apply(function, {{std::move(index)}, {}});
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    throw;
  }
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
