// reuse.h - whether a tensor's memory may be written where it stands, or become another tensor's.
// Knows nothing of names or ops. Invariant: memory of a host's is never taken over: whoever lent it still looks at it.
#pragma once

#include "runtime/tensors/tensor.h"

namespace inlay {

/// Whether this description is the only way to its bytes, and they are row-major and to be written: what
/// Tensor::writable writes in place.
inline bool may_be_written(const TensorData& tensor) {
  return tensor.contiguous && tensor.unique() && tensor.buffer->unique() && !tensor.buffer->read_only();
}
/// The same of bytes that are ours.
inline bool may_be_taken_over(const TensorData& tensor) { return tensor.buffer->is_ours() && may_be_written(tensor); }

}  // namespace inlay
