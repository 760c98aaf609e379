// instruction_set.h - which instructions the kernels may use on this processor.
// Invariant: chosen once, when first asked, and the same for all threads; results do not depend on it.
#pragma once

#include <cstdint>
#include <string_view>

namespace inlay {

/// In ascending order: each has all of those before it.
enum class InstructionSet : std::uint8_t { baseline, avx2, avx512 };

/// The best set that this processor has, or a lesser one that the environment variable INLAY_ISA names: "baseline",
/// "avx2" or "avx512". A name that is unknown, or a set that the processor lacks, leaves the choice as it is.
InstructionSet instruction_set();
/// Throws ValueError where INLAY_ISA names no set at all. Interpreters call it before they run anything.
void check_instruction_set();
/// What this processor has.
InstructionSet best_instruction_set();
std::string_view name(InstructionSet set);

}  // namespace inlay
