// reduce.h - many elements to one, along axes; prefix scans.
// Invariant: the order of additions depends on shape and layout alone (pairwise over fixed blocks), never on threads.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// `count`: of the elements that are true.
enum class ReduceOp : std::uint8_t { sum, prod, min, max, all, any, mean, count };

/// The dtype of the result where no dtype= is given.
DType reduced_dtype(ReduceOp op, DType in);
/// Reduces over `axes` (normalised, distinct; none at all reduces each element alone). sum/prod of bool and narrow
/// integers are int64/uint64, a count is int64; mean of integers is float64; min/max propagate NaN and refuse empty
/// axes: ValueError "zero-size array to reduction operation maximum which has no identity". `dtype`: the computation's,
/// as NumPy's dtype=.
Tensor reduce(ReduceOp op, const Tensor& x, std::span<const int> axes, bool keepdims, std::optional<DType> dtype = {});
/// reduce() over all of `size` > 0 elements of `dtype` that are made as they are needed.
/// `cost`: of making one, in additions.
Tensor reduce_made(ReduceOp op, DType dtype, std::int64_t size, int cost,
                   const std::function<void(std::int64_t begin, std::int64_t n, std::byte* to)>& make);
/// Index of the first extreme (the first NaN wins). Over all elements if `axis` is absent. ValueError "attempt to get
/// argmax of an empty sequence".
Tensor arg_reduce(bool maximum, const Tensor& x, std::optional<int> axis, bool keepdims);
/// cumsum / cumprod along an axis; over the ravelled tensor if absent.
Tensor scan(ReduceOp op, const Tensor& x, std::optional<int> axis, std::optional<DType> dtype = {});

}  // namespace inlay
