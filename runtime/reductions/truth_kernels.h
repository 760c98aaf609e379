// truth_kernels.h - reductions of bools: how many are true, whether any or all are.
// Knows masks by their bytes (compress_kernels.h); other elements become bools as they are read.
// Invariant: any byte but 0 is true; integers and bits have no order, so all instruction sets agree.
#pragma once

#include "runtime/reductions/reduce.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

/// `count` in accumulators of 64 bits, `all` and `any` in bools.
const ReduceKernels& truth_kernels(ReduceOp op);

}  // namespace inlay
