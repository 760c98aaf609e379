// kernel_dispatch.cpp - which of the kernel sets runs, and the functions that reach into it.
// Invariant: a set is only touched where the processor has its instructions.
#include "runtime/kernels/instruction_set.h"
#include "runtime/kernels/kernel_set.h"
#include "runtime/reductions/reduce_kernels.h"

namespace inlay {

#ifdef INLAY_X86_SETS
namespace avx2 {
extern const KernelSet kKernelSet;
}
namespace avx512 {
extern const KernelSet kKernelSet;
}
#endif

const KernelSet* kernel_set_of([[maybe_unused]] InstructionSet set) {
#ifdef INLAY_X86_SETS
  if (set > best_instruction_set()) return nullptr;
  if (set == InstructionSet::avx512) return &avx512::kKernelSet;
  if (set == InstructionSet::avx2) return &avx2::kKernelSet;
#endif
  return set == InstructionSet::baseline ? &baseline::kKernelSet : nullptr;
}

const KernelSet& kernel_set() {
  static const KernelSet* const chosen = kernel_set_of(instruction_set());
  return chosen ? *chosen : baseline_kernel_set();
}

const KernelSet& baseline_kernel_set() { return baseline::kKernelSet; }

CastKernel cast_kernel(DType from, DType to) { return kernel_set().cast(from, to); }

const ReduceKernels& reduce_kernels(ReduceOp op, DType acc) { return kernel_set().reduce(op, acc); }

SelectKernel select_kernel(int itemsize) { return kernel_set().select(itemsize); }

FusedKernel fused_kernel(Fused which, DType dtype) { return kernel_set().fused(which, dtype); }

}  // namespace inlay
