// kernel_set.h - all kernels that exist once per instruction set, behind one pointer.
// Knows nothing of what the kernels compute.
// Invariant: the sets give the same bits; which one runs is chosen once, with the instruction set.
#pragma once

#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/elementwise/elementwise_kernels.h"
#include "runtime/elementwise/fused_kernels.h"
#include "runtime/elementwise/select_kernels.h"
#include "runtime/kernels/instruction_set.h"
#include "runtime/kernels/kernel_target.h"
#include "runtime/reductions/arg_kernels.h"
#include "runtime/reductions/distance_kernels.h"
#include "runtime/reductions/reduce.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

struct KernelSet {
  /// Rows may lack loops that the baseline has, where other instructions would change nothing.
  const KernelRows& (*elementwise)(ElementwiseOp op);
  CastKernel (*cast)(DType from, DType to);
  const ReduceKernels& (*reduce)(ReduceOp op, DType acc);
  const ReduceKernels& (*arg_reduce)(bool maximum, DType in);
  const ReduceKernels& (*squared_distances)(DType acc, bool skip_nan);
  SelectKernel (*select)(int itemsize);
  FusedKernel (*fused)(Fused which, DType dtype);
};

/// The set of this process: that of instruction_set().
const KernelSet& kernel_set();
/// A set by name; null where it is not compiled in, or this processor cannot run it.
const KernelSet* kernel_set_of(InstructionSet set);
/// The baseline's, which is complete.
const KernelSet& baseline_kernel_set();

inline namespace INLAY_TARGET {
extern const KernelSet kKernelSet;
/// cast_kernel() of one instruction set.
CastKernel target_cast_kernel(DType from, DType to);
}  // namespace INLAY_TARGET

}  // namespace inlay
