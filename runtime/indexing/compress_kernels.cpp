// compress_kernels.cpp - the loops over masks that run everywhere, and the choice among the tables.
// Invariant: the choice is made once, and shows in no result.
#include "runtime/indexing/compress_kernels.h"

#include <bit>

#include "runtime/dtypes/dtype.h"
#include "runtime/indexing/compress_kernels_loops.h"
#include "runtime/kernels/instruction_set.h"

namespace inlay {
namespace {

constexpr MaskTable kBaseline{
    count_loop,
    positions_loop,
    {kLoops<std::uint8_t>, kLoops<std::uint16_t>, kLoops<std::uint32_t>, kLoops<std::uint64_t>, kLoops<complex128>}};

const MaskTable& choose() {
  const InstructionSet set = instruction_set();
  if (set == InstructionSet::avx512 && avx512_mask_table()) return *avx512_mask_table();
  if (set != InstructionSet::baseline && avx2_mask_table()) return *avx2_mask_table();
  return kBaseline;
}

}  // namespace

const MaskTable& mask_table() {
  static const MaskTable& chosen = choose();
  return chosen;
}

const MaskKernels& mask_kernels(int itemsize) {
  return mask_table().sized[std::countr_zero(static_cast<unsigned>(itemsize))];
}

const MaskTable* baseline_mask_table() { return &kBaseline; }

}  // namespace inlay
