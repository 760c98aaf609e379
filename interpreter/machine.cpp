// machine.cpp - the instruction loop, names, branches and loops. See machine.h.
#include "interpreter/machine.h"

#include <stdexcept>

#include "interpreter/activation.h"
#include "interpreter/operators.h"
#include "interpreter/plain_numbers.h"
#include "interpreter/progress.h"
#include "runtime/elementwise.h"

namespace inlay {

namespace {

/// The part of an instruction that an error is about: the name that is not bound, the target whose index is out of
/// range, else all of it.
Span place_of(const Error& error, const ir::Instruction& in, const ir::Program& program) {
  if (error.kind() == ErrorKind::NameError)
    for (Span span : program.unbound)
      if (span.begin >= in.span.begin && span.end <= in.span.end) return span;
  if (error.kind() == ErrorKind::IndexError && in.code == ir::Opcode::update) {
    const auto& steps = program.paths[static_cast<std::size_t>(in.attribute)].steps;
    if (!steps.empty()) return steps.back().span;
  }
  return in.span;
}

}  // namespace

Value Machine::run_function(LinkedProgram& linked, const ir::Function& function,
                            const std::vector<Ref<CellObject>>& captured, std::span<Value> arguments) {
  Activation callee(*this, linked, function, captured);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    store(function.parameters[i].place, std::move(arguments[i]), callee.frame);
  block(function.body, callee.frame);
  return std::move(state.transfer[0]);
}

inline bool Machine::quickly(const ir::Instruction& in, Frame& frame) {
  using ir::Opcode;
  using Tag = Value::Tag;
  Value out;
  switch (in.code) {
    case Opcode::binary: {
      const Value &a = read(in.operands[0], frame), &b = read(in.operands[1], frame);
      if (!plain_binary(static_cast<ast::BinaryOp>(in.detail), a, b, out)) return false;
      break;
    }
    case Opcode::compare: {
      const Value &a = read(in.operands[0], frame), &b = read(in.operands[1], frame);
      bool holds = false;
      if (!plain_compare(static_cast<ast::CompareOp>(in.detail), a, b, holds)) return false;
      out = Value::of(holds);
      break;
    }
    case Opcode::truth: {
      const Value& value = read(in.operands[0], frame);
      if (!value.is(Tag::boolean)) return false;
      out = Value::of(value.boolean());
      break;
    }
    case Opcode::copy:
      out = take(in, 0, frame);
      break;
    case Opcode::get_item:
      if (!get_quickly(in, frame, out)) return false;
      break;
    default:
      return false;
  }
  store_result(in, std::move(out), frame);
  return true;
}

void Machine::run_one(const ir::Instruction& in, Frame& frame) {
  try {
    bool left = false;
    instruction(in, frame, left);
  } catch (const LocatedError&) {
    throw;
  } catch (const Error& error) {
    throw LocatedError(error, frame.linked.program->source, place_of(error, in, *frame.linked.program));
  }
}

Flow Machine::block(const ir::Block& block, Frame& frame) {
  const ir::Instruction* current = nullptr;
  const bool is_watched = state.watcher != nullptr;
  try {
    for (const auto& each : block.body) {
      current = &each;
      if (!is_watched && quickly(each, frame)) continue;
      bool left = false;
      const Flow flow = is_watched ? watched(each, frame, left) : instruction(each, frame, left);
      if (left) return flow;
    }
  } catch (const LocatedError&) {
    throw;
  } catch (const Error& error) {
    throw LocatedError(error, frame.linked.program->source, place_of(error, *current, *frame.linked.program));
  } catch (const std::length_error&) {
    throw LocatedError(Error(ErrorKind::MemoryError, "too large for memory"), frame.linked.program->source,
                       current->span);
  } catch (const std::bad_alloc&) {
    throw LocatedError(Error(ErrorKind::MemoryError, "out of memory"), frame.linked.program->source, current->span);
  }
  return Flow::yielded;
}

Flow Machine::instruction(const ir::Instruction& in, Frame& frame, bool& left) {
  using ir::Opcode;
  const auto first = [&]() -> Value& { return read(in.operands[0], frame); };
  switch (in.code) {
    case Opcode::copy:
      store_result(in, take(in, 0, frame), frame);
      break;
    case Opcode::bound:
      if (first().is_undefined())
        raise(ErrorKind::NameError, "cannot access local variable '{}' where it is not associated with a value",
              frame.linked.program->names[static_cast<std::size_t>(in.attribute)]);
      store_result(in, take(in, 0, frame), frame);
      break;
    case Opcode::forget:
      first();
      store_result(in, Value(), frame);
      break;
    case Opcode::new_cell:
      frame.cells[static_cast<std::size_t>(in.results[0].index)] = evaluator.new_cell();
      break;
    case Opcode::op:
      store_result(in, op(in, frame), frame);
      break;
    case Opcode::call:
      store_result(in, call(in, frame), frame);
      break;
    case Opcode::call_method:
      store_result(in, call_method(in, frame), frame);
      break;
    case Opcode::unary:
      store_result(in,
                   unary_operation(static_cast<ast::UnaryOp>(in.detail), first(), in.consumed,
                                   &frame.linked.plans[static_cast<std::size_t>(in.cache)]),
                   frame);
      break;
    case Opcode::binary:
      store_result(in,
                   binary_operation(static_cast<ast::BinaryOp>(in.detail), first(), read(in.operands[1], frame),
                                    in.consumed, &frame.linked.plans[static_cast<std::size_t>(in.cache)]),
                   frame);
      break;
    case Opcode::compare:
      store_result(in,
                   compare_operation(static_cast<ast::CompareOp>(in.detail), first(), read(in.operands[1], frame),
                                     &frame.linked.plans[static_cast<std::size_t>(in.cache)]),
                   frame);
      break;
    case Opcode::truth:
      store_result(in, Value::of(truth(first())), frame);
      break;
    case Opcode::logical_not:
      store_result(in, Value::of(!truth(first())), frame);
      break;
    case Opcode::get_item:
      store_result(in, get_item(in, frame), frame);
      break;
    case Opcode::get_attribute:
      store_result(
          in, evaluator.attribute(first(), frame.linked.program->names[static_cast<std::size_t>(in.attribute)]), frame);
      break;
    case Opcode::make_tuple:
    case Opcode::make_list:
      store_result(in, make_sequence(in, frame), frame);
      break;
    case Opcode::make_dict:
      store_result(in, make_dict(in, frame), frame);
      break;
    case Opcode::make_slice:
      store_result(in, make_slice(in, frame), frame);
      break;
    case Opcode::append:
      store_result(in, append(in, frame), frame);
      break;
    case Opcode::insert:
      store_result(in, insert(in, frame), frame);
      break;
    case Opcode::unpack:
      unpack(in, frame);
      break;
    case Opcode::format:
      store_result(in, format(in, frame), frame);
      break;
    case Opcode::join:
      store_result(in, join(in, frame), frame);
      break;
    case Opcode::make_function:
      store_result(in, make_function(in, frame), frame);
      break;
    case Opcode::import_module:
      store_result(in, evaluator.import(frame.linked.program->names[static_cast<std::size_t>(in.attribute)]), frame);
      break;
    case Opcode::import_name:
      store_result(in,
                   evaluator.import_name(first(), frame.linked.program->names[static_cast<std::size_t>(in.attribute)]),
                   frame);
      break;
    case Opcode::update:
      update(in, frame);
      break;
    case Opcode::mutate:
      mutate(in, frame);
      break;
    case Opcode::store_where:
      store_where(in, frame);
      break;
    case Opcode::remove:
      remove(in, frame);
      break;
    case Opcode::raise:
      raise_user(in, frame);
    case Opcode::contract:
      store_result(in, check_contract(in, frame), frame);
      break;
    case Opcode::if_: {
      const Flow flow = branch(in, frame);
      left = flow != Flow::yielded;
      return flow;
    }
    case Opcode::while_: {
      const Flow flow = while_loop(in, frame);
      left = flow != Flow::yielded;
      return flow;
    }
    case Opcode::for_: {
      const Flow flow = for_loop(in, frame);
      left = flow != Flow::yielded;
      return flow;
    }
    case Opcode::yield:
      left = true;
      return leave(in, frame, Flow::yielded);
    case Opcode::break_:
      left = true;
      return leave(in, frame, Flow::broke);
    case Opcode::continue_:
      left = true;
      return leave(in, frame, Flow::continued);
    case Opcode::return_:
      left = true;
      return leave(in, frame, Flow::returned);
    case Opcode::region:
      region(in, frame);
      break;
    case Opcode::end_statement:
      state.undo.resize(frame.undo_base);
      break;
    case Opcode::echo:
      if (const Value& value = first(); in.detail == 1 && evaluator.host().echo) evaluator.host().echo(value);
      break;
  }
  return Flow::yielded;
}

// ---- places ----

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
  if (in.undoable && place.kind == ir::Place::Kind::global) {
    Value* slot = frame.globals[place.index];
    state.undo.emplace_back(slot, *slot);
  }
  store(place, std::move(value), frame);
}

