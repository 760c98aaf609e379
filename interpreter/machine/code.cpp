// code.cpp - makes steps of the structured core: blocks one after the other, jumps between them, moves for what they
// hand on. See code.h.
// Invariant: the steps of an instruction follow those of the one before it; a jump's target is filled in when the
// place it leads to is known.
#include "interpreter/machine/code.h"

#include <algorithm>
#include <array>
#include <optional>

#include "grammar/ast.h"

namespace inlay {

namespace {

using ir::Opcode;
using ir::Place;

constexpr Slot slot_of(Place place) {
  switch (place.kind) {
    case Place::Kind::reg:
      return place.index;
    case Place::Kind::constant:
      return kFirstConstant - place.index;
    case Place::Kind::global:
      return kFirstVariable - place.index;
    default:
      return kElsewhere;
  }
}

template <class Operator>
struct OperatorStep {
  Operator op;
  StepCode code;
};
constexpr OperatorStep<ast::BinaryOp> kBinary[] = {
    {ast::BinaryOp::add, StepCode::add},
    {ast::BinaryOp::subtract, StepCode::subtract},
    {ast::BinaryOp::multiply, StepCode::multiply},
    {ast::BinaryOp::divide, StepCode::divide},
    {ast::BinaryOp::floor_divide, StepCode::floor_divide},
    {ast::BinaryOp::remainder, StepCode::remainder},
};
constexpr OperatorStep<ast::CompareOp> kCompare[] = {
    {ast::CompareOp::less, StepCode::less},       {ast::CompareOp::less_equal, StepCode::less_equal},
    {ast::CompareOp::greater, StepCode::greater}, {ast::CompareOp::greater_equal, StepCode::greater_equal},
    {ast::CompareOp::equal, StepCode::equal},     {ast::CompareOp::not_equal, StepCode::not_equal},
};

template <class Operator, std::size_t count>
StepCode step_of(const OperatorStep<Operator> (&rows)[count], std::uint8_t op) {
  for (const auto& row : rows)
    if (static_cast<std::uint8_t>(row.op) == op) return row.code;
  return StepCode::evaluate;
}

/// The jump on a comparison's result.
StepCode jump_on(StepCode comparison) {
  const int offset = static_cast<int>(comparison) - static_cast<int>(StepCode::less);
  return static_cast<StepCode>(static_cast<int>(StepCode::jump_less) + offset);
}

StepCode update_code(const ir::PathShape& path, bool is_augmented) {
  if (path.steps.empty()) return is_augmented ? StepCode::augment : StepCode::perform;
  if (!path.is_item()) return StepCode::perform;
  return is_augmented ? StepCode::augment_item : StepCode::set_item;
}

/// `name.append(value)`, the commonest of all mutations.
bool is_append(const ir::Instruction& in, const ir::MutationShape& shape) {
  const bool is_method = !shape.function && !shape.shuffling && shape.ufunc == nullptr && shape.path.steps.empty();
  return is_method && shape.call.name == "append" && in.operands.size() == 2 && shape.call.positional == 1 &&
         !shape.call.starred[0] && in.operands[0] != in.operands[1] && in.results[1].kind == Place::Kind::reg;
}

/// What an instruction with operands and at most one result becomes, where the machine has a way of its own for it.
StepCode code_of(const ir::Instruction& in, const ir::Program& program) {
  switch (in.code) {
    case Opcode::copy:
      return StepCode::move;
    case Opcode::binary:
      return step_of(kBinary, in.detail);
    case Opcode::compare:
      return step_of(kCompare, in.detail);
    case Opcode::truth:
      return StepCode::truth;
    case Opcode::append:
      return StepCode::append;
    case Opcode::call:
      return StepCode::call;
    case Opcode::call_method:
      return StepCode::call_method;
    case Opcode::get_item:
      return program.subscripts[static_cast<std::size_t>(in.attribute)].is_item() ? StepCode::get_item
                                                                                  : StepCode::evaluate;
    case Opcode::unpack:
      return StepCode::unpack;
    case Opcode::update:
      return update_code(program.paths[static_cast<std::size_t>(in.attribute)], in.detail != 0xff);
    case Opcode::mutate:
      return is_append(in, program.mutations[static_cast<std::size_t>(in.attribute)]) ? StepCode::append_to
                                                                                      : StepCode::perform;
    case Opcode::forget:
    case Opcode::new_cell:
    case Opcode::store_where:
    case Opcode::remove:
    case Opcode::raise:
    case Opcode::end_statement:
    case Opcode::echo:
      return StepCode::perform;
    default:
      return StepCode::evaluate;
  }
}

/// A block that is being written out, and what leads out of it.
struct Scope {
  enum class Part : std::uint8_t { arm, condition, body, otherwise };
  const ir::Instruction* in;
  Part part;
  Scope* outer;
  std::vector<std::size_t> ends;    // jumps to behind the instruction
  std::vector<std::size_t> rounds;  // jumps to the loop's next round
  std::size_t body = 0;             // where the loop's body begins
  Slot walk = kElsewhere;           // the register of a `for`
};

class Maker {
 public:
  Maker(const ir::Program& program, const ir::Function& function, bool watched)
      : program_(program), function_(function), watched_(watched), code_(std::make_unique<Code>()) {
    code_->registers = function.registers;
  }

