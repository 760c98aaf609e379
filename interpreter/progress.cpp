// progress.cpp - see progress.h.
#include "interpreter/progress.h"

#include "interpreter/machine.h"

namespace inlay {

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
