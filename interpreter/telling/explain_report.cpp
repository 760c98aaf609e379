// explain_report.cpp - what an explained run did, as lines of text. See explain.h.
// Knows nothing of how it was found out. Invariant: no line has more columns than are asked for.
#include <algorithm>

#include "interpreter/telling/explain.h"
#include "interpreter/values/holders.h"

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

std::string update_note(const Work& work, std::uint64_t runs, const std::map<std::string, std::uint64_t>& holders,
                        bool is_kept) {
  if (work.copies == 0) return work.in_place == 0 ? "" : "in place";
  std::string names;
  for (const auto& [name, count] : holders) names += (names.empty() ? "'" : ", '") + name + "'";
  const std::string others = is_kept ? "the statement keeps it until its last target is assigned" : reasons_text(work);
  return fmt::format("copied {}{}: {}", bytes_text(work.copied_bytes),
                     work.copies < runs ? fmt::format(" ({} of {} times)", work.copies, runs) : "",
                     names.empty() ? others : names + " still held the tensor");
}

/// How often a region ran in one pass.
std::string pass_note(std::uint64_t passes, std::uint64_t runs, const std::string& plan) {
  if (passes == 0) return "op by op";
  return (passes == runs ? "one pass: " : fmt::format("one pass ({} of {} times): ", passes, runs)) + plan;
}

}  // namespace

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
  if (runs == 0) return fmt::format("{:>6}  {:<{}} {:>9}\n", line, shown, width, unrun_text(statement));
  return fmt::format("{:>6}  {:<{}} {:>9} {:>10} {:>11}\n", line, shown, width, runs, time_text(work.seconds),
                     bytes_text(work.moved_bytes));
}

/// "in line 7", of what was computed with a formula that stands there; else empty.
std::string Explainer::joined_text(const Operation& operation) const {
  if (operation.region == nullptr || operation.runs != 0) return {};
  const Operation& region = operations_.at(operation.region);
  if (region.passes == 0 || region.statement == operation.statement) return {};
  const Span span = statements_[region.statement].span;
  return fmt::format("in line {}", program_->source->position(span.begin).line);
}

/// Of a statement none of whose operations ran by itself.
std::string Explainer::unrun_text(const Statement& statement) const {
  for (const ir::Instruction* in : statement.operations)
    if (std::string text = joined_text(operations_.at(in)); !text.empty()) return text;
  return "not run";
}

std::string Explainer::operation_lines(const ir::Instruction& in, std::size_t columns) const {
  const Operation& operation = operations_.at(&in);
  const bool is_inside =
      operation.region != nullptr && operations_.at(operation.region).statement == operation.statement;
  const std::size_t indent = kIndent + (is_inside ? 2 : 0);
  std::string out = std::string(indent, ' ') + fitted(operation.text, columns - indent) + '\n';
  const auto add_note = [&](const std::string& note) {
    if (!note.empty()) out += std::string(indent + 2, ' ') + fitted("# " + note, columns - indent - 2) + '\n';
  };
  add_note(joined_text(operation));
  if (in.code == ir::Opcode::region && operation.runs != 0)
    add_note(pass_note(operation.passes, operation.runs, operation.plan));
  add_note(update_note(operation.work, operation.runs, operation.holders, operation.is_kept));
  return out;
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
    for (const ir::Instruction* in : statement.operations)
      if (!operations_.at(in).text.empty()) out += operation_lines(*in, columns);
  }
  return out + total_line();
}

}  // namespace inlay
