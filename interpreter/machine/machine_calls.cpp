// machine_calls.cpp - calls of ops, functions and types. See machine.h; machine_methods.cpp calls methods.
#include <algorithm>

#include "interpreter/checking/unknown_name.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/activation.h"
#include "interpreter/machine/machine.h"
#include "interpreter/methods/construct.h"
#include "interpreter/random/random_generator.h"

namespace inlay {

namespace {

/// int(x), float(x) and complex(x) would make a constant of a value that is being differentiated.
void refuse_conversion(TypeId type, std::span<const Value> arguments) {
  const bool is_number = type == TypeId::integer || type == TypeId::floating || type == TypeId::complex;
  const auto tracked = [](const Value& each) { return tracking_level(each) > 0; };
  if (is_number && std::any_of(arguments.begin(), arguments.end(), tracked))
    refuse_to_drop(fmt::format("{}(x)", type_name(type)));
}

std::string count_of(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string given(std::size_t count) { return fmt::format("{} {} given", count, count == 1 ? "was" : "were"); }

/// Whether a parameter takes the keywords that no other has, as `**keywords`.
bool takes_keywords(const OpParameter& parameter) { return parameter.keywords; }
bool takes_keywords(const ir::Parameter& /*parameter*/) { return false; }

/// Gives evaluated arguments their places: those of the parameters of a row or a function: one value for each, in
/// order. `default_of(index)` is undefined where there is none.
template <class Parameter, class DefaultOf>
std::vector<Value> place_arguments(const std::vector<Parameter>& parameters, std::string_view name,
                                   Arguments& arguments, const DefaultOf& default_of) {
  std::vector<Value> bound(parameters.size());
  std::size_t at = 0;
  for (auto& value : arguments.positional) {
    if (at < parameters.size() && parameters[at].star) {
      if (bound[at].is_undefined()) bound[at] = Value::tuple({});
      bound[at].mutable_elements().push_back(std::move(value));
      continue;
    }
    if (at >= parameters.size() || parameters[at].keyword_only)
      raise(ErrorKind::TypeError, "{}() takes {} but {}", name, count_of(at, "positional argument"),
            given(arguments.positional.size()));
    bound[at++] = std::move(value);
  }
  for (auto& [key, value] : arguments.keywords) {
    const auto it = std::find_if(parameters.begin(), parameters.end(),
                                 [&](const Parameter& p) { return p.name == key && !p.star && !p.positional_only; });
    if (it == parameters.end() && !parameters.empty() && takes_keywords(parameters.back())) {
      if (bound.back().is_undefined()) bound.back() = Value::dict();
      bound.back().mutable_dictionary().set(Value::of(std::string_view(key)), std::move(value));
      continue;
    }
    if (it == parameters.end()) raise_unknown_keyword(name, key, parameters);
    Value& slot = bound[static_cast<std::size_t>(it - parameters.begin())];
    if (!slot.is_undefined()) raise(ErrorKind::TypeError, "{}() got multiple values for argument '{}'", name, key);
    slot = std::move(value);
  }
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (!bound[i].is_undefined()) continue;
    bound[i] = parameters[i].star ? Value::tuple({}) : default_of(i);
    if (bound[i].is_undefined())
      raise(ErrorKind::TypeError, "{}() missing required {}argument: '{}'", name,
            parameters[i].keyword_only ? "keyword-only " : "", parameters[i].name);
  }
  return bound;
}

std::vector<Value> place_arguments(const OpRow& row, Arguments& arguments) {
  const auto& parameters = signature_of(row).parameters;
  return place_arguments(parameters, row.name, arguments, [&](std::size_t at) { return parameters[at].default_value; });
}

std::vector<Value> place_arguments(const FunctionObject& function, Arguments& arguments) {
  const auto& parameters = function.function->parameters;
  return place_arguments(parameters, function.function->name, arguments, [&](std::size_t at) {
    const int index = parameters[at].default_index;
    return index < 0 ? Value() : function.defaults[static_cast<std::size_t>(index)];
  });
}

}  // namespace

void relocate(LocatedError& error, const LinkedProgram& caller, Span span) {
  const bool library_error = error.source->name().starts_with("<library>");
  if (library_error && !caller.program->source->name().starts_with("<library>")) {
    error.source = caller.program->source;
    error.span = span;
    error.calls.clear();
  }
}

void refuse_tracked(const Arguments& arguments, const std::string& what) {
  for (const Value& each : arguments.positional)
    if (tracking_level(each) > 0) refuse_to_drop(what);
  for (const auto& [name, each] : arguments.keywords)
    if (tracking_level(each) > 0) refuse_to_drop(what);
}

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

namespace {

/// The operand of a call that each parameter takes, 0 for its default; false if a call is to be refused, spreads a
/// sequence, or the function collects arguments.
bool find_operands(const FunctionObject& function, const ir::CallShape& shape, std::span<std::size_t> operands) {
  const auto& parameters = function.function->parameters;
  const auto positional = static_cast<std::size_t>(shape.positional);
  if (parameters.size() > operands.size() || positional > parameters.size()) return false;
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    const bool is_given = at < positional;
    if (parameters[at].star || (is_given && (parameters[at].keyword_only || shape.starred[at]))) return false;
    operands[at] = is_given ? at + 1 : 0;
  }
  for (std::size_t at = 0; at < shape.keywords.size(); ++at) {
    const auto named = [&](const ir::Parameter& each) {
      return each.name == shape.keywords[at] && !each.positional_only;
    };
    const auto found = std::find_if(parameters.begin(), parameters.end(), named);
    if (found == parameters.end()) return false;
    std::size_t& operand = operands[static_cast<std::size_t>(found - parameters.begin())];
    if (operand != 0) return false;
    operand = positional + at + 1;
  }
  for (std::size_t at = 0; at < parameters.size(); ++at)
    if (operands[at] == 0 && parameters[at].default_index < 0) return false;
  return true;
}

}  // namespace

