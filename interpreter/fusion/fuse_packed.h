// fuse_packed.h - joins `x[m]` with the formula of m, and with what is computed of the elements chosen.
// Knows nothing of dtypes and shapes; whether an index is a mask is known only when it runs.
// Invariant: as fuse.h.
#pragma once

#include "interpreter/fusion/fuse_formula.h"

namespace inlay::ir {

/// Replaces `f(x[m], y[m], …)` and its reductions in a block, and `x[f(y)]`, by regions. Regions that there are already
/// stay in their bodies.
void fuse_packed(Program& program, const Uses& uses, Block& block);

}  // namespace inlay::ir