  std::unique_ptr<Code> make() {
    const auto& parameters = function_.parameters;
    code_->has_plain_parameters = true;
    for (std::size_t at = 0; at < parameters.size(); ++at)
      if (slot_of(parameters[at].place) != static_cast<Slot>(at)) code_->has_plain_parameters = false;
    code_->cost = function_.body.steps;
    block(function_.body, nullptr);
    return std::move(code_);
  }

 private:
  [[nodiscard]] std::size_t here() const { return code_->steps.size(); }
  Step& emit(StepCode code, const ir::Instruction& in) {
    Step& step = code_->steps.emplace_back();
    step.code = code;
    step.source = &in;
    return step;
  }
  std::size_t emit_jump(const ir::Instruction& in, StepCode code = StepCode::jump) {
    emit(code, in);
    return here() - 1;
  }
  void aim(std::size_t jump, std::size_t target) { code_->steps[jump].target = static_cast<std::int32_t>(target); }
  void aim_here(const std::vector<std::size_t>& jumps) {
    for (const std::size_t jump : jumps) aim(jump, here());
    if (!jumps.empty()) mark_join();
  }
  /// A jump just written that leads here is not needed.
  void fall_through(std::vector<std::size_t>& jumps) {
    if (jumps.empty() || jumps.back() + 1 != here() || joined_ == here()) return;
    code_->steps.pop_back();
    jumps.pop_back();
  }
  /// What is not to be changed any more: something leads here.
  std::size_t mark_join() { return joined_ = here(); }

  void show(StepCode code, const ir::Instruction& in) {
    if (watched_) emit(code, in);
  }
  /// Leaves every branch between here and the innermost loop, which is returned; null if there is none.
  Scope* leave_branches(Scope* scope) {
    for (; scope != nullptr && scope->part != Scope::Part::body; scope = scope->outer)
      show(StepCode::leave, *scope->in);
    return scope;
  }

  static std::uint8_t flags_of(const ir::Instruction& in) {
    const auto takes = [&](std::size_t at) {
      return at < in.operands.size() && in.operands[at].kind == Place::Kind::reg && in.consumes(at);
    };
    return static_cast<std::uint8_t>((takes(0) ? kTakesA : 0) | (takes(1) ? kTakesB : 0));
  }
  static void set_operands(Step& step, const ir::Instruction& in) {
    if (!in.operands.empty()) step.a = slot_of(in.operands[0]);
    if (in.operands.size() > 1) step.b = slot_of(in.operands[1]);
    step.flags = flags_of(in);
  }
  static Slot result_of(const ir::Instruction& in) {
    const bool is_direct = !in.results.empty() && (in.results[0].kind == Place::Kind::reg || !in.undoable);
    return is_direct ? slot_of(in.results[0]) : kElsewhere;
  }

  /// How many arguments a call has, if all are plain positional ones; else 0xff.
  std::uint8_t plain_arguments(const ir::Instruction& in) const {
    const ir::CallShape& call = program_.calls[static_cast<std::size_t>(in.attribute)];
    const bool has_starred = std::find(call.starred.begin(), call.starred.end(), true) != call.starred.end();
    const bool is_plain = !has_starred && call.keywords.empty() && call.positional < 0xff;
    return is_plain ? static_cast<std::uint8_t>(call.positional) : 0xff;
  }

