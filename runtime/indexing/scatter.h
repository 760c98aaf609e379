// scatter.h - gathering and scattering by index tensors, under TensorFlow's and NumPy's names.
// Invariant: every index is checked before the first element is written; of duplicates the last in row-major order wins
// for set, all count for the others, in order, with the same bits for any number of threads.
#pragma once

#include <vector>

#include "runtime/dtypes/scalar.h"

namespace inlay {

enum class ScatterKind : std::uint8_t { update, add, sub, min, max };

/// tf.tensor_scatter_nd_*: `indices` [..., K] into the first K axes; updates broadcast to indices.shape[:-1] +
/// x.shape[K:] (leading 1s may be dropped). Negative indices are out of range: IndexError "indices[0] = [8] does not
/// index into shape [8]". In place when x is unique. On throw x is unchanged.
void tensor_scatter_nd(ScatterKind kind, Tensor& x, const Tensor& indices, const Operand& updates);
/// tf.scatter_nd: zeros of `shape` with updates added.
Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape);
/// tf.gather_nd(params, indices, batch_dims).
Tensor gather_nd(const Tensor& params, const Tensor& indices, int batch_dims = 0);
/// tf.gather(params, indices, axis, batch_dims): negative indices are out of range.
Tensor gather(const Tensor& params, const Tensor& indices, int axis, int batch_dims);
/// tf.boolean_mask(x, mask, axis).
Tensor boolean_mask(const Tensor& x, const Tensor& mask, int axis);
/// The coordinates of the true elements: int64 [count, rank], row-major (tf.where(mask), numpy.argwhere).
Tensor where_indices(const Tensor& mask);
/// numpy.nonzero of one axis each.
std::vector<Tensor> nonzero(const Tensor& x);
std::int64_t count_nonzero(const Tensor& x);

}  // namespace inlay