// ---- control flow ----

void Machine::interrupted() {
  state.context_owner->cancelled.store(false);
  raise(ErrorKind::KeyboardInterrupt, "interrupted");
}

Flow Machine::leave(const ir::Instruction& in, Frame& frame, Flow flow) {
  // Reading an unbound name may load a library file, whose run leaves blocks too: before anything is handed on.
  const std::size_t count = in.operands.size();
  for (std::size_t i = 0; count > 1 && i < count; ++i)
    if (in.operands[i].kind == ir::Place::Kind::global) read(in.operands[i], frame);
  if (state.transfer.size() < count) state.transfer.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Value value = take(in, i, frame);
    state.transfer[i] = std::move(value);
  }
  return flow;
}

/// Takes what a block handed on.
void Machine::take_over(std::span<const ir::Place> registers, Frame& frame) {
  for (std::size_t i = 0; i < registers.size(); ++i) frame.registers[registers[i].index] = std::move(state.transfer[i]);
}

void Machine::drop(const ir::Instruction& in, Frame& frame) {
  for (auto at : in.drops) frame.registers[at].reset();
}

Flow Machine::branch(const ir::Instruction& in, Frame& frame) {
  const bool chosen = read(in.operands[0], frame).boolean();
  const Flow flow = block(*in.blocks[chosen ? 0 : 1], frame);
  if (flow != Flow::yielded) return flow;
  drop(in, frame);
  take_over(in.results, frame);
  return flow;
}

