// machine.cpp - single instructions, and the places they read and write. See machine.h; machine_run.cpp runs functions.
#include "interpreter/machine/machine.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "interpreter/machine/activation.h"
#include "interpreter/machine/operators.h"
#include "interpreter/machine/watcher.h"
#include "interpreter/telling/traffic.h"
#include "runtime/elementwise/elementwise.h"

namespace inlay {

namespace {

/// "name 'x' is not defined".
bool is_about(const Error& error, std::string_view name) {
  constexpr std::size_t kBegin = std::string_view("name '").size();
  const std::string_view message = error.message();
  return message.size() > kBegin && message.substr(kBegin).starts_with(name) &&
         message.substr(kBegin + name.size()).starts_with('\'');
}

/// Where an instruction names the variable that a NameError is about: in its own text, or behind it where that is the
/// target of an assignment. Nothing if it does not.
std::optional<Span> unbound_name(const Error& error, const ir::Instruction& in, const Frame& frame) {
  const ir::Program& program = *frame.linked.program;
  for (const ir::Place place : in.operands) {
    if (place.kind != ir::Place::Kind::global) continue;
    const std::string& name = program.globals[static_cast<std::size_t>(place.index)];
    if (!is_about(error, name)) continue;
    const std::vector<Span>& reads = frame.function.reads;
    const auto found = std::find_if(reads.begin(), reads.end(), [&](Span span) {
      return span.begin >= in.span.begin && program.source->text(span) == name;
    });
    if (found != reads.end()) return *found;
  }
  return std::nullopt;
}

/// The part of an instruction that an error is about: the name that is not bound, the target whose index is out of
/// range, else all of it.
Span place_of(const Error& error, const ir::Instruction& in, const Frame& frame) {
  const ir::Program& program = *frame.linked.program;
  if (error.kind() == ErrorKind::NameError)
    if (const auto span = unbound_name(error, in, frame)) return *span;
  if (error.kind() == ErrorKind::IndexError && in.code == ir::Opcode::update) {
    const auto& steps = program.paths[static_cast<std::size_t>(in.attribute)].steps;
    if (!steps.empty()) return steps.back().span;
  }
  return in.span;
}

/// Whether the operands of an instruction are what its error is about, and still stand where they were read.
bool keeps_operands(ir::Opcode code) {
  using ir::Opcode;
  return code == Opcode::unary || code == Opcode::binary || code == Opcode::compare || code == Opcode::get_item ||
         code == Opcode::update || code == Opcode::store_where;
}

OperandNote note_of(const Value& value) {
  if (!value.is_tensor()) return {type_name(value), false, {}};
  return {name(value.tensor_dtype()), true, value.tensor_shape()};
}

/// Notes are left out where there is no memory for them: the error that is on its way matters more, and no second one
/// may begin in its stead. Two exceptions that end in the order they began in leave a gap in the reserve that libstdc++
/// takes exceptions from without memory; a few hundred gaps use it up (seen with that of g++ 12).
void add_note(std::vector<OperandNote>& notes, const Value& value) noexcept {
  if (value.is_undefined()) return;
  try {
    notes.push_back(note_of(value));
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

void Machine::note_operands(const ir::Instruction& in, std::span<const Value> values) noexcept {
  state.failed_op = &in;
  state.failed_operands.clear();
  for (const Value& value : values) add_note(state.failed_operands, value);
}

LocatedError Machine::located(const Error& error, const ir::Instruction& in, Frame& frame) {
  LocatedError out(error, frame.linked.program->source, place_of(error, in, frame));
  if (state.failed_op == &in) {
    out.operands = std::exchange(state.failed_operands, {});
  } else if (keeps_operands(in.code) && error.kind() != ErrorKind::NameError) {
    for (const ir::Place place : in.operands)
      if (place) add_note(out.operands, read(place, frame));
  }
  state.failed_op = nullptr;
  return out;
}

Value Machine::run_function(LinkedProgram& linked, const ir::Function& function,
                            const std::vector<Ref<CellObject>>& captured, std::span<Value> arguments) {
  Activation callee(*this, linked, function, captured);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    store(function.parameters[i].place, std::move(arguments[i]), callee.frame);
  return run(callee.code, callee.frame);
}

void Machine::locate(const ir::Instruction& in, Frame& frame) {
  const SourcePtr& source = frame.linked.program->source;
  try {
    throw;
  } catch (const LocatedError&) {
    throw;
  } catch (const Error& error) {
    throw located(error, in, frame);
  } catch (const std::length_error&) {
    throw LocatedError(Error(ErrorKind::MemoryError, "too large for memory"), source, in.span);
  } catch (const std::bad_alloc&) {
    throw LocatedError(Error(ErrorKind::MemoryError, "out of memory"), source, in.span);
  }
}

void Machine::run_one(const ir::Instruction& in, Frame& frame) {
  try {
    instruction(in, frame);
  } catch (...) {
    locate(in, frame);
  }
}

void Machine::run_shown(const ir::Instruction& in, Frame& frame) {
  if (state.watcher != nullptr) state.watcher->before(in, frame);
  run_one(in, frame);
  if (state.watcher != nullptr) state.watcher->after(in, frame);
}

void Machine::body(const ir::Block& block, Frame& frame) {
  for (const ir::Instruction& each : block.body) run_shown(each, frame);
}

void Machine::instruction(const ir::Instruction& in, Frame& frame) {
  if (state.moved != nullptr) [[unlikely]]
    return counted(in, frame);
  if (!perform(in, frame)) store_result(in, evaluate(in, frame), frame);
}

void Machine::counted(const ir::Instruction& in, Frame& frame) {
  const TrafficCount count(state, in, frame);
  if (!perform(in, frame)) store_result(in, evaluate(in, frame), frame);
  count.finish();
}

Value Machine::evaluate(const ir::Instruction& in, Frame& frame) {
  Value out = result_of(in, frame);
  let_go(in, frame);
  return out;
}

Value Machine::result_of(const ir::Instruction& in, Frame& frame) {
  using ir::Opcode;
  const OperationScope scope(state, {&in, &frame});
  const auto first = [&]() -> Value& { return read(in.operands[0], frame); };
  const auto plan = [&] { return &frame.linked.plans[static_cast<std::size_t>(in.cache)]; };
  const auto name = [&]() -> const std::string& {
    return frame.linked.program->names[static_cast<std::size_t>(in.attribute)];
  };
  switch (in.code) {
    case Opcode::copy:
      return take(in, 0, frame);
    case Opcode::bound:
      if (first().is_undefined())
        raise(ErrorKind::NameError, "cannot access local variable '{}' where it is not associated with a value",
              name());
      return take(in, 0, frame);
    case Opcode::op:
      return op(in, frame);
    case Opcode::call:
      return call(in, frame);
    case Opcode::call_method:
      return call_method(in, frame);
    case Opcode::unary:
      return unary_operation(static_cast<ast::UnaryOp>(in.detail), first(), in.consumed, plan());
    case Opcode::binary: {
      Value& left = first();  // of two names that are not bound the error is of this one
      return binary_operation(static_cast<ast::BinaryOp>(in.detail), left, read(in.operands[1], frame), in.consumed,
                              plan());
    }
    case Opcode::compare: {
      Value& left = first();
      return compare_operation(static_cast<ast::CompareOp>(in.detail), left, read(in.operands[1], frame), plan());
    }
    case Opcode::truth:
      return Value::of(truth(first()));
    case Opcode::logical_not:
      return Value::of(!truth(first()));
    case Opcode::get_item:
      return get_item(in, frame);
    case Opcode::get_attribute:
      return evaluator.attribute(first(), name());
    case Opcode::make_tuple:
    case Opcode::make_list:
      return make_sequence(in, frame);
    case Opcode::make_dict:
      return make_dict(in, frame);
    case Opcode::make_slice:
      return make_slice(in, frame);
    case Opcode::append:
      return append(in, frame);
    case Opcode::insert:
      return insert(in, frame);
    case Opcode::format:
      return format(in, frame);
    case Opcode::join:
      return join(in, frame);
    case Opcode::make_function:
      return make_function(in, frame);
    case Opcode::import_module:
      return evaluator.import(name());
    case Opcode::import_name:
      return evaluator.import_name(first(), name());
    case Opcode::contract:
      return check_contract(in, frame);
    default:
      INLAY_CHECK(false);
  }
}

bool Machine::perform(const ir::Instruction& in, Frame& frame) {
  const bool is_done = perform_alone(in, frame);
  if (is_done) let_go(in, frame);
  return is_done;
}

bool Machine::perform_alone(const ir::Instruction& in, Frame& frame) {
  using ir::Opcode;
  const OperationScope scope(state, {&in, &frame});
  switch (in.code) {
    case Opcode::forget:
      read(in.operands[0], frame);
      store_result(in, Value(), frame);
      return true;
    case Opcode::new_cell:
      frame.cells[static_cast<std::size_t>(in.results[0].index)] = evaluator.new_cell();
      return true;
    case Opcode::unpack:
      unpack(in, frame);
      return true;
    case Opcode::update:
      update(in, frame);
      return true;
    case Opcode::mutate:
      mutate(in, frame);
      return true;
    case Opcode::store_where:
      store_where(in, frame);
      return true;
    case Opcode::remove:
      remove(in, frame);
      return true;
    case Opcode::raise:
      raise_user(in, frame);
    case Opcode::region:
      if (std::uint8_t misses = 0; !region(in, frame, misses)) body(*in.blocks[0], frame);
      return true;
    case Opcode::end_statement:
      forget_old(frame);
      return true;
    case Opcode::echo:
      if (const Value& value = read(in.operands[0], frame); in.detail == 1 && evaluator.host().echo)
        evaluator.host().echo(value);
      return true;
    default:
      return false;
  }
}

// ---- places ----

void Machine::let_go_each(const ir::Instruction& in, Frame& frame) {
  for (std::size_t at = 0; at < in.operands.size(); ++at) {
    const ir::Place place = in.operands[at];
    if (place.kind != ir::Place::Kind::reg || !in.consumes(at)) continue;
    if (std::find(in.results.begin(), in.results.end(), place) == in.results.end())
      frame.registers[static_cast<std::size_t>(place.index)].reset();
  }
  if (in.code == ir::Opcode::region)
    for (const std::int32_t at : in.drops) frame.registers[static_cast<std::size_t>(at)].reset();
}

Value& Machine::read_variable(ir::Place place, Frame& frame) {
  INLAY_CHECK(place.kind == ir::Place::Kind::global || place.kind == ir::Place::Kind::cell);
  const auto at = static_cast<std::size_t>(place.index);
  Value& value = place.kind == ir::Place::Kind::global ? *frame.globals[at] : frame.cells[at]->value;
  return value.is_undefined() ? unbound(place, frame) : value;
}

Value& Machine::unbound(ir::Place place, Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  if (place.kind == ir::Place::Kind::cell)
    raise(ErrorKind::NameError,
          "cannot access free variable '{}' where it is not associated with a value in enclosing scope",
          frame.function.cell_names[at]);
  Value& fallback = frame.linked.fallbacks[at];
  if (fallback.is_undefined()) fallback = evaluator.builtin(frame.linked.program->globals[at]);
  if (fallback.is_undefined()) evaluator.raise_unknown_name(frame.linked.program->globals[at], *frame.linked.module);
  return fallback;
}

void Machine::store(ir::Place place, Value value, Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  switch (place.kind) {
    case ir::Place::Kind::reg:
      frame.registers[at] = std::move(value);
      break;
    case ir::Place::Kind::global:
      *frame.linked.globals[at] = std::move(value);
      break;
    case ir::Place::Kind::cell:
      frame.cells[at]->value = std::move(value);
      break;
    default:
      INLAY_CHECK(false);
  }
}

void Machine::store_variable(const ir::Instruction& in, Value value, Frame& frame) {
  const ir::Place place = in.results[0];
  if (value.is(Value::Tag::wide))
    raise(ErrorKind::OverflowError,
          "{} does not fit a 64-bit int; an integer this large cannot be stored in a variable", to_str(value));
  if (in.undoable && place.kind == ir::Place::Kind::global) keep_old(frame.globals[place.index], frame);
  store(place, std::move(value), frame);
}

}  // namespace inlay
