// share.h - values for several threads at once: what they hold is counted atomically from then on (decision 005).
// Invariant: only what no interpreter owns is marked; functions, modules and generators are not for two threads.
#pragma once

#include "interpreter/values/value.h"

namespace inlay {

/// Marks a value and all that it holds. False if something in it belongs to an interpreter (a function, module or
/// generator), and so stays with its thread. Cost: one step per element of lists, tuples and dicts, one per tensor.
bool share(const Value& value);

/// Marks a value alone, what it holds being marked.
void share_itself(const Value& value);

}  // namespace inlay
