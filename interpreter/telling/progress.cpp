// progress.cpp - see progress.h.
#include "interpreter/telling/progress.h"

#include <cctype>

#include "interpreter/machine/machine.h"
#include "interpreter/operations/op_table.h"

namespace inlay {
namespace {

/// A text on one line: white space of any kind becomes a single blank.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!is_space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

/// An op's name, else the text that the instruction was made from; in the library the function's name.
std::string label_of(const RunningOperation& operation) {
  if (operation.row != nullptr) return std::string(operation.row->name);
  if (operation.instruction == nullptr) return {};
  const ir::Instruction& in = *operation.instruction;
  const ir::Program& program = *operation.frame->linked.program;
  if (in.code == ir::Opcode::op) return std::string(program.ops[static_cast<std::size_t>(in.attribute)]->name);
  if (program.source->name().starts_with("<library>")) return operation.frame->function.name;
  return on_one_line(program.source->text(in.span));
}

/// Reports of the operations of one evaluator. The label is that of the first report: at the last one the operation may
/// be gone.
struct OperationReport {
  Evaluator& evaluator;
  Evaluator::State& state;
  std::string label;

  void operator()(const OperationClock::Report& report) noexcept {
    const TellingScope scope(*state.context_owner);
    try {
      if (label.empty()) label = label_of(state.operation);
      evaluator.host().progress(
          {label, report.done, report.total, report.seconds, state.reported_loops, report.is_over, true});
      if (report.is_over) label.clear();
    } catch (...) {
      // A report is no reason to fail, and what runs cannot be left here.
    }
  }
};

}  // namespace

void report_operations(Evaluator& evaluator, Evaluator::State& state) {
  if (!evaluator.host().progress) return;
  evaluator.runtime_context().budget.operations().listen(&state.operations, OperationReport{evaluator, state, {}});
}

ProgressReport::ProgressReport(const Value& iterable, Machine& machine) {
  if (!iterable.is(Value::Tag::progress) || !machine.evaluator.host().progress) return;
  machine_ = &machine;
  ++machine.state.reported_loops;
  subject_ = iterable;
  total_ = Iteration(iterable).size();
  begin_ = Clock::now();
  due_ = begin_ + kFirstReport;
}

ProgressReport::~ProgressReport() {
  if (machine_ == nullptr) return;
  --machine_->state.reported_loops;
  if (!has_reported_) return;
  try {
    report(Clock::now(), true);
  } catch (...) {
    // A report is no reason to fail, least of all while an error is on its way out.
  }
}

void ProgressReport::advance() {
  ++done_;
  const Clock::time_point now = Clock::now();
  if (now < due_) return;
  has_reported_ = true;
  due_ = now + kBetweenReports;
  report(now, false);
}

void ProgressReport::report(Clock::time_point now, bool is_over) {
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const int depth = machine_->state.reported_loops - (is_over ? 0 : 1);
  machine_->evaluator.host().progress(
      {subject_.object<ProgressObject>().label, done_, total_, seconds, depth, is_over});
}

}  // namespace inlay
