// fuse_updates.h - joins an update of a part of a tensor with the formula whose value it stores.
// Knows nothing of dtypes and shapes; whether an index is a mask is known only when it runs.
// Invariant: as fuse.h.
#pragma once

#include "interpreter/fusion/fuse_formula.h"

namespace inlay::ir {

/// Replaces `x[m] = f(y[m], …)`, `x[a:b] = f(…)` and their augmented forms in a block by regions, the formula being a
/// region or an op already.
void fuse_updates(Program& program, const Uses& uses, Block& block);

}  // namespace inlay::ir
