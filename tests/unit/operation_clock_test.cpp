// When an operation is told of, with how much of its work, and that its end is.
#include "runtime/memory/operation_clock.h"

#include <atomic>
#include <thread>
#include <vector>

#include "doctest/doctest.h"
#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"

using namespace inlay;
using namespace std::chrono_literals;

namespace {

struct Told {
  Told() {
    clock.listen(&begun, [this](const OperationClock::Report& report) { reports.push_back(report); });
  }
  /// Looks at a moment after the start.
  void look(std::chrono::milliseconds after) { clock.look(start + after); }

  OperationClock clock;
  std::uint64_t begun = 0;
  std::vector<OperationClock::Report> reports;
  const OperationClock::Clock::time_point start = OperationClock::Clock::now() - 1h;
};

}  // namespace

TEST_CASE("an operation is told of after two seconds, and then now and again") {
  Told told;
  told.look(0ms);
  told.look(1999ms);
  CHECK(told.reports.empty());
  told.look(2000ms);
  REQUIRE(told.reports.size() == 1);
  CHECK(told.reports[0].seconds == doctest::Approx(2));
  CHECK(told.reports[0].total == 0);
  told.look(2050ms);
  CHECK(told.reports.size() == 1);
  told.look(2100ms);
  CHECK(told.reports.size() == 2);
}

TEST_CASE("another operation ends the one before, and has its own time") {
  Told told;
  told.look(0ms);
  told.look(3000ms);
  ++told.begun;
  told.look(3100ms);
  REQUIRE(told.reports.size() == 2);
  CHECK(told.reports[1].is_over);
  told.look(5000ms);
  CHECK(told.reports.size() == 2);
  told.look(5200ms);
  CHECK(told.reports.back().seconds == doctest::Approx(2.1));
  told.clock.end();
  CHECK(told.reports.back().is_over);
  told.clock.end();
  CHECK(told.reports.size() == 4);
}

TEST_CASE("of short operations not even the end is told") {
  Told told;
  for (int second = 0; second < 10; ++second, ++told.begun) told.look(std::chrono::milliseconds(1000 * second));
  told.clock.end();
  CHECK(told.reports.empty());
}

TEST_CASE("the share of the work is that of the loops it expects") {
  Told told;
  told.look(0ms);
  told.clock.advance(50, 1);  // before it knows
  told.clock.expect(1000);
  told.clock.advance(400, 0.5);
  told.look(2000ms);
  CHECK(told.reports[0].done == 200);
  CHECK(told.reports[0].total == 1000);
  told.clock.advance(400, 1);
  told.clock.advance(600, 0.25);
  told.look(2200ms);
  CHECK(told.reports[1].done == 550);
  told.clock.advance(600, 1);
  told.clock.advance(10, 0.5);
  told.look(2400ms);
  CHECK(told.reports[2].done == 1000);
  told.clock.expect(5);
  told.look(2600ms);
  CHECK(told.reports[3].total == 0);
  ++told.begun;
  told.look(2700ms);
  CHECK(told.reports[4].is_over);
}

TEST_CASE("a loop tells how far it is from the thread that runs the interpreter") {
  Context context;
  context.threads = 4;
  const ContextScope scope(context);
  std::vector<OperationClock::Report> reports;
  std::uint64_t begun = 0;
  std::atomic<bool> is_told = false;
  context.budget.operations().listen(&begun, [&](const OperationClock::Report& report) {
    reports.push_back(report);
    is_told = true;
  });
  OperationClock& clock = context.budget.operations();
  clock.look(OperationClock::Clock::now() - 10s);
  context.budget.begin_run();
  expect_work(64);
  // Other threads leave the last blocks to this one, whichever of them the system lets run.
  parallel_for(64, 1, 64, [&, here = std::this_thread::get_id()](std::int64_t, std::int64_t) {
    while (std::this_thread::get_id() != here && !is_told) std::this_thread::yield();
  });
  context.budget.end_run();
  REQUIRE(reports.size() >= 2);
  CHECK(reports.front().total == 64);
  CHECK(reports.front().done < 64);
  CHECK(reports.back().done == 64);
  CHECK(reports.back().is_over);
}
