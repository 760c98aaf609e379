// fuse_steps.cpp - see fuse_steps.h.
#include "interpreter/fusion/fuse_steps.h"

#include <algorithm>

#include "grammar/ast.h"
#include "interpreter/machine/operators.h"
#include "interpreter/operations/reduction_rows.h"
#include "interpreter/operations/ufunc_methods.h"

namespace inlay::ir {

Candidate elementwise_step(ElementwiseOp op, bool is_operator) {
  Candidate out;
  out.step.kind = arity(op) == 1 ? RegionStep::Kind::unary : RegionStep::Kind::binary;
  out.step.op = op;
  out.step.is_operator = is_operator;
  return out;
}

namespace {

/// Whether the operands from `count` on are left out, and none before.
bool has_only(const Instruction& in, std::size_t count) {
  const auto present = [](Place operand) { return static_cast<bool>(operand); };
  const auto middle = in.operands.begin() + static_cast<std::ptrdiff_t>(std::min(count, in.operands.size()));
  return in.operands.size() >= count && std::all_of(in.operands.begin(), middle, present) &&
         std::none_of(middle, in.operands.end(), present);
}

std::optional<Candidate> op_step(const Program& program, const Instruction& in) {
  static const OpRow* const where = find_op("where", kNumpy);
  const OpRow* row = program.ops[static_cast<std::size_t>(in.attribute)];
  if (row == where && has_only(in, 3)) {
    Candidate out;
    out.step.kind = RegionStep::Kind::where;
    return out;
  }
  const std::optional<Ufunc> ufunc = ufunc_of(*row);
  if (!ufunc || !ufunc->op || !has_only(in, static_cast<std::size_t>(ufunc->inputs))) return std::nullopt;
  return elementwise_step(*ufunc->op, false);
}

/// The step of `x[m] = v`, which may only end a region.
std::optional<Candidate> assignment_step(const Program& program, const Instruction& in) {
  Candidate out;
  out.step.kind = RegionStep::Kind::assign_where;
  if (in.undoable) return std::nullopt;
  if (in.code == Opcode::store_where) return out;
  if (in.code != Opcode::update || in.detail != 0xff) return std::nullopt;
  const SubscriptShape* subscript = only_subscript(program.paths[static_cast<std::size_t>(in.attribute)]);
  if (subscript == nullptr || !is_one_plain_item(*subscript)) return std::nullopt;
  out.step.one_value = true;
  out.operands = {1, 2, 0};
  return out;
}

/// The op that `sum(x)` or `x.sum()` calls; null for any other instruction.
const OpRow* op_of_one(const Program& program, const Instruction& in) {
  const auto attribute = static_cast<std::size_t>(in.attribute);
  if (in.code == Opcode::op && has_only(in, 1)) return program.ops[attribute];
  const bool is_plain_method = in.code == Opcode::call_method && in.operands.size() == 1;
  return is_plain_method ? find_op(program.calls[attribute].name, kMethod) : nullptr;
}

/// The step of `sum(x)` or `x.sum()`, which may only end a region.
std::optional<Candidate> reduction_step(const Program& program, const Instruction& in) {
  const OpRow* const row = op_of_one(program, in);
  const auto reduction = row != nullptr ? reduction_of(*row) : std::nullopt;
  if (!reduction) return std::nullopt;
  Candidate out;
  out.step.kind = RegionStep::Kind::reduce;
  out.step.reduction = *reduction;
  return out;
}

}  // namespace

std::optional<Candidate> value_step(const Program& program, const Instruction& in) {
  switch (in.code) {
    case Opcode::op:
      return op_step(program, in);
    case Opcode::unary:
      return elementwise_step(elementwise_of(static_cast<ast::UnaryOp>(in.detail)), true);
    case Opcode::binary:
      if (static_cast<ast::BinaryOp>(in.detail) == ast::BinaryOp::matmul) return std::nullopt;
      return elementwise_step(elementwise_of(static_cast<ast::BinaryOp>(in.detail)), true);
    case Opcode::compare:
      if (static_cast<ast::CompareOp>(in.detail) > ast::CompareOp::greater_equal) return std::nullopt;
      return elementwise_step(elementwise_of(static_cast<ast::CompareOp>(in.detail)), true);
    default:
      return std::nullopt;
  }
}

std::optional<Candidate> step_of(const Program& program, const Instruction& in) {
  if (auto step = value_step(program, in)) return step;
  if (auto step = reduction_step(program, in)) return step;
  return assignment_step(program, in);
}

bool is_pure(const Program& program, const Instruction& in) {
  const bool is_reading = in.code == Opcode::get_item || in.code == Opcode::get_attribute ||
                          in.code == Opcode::region || value_step(program, in).has_value();
  return is_reading &&
         std::all_of(in.results.begin(), in.results.end(), [](Place place) { return place.kind == Place::Kind::reg; });
}

void make_region(Program& program, std::vector<Instruction>& done, std::size_t first, std::vector<Place> inputs,
                 RegionShape shape) {
  Instruction region;
  region.code = Opcode::region;
  region.span = done.back().span;
  region.undoable = done.back().undoable;
  region.results = done.back().results;
  region.operands = std::move(inputs);
  region.attribute = static_cast<std::int32_t>(program.regions.size());
  program.regions.push_back(std::move(shape));
  auto body = std::make_unique<Block>();
  const auto begin = done.begin() + static_cast<std::ptrdiff_t>(first);
  body->body.assign(std::make_move_iterator(begin), std::make_move_iterator(done.end()));
  done.erase(begin, done.end());
  region.blocks.push_back(std::move(body));
  done.push_back(std::move(region));
}

const SubscriptShape* only_subscript(const PathShape& path) {
  if (path.steps.size() != 1 || path.steps[0].kind != PathStepShape::Kind::subscript) return nullptr;
  return &path.steps[0].subscript;
}

bool is_one_plain_item(const SubscriptShape& subscript) { return !subscript.is_tuple && !subscript.is_slice[0]; }

bool may_be_mask(const RegionStep& step) {
  using enum ElementwiseOp;
  if (step.kind == RegionStep::Kind::where) return true;
  if (step.op == bitwise_and || step.op == bitwise_or || step.op == bitwise_xor || step.op == invert) return true;
  return info(step.op).rule == ResultRule::predicate;
}

}  // namespace inlay::ir
