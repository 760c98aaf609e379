// machine.cpp - the instruction loop, names, branches and loops. See machine.h.
#include "interpreter/machine.h"

#include <stdexcept>

#include "interpreter/operators.h"
#include "runtime/elementwise.h"

namespace inlay {

namespace {

/// Registers per chunk of the evaluator's stack of registers.
constexpr std::size_t kChunk = 1 << 14;

/// A function's registers: from the evaluator's chunks while they fit, cleared when the function is left.
class Registers {
 public:
  Registers(Evaluator::State& state, std::size_t count) : state_(state), count_(count), top_(state.register_top) {
    const std::size_t chunk = top_ / kChunk;
    if (count > kChunk) {
      own_ = std::make_unique<Value[]>(count);
      values = own_.get();
      return;
    }
    const std::size_t start = top_ % kChunk + count <= kChunk ? top_ : (chunk + 1) * kChunk;
    while (state.register_chunks.size() <= start / kChunk)
      state.register_chunks.push_back(std::make_unique<Value[]>(kChunk));
    values = state.register_chunks[start / kChunk].get() + start % kChunk;
    state.register_top = start + count;
  }
  ~Registers() {
    if (!own_)
      for (std::size_t i = 0; i < count_; ++i) values[i] = Value();
    state_.register_top = top_;
  }
  Registers(const Registers&) = delete;
  Registers& operator=(const Registers&) = delete;

  Value* values = nullptr;

 private:
  Evaluator::State& state_;
  std::size_t count_;
  std::size_t top_;
  std::unique_ptr<Value[]> own_;
};

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

class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) {
    if (depth_ >= Evaluator::kRecursionLimit)
      raise(ErrorKind::RecursionError, "maximum recursion depth exceeded ({} calls)", Evaluator::kRecursionLimit);
    ++depth_;
  }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  int& depth_;
};

}  // namespace

Value Machine::run_function(LinkedProgram& linked, const ir::Function& function,
                            const std::vector<Ref<CellObject>>& captured, std::span<Value> arguments) {
  Depth depth(state.depth);
  Registers registers(state, static_cast<std::size_t>(function.registers));
  Frame frame{linked, function, registers.values, state.undo.size(), {}, {}};
  for (int i = 0; i < function.cells; ++i) frame.cells.push_back(evaluator.new_cell());
  frame.cells.insert(frame.cells.end(), captured.begin(), captured.end());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    store(function.parameters[i].place, std::move(arguments[i]), frame);
  block(function.body, frame);
  return std::move(state.transfer[0]);
}

Flow Machine::block(const ir::Block& block, Frame& frame) {
  const ir::Instruction* current = nullptr;
  try {
    for (const auto& each : block.body) {
      current = &each;
      bool left = false;
      const Flow flow = instruction(each, frame, left);
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

Value& Machine::read(ir::Place place, Frame& frame) {
  const auto at = static_cast<std::size_t>(place.index);
  Value* value = nullptr;
  switch (place.kind) {
    case ir::Place::Kind::reg:
      return frame.registers[at];
    // Constants are shared by every run: readers never move from them, since nothing marks them consumed.
    case ir::Place::Kind::constant:
      return const_cast<Value&>(frame.linked.program->constants[at]);
    case ir::Place::Kind::global:
      value = frame.linked.globals[at];
      break;
    case ir::Place::Kind::cell:
      value = &frame.cells[at]->value;
      break;
    case ir::Place::Kind::absent:
      INLAY_CHECK(false);
  }
  return value->is_undefined() ? unbound(place, frame) : *value;
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

Value Machine::take(const ir::Instruction& in, std::size_t at, Frame& frame) {
  Value& value = read(in.operands[at], frame);
  if (in.consumes(at) && in.operands[at].kind == ir::Place::Kind::reg) return std::move(value);
  return value;
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

void Machine::store_result(const ir::Instruction& in, Value value, Frame& frame) {
  const ir::Place place = in.results[0];
  if (place.kind != ir::Place::Kind::reg && value.is(Value::Tag::wide))
    raise(ErrorKind::OverflowError,
          "{} does not fit a 64-bit int; an integer this large cannot be stored in a variable", to_str(value));
  if (in.undoable && place.kind == ir::Place::Kind::global) {
    Value* slot = frame.linked.globals[static_cast<std::size_t>(place.index)];
    state.undo.emplace_back(slot, *slot);
  }
  store(place, std::move(value), frame);
}

// ---- control flow ----

void Machine::poll() {
  if (evaluator.runtime_context().cancelled.load(std::memory_order_relaxed)) {
    evaluator.runtime_context().cancelled.store(false);
    raise(ErrorKind::KeyboardInterrupt, "interrupted");
  }
}

Flow Machine::leave(const ir::Instruction& in, Frame& frame, Flow flow) {
  // Reading an unbound name may load a library file, whose run leaves blocks too: before anything is handed on.
  for (ir::Place operand : in.operands)
    if (operand.kind == ir::Place::Kind::global) read(operand, frame);
  state.transfer.clear();
  for (std::size_t i = 0; i < in.operands.size(); ++i) state.transfer.push_back(take(in, i, frame));
  return flow;
}

void Machine::drop(const ir::Instruction& in, Frame& frame) {
  for (auto at : in.drops) frame.registers[static_cast<std::size_t>(at)] = Value();
}

Flow Machine::branch(const ir::Instruction& in, Frame& frame) {
  const bool chosen = read(in.operands[0], frame).boolean();
  const Flow flow = block(*in.blocks[chosen ? 0 : 1], frame);
  if (flow != Flow::yielded) return flow;
  drop(in, frame);
  for (std::size_t i = 0; i < in.results.size(); ++i)
    frame.registers[static_cast<std::size_t>(in.results[i].index)] = std::move(state.transfer[i]);
  return flow;
}

Flow Machine::finish_loop(const ir::Instruction& in, Frame& frame, Flow flow) {
  if (flow == Flow::returned) return flow;
  drop(in, frame);
  for (std::size_t i = 0; i < in.results.size(); ++i)
    frame.registers[static_cast<std::size_t>(in.results[i].index)] = std::move(state.transfer[i]);
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
    for (std::size_t i = 0; i < body.parameters.size(); ++i)
      frame.registers[static_cast<std::size_t>(body.parameters[i].index)] = std::move(state.transfer[i]);
  }
  const Flow flow = block(*in.blocks[2], frame);
  return flow == Flow::yielded ? finish_loop(in, frame, flow) : flow;
}

Flow Machine::for_loop(const ir::Instruction& in, Frame& frame) {
  const ir::Block& body = *in.blocks[0];
  Iteration iteration(take(in, 0, frame));
  for (std::size_t i = 1; i < in.operands.size(); ++i)
    frame.registers[static_cast<std::size_t>(body.parameters[i].index)] = take(in, i, frame);
  Value& item = frame.registers[static_cast<std::size_t>(body.parameters[0].index)];
  while (iteration.next(item)) {
    poll();
    const Flow flow = block(body, frame);
    if (flow != Flow::continued) return finish_loop(in, frame, flow);
    for (std::size_t i = 1; i < body.parameters.size(); ++i)
      frame.registers[static_cast<std::size_t>(body.parameters[i].index)] = std::move(state.transfer[i - 1]);
  }
  const Flow flow = block(*in.blocks[1], frame);
  return flow == Flow::yielded ? finish_loop(in, frame, flow) : flow;
}

}  // namespace inlay
