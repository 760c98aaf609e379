// program.cpp - any bytes as a script under small limits; afterwards the interpreter works, and nothing is left over.
#include "tests/fuzz/targets/limited.h"

using namespace inlay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Evaluator evaluator(fuzz::small_host());
  fuzz::run_quietly(evaluator, fuzz::text_of(data, size));
  const Usage used = evaluator.runtime_context().budget.usage();
  INLAY_CHECK(used.peak <= fuzz::small_limits().memory);
  const Value two = evaluator.evaluate(fuzz::source_of("1 + 1"));
  INLAY_CHECK(two.is(Value::Tag::integer) && two.integer() == 2);
  return 0;
}
