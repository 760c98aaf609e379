// machine_run.cpp - the loop over the steps of a function. See code.h and machine.h.
// Plain numbers and the commonest containers are handled here, where a step costs a few instructions; everything else
// is left to the instruction the step was made from. Invariant: what is handled here is what the instruction does.
#include "interpreter/machine/activation.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/plain_numbers.h"
#include "interpreter/machine/single_values.h"
#include "interpreter/subscripts/plain_augment.h"
#include "interpreter/telling/progress.h"
#include "interpreter/telling/traffic.h"
#include "interpreter/texts/long_text.h"

namespace inlay {

namespace {

/// A loop that runs: what its register holds.
struct LoopObject final : Object {
  LoopObject(Value iterable, Machine& machine)
      : progress(iterable.is(Value::Tag::progress) ? std::make_unique<ProgressReport>(iterable, machine) : nullptr),
        iteration(std::move(iterable)) {}
  std::unique_ptr<ProgressReport> progress;  // of a loop over progress()
  Iteration iteration;
};

/// The steps of one activation while they run.
class Run {
 public:
  Run(Machine& machine, const Code& code, Frame& frame)
      : machine_(machine),
        frame_(frame),
        registers_(frame.registers),
        constants_(frame.constants),
        globals_(frame.globals),
        steps_(code.steps.data()),
        cost_(code.cost) {}

  /// Runs from the first step until the function returns.
  Value all();

 private:
  using Tag = Value::Tag;

  /// What is in a slot; undefined where only the instruction can say.
  [[nodiscard]] const Value& peek(Slot slot) const {
    if (slot >= 0) [[likely]]
      return registers_[slot];
    if (slot > kFirstVariable) return constants_[kFirstConstant - slot];
    return slot > kElsewhere ? *globals_[kFirstVariable - slot] : undefined_;
  }
  /// The operand number `at` of the step's instruction, which is in `slot`.
  [[nodiscard]] Value& operand(const Step& step, Slot slot, std::size_t at) {
    Value& value = const_cast<Value&>(peek(slot));
    if (value.is_undefined() && slot <= kFirstVariable) [[unlikely]]
      return machine_.read(step.source->operands[at], frame_);
    return value;
  }
  /// Operand a moved out if this is its last use, else another holder of it; it is operand number `at`.
  Value take(const Step& step, std::size_t at) {
    Value& value = operand(step, step.a, at);
    if ((step.flags & kTakesA) != 0) return std::move(value);
    return value;
  }
  /// Where a plain number goes; null if only the instruction can store it.
  [[nodiscard]] Value* result(const Step& step) {
    if (step.result >= 0) [[likely]]
      return &registers_[step.result];
    return step.result > kElsewhere ? globals_[kFirstVariable - step.result] : nullptr;
  }
  void store(const Step& step, Value value) {
    if (step.result >= 0) [[likely]]
      registers_[step.result] = std::move(value);
    else if (step.result > kElsewhere && !value.is(Tag::wide))
      *globals_[kFirstVariable - step.result] = std::move(value);
    else
      machine_.store_result(*step.source, std::move(value), frame_);
  }

