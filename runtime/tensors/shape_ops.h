// shape_ops.h - the same elements in another shape or order.
// Invariant: what can be a view is one (no element moves); the others write a fresh row-major tensor.
#pragma once

#include <span>
#include <vector>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// View if the layout allows, else a copy. One size may be -1. ValueError "cannot reshape array of size 6 into shape
/// (4,)".
Tensor reshape(const Tensor& x, std::span<const std::int64_t> shape);
Tensor ravel(const Tensor& x);
/// Reversed axes if `axes` is empty and rank > 0.
Tensor transpose(const Tensor& x, std::span<const std::int64_t> axes = {});
Tensor swapaxes(const Tensor& x, std::int64_t axis1, std::int64_t axis2);
Tensor moveaxis(const Tensor& x, std::span<const std::int64_t> source, std::span<const std::int64_t> destination);
/// All axes of size 1 if `axes` is empty.
Tensor squeeze(const Tensor& x, std::span<const std::int64_t> axes = {});
Tensor expand_dims(const Tensor& x, std::span<const std::int64_t> axes);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// Views of float parts of complex tensors; of real tensors: itself, and zeros.
Tensor real(const Tensor& x);
Tensor imag(const Tensor& x);
Tensor diagonal(const Tensor& x, std::int64_t offset = 0, std::int64_t axis1 = 0, std::int64_t axis2 = 1);
/// Along an existing axis; dtypes promote (numpy.concatenate).
Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis);
Tensor stack(std::span<const Tensor> tensors, std::int64_t axis);
Tensor flip(const Tensor& x, std::span<const std::int64_t> axes = {});
Tensor roll(const Tensor& x, std::span<const std::int64_t> shifts, std::span<const std::int64_t> axes);
Tensor tile(const Tensor& x, std::span<const std::int64_t> reps);
/// `counts` one number or one per element along `axis`.
Tensor repeat(const Tensor& x, std::span<const std::int64_t> counts, std::int64_t axis);
/// numpy.tril/triu keep: a boolean mask is not needed; elements outside become 0.
Tensor triangle(const Tensor& x, std::int64_t diagonal, bool lower);

}  // namespace inlay
