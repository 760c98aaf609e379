// masked_update.h - x[m] += s and x[a:b] += s where the elements are: nothing is gathered, nothing is counted.
// Knows nothing of subscripts; the mask and the layout have been checked against each other.
// Invariant: the same bits as gathering, updating and storing the elements.
#pragma once

#include "runtime/elementwise/elementwise.h"
#include "runtime/tensors/layout.h"

namespace inlay {

/// Applies `op` with one plain number, or a tensor of one element, to the chosen elements of x where that can be done
/// blindly: the op is cheap, has nothing to warn of or to refuse, and computes in x's own dtype. Otherwise false, with
/// nothing done. `x`: a layout of the mask's shape with dense rows inside `root`, which is copied first if it is
/// shared. Throws as binary_assign does, before the first write.
bool update_chosen(ElementwiseOp op, Tensor& root, const Layout& x, const Tensor& mask, const Operand& value);

/// The same for all elements of a layout with dense rows. The value may also be a row-major tensor of the layout's
/// shape and dtype that looks into another buffer. Any op that can neither warn nor refuse is done, whatever it costs.
bool update_rows(ElementwiseOp op, Tensor& root, const Layout& x, const Operand& value);

}  // namespace inlay
