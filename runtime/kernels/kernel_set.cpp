// kernel_set.cpp - the kernels of one instruction set; compiled for each.
#include "runtime/kernels/kernel_set.h"

#include "runtime/reductions/reduce_kernels.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

using Rows = const KernelRows& (*)();

constexpr Rows kRows[] = {
// ORDER ELEMENTWISE
#define ELEMENTWISE(name, arity, loops, rule, check, cost, functor) kernel_rows<kernels::functor>,
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE
};

const KernelRows& rows_of(ElementwiseOp op) { return kRows[static_cast<int>(op)](); }

}  // namespace

const KernelSet kKernelSet = {rows_of,
                              target_cast_kernel,
                              target_reduce_kernels,
                              target_arg_kernels,
                              target_distance_kernels,
                              target_select_kernel,
                              target_fused_kernel};

}  // namespace INLAY_TARGET
}  // namespace inlay
