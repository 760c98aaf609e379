// generated.cpp - valid programs (statements.h), each statement by itself: whatever fails changes nothing, and the same
// program computed one operation at a time, without regions, gives the same bits and the same errors.
#include "tests/fuzz/targets/limited.h"
#include "tests/fuzz/targets/statements.h"

using namespace inlay;

namespace {

/// The error's kind and message; "" if there was none.
std::string outcome(Evaluator& evaluator, std::string_view line) {
  try {
    evaluator.run(evaluator.compile(fuzz::source_of(line)));
    return "";
  } catch (const Error& error) {
    INLAY_CHECK(error.kind() != ErrorKind::InternalError);
    return std::string(name(error.kind())) + ": " + error.message();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string program = fuzz::ProgramWriter({data, size}).write();
  Evaluator fused(fuzz::small_host(true)), plain(fuzz::small_host(false));
  for (std::string_view rest = program; !rest.empty();) {
    const std::size_t end = rest.find('\n') + 1;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end);
    const std::string before = fuzz::bits_of_variables(fused);
    const std::string got = outcome(fused, line), expected = outcome(plain, line);
    const bool is_limit = got.starts_with("LimitExceeded") || expected.starts_with("LimitExceeded");
    if (is_limit) return 0;  // memory of intermediate results differs
    fuzz::require_same(got, expected, program);
    if (!got.empty()) INLAY_CHECK(fuzz::bits_of_variables(fused) == before);
    fuzz::require_same(fuzz::bits_of_variables(fused), fuzz::bits_of_variables(plain), program);
  }
  return 0;
}
