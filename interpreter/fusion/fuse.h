// fuse.h - joins runs of elementwise ops into regions. See ir.h for what a region is.
// Knows nothing of dtypes and shapes, which are known only when it runs, nor how a region is computed.
// Invariant: a program means the same before and after: what is put into a region has no effects, and stays in its
// order in the region's body, which is what runs where the ops cannot be computed together, or one of them fails.
#pragma once

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

/// Replaces each tree of two or more elementwise ops whose intermediate results nobody else reads, and what stands
/// between them, by an instruction `region`. A masked assignment of one value counts as an op at the root.
/// Updates of a part then join the formula whose value they store (fuse_updates.h).
void fuse(Program& program);

}  // namespace inlay::ir
