// instruction_set.cpp - asks the processor once.
#include "runtime/instruction_set.h"

#include <algorithm>
#include <cstdlib>

namespace inlay {
namespace {

constexpr std::string_view kNames[] = {"baseline", "avx2", "avx512"};

InstructionSet ask_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                        __builtin_cpu_supports("fma");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (has_avx2 && has_avx512) return InstructionSet::avx512;
  if (has_avx2) return InstructionSet::avx2;
#endif
  return InstructionSet::baseline;
}

InstructionSet choose() {
  const InstructionSet best = best_instruction_set();
  const char* const wanted = std::getenv("INLAY_ISA");
  const auto* const at = wanted == nullptr ? std::end(kNames) : std::find(std::begin(kNames), std::end(kNames), wanted);
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

std::string_view name(InstructionSet set) { return kNames[static_cast<int>(set)]; }

}  // namespace inlay
