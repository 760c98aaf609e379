// lower_control.cpp - branches and loops as structured instructions. What a branch or a round rebinds leaves it as a
// value: results of `if`, carried values of loops; so registers stay assigned once. Invariant: outside a block only
// registers defined outside it are used, and results of the instruction that holds it.
#include <algorithm>

#include "interpreter/checking/walk.h"
#include "interpreter/lowering/lowering.h"

namespace inlay::lowering {

namespace {

void collect_deleted(const ast::Block& block, Names& out) {
  for (const auto& stmt : block) {
    if (std::holds_alternative<ast::FunctionDef>(stmt->node)) continue;
    if (const auto* removal = std::get_if<ast::Delete>(&stmt->node))
      for (const auto& target : removal->targets) collect_target_names(*target, out);
    for_each_child(
        *stmt, [](const ast::Expr&) {}, [&](const ast::Block& inner) { collect_deleted(inner, out); });
  }
}

}  // namespace

Place FunctionLowering::condition(const ast::Expr& expr) {
  const Place value = expression(expr);
  return emit_value(ir::Opcode::truth, expr.span, {value});
}

void FunctionLowering::yield(std::vector<Place> values, Span span) { emit(ir::Opcode::yield, span, std::move(values)); }

std::vector<Place> FunctionLowering::places_of(const std::vector<int>& locals) {
  std::vector<Place> out;
  for (int local : locals) {
    const Place place = environment_[static_cast<std::size_t>(local)].place;
    out.push_back(place ? place : builder_.constant(Value()));
  }
  return out;
}

Place FunctionLowering::choose(Place test, const Emit& then, const Emit& otherwise, Span span) {
  const Environment before = environment_;
  ir::Instruction branch;
  branch.code = ir::Opcode::if_;
  branch.span = span;
  branch.operands = {test};
  branch.blocks.push_back(in_block([&] { yield({then()}, span); }));
  environment_ = before;
  branch.blocks.push_back(in_block([&] { yield({otherwise()}, span); }));
  environment_ = before;
  const Place result = new_register();
  branch.results = {result};
  current_->body.push_back(std::move(branch));
  return result;
}

void FunctionLowering::branch(Place test, const std::function<void()>& then, const std::function<void()>& otherwise,
                              Span span) {
  const Environment before = environment_;
  const auto kinds_before = builder_.global_kinds;
  ir::Instruction branch;
  branch.code = ir::Opcode::if_;
  branch.span = span;
  branch.operands = {test};
  bool then_falls = true, else_falls = true;
  branch.blocks.push_back(in_block(then, &then_falls));
  const Environment after_then = std::exchange(environment_, before);
  std::copy(kinds_before.begin(), kinds_before.end(), builder_.global_kinds.begin());
  branch.blocks.push_back(in_block(otherwise, &else_falls));
  const Environment after_else = std::exchange(environment_, before);
  merge_branches(std::move(branch), before, after_then, then_falls, after_else, else_falls);
}

void FunctionLowering::merge_branches(ir::Instruction branch, const Environment& before, const Environment& then,
                                      bool then_falls, const Environment& otherwise, bool else_falls) {
  std::vector<int> merged;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool then_differs = then_falls && (then[i].place != before[i].place || then[i].state != before[i].state);
    const bool else_differs =
        else_falls && (otherwise[i].place != before[i].place || otherwise[i].state != before[i].state);
    if (then_differs || else_differs) merged.push_back(static_cast<int>(i));
  }
  const auto close = [&](std::size_t block, const Environment& environment, bool falls) {
    if (!falls) return;
    environment_ = environment;
    ir::Block* outer = std::exchange(current_, branch.blocks[block].get());
    yield(places_of(merged), branch.span);
    current_ = outer;
  };
  close(0, then, then_falls);
  close(1, otherwise, else_falls);
  environment_ = before;
  for (int local : merged) {
    const auto at = static_cast<std::size_t>(local);
    using State = Binding::State;
    const State state = !then_falls                             ? otherwise[at].state
                        : !else_falls                           ? then[at].state
                        : then[at].state == otherwise[at].state ? then[at].state
                                                                : State::maybe;
    const Place result = new_register();
    branch.results.push_back(result);
    environment_[at] = {result, state};
  }
  current_->body.push_back(std::move(branch));
  terminated_ = !then_falls && !else_falls;
}

void FunctionLowering::if_arms(const ast::If& node, std::size_t at, Span span) {
  // Each arm is a block inside the one before it, and every stage walks blocks recursively.
  if (at >= static_cast<std::size_t>(ast::kMaxDepth))
    throw SyntaxError("too many 'elif' branches; use a dict or a loop", node.arms[at].condition->span);
  const auto& arm = node.arms[at];
  const Place test = condition(*arm.condition);
  const auto otherwise = [&] {
    if (at + 1 < node.arms.size())
      if_arms(node, at + 1, span);
    else
      block(node.otherwise);
  };
  branch(
      test, [&] { block(arm.body); }, otherwise, arm.condition->span);
  if (at == 0) {
    for (const auto& each : node.arms) forget_kinds({&each.body}, nullptr);
    forget_kinds({&node.otherwise}, nullptr);
  }
}

