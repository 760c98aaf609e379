// timeit.cpp - the statement is read once and then run over the same variables, as in a loop; runs too short for the
// clock are timed in batches.
// Invariant: what is reported is time per run of the statement, everything included that a user's statement costs.
#include "repl/timeit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "repl/quantity.h"
#include "repl/session.h"

namespace inlay::program {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kBatchSeconds = 0.005;  // long against the clock's grain, short against a time slice

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct Timing {
  std::vector<double> batches;  // seconds per run
  long runs = 0;
};

/// An error, or an exit() of the statement, ends the timing.
class Stopwatch {
 public:
  Stopwatch(Interpreter& interpreter, const Program& program) : interpreter_(interpreter), program_(program) {}

  /// Seconds for `count` runs.
  Expected<double> batch(long count) {
    const auto begin = Clock::now();
    for (long n = 0; n < count; ++n) {
      if (auto ending = interpreter_.run(program_); !ending) return ending.error();
    }
    return seconds_since(begin);
  }

  Expected<Timing> measure(double budget) {
    Timing timing;
    auto once = batch(1);  // warms up caches of all kinds
    if (once) once = batch(1);
    if (!once) return once.error();
    const long count = std::max(1L, static_cast<long>(kBatchSeconds / std::max(*once, 1e-8)));
    const auto begin = Clock::now();
    do {
      const auto taken = batch(count);
      if (!taken) return taken.error();
      timing.batches.push_back(*taken / static_cast<double>(count));
      timing.runs += count;
    } while (seconds_since(begin) < budget);
    std::sort(timing.batches.begin(), timing.batches.end());
    return timing;
  }

 private:
  Interpreter& interpreter_;
  const Program& program_;
};

std::string report_text(const Timing& timing, bool json) {
  const double best = timing.batches.front(), median = timing.batches[timing.batches.size() / 2];
  if (json) return fmt::format("{{\"best_s\": {:.9g}, \"median_s\": {:.9g}, \"runs\": {}}}", best, median, timing.runs);
  return fmt::format("{} best, {} median of {} runs", duration_text(best), duration_text(median), timing.runs);
}

}  // namespace

Expected<std::string> time_statement(Interpreter& interpreter, std::string_view statement, double budget) {
  const auto program = interpreter.prepare(statement, "<statement>");
  if (!program) return program.error();
  std::uint64_t moved = 0;
  if (auto counted = interpreter.run(*program, moved); !counted) return counted.error();
  const auto timing = Stopwatch(interpreter, *program).measure(budget);
  if (!timing) return timing.error();
  return report_text(*timing, false) + moved_text(moved, timing->batches.front()) + "\n";
}

int timeit(const CommandLine& command, Output& output) {
  Session session(command, output);
  if (const Session::Result setup = session.run(command.setup, "<setup>"); setup.status != kDone || setup.exited)
    return setup.status;
  const auto program = session.interpreter().prepare(*command.code, "<statement>");
  if (!program) return report(program.error(), output);
  const auto timing = Stopwatch(session.interpreter(), *program).measure(command.budget);
  if (!timing) return report(timing.error(), output);
  output.write(report_text(*timing, command.json) + "\n");
  return kDone;
}

}  // namespace inlay::program