  void plain(const ir::Instruction& in) {
    Step& step = emit(watched_ ? StepCode::watched : code_of(in, program_), in);
    set_operands(step, in);
    step.result = result_of(in);
    step.detail = in.code == Opcode::call ? plain_arguments(in) : in.code == Opcode::copy ? 0 : in.detail;
    if (step.code == StepCode::set_item || step.code == StepCode::augment_item) step.target = slot_of(in.operands[2]);
    drop_dead(in);
  }

  void block(const ir::Block& block, Scope* scope) {
    for (std::size_t at = 0; at < block.body.size();) at += instruction(block, at, scope);
  }

  /// Writes an instruction out, and gives how many it was.
  std::size_t instruction(const ir::Block& block, std::size_t at, Scope* scope) {
    const ir::Instruction& in = block.body[at];
    switch (in.code) {
      case Opcode::if_:
        branch(in, scope, jump_unless(in));
        return 1;
      case Opcode::while_:
        while_loop(in, scope);
        return 1;
      case Opcode::for_:
        for_loop(in, scope);
        return 1;
      case Opcode::yield:
      case Opcode::break_:
      case Opcode::continue_:
      case Opcode::return_:
        leave(in, scope);
        return 1;
      case Opcode::region:
        region(in, scope);
        return 1;
      default:
        break;
    }
    if (const std::size_t joined = watched_ ? 0 : condition(block, at, scope); joined != 0) return joined;
    if (const std::size_t joined = watched_ ? 0 : parallel_assignment(block, at); joined != 0) return joined;
    plain(in);
    return 1;
  }

  /// The region, and its body for where it cannot be computed in one pass.
  void region(const ir::Instruction& in, Scope* scope) {
    if (watched_) return plain(in);
    const std::size_t over = emit_jump(in, StepCode::region);
    mark_join();
    block(*in.blocks[0], scope);
    aim(over, mark_join());
    drop_dead(in);
  }

  // ---- several instructions as one step ----

  /// `in` uses the only result of `before` for the last time, as its one operand or its first.
  static bool follows(const ir::Instruction& in, const ir::Instruction& before) {
    return !in.operands.empty() && before.results.size() == 1 && before.results[0].kind == Place::Kind::reg &&
           in.operands[0] == before.results[0] && in.consumes(0);
  }

  /// [compare,] truth and the branch or the end of a condition that uses it; 0 if that is not what is here.
  std::size_t condition(const ir::Block& block, std::size_t at, Scope* scope) {
    const auto& body = block.body;
    StepCode code = StepCode::jump_truth;
    std::size_t count = 1;
    if (body[at].code == Opcode::compare) {
      code = step_of(kCompare, body[at].detail);
      if (code == StepCode::evaluate || at + 1 >= body.size() || !follows(body[at + 1], body[at])) return 0;
      code = jump_on(code);
      count = 2;
    }
    const std::size_t user = at + count;
    if (body[user - 1].code != Opcode::truth || user >= body.size() || !follows(body[user], body[user - 1])) return 0;
    const bool ends_condition = body[user].code == Opcode::yield && scope->part == Scope::Part::condition;
    if (body[user].code != Opcode::if_ && !ends_condition) return 0;
    Step& step = emit(code, body[at]);
    set_operands(step, body[at]);
    step.detail = ends_condition;
    const std::size_t jump = here() - 1;
    if (ends_condition)
      aim(jump, scope->body);
    else
      branch(body[user], scope, jump);
    return count + 1;
  }

  /// `a, b = b, a`: a tuple made and taken apart at once is moves; 0 if that is not what is here.
  std::size_t parallel_assignment(const ir::Block& block, std::size_t at) {
    const auto& body = block.body;
    if (body[at].code != Opcode::make_tuple || body[at].attribute >= 0 || at + 1 >= body.size()) return 0;
    const ir::Instruction& taken = body[at + 1];
    if (taken.code != Opcode::unpack || !follows(taken, body[at])) return 0;
    const ir::UnpackShape& shape = program_.unpacks[static_cast<std::size_t>(taken.attribute)];
    const bool fits = shape.star < 0 && static_cast<std::size_t>(shape.count) == body[at].operands.size();
    const bool is_local = std::all_of(taken.results.begin(), taken.results.end(),
                                      [](Place place) { return place.kind == Place::Kind::reg; });
    if (!fits || !is_local) return 0;
    hand_on(body[at], 0, taken.results, 0);
    return 2;
  }