  [[gnu::noinline]] void evaluate(const Step& step) {
    if (machine_.state.moved != nullptr) [[unlikely]]
      return counted(step);
    store(step, machine_.evaluate(*step.source, frame_));
  }
  [[gnu::noinline]] void perform(const Step& step) {
    if (machine_.state.moved != nullptr) [[unlikely]]
      return machine_.counted(*step.source, frame_);
    machine_.perform(*step.source, frame_);
  }
  bool region(const Step& step) {
    if (machine_.state.moved == nullptr) [[likely]]
      return machine_.region(*step.source, frame_, step.misses);
    const TrafficCount count(machine_.state, *step.source, frame_);
    const bool is_done = machine_.region(*step.source, frame_, step.misses);
    if (is_done) count.finish();
    return is_done;
  }
  void counted(const Step& step) {
    const TrafficCount count(machine_.state, *step.source, frame_);
    store(step, machine_.evaluate(*step.source, frame_));
    count.finish();
  }
  void move(const Step& step) {
    if (step.result >= 0 && step.a >= 0 && (step.flags & kTakesA) != 0) [[likely]] {
      registers_[step.result] = std::move(registers_[step.a]);
      return;
    }
    Value* const out = result(step);
    const Value& value = peek(step.a);
    if (out != nullptr && value.is(Tag::integer))
      out->set(value.integer());
    else
      move_slowly(step);
  }
  [[gnu::noinline]] void move_slowly(const Step& step) { store(step, take(step, step.detail)); }
  /// An operator or comparison of single_values.h, where nobody counts what is read and written; false: nothing is
  /// done.
  [[gnu::noinline]] bool single(const Step& step, const Value& a, const Value& b, Value& out) {
    if (!are_single(a, b) || machine_.state.moved != nullptr) return false;
    const ir::Instruction& in = *step.source;
    ElementwisePlan& plan = frame_.linked.plans[static_cast<std::size_t>(in.cache)];
    if (in.code == ir::Opcode::compare) return single_compare(static_cast<ast::CompareOp>(in.detail), a, b, plan, out);
    return single_binary(static_cast<ast::BinaryOp>(in.detail), a, b, plan, out);
  }
  /// Numbers of different types, single elements, and everything else.
  [[gnu::noinline]] void binary_slowly(const Step& step) {
    Value* const out = result(step);
    if (out == nullptr) return evaluate(step);
    const Value &a = operand(step, step.a, 0), &b = operand(step, step.b, 1);  // in this order: either may be unbound
    const auto op = static_cast<ast::BinaryOp>(step.source->detail);
    if (!plain_binary(op, a, b, *out) && !single(step, a, b, *out)) evaluate(step);
  }
  template <ast::BinaryOp op>
  void binary(const Step& step) {
    const Value &a = peek(step.a), &b = peek(step.b);
    Value* const out = result(step);
    if (out != nullptr && a.is(Tag::integer) && b.is(Tag::integer)) {
      if (plain_binary(op, a.integer(), b.integer(), *out)) return;
    } else if (out != nullptr && a.is(Tag::floating) && b.is(Tag::floating)) {
      if (plain_binary(op, a.floating(), b.floating(), *out)) return;
    }
    binary_slowly(step);
  }
  [[gnu::noinline]] bool compares_single(const Step& step, const Value& a, const Value& b) {
    Value holds;
    if (single(step, a, b, holds)) return *static_cast<const bool*>(holds.scalar_bytes());
    return condition(step.source, 2);
  }
  template <ast::CompareOp op>
  [[gnu::noinline]] bool compares_slowly(const Step& step) {
    bool holds = false;
    const Value &a = operand(step, step.a, 0), &b = operand(step, step.b, 1);
    if (plain_compare(op, a, b, holds)) return holds;
    if constexpr (op == ast::CompareOp::equal || op == ast::CompareOp::not_equal) {
      if (a.is_string() && b.is_string()) return same_strings(step) == (op == ast::CompareOp::equal);
    }
    return compares_single(step, a, b);
  }
  /// Whether a == b, which are strings. Lets go of those that are used for the last time.
  [[gnu::noinline]] bool same_strings(const Step& step) {
    const bool is_same = same_text(peek(step.a).string(), peek(step.b).string());
    let_go(step);
    return is_same;
  }
  /// Empties the registers of operands that are used for the last time, as the instruction does.
  void let_go(const Step& step) {
    if ((step.flags & kTakesA) != 0) registers_[step.a].reset();
    if ((step.flags & kTakesB) != 0) registers_[step.b].reset();
  }
  template <ast::CompareOp op>
  bool compares(const Step& step) {
    const Value &a = peek(step.a), &b = peek(step.b);
    bool holds = false;
    if (a.is(Tag::integer) && b.is(Tag::integer) && plain_compare(op, a.integer(), b.integer(), holds)) return holds;
    return compares_slowly<op>(step);
  }
  [[gnu::noinline]] void compare_slowly(const Step& step) {
    Value* const out = result(step);
    if (out == nullptr || !single(step, peek(step.a), peek(step.b), *out)) evaluate(step);
  }
  template <ast::CompareOp op>
  void compare(const Step& step) {
    Value* const out = result(step);
    bool holds = false;
    if (out != nullptr && plain_compare(op, peek(step.a), peek(step.b), holds)) [[likely]]
      out->set(holds);
    else
      compare_slowly(step);
  }
  void truth(const Step& step) {
    Value* const out = result(step);
    if (const Value& value = peek(step.a); out != nullptr && value.is(Tag::boolean)) [[likely]]
      out->set(value.boolean());
    else
      evaluate(step);
  }
  bool is_true(const Step& step) {
    const Value& value = peek(step.a);
    return value.is(Tag::boolean) ? value.boolean() : is_true_slowly(step);
  }
  [[gnu::noinline]] bool is_true_slowly(const Step& step) {
    const Value& value = operand(step, step.a, 0);
    if (value.is(Tag::tensor) || value.is(Tag::tracked) || machine_.state.moved != nullptr)
      return condition(step.source, 1);
    const bool holds = inlay::truth(value);
    let_go(step);
    return holds;
  }
  /// The result of the last of these instructions.
  [[gnu::noinline]] bool condition(const ir::Instruction* first, std::size_t count);
  /// result = a[b].
  void get_item(const Step& step) {
    const Value &object = peek(step.a), &index = peek(step.b);
    Value* const out = result(step);
    const bool is_vector = out != nullptr && (step.flags & kTakesA) == 0 && object.is(Tag::tensor) &&
                           index.is(Tag::integer) && machine_.state.moved == nullptr;
    if (!is_vector || !load_from_vector(object.tensor_data(), index.integer(), *out)) get_item_slowly(step);
  }
  [[gnu::noinline]] void get_item_slowly(const Step& step);
  /// Whether the container that a step changes is changed in its place: the variable or the register it is in.
  static bool changes_its_own(const Step& step) {
    return step.a >= 0 ? (step.flags & kTakesA) != 0 : step.result == step.a && step.a > kElsewhere;
  }
  /// a[b] = a number, where a is changed in its place.
  void set_item(const Step& step) {
    Value& target = const_cast<Value&>(peek(step.a));
    const Value& index = peek(step.b);
    const bool is_stored = changes_its_own(step) && target.is(Tag::tensor) && index.is(Tag::integer) &&
                           machine_.state.moved == nullptr &&
                           store_in_vector(target.tensor_data(), index.integer(), peek(step.target));
    if (!is_stored) return set_item_slowly(step);
    ++machine_.state.context_owner->counters.in_place;
    if (step.result >= 0 && step.result != step.a) registers_[step.result] = std::move(target);
  }
  [[gnu::noinline]] void set_item_slowly(const Step& step);
  [[gnu::noinline]] void augment_item(const Step& step);
  [[gnu::noinline]] void augment_slowly(const Step& step);
  void augment(const Step& step) {
    Value* const out = result(step);
    const Value &a = peek(step.a), &b = peek(step.b);
    const bool is_sum = static_cast<ast::BinaryOp>(step.detail) == ast::BinaryOp::add && out != nullptr &&
                        a.is(Tag::integer) && b.is(Tag::integer);
    if (!is_sum || !plain_binary(ast::BinaryOp::add, a.integer(), b.integer(), *out)) augment_slowly(step);
  }
  [[gnu::noinline]] bool appends(const Step& step, const Value& target, const Value& more);
  [[gnu::noinline]] void unpack(const Step& step);
  [[gnu::noinline]] void append(const Step& step);
  [[gnu::noinline]] void append_to(const Step& step);
  void call(const Step& step) {
    const Value& callee = peek(step.a);
    const bool is_plain =
        callee.is(Tag::function) && callee.object<FunctionObject>().plain_parameters == static_cast<int>(step.detail);
    store(step, is_plain ? machine_.call_direct(*step.source, callee, frame_) : machine_.call(*step.source, frame_));
  }
  [[gnu::noinline]] void begin(const Step& step) {
    store(step, Value::adopt(Tag::iteration, std::make_unique<LoopObject>(take(step, 0), machine_).release()));
  }
  bool next(const Step& step) {
    machine_.spend(cost_in(step.b));
    auto& loop = registers_[step.a].object<LoopObject>();
    const bool goes_on = loop.iteration.next(registers_[step.result]);
    if (loop.progress) [[unlikely]]
      loop.progress->next();
    return goes_on;
  }
  void show(const Step& step, void (Watcher::*event)(const ir::Instruction&, Frame&)) {
    if (machine_.state.watcher != nullptr) (machine_.state.watcher->*event)(*step.source, frame_);
  }
  [[gnu::noinline]] void watched(const Step& step) {
    show(step, &Watcher::before);
    machine_.instruction(*step.source, frame_);
    show(step, &Watcher::after);
  }

