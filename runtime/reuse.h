// reuse.h - whether a tensor's memory may become another tensor's.
// Knows nothing of names or ops. Invariant: memory of a host's is never taken over: whoever lent it still looks at it.
#pragma once

#include "runtime/tensor.h"

namespace inlay {

/// Whether this description is the only way to its bytes, and they are ours, row-major and to be written.
bool may_be_taken_over(const TensorData& tensor);

}  // namespace inlay