  // ---- handing on ----

  struct Move {
    Slot from, to;
    bool takes;
    std::size_t operand;
  };

  /// Moves the operands from `first` on to these registers, as if all at once.
  void hand_on(const ir::Instruction& in, std::size_t first, const std::vector<Place>& to, std::size_t first_to) {
    std::vector<Move> moves;
    for (std::size_t at = first; at < in.operands.size(); ++at) {
      const bool takes = in.operands[at].kind == Place::Kind::reg && in.consumes(at);
      const Move move{slot_of(in.operands[at]), to[first_to + at - first].index, takes, at};
      if (move.from != move.to) moves.push_back(move);
    }
    while (!moves.empty()) {
      const auto is_free = [&](const Move& move) {
        return std::none_of(moves.begin(), moves.end(),
                            [&](const Move& other) { return &other != &move && other.from == move.to; });
      };
      auto next = std::find_if(moves.begin(), moves.end(), is_free);
      if (next == moves.end()) next = break_cycle(in, moves);
      emit_move(in, *next);
      moves.erase(next);
    }
  }

  /// Frees the target of the first move by taking what is in it aside.
  std::vector<Move>::iterator break_cycle(const ir::Instruction& in, std::vector<Move>& moves) {
    const Slot aside = code_->registers++;
    const Slot freed = moves[0].to;
    Step& step = emit(StepCode::move, in);
    step.a = freed;
    step.flags = kTakesA;
    step.result = aside;
    for (Move& move : moves)
      if (move.from == freed) move.from = aside;
    return moves.begin();
  }

  void emit_move(const ir::Instruction& in, const Move& move) {
    if (move.takes && retarget(move)) return;
    Step& step = emit(StepCode::move, in);
    step.detail = static_cast<std::uint8_t>(move.operand);
    step.a = move.from;
    step.flags = move.takes ? kTakesA : 0;
    step.result = move.to;
  }

  /// Lets the step that makes a value put it where it is moved to, if the steps between do not mind.
  bool retarget(const Move& move) {
    auto& steps = code_->steps;
    for (std::size_t at = here(); at-- > joined_;) {
      Step& step = steps[at];
      if (step.result == move.from && has_own_result(step.code)) {
        step.result = move.to;
        return true;
      }
      const auto uses = [&](Slot slot) { return step.a == slot || step.b == slot || step.result == slot; };
      const bool is_simple = has_own_result(step.code) && uses_two_at_most(step);
      if (!is_simple || uses(move.to) || uses(move.from)) return false;
    }
    return false;
  }

  /// Steps whose one result goes where the step says.
  static bool has_own_result(StepCode code) {
    return code == StepCode::move || (code >= StepCode::add && code <= StepCode::not_equal) ||
           code == StepCode::evaluate || code == StepCode::call || code == StepCode::get_item ||
           code == StepCode::truth || code == StepCode::augment;
  }
  static bool uses_two_at_most(const Step& step) {
    return step.code == StepCode::move || step.source->operands.size() <= 2;
  }

  // ---- control flow ----

  void leave(const ir::Instruction& in, Scope* scope) {
    show(StepCode::enter, in);
    show(StepCode::leave, in);
    if (in.code == Opcode::yield)
      yield(in, *scope);
    else if (in.code == Opcode::return_)
      return_value(in, scope);
    else
      leave_round(in, *leave_branches(scope));
  }

  void yield(const ir::Instruction& in, Scope& scope) {
    if (scope.part == Scope::Part::condition) {
      Step& step = emit(StepCode::jump_if, in);
      set_operands(step, in);
      step.detail = true;
      return aim(here() - 1, scope.body);
    }
    hand_on(in, 0, scope.in->results, 0);
    scope.ends.push_back(emit_jump(in));
  }

  void return_value(const ir::Instruction& in, Scope* scope) {
    for (; scope != nullptr; scope = scope->outer) show(StepCode::leave, *scope->in);
    set_operands(emit(StepCode::return_, in), in);
  }