Value Machine::call(const ir::Instruction& in, Frame& frame) {
  const ir::CallShape& shape = frame.linked.program->calls[static_cast<std::size_t>(in.attribute)];
  const Value callee = read(in.operands[0], frame);
  if (std::size_t operands[kInlineArguments];
      callee.is(Value::Tag::function) && find_operands(callee.object<FunctionObject>(), shape, operands))
    return call_direct(in, callee, frame, operands);
  try {
    const bool has_one = shape.positional == 1 && shape.keywords.empty() && !shape.starred[0];
    if (has_one && callee.is(Value::Tag::type) && state.recording == 0) {
      const Value argument = take(in, 1, frame);
      return construct(evaluator, callee.type(), {&argument, 1}, {});
    }
    return apply(callee, arguments(in, shape, 1, frame));
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    if (callee.is(Value::Tag::function)) note_call(error, callee.object<FunctionObject>(), frame, in.span);
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
        raise(ErrorKind::TypeError, "{}() takes {} but {}", host.name,
              count_of(static_cast<std::size_t>(host.arity), "argument"), given(arguments.positional.size()));
      keep_whole();
      return host.function(std::move(arguments.positional));
    }
    default:
      raise(ErrorKind::TypeError, "'{}' object is not callable", type_name(function));
  }
}

Value Machine::apply_op(const OpRow& row, Arguments& arguments) {
  std::vector<Value> bound = place_arguments(row, arguments);
  const OperationScope scope(state, {nullptr, nullptr, &row});
  OpCall call{evaluator, row, bound, 0, nullptr};
  return evaluate_op(call);
}

Value Machine::apply_function(const FunctionObject& function, Arguments& arguments) {
  std::vector<Value> bound = place_arguments(function, arguments);
  return run_function(*function.program, *function.function, function.captured, bound);
}

Value Machine::call_direct(const ir::Instruction& in, Value callee, Frame& frame, const std::size_t* operands) {
  const FunctionObject& function = callee.object<FunctionObject>();
  const auto& parameters = function.function->parameters;
  const auto argument = [&](std::size_t at) {
    if (operands == nullptr) return take(in, at + 1, frame);
    return operands[at] != 0 ? take(in, operands[at], frame)
                             : function.defaults[static_cast<std::size_t>(parameters[at].default_index)];
  };
  try {
    Activation inner(*this, *function.program, *function.function, function.captured);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (inner.code.has_plain_parameters) [[likely]]
        inner.frame.registers[i] = argument(i);
      else
        store(parameters[i].place, argument(i), inner.frame);
    }
    return run(inner.code, inner.frame);
  } catch (LocatedError& error) {
    relocate(error, frame.linked, in.span);
    note_call(error, function, frame, in.span);
    throw;
  }
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

}  // namespace inlay