Flow Machine::finish_loop(const ir::Instruction& in, Frame& frame, Flow flow) {
  if (flow == Flow::returned) return flow;
  drop(in, frame);
  take_over(in.results, frame);
  return Flow::yielded;
}

Flow Machine::while_loop(const ir::Instruction& in, Frame& frame) {
  const ir::Block& body = *in.blocks[1];
  for (std::size_t i = 0; i < in.operands.size(); ++i)
    frame.registers[static_cast<std::size_t>(body.parameters[i].index)] = take(in, i, frame);
  for (;;) {
    poll();
    block(*in.blocks[0], frame);
    if (!state.transfer[0].boolean()) break;
    const Flow flow = block(body, frame);
    if (flow != Flow::continued) return finish_loop(in, frame, flow);
    take_over(body.parameters, frame);
  }
  const Flow flow = block(*in.blocks[2], frame);
  return flow == Flow::yielded ? finish_loop(in, frame, flow) : flow;
}

Flow Machine::for_loop(const ir::Instruction& in, Frame& frame) {
  const ir::Block& body = *in.blocks[0];
  Value iterable = take(in, 0, frame);
  ProgressReport progress(iterable, *this);
  Iteration iteration(std::move(iterable));
  for (std::size_t i = 1; i < in.operands.size(); ++i)
    frame.registers[static_cast<std::size_t>(body.parameters[i].index)] = take(in, i, frame);
  Value& item = frame.registers[static_cast<std::size_t>(body.parameters[0].index)];
  while (iteration.next(item)) {
    poll();
    progress.next();
    const Flow flow = block(body, frame);
    if (flow != Flow::continued) return finish_loop(in, frame, flow);
    take_over(std::span(body.parameters).subspan(1), frame);
  }
  progress.next();
  const Flow flow = block(*in.blocks[1], frame);
  return flow == Flow::yielded ? finish_loop(in, frame, flow) : flow;
}

}  // namespace inlay
