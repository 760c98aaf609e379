// budget_test.cpp - sizes as text, accounts and charges, and budgets that nobody limits.
#include "runtime/memory/budget.h"

#include <doctest/doctest.h>

#include <thread>

#include "runtime/memory/context.h"

using namespace inlay;

TEST_CASE("numbers of bytes as text") {
  struct Row {
    std::uint64_t bytes;
    const char* text;
  };
  const Row rows[] = {{0, "0 bytes"},
                      {1023, "1023 bytes"},
                      {1024, "1.00 KiB"},
                      {1536, "1.50 KiB"},
                      {1010 * 1024, "1010. KiB"},
                      {1024 * 1024 - 1, "1.00 MiB"},
                      {std::uint64_t{7820} << 30, "7.64 TiB"},
                      {std::numeric_limits<std::uint64_t>::max(), "16.0 EiB"}};
  for (const Row& row : rows) CHECK(size_text(row.bytes) == row.text);
}

TEST_CASE("a budget without an account counts nothing and refuses nothing") {
  Budget budget;
  budget.require(std::numeric_limits<std::uint64_t>::max());
  const Charge charge(budget, 100);
  CHECK(charge.bytes() == 100);
  CHECK(budget.usage().memory == 0);
}

TEST_CASE("limits that are set again keep the account") {
  Budget budget;
  budget.limit(Limits{});
  const Charge charge(budget, 100);
  budget.limit(Limits::none());
  CHECK(budget.usage().memory == 100);
  CHECK(budget.usage().peak == 100);
}

TEST_CASE("before its first run a budget has used nothing") {
  Budget budget;
  Limits limits;
  limits.fuel = 1000;
  budget.limit(limits);
  CHECK(budget.usage().fuel == 0);
  budget.begin_run();
  budget.spend(7);
  budget.end_run();
  CHECK(budget.usage().fuel == 7);
}

TEST_CASE("a charge grows only while the interpreter runs that it was made by") {
  Context mine, other;
  mine.budget.limit(Limits{});
  other.budget.limit(Limits{});
  Charge charge(mine.budget, 100), nobodys;
  {
    const ContextScope scope(other);
    charge.grow_to(200);
    nobodys.grow_to(200);
  }
  CHECK(charge.bytes() == 100);
  CHECK(nobodys.bytes() == 0);
  const ContextScope scope(mine);
  charge.grow_to(200);
  charge.grow_to(50);
  CHECK(charge.bytes() == 200);
  CHECK(mine.budget.usage().memory == 200);
  CHECK(other.budget.usage().memory == 0);
}

TEST_CASE("threads of a loop ask whether to go on, and leave what is told to the interpreter's") {
  Context own;
  std::uint64_t begun = 0;
  own.budget.operations().listen(&begun, [](const OperationClock::Report&) {});
  own.budget.begin_run();
  std::thread([&] { CHECK_FALSE(own.budget.should_stop()); }).join();
  own.budget.request_stop();
  std::thread([&] { CHECK(own.budget.should_stop()); }).join();
  own.budget.end_run();
  CHECK_FALSE(own.budget.should_stop());
}