  Machine& machine_;
  Frame& frame_;
  Value* const registers_;
  const Value* const constants_;
  Value* const* const globals_;
  const Step* const steps_;
  const std::uint64_t cost_;
  const Value undefined_;
};

bool Run::condition(const ir::Instruction* first, std::size_t count) {
  for (std::size_t at = 0; at < count; ++at) machine_.run_one(first[at], frame_);
  return registers_[first[count - 1].results[0].index].boolean();
}

void Run::get_item_slowly(const Step& step) {
  const Value &object = operand(step, step.a, 0), &index = operand(step, step.b, 1);
  const bool is_plain = step.result >= 0 && machine_.state.moved == nullptr;
  if (!is_plain || !plain_item(object, index, registers_[step.result])) return evaluate(step);
  if ((step.flags & kTakesA) != 0 && step.a != step.result) registers_[step.a].reset();
  if ((step.flags & kTakesB) != 0 && step.b != step.result) registers_[step.b].reset();
}

void Run::set_item_slowly(const Step& step) {
  const Value& index = operand(step, step.b, 1);
  const Value& value = machine_.read(step.source->operands[2], frame_);
  Value& target = const_cast<Value&>(peek(step.a));
  Value number;
  if (value.tag() < Tag::tensor) number = value;
  if (!changes_its_own(step) || number.is_undefined() || !store_plain_item(target, index, number)) return perform(step);
  if (step.result >= 0 && step.result != step.a) registers_[step.result] = std::move(target);
}

/// a[b] op= an element or a number, where a is a tensor that is changed in its place.
void Run::augment_item(const Step& step) {
  Value& target = const_cast<Value&>(peek(step.a));
  const Value &index = peek(step.b), &value = peek(step.target);
  const bool is_element = changes_its_own(step) && target.is(Tag::tensor) && index.is(Tag::integer) &&
                          is_single(value) && machine_.state.moved == nullptr;
  ElementwisePlan& plan = frame_.linked.plans[static_cast<std::size_t>(step.source->cache)];
  if (!is_element || !augment_plain_item(static_cast<ast::BinaryOp>(step.detail), target, index, value, plan))
    return perform(step);
  if (step.result >= 0 && step.result != step.a) registers_[step.result] = std::move(target);
}

void Run::augment_slowly(const Step& step) {
  const Value& target = operand(step, step.a, 0);
  Value* const out = result(step);
  // A built-in that the name means so far is no variable.
  const bool is_own = step.result >= 0 || out == &target;
  if (is_own) {
    const auto op = static_cast<ast::BinaryOp>(step.detail);
    const Value& value = operand(step, step.b, 1);
    if (plain_binary(op, target, value, *out) || single(step, target, value, *out)) return;
    if (op == ast::BinaryOp::add && appends(step, target, value)) return;
  }
  perform(step);
  const ir::Place place = step.source->results[0];
  if (step.result >= 0 && place.index != step.result) registers_[step.result] = std::move(registers_[place.index]);
}

/// `s += text` where nobody else holds s.
bool Run::appends(const Step& step, const Value& target, const Value& more) {
  const bool is_last_use = step.a < 0 ? step.result == step.a : (step.flags & kTakesA) != 0;
  if (!is_last_use || !target.is_string() || !more.is_string() || !target.unique() || more.identical(target))
    return false;
  target.object<StringObject>().append(more.string());
  if (step.result >= 0 && step.result != step.a) registers_[step.result] = std::move(registers_[step.a]);
  if ((step.flags & kTakesB) != 0) registers_[step.b].reset();
  return true;
}

/// Of a tuple of as many elements as there are targets; everything else is left to the instruction.
void Run::unpack(const Step& step) {
  const ir::Instruction& in = *step.source;
  const Value& whole = operand(step, step.a, 0);
  const bool is_plain = whole.is(Tag::tuple) && whole.elements().size() == in.results.size() &&
                        machine_.state.moved == nullptr &&
                        frame_.linked.program->unpacks[static_cast<std::size_t>(in.attribute)].star < 0;
  if (!is_plain) return perform(step);
  const bool is_taken = (step.flags & kTakesA) != 0;
  const Value held = is_taken ? std::move(registers_[step.a]) : whole;
  const Value* element = held.elements().data();
  for (const ir::Place place : in.results) machine_.store(place, *element++, frame_);
}

void Run::append(const Step& step) {
  Value list = take(step, 0);
  Value& value = operand(step, step.b, 1);
  list.mutable_elements().push_back((step.flags & kTakesB) != 0 ? std::move(value) : Value(value));
  store(step, std::move(list));
}

void Run::append_to(const Step& step) {
  Value& target = const_cast<Value&>(peek(step.a));
  const Value& value = operand(step, step.b, 1);
  if (!changes_its_own(step) || !target.is(Tag::list) || machine_.state.moved != nullptr) return perform(step);
  const bool is_last_use = (step.flags & kTakesB) != 0;
  target.mutable_elements().push_back(is_last_use ? std::move(const_cast<Value&>(value)) : value);
  registers_[step.source->results[1].index] = Value::none();
  if (step.result >= 0 && step.result != step.a) registers_[step.result] = std::move(target);
}

Value Run::all() {
  using ast::BinaryOp;
  using ast::CompareOp;
  const Step *const steps = steps_, *step = steps;
  const auto jump_if = [&](bool holds) {
    if (holds == (step->detail != 0)) step = steps + step->target - 1;
  };
  try {
    machine_.spend(cost_);
    for (;; ++step) {
      switch (step->code) {  // ORDER STEPS
        case StepCode::evaluate:
        case StepCode::call_method:
          evaluate(*step);
          break;
        case StepCode::perform:
          perform(*step);
          break;
        case StepCode::augment_item:
          augment_item(*step);
          break;
        case StepCode::unpack:
          unpack(*step);
          break;
        case StepCode::set_item:
          set_item(*step);
          break;
        case StepCode::move:
          move(*step);
          break;
        case StepCode::add:
          binary<BinaryOp::add>(*step);
          break;
        case StepCode::subtract:
          binary<BinaryOp::subtract>(*step);
          break;
        case StepCode::multiply:
          binary<BinaryOp::multiply>(*step);
          break;
        case StepCode::divide:
          binary<BinaryOp::divide>(*step);
          break;
        case StepCode::floor_divide:
          binary<BinaryOp::floor_divide>(*step);
          break;
        case StepCode::remainder:
          binary<BinaryOp::remainder>(*step);
          break;
        case StepCode::less:
          compare<CompareOp::less>(*step);
          break;
        case StepCode::less_equal:
          compare<CompareOp::less_equal>(*step);
          break;
        case StepCode::greater:
          compare<CompareOp::greater>(*step);
          break;
        case StepCode::greater_equal:
          compare<CompareOp::greater_equal>(*step);
          break;
        case StepCode::equal:
          compare<CompareOp::equal>(*step);
          break;
        case StepCode::not_equal:
          compare<CompareOp::not_equal>(*step);
          break;
        case StepCode::jump_less:
          jump_if(compares<CompareOp::less>(*step));
          break;
        case StepCode::jump_less_equal:
          jump_if(compares<CompareOp::less_equal>(*step));
          break;
        case StepCode::jump_greater:
          jump_if(compares<CompareOp::greater>(*step));
          break;
        case StepCode::jump_greater_equal:
          jump_if(compares<CompareOp::greater_equal>(*step));
          break;
        case StepCode::jump_equal:
          jump_if(compares<CompareOp::equal>(*step));
          break;
        case StepCode::jump_not_equal:
          jump_if(compares<CompareOp::not_equal>(*step));
          break;
        case StepCode::truth:
          truth(*step);
          break;
        case StepCode::get_item:
          get_item(*step);
          break;
        case StepCode::augment:
          augment(*step);
          break;
        case StepCode::region:
          if (region(*step)) step = steps + step->target - 1;
          break;
        case StepCode::append:
          append(*step);
          break;
        case StepCode::append_to:
          append_to(*step);
          break;
        case StepCode::call:
          call(*step);
          break;
        case StepCode::jump:
          step = steps + step->target - 1;
          break;
        case StepCode::poll:
          machine_.spend(cost_in(step->a));
          break;
        case StepCode::jump_if:
          jump_if(operand(*step, step->a, 0).boolean());
          break;
        case StepCode::jump_truth:
          jump_if(is_true(*step));
          break;
        case StepCode::begin:
          begin(*step);
          break;
        case StepCode::next:
          if (next(*step)) step = steps + step->target - 1;
          break;
        case StepCode::drop:
          registers_[step->a].reset();
          break;
        case StepCode::return_:
          return take(*step, 0);
        case StepCode::watched:
          watched(*step);
          break;
        case StepCode::enter:
          show(*step, &Watcher::before);
          break;
        case StepCode::leave:
          show(*step, &Watcher::after);
          break;
      }
    }
  } catch (...) {
    machine_.put_elements_back(frame_);
    machine_.locate(*step->source, frame_);
  }
}

}  // namespace

Value Machine::run(const Code& code, Frame& frame) { return Run(*this, code, frame).all(); }

}  // namespace inlay
