// instruction_sets.h - the instruction sets that tests of kernels can compare with the baseline, here and now.
// Invariant: what cannot be compared is said, once for each program, on a line of the error stream that begins with
// "skipped"; harness/units.py passes those on.
#pragma once

#include <cstdio>
#include <vector>

#include "runtime/kernels/instruction_set.h"

namespace inlay {

/// The sets beyond the baseline that this processor has, in ascending order.
inline const std::vector<InstructionSet>& sets_here() {
  static const std::vector<InstructionSet> sets = [] {
    std::vector<InstructionSet> found;
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (set <= best_instruction_set()) {
        found.push_back(set);
      } else {
        std::fprintf(stderr, "skipped %s: this processor lacks it\n", name(set).data());
      }
    }
    return found;
  }();
  return sets;
}

}  // namespace inlay
