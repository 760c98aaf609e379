// single_elements.h - an operator on two single elements: what loops over elements are made of.
// Knows nothing of values or tensors.
// Invariant: a result that is given has the dtype and the bits that `binary` gives: the same plans and kernels make it.
#pragma once

#include "runtime/elementwise/elementwise_dispatch.h"

namespace inlay {

/// An element of a dtype, or a plain int or float.
struct SingleOperand {
  OperandType type;
  const void* bytes;  // the element; of a plain number an int64 or a double
};

/// a op b of two operands, at least one of them an element, into `out`, which takes 8 bytes and may be one of theirs;
/// the result is of `plan.result`. `plan` is the call site's, as `binary` takes it. False, and nothing is written,
/// where there is more to do: operands that are converted first, values to be checked, numbers that may be out of
/// range, results of more than 8 bytes. Charges what `binary` charges. Throws TypeError for dtypes the op has no loop
/// for.
bool binary_single(ElementwiseOp op, const SingleOperand& a, const SingleOperand& b, ElementwisePlan& plan, void* out);

}  // namespace inlay