/// Makes parameters for the carried locals and binds them for the inside of the loop.
std::vector<Place> FunctionLowering::enter_loop(const std::vector<int>& carried) {
  std::vector<Place> parameters;
  for (int local : carried) {
    Binding& binding = environment_[static_cast<std::size_t>(local)];
    binding.place = new_register();
    if (binding.state == Binding::State::unbound) binding.state = Binding::State::maybe;
    parameters.push_back(binding.place);
  }
  return parameters;
}

std::unique_ptr<ir::Block> FunctionLowering::loop_body(const std::vector<int>& carried,
                                                       const std::function<void()>& body) {
  loops_.push_back({carried});
  auto block = in_block([&] {
    body();
    if (!terminated_) jump(ir::Opcode::continue_, {});
  });
  loops_.pop_back();
  return block;
}

/// The block that runs when the loop ends by itself; it sees the carried values and yields them on.
std::unique_ptr<ir::Block> FunctionLowering::loop_else(const std::vector<int>& carried, const Environment& inside,
                                                       const ast::Block& otherwise) {
  environment_ = inside;
  return in_block([&] {
    block(otherwise);
    if (!terminated_) yield(places_of(carried), {});
  });
}

void FunctionLowering::finish_loop(ir::Instruction loop, const std::vector<int>& carried, Environment before) {
  environment_ = std::move(before);
  for (int local : carried) {
    Binding& binding = environment_[static_cast<std::size_t>(local)];
    binding.place = new_register();
    if (binding.state == Binding::State::unbound) binding.state = Binding::State::maybe;
    loop.results.push_back(binding.place);
  }
  current_->body.push_back(std::move(loop));
}

void FunctionLowering::jump(ir::Opcode code, Span span) {
  emit(code, span, places_of(loops_.back().carried));
  terminated_ = true;
}

/// Locals that a loop deletes may be unbound in any round and after it.
void FunctionLowering::expect_deletions(std::initializer_list<const ast::Block*> blocks) {
  Names deleted;
  for (const auto* block : blocks) collect_deleted(*block, deleted);
  for (auto name : deleted) {
    const int local = local_of(name);
    if (local < 0) continue;
    Binding& binding = environment_[static_cast<std::size_t>(local)];
    if (binding.place) binding.state = Binding::State::maybe;
  }
}

void FunctionLowering::while_loop(const ast::While& node, Span span) {
  forget_kinds({&node.body, &node.otherwise}, nullptr);
  const std::vector<int> carried = locals_bound_in({&node.body, &node.otherwise}, nullptr);
  expect_deletions({&node.body, &node.otherwise});
  ir::Instruction loop;
  loop.code = ir::Opcode::while_;
  loop.span = span;
  loop.operands = places_of(carried);
  const Environment before = environment_;
  std::vector<Place> parameters = enter_loop(carried);
  const Environment inside = environment_;
  loop.blocks.push_back(in_block([&] { yield({condition(*node.condition)}, node.condition->span); }));
  environment_ = inside;
  loop.blocks.push_back(loop_body(carried, [&] { block(node.body); }));
  loop.blocks.back()->parameters = std::move(parameters);
  loop.blocks.push_back(loop_else(carried, inside, node.otherwise));
  finish_loop(std::move(loop), carried, before);
  forget_kinds({&node.body, &node.otherwise}, nullptr);
}

void FunctionLowering::for_loop(const ast::For& node, Span span) {
  const Place iterable = expression(*node.iterable);
  forget_kinds({&node.body, &node.otherwise}, node.target.get());
  const std::vector<int> carried = locals_bound_in({&node.body, &node.otherwise}, node.target.get());
  expect_deletions({&node.body, &node.otherwise});
  emit_for(
      iterable, carried,
      [&](Place item) {
        assign_target(*node.target, item, node.target->span);
        block(node.body);
      },
      &node.otherwise, span);
  forget_kinds({&node.body, &node.otherwise}, node.target.get());
}

void FunctionLowering::emit_for(Place iterable, const std::vector<int>& carried, const std::function<void(Place)>& body,
                                const ast::Block* otherwise, Span span) {
  ir::Instruction loop;
  loop.code = ir::Opcode::for_;
  loop.span = span;
  loop.operands = places_of(carried);
  loop.operands.insert(loop.operands.begin(), iterable);
  const Environment before = environment_;
  std::vector<Place> parameters = enter_loop(carried);
  const Environment inside = environment_;
  const Place item = new_register();
  parameters.insert(parameters.begin(), item);
  loop.blocks.push_back(loop_body(carried, [&] { body(item); }));
  loop.blocks.back()->parameters = std::move(parameters);
  static const ast::Block kNothing;
  loop.blocks.push_back(loop_else(carried, inside, otherwise != nullptr ? *otherwise : kNothing));
  finish_loop(std::move(loop), carried, before);
}

}  // namespace inlay::lowering
