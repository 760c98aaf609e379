// explain.cpp - see explain.h.
#include "interpreter/explain.h"

#include <algorithm>
#include <limits>
#include <set>

#include "grammar/parse.h"
#include "interpreter/holders.h"
#include "interpreter/machine.h"
#include "interpreter/nested.h"
#include "interpreter/print_ir.h"
#include "runtime/tensor.h"

namespace inlay {
namespace {

constexpr std::size_t kIndent = 10;
constexpr std::size_t kFewestColumns = 70;
/// What a statement's line has beside the statement.
constexpr std::size_t kNumberColumns = 41;
/// Columns of the statement where there are `columns` in all.
std::size_t source_columns(std::size_t columns) {
  constexpr std::size_t kMost = 55;
  return std::min(kMost, columns - kNumberColumns);
}

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

/// `size` columns of a text; what is cut off shows as three points.
std::string fitted(std::string_view text, std::size_t size) {
  std::size_t columns = 0, end = 0, cut = 0;
  for (; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) continue;
    if (columns + 3 == size) cut = end;
    if (columns++ == size) return std::string(text.substr(0, cut)) + "...";
  }
  return std::string(text);
}

std::string scaled(double amount, double step, std::initializer_list<std::string_view> units) {
  auto unit = units.begin();
  while (amount >= 999.5 && unit + 1 != units.end()) amount /= step, ++unit;
  return fmt::format("{:.3g} {}", amount, *unit);
}

std::string bytes_text(std::uint64_t bytes) {
  return scaled(static_cast<double>(bytes), 1000, {"B", "kB", "MB", "GB"});
}
std::string time_text(double seconds) { return scaled(seconds * 1e9, 1000, {"ns", "us", "ms", "s"}); }

std::string reasons_text(const Work& work) {
  std::string out;
  for (std::size_t at = 0; at < std::size(work.copies_by_reason); ++at)
    if (work.copies_by_reason[at] != 0)
      out += (out.empty() ? "" : "; ") + std::string(reason_text(static_cast<CopyReason>(at)));
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

std::string note_of(const Work& work, std::uint64_t runs, const std::map<std::string, std::uint64_t>& holders) {
  std::string names;
  for (const auto& [name, count] : holders) names += (names.empty() ? "'" : ", '") + name + "'";
  std::string out;
  if (work.copies != 0)
    out = fmt::format("copied {}{}: {}", bytes_text(work.copied_bytes),
                      work.copies < runs ? fmt::format(" ({} times of {})", work.copies, runs) : "",
                      names.empty() ? reasons_text(work) : names + " still held the tensor");
  else if (work.in_place != 0)
    out = "in place";
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
  for (const auto& function : program_->functions) add_operations(*function, function->body);
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

void Explainer::add_operations(const ir::Function& function, const ir::Block& block) {
  if (statements_.empty()) return;
  for (const ir::Instruction& in : block.body) {
    Operation operation;
    operation.statement = statement_at(in.span.begin);
    if (is_shown(in.code)) operation.text = ir::print(*program_, function, in);
    statements_[operation.statement].operations.push_back(&in);
    operations_.emplace(&in, std::move(operation));
    for (const auto& inner : in.blocks) add_operations(function, *inner);
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
  running_.push_back({&found->second, {}, {}, false, traffic_before(in, frame), target_buffers(in, frame)});
  running_.back().at_start = now();
}

void Explainer::after(const ir::Instruction& in, Frame& frame) {
  const auto found = operations_.find(&in);
  if (found == operations_.end()) return;
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
  if (own.copies != 0) note_holders(run, in, frame);
  if (running_.empty()) return;
  running_.back().inner += all;
  running_.back().has_inner = true;
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
  }
}

// ---- the report ----

std::string Explainer::statement_line(const Statement& statement, std::size_t columns) const {
  Work work;
  // Of control flow that is not shown, some belongs to no statement in particular.
  std::uint64_t runs = 0, hidden_runs = 0;
  bool is_any_shown = false;
  for (const ir::Instruction* in : statement.operations) {
    const Operation& operation = operations_.at(in);
    work += operation.work;
    is_any_shown = is_any_shown || !operation.text.empty();
    auto& most = operation.text.empty() ? hidden_runs : runs;
    most = std::max(most, operation.runs);
  }
  if (!is_any_shown) runs = hidden_runs;
  const Source& source = *program_->source;
  std::string_view text = source.text(statement.span);
  text = text.substr(0, text.find('\n'));
  text = text.substr(0, text.find_last_not_of(" \t\r;") + 1);
  const std::size_t width = source_columns(columns);
  const std::string shown = fitted(text, width);
  const auto line = source.position(statement.span.begin).line;
  if (runs == 0) return fmt::format("{:>6}  {:<{}}  not run\n", line, shown, width);
  return fmt::format("{:>6}  {:<{}} {:>9} {:>10} {:>11}\n", line, shown, width, runs, time_text(work.seconds),
                     bytes_text(work.moved_bytes));
}

std::string Explainer::total_line() const {
  Work work;
  for (const auto& [in, operation] : operations_) work += operation.work;
  return fmt::format("{} in all; {} updates in place, {} copied {}; {} allocated, {} moved\n", time_text(work.seconds),
                     work.in_place, work.copies, bytes_text(work.copied_bytes), bytes_text(work.allocated_bytes),
                     bytes_text(work.moved_bytes));
}

std::string Explainer::report(std::size_t columns) const {
  columns = std::max(columns, kFewestColumns);
  std::string out = fmt::format("{:>6}  {:<{}} {:>9} {:>10} {:>11}\n", "line", "statement", source_columns(columns),
                                "runs", "time", "moved");
  for (const Statement& statement : statements_) {
    if (statement.operations.empty()) continue;
    out += statement_line(statement, columns);
    for (const ir::Instruction* in : statement.operations) {
      const Operation& operation = operations_.at(in);
      if (operation.text.empty()) continue;
      out += std::string(kIndent, ' ') + fitted(operation.text, columns - kIndent) + '\n';
      if (const std::string note = note_of(operation.work, operation.runs, operation.holders); !note.empty())
        out += std::string(kIndent + 2, ' ') + fitted("# " + note, columns - kIndent - 2) + '\n';
    }
  }
  return out + total_line();
}

}  // namespace inlay
