// optimised.cpp - a valid program (statements.h) with everything that makes it fast, against the same program with none
// of it: as one text with regions, last uses, updates in place and four threads; and statement by statement, each
// operation by itself, on one thread, while a snapshot holds every variable, so that every update copies.
// Invariant: both end with the same error or none, and with the same bits in every variable.
#include <optional>

#include "runtime/memory/context.h"
#include "tests/fuzz/targets/limited.h"
#include "tests/fuzz/targets/statements.h"

using namespace inlay;

namespace {

std::optional<std::string> error_of(Evaluator& evaluator, std::string_view text) {
  try {
    evaluator.run(evaluator.compile(fuzz::source_of(text)));
    return std::nullopt;
  } catch (const Error& error) {
    INLAY_CHECK(error.kind() != ErrorKind::InternalError);
    return std::string(name(error.kind())) + ": " + error.message();
  }
}

/// The first error of the statements, one line each.
std::optional<std::string> run_plainly(Evaluator& evaluator, std::string_view program) {
  while (!program.empty()) {
    const std::size_t end = program.find('\n') + 1;
    const auto held = evaluator.snapshot();
    if (auto error = error_of(evaluator, program.substr(0, end))) return error;
    program.remove_prefix(end);
  }
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string program = fuzz::ProgramWriter({data, size}).write();
  Evaluator fast(fuzz::small_host(true)), plain(fuzz::small_host(false));
  fast.runtime_context().threads = 4;
  plain.runtime_context().threads = 1;
  const auto got = error_of(fast, program), expected = run_plainly(plain, program);
  for (const auto& error : {got, expected})
    if (error && error->starts_with("LimitExceeded")) return 0;  // steps and memory of intermediate results differ
  fuzz::require_same(got.value_or("no error"), expected.value_or("no error"), program);
  fuzz::require_same(fuzz::bits_of_variables(fast), fuzz::bits_of_variables(plain), program);
  return 0;
}
