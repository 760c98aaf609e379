// fuse_updates.h - joins an update of a part of a tensor with the formula whose value it stores.
// Knows nothing of dtypes and shapes; whether an index is a mask is known only when it runs.
// Invariant: as fuse.h.
#pragma once

#include <vector>

#include "interpreter/ir.h"

namespace inlay::ir {

/// What is known of a function before anything in it was joined.
struct Uses {
  std::vector<int> reads;    // how often each register is read
  std::vector<Place> items;  // what loops go through, one after the other: numbers as a rule
};

/// Replaces `x[m] = f(y[m], …)`, `x[a:b] = f(…)` and their augmented forms in a block by regions, the formula being a
/// region or an op already.
void fuse_updates(Program& program, const Uses& uses, Block& block);

}  // namespace inlay::ir