  void leave_round(const ir::Instruction& in, Scope& loop) {
    const bool is_break = in.code == Opcode::break_;
    const auto& body = *loop.in->blocks[loop.in->code == Opcode::while_ ? 1 : 0];
    if (is_break)
      hand_on(in, 0, loop.in->results, 0);
    else
      hand_on(in, 0, body.parameters, loop.in->code == Opcode::while_ ? 0 : 1);
    if (is_break && loop.walk != kElsewhere) drop(in, loop.walk);
    (is_break ? loop.ends : loop.rounds).push_back(emit_jump(in));
  }

  void drop(const ir::Instruction& in, Slot at) { emit(StepCode::drop, in).a = at; }
  void drop_dead(const ir::Instruction& in) {
    for (const std::int32_t at : in.drops) drop(in, at);
  }

  /// The jump over the first arm.
  std::size_t jump_unless(const ir::Instruction& in) {
    show(StepCode::enter, in);
    Step& step = emit(StepCode::jump_if, in);
    set_operands(step, in);
    step.detail = false;
    return here() - 1;
  }

  void branch(const ir::Instruction& in, Scope* outer, std::size_t unless) {
    code_->steps[unless].detail = false;
    Scope scope{&in, Scope::Part::arm, outer, {}, {}, 0, kElsewhere};
    mark_join();
    block(*in.blocks[0], &scope);
    aim(unless, mark_join());
    block(*in.blocks[1], &scope);
    skip_empty_arm(scope, unless);
    end(in, scope);
  }

  /// If the second arm came to one jump, the first needs none over it.
  void skip_empty_arm(Scope& scope, std::size_t unless) {
    if (scope.ends.size() < 2 || scope.ends.back() + 1 != here() || joined_ + 1 != here()) return;
    if (scope.ends[scope.ends.size() - 2] + 2 != here()) return;
    code_->steps.resize(here() - 2);
    scope.ends.resize(scope.ends.size() - 2);
    aim(unless, mark_join());
  }

  /// Behind a branch or a loop: where its ends lead.
  void end(const ir::Instruction& in, Scope& scope) {
    fall_through(scope.ends);
    aim_here(scope.ends);
    drop_dead(in);
    mark_join();
    show(StepCode::leave, in);
  }

  void while_loop(const ir::Instruction& in, Scope* outer) {
    show(StepCode::enter, in);
    hand_on(in, 0, in.blocks[1]->parameters, 0);
    const std::size_t first = emit_jump(in);
    Scope scope{&in, Scope::Part::body, outer, {}, {}, mark_join(), kElsewhere};
    block(*in.blocks[1], &scope);
    begin_round(scope, first);
    emit(StepCode::poll, in).a = slot_of_cost(in.blocks[0]->steps + in.blocks[1]->steps);
    mark_join();
    scope.part = Scope::Part::condition;
    block(*in.blocks[0], &scope);
    mark_join();
    scope.part = Scope::Part::otherwise;
    block(*in.blocks[2], &scope);
    end(in, scope);
  }

  /// Here the jumps to the next round lead, and the loop's first jump.
  void begin_round(Scope& scope, std::size_t first) {
    fall_through(scope.rounds);
    aim_here(scope.rounds);
    aim(first, mark_join());
  }

  void for_loop(const ir::Instruction& in, Scope* outer) {
    show(StepCode::enter, in);
    const ir::Block& body = *in.blocks[0];
    const Slot walk = code_->registers++;
    Step& begin = emit(StepCode::begin, in);
    set_operands(begin, in);
    begin.result = walk;
    hand_on(in, 1, body.parameters, 1);
    const std::size_t first = emit_jump(in);
    Scope scope{&in, Scope::Part::body, outer, {}, {}, mark_join(), walk};
    block(body, &scope);
    begin_round(scope, first);
    Step& next = emit(StepCode::next, in);
    next.a = walk;
    next.b = slot_of_cost(body.steps + 1);
    next.result = body.parameters[0].index;
    next.target = static_cast<std::int32_t>(scope.body);
    mark_join();
    drop(in, walk);
    scope.part = Scope::Part::otherwise;
    block(*in.blocks[1], &scope);
    end(in, scope);
  }

  const ir::Program& program_;
  const ir::Function& function_;
  bool watched_;
  std::unique_ptr<Code> code_;
  std::size_t joined_ = 0;  // steps before this one are reached on other ways than from the one before, too
};

}  // namespace

std::unique_ptr<Code> make_code(const ir::Program& program, const ir::Function& function, bool watched) {
  return Maker(program, function, watched).make();
}

}  // namespace inlay
