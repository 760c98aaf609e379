// program.cpp - any bytes as a script under small limits; afterwards the interpreter works, and nothing is left over.
// Invariant: a script takes no more time and memory than its limits say, whatever it was charged: what only the system
// sees is looked at too, with room for what sanitizers take.
#include <sys/resource.h>

#include <ctime>

#include "tests/fuzz/targets/limited.h"

using namespace inlay;

namespace {

constexpr double kMostSeconds = 30;         // of the processor; the limit is five, on an unchanged clock
constexpr long kMostKilobytes = 1'500'000;  // resident; the limit is 16 MiB

void check_resources(std::clock_t begin) {
  INLAY_CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < kMostSeconds);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  INLAY_CHECK(used.ru_maxrss < kMostKilobytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::clock_t begin = std::clock();
  Evaluator evaluator(fuzz::small_host());
  fuzz::run_quietly(evaluator, fuzz::text_of(data, size));
  check_resources(begin);
  const Usage used = evaluator.runtime_context().budget.usage();
  INLAY_CHECK(used.peak <= fuzz::small_limits().memory);
  const Value two = evaluator.evaluate(fuzz::source_of("1 + 1"));
  INLAY_CHECK(two.is(Value::Tag::integer) && two.integer() == 2);
  return 0;
}
