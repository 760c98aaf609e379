// parse.cpp - any bytes as a source text: parsing, checking and lowering end, with a program or an error.
#include "grammar/parse.h"
#include "interpreter/checking/check.h"
#include "tests/fuzz/targets/limited.h"

using namespace inlay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  (void)is_complete(text);
  Evaluator evaluator(fuzz::small_host());
  try {
    (void)evaluator.check(fuzz::source_of(text));
    (void)evaluator.compile(fuzz::source_of(text));
  } catch (const Error&) {
  }
  return 0;
}
