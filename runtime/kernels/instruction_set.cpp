// instruction_set.cpp - asks the processor once.
#include "runtime/kernels/instruction_set.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/memory/error.h"

namespace inlay {
namespace {

constexpr std::string_view kNames[] = {"baseline", "avx2", "avx512"};

InstructionSet ask_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (has_avx2 && has_avx512) return InstructionSet::avx512;
  if (has_avx2) return InstructionSet::avx2;
#endif
  return InstructionSet::baseline;
}

/// What the environment asks for; empty: nothing.
std::string_view wanted_name() {
  const char* const wanted = std::getenv("INLAY_ISA");
  return wanted == nullptr ? std::string_view() : wanted;
}

const std::string_view* find_name(std::string_view wanted) {
  return std::find(std::begin(kNames), std::end(kNames), wanted);
}

InstructionSet choose() {
  const InstructionSet best = best_instruction_set();
  const auto* const at = find_name(wanted_name());
  if (at == std::end(kNames)) return best;
  return std::min(best, static_cast<InstructionSet>(at - std::begin(kNames)));
}

}  // namespace

InstructionSet best_instruction_set() {
  static const InstructionSet best = ask_processor();
  return best;
}

InstructionSet instruction_set() {
  static const InstructionSet chosen = choose();
  return chosen;
}

void check_instruction_set() {
  static const std::string_view wanted = wanted_name();
  static const bool is_known = wanted.empty() || find_name(wanted) != std::end(kNames);
  if (!is_known)
    raise(ErrorKind::ValueError, "INLAY_ISA='{}' is no instruction set: there are {}", wanted, fmt::join(kNames, ", "));
}

std::string_view name(InstructionSet set) { return kNames[static_cast<int>(set)]; }

}  // namespace inlay
