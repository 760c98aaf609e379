// reduction_rows.h - which rows of the op table are reductions of the runtime.
// Knows nothing of how they are called.
#pragma once

#include <optional>

#include "interpreter/operations/op_table.h"
#include "runtime/reductions/reduce.h"

namespace inlay {

/// The reduction over all elements that a row is without options; nothing if it is none.
std::optional<ReduceOp> reduction_of(const OpRow& row);

}  // namespace inlay
