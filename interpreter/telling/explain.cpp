// explain.cpp - see explain.h.
#include "interpreter/telling/explain.h"

#include <algorithm>
#include <set>

#include "grammar/parse.h"
#include "interpreter/lowering/print_ir.h"
#include "interpreter/machine/machine.h"
#include "interpreter/values/holders.h"
#include "interpreter/values/nested.h"
#include "runtime/tensors/tensor.h"

namespace inlay {
namespace {

/// Tensors of a list or dict that are watched while it is updated.
constexpr std::size_t kMostTargets = 64;

/// Control flow and what a REPL shows: they do no work of their own.
bool is_shown(ir::Opcode code) {
  using ir::Opcode;
  switch (code) {
    case Opcode::yield:
    case Opcode::break_:
    case Opcode::continue_:
    case Opcode::return_:
    case Opcode::end_statement:
    case Opcode::echo:
    case Opcode::new_cell:
      return false;
    default:
      return true;
  }
}

/// What a pass computed in, and how: "float64, 512 elements at a time, 2 operands converted".
std::string plan_text(const RegionPlan& plan) {
  const auto converted = std::count_if(plan.sources.begin(), plan.sources.end(),
                                       [](const RegionPlan::Source& source) { return source.convert != nullptr; });
  std::string out = fmt::format("{}, {} elements at a time", name(plan.result), plan.block);
  if (converted != 0) out += fmt::format(", {} operand{} converted", converted, converted == 1 ? "" : "s");
  return out;
}

/// The name that holds this memory: a local one, a parameter, a variable of the module; empty if it has none.
std::string holder_of(const Buffer* buffer, const Frame& frame) {
  for (const ir::Parameter& parameter : frame.function.parameters)
    if (const Value* value = value_at(parameter.place, frame); value != nullptr && holds(*value, buffer))
      return parameter.name;
  for (std::size_t at = 0; at < frame.cells.size(); ++at)
    if (holds(frame.cells[at]->value, buffer)) return frame.function.cell_names[at];
  const Environment& variables = frame.linked.module->variables;
  for (const std::string& name : variables.names())
    if (const Value* value = variables.find(name); value != nullptr && holds(*value, buffer)) return name;
  return {};
}

/// What an update writes to or into; null for anything else.
const Value* target_of(const ir::Instruction& in, const Frame& frame) {
  if (in.code == ir::Opcode::region) {
    const bool rebinds = std::find(in.operands.begin(), in.operands.end(), in.results[0]) != in.operands.end();
    return rebinds ? value_at(in.results[0], frame) : nullptr;
  }
  const bool is_update = in.code == ir::Opcode::update || in.code == ir::Opcode::mutate;
  if (!is_update && in.code != ir::Opcode::store_where) return nullptr;
  return value_at(in.operands[is_update ? 0 : 2], frame);
}

/// The memory of the tensors in a value, at most kMostTargets.
void collect_buffers(const Value& value, std::vector<const Buffer*>& out) {
  any_within<Into::dicts_too>(value, [&](const Value& each) {
    if (const Buffer* const buffer = buffer_of(each)) out.push_back(buffer);
    return out.size() >= kMostTargets;
  });
}

std::vector<const Buffer*> target_buffers(const ir::Instruction& in, const Frame& frame) {
  std::vector<const Buffer*> out;
  if (const Value* target = target_of(in, frame)) collect_buffers(*target, out);
  return out;
}

}  // namespace

Work& Work::operator+=(const Work& other) {
  seconds += other.seconds;
  in_place += other.in_place;
  copies += other.copies;
  copied_bytes += other.copied_bytes;
  for (std::size_t at = 0; at < std::size(copies_by_reason); ++at) copies_by_reason[at] += other.copies_by_reason[at];
  allocated_bytes += other.allocated_bytes;
  moved_bytes += other.moved_bytes;
  return *this;
}

Work& Work::operator-=(const Work& other) {
  seconds -= other.seconds;
  in_place -= other.in_place;
  copies -= other.copies;
  copied_bytes -= other.copied_bytes;
  for (std::size_t at = 0; at < std::size(copies_by_reason); ++at) copies_by_reason[at] -= other.copies_by_reason[at];
  allocated_bytes -= other.allocated_bytes;
  moved_bytes -= other.moved_bytes;
  return *this;
}

// ---- the text and its core ----

Explainer::Explainer(Evaluator& evaluator, ir::ProgramPtr program)
    : evaluator_(evaluator), program_(std::move(program)) {
  add_statements(parse(program_->source).body);
  for (const auto& function : program_->functions) add_operations(*function, function->body, nullptr);
  Machine(evaluator_).state.watcher = this;
}

Explainer::~Explainer() { Machine(evaluator_).state.watcher = nullptr; }

void Explainer::add_statements(const ast::Block& block) {
  for (const auto& statement : block) {
    const std::size_t at = statements_.size();
    statements_.push_back({statement->span, {}});
    const auto inner = [&](const ast::Block& body) {
      if (body.empty()) return;
      Span& head = statements_[at].span;
      head.end = std::min(head.end, body.front()->span.begin);
      add_statements(body);
    };
    if (const auto* branches = std::get_if<ast::If>(&statement->node)) {
      for (const auto& arm : branches->arms) inner(arm.body);
      inner(branches->otherwise);
    } else if (const auto* repeated = std::get_if<ast::While>(&statement->node)) {
      inner(repeated->body), inner(repeated->otherwise);
    } else if (const auto* each = std::get_if<ast::For>(&statement->node)) {
      inner(each->body), inner(each->otherwise);
    } else if (const auto* function = std::get_if<ast::FunctionDef>(&statement->node)) {
      inner(function->body);
    }
  }
}

/// The last statement that begins there or before.
std::size_t Explainer::statement_at(std::uint32_t position) const {
  const auto behind = std::upper_bound(statements_.begin(), statements_.end(), position,
                                       [](std::uint32_t at, const Statement& each) { return at < each.span.begin; });
  return behind == statements_.begin() ? 0 : static_cast<std::size_t>(behind - statements_.begin()) - 1;
}

void Explainer::add_operations(const ir::Function& function, const ir::Block& block, const ir::Instruction* region) {
  if (statements_.empty()) return;
  for (const ir::Instruction& in : block.body) {
    Operation operation;
    operation.statement = statement_at(in.span.begin);
    operation.region = region;
    if (is_shown(in.code)) operation.text = ir::print(*program_, function, in);
    statements_[operation.statement].operations.push_back(&in);
    operations_.emplace(&in, std::move(operation));
    for (const auto& inner : in.blocks) add_operations(function, *inner, in.code == ir::Opcode::region ? &in : region);
  }
}

// ---- the run ----

Work Explainer::now() const {
  const Counters& counters = evaluator_.runtime_context().counters;
  Work out;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  out.in_place = counters.in_place;
  out.copies = counters.copies;
  out.copied_bytes = counters.copied_bytes;
  std::copy(std::begin(counters.copies_by_reason), std::end(counters.copies_by_reason), out.copies_by_reason);
  out.allocated_bytes = counters.allocated_bytes;
  return out;
}

void Explainer::before(const ir::Instruction& in, Frame& frame) {
  const auto found = operations_.find(&in);
  if (found == operations_.end()) return;
  running_.push_back({.operation = &found->second,
                      .root_runs = runs_of_root(in),
                      .at_start = {},
                      .inner = {},
                      .traffic = traffic_before(in, frame),
                      .targets = target_buffers(in, frame)});
  running_.back().at_start = now();
}

void Explainer::after(const ir::Instruction& in, Frame& frame) {
  const auto found = operations_.find(&in);
  if (found == operations_.end()) return;
  while (running_.back().operation != &found->second) running_.pop_back();  // failed, and was tried in another way
  const Running run = std::move(running_.back());
  running_.pop_back();
  Work all = now();
  all -= run.at_start;
  Work own = all;
  own -= run.inner;
  if (!run.has_inner) own.moved_bytes = traffic_after(run.traffic, in, frame) + 2 * own.copied_bytes;
  Operation& operation = *run.operation;
  ++operation.runs;
  operation.work += own;
  note_pass(run, in, frame);
  if (own.copies != 0) note_holders(run, in, frame);
  if (running_.empty()) return;
  running_.back().inner += all;
  running_.back().has_inner = true;
}

/// Of what the body of a region ends with; 0 for anything else.
std::uint64_t Explainer::runs_of_root(const ir::Instruction& in) const {
  return in.code == ir::Opcode::region ? operations_.at(&in.blocks[0]->body.back()).runs : 0;
}

/// A region whose body did not come to its end ran in one pass.
void Explainer::note_pass(const Running& run, const ir::Instruction& in, const Frame& frame) {
  if (in.code != ir::Opcode::region || runs_of_root(in) != run.root_runs) return;
  ++run.operation->passes;
  run.operation->plan = plan_text(frame.linked.regions[static_cast<std::size_t>(in.attribute)]);
}

/// What an update copied is no longer in what it wrote to; who has it still?
void Explainer::note_holders(const Running& run, const ir::Instruction& in, const Frame& frame) {
  std::vector<const Buffer*> left;
  if (const Value* written = in.results.empty() ? nullptr : value_at(in.results[0], frame))
    collect_buffers(*written, left);
  const auto times = [](const std::vector<const Buffer*>& buffers, const Buffer* buffer) {
    return std::count(buffers.begin(), buffers.end(), buffer);
  };
  for (const Buffer* buffer : std::set(run.targets.begin(), run.targets.end())) {
    if (times(left, buffer) == times(run.targets, buffer)) continue;  // it was not this one that was copied
    if (const std::string name = holder_of(buffer, frame); !name.empty()) ++run.operation->holders[name];
    const auto& undo = Machine(evaluator_).state.undo;
    if (std::any_of(undo.begin(), undo.end(), [buffer](const auto& kept) { return holds(kept.second, buffer); }))
      run.operation->is_kept = true;
  }
}

}  // namespace inlay
