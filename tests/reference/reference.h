// reference.h - the core's operations done the slow way: one loop per operation, every place found by index arithmetic.
// Knows nothing of the runtime but the names of dtypes: no layouts, no views, no threads, no broadcasting by strides.
// Invariant: an Array holds its elements in row-major order, integers and bools in `wholes`, floats in `reals`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/dtypes/dtype.h"

namespace inlay::reference {

using Numbers = std::vector<std::int64_t>;

struct Array {
  DType dtype = DType::float64;
  Numbers shape;
  Numbers wholes;             // empty for floats
  std::vector<double> reals;  // empty for integers and bools
};

/// Python's start:stop:step, already made of numbers: `count` positions from `start` in steps of `step`.
struct Range {
  std::int64_t start = 0, step = 1, count = 0;
};

/// Elements of a dtype: zeros in a shape.
Array zeros(DType dtype, Numbers shape);
std::int64_t size(const Numbers& shape);

/// One element as a number of another dtype: floats round, integers wrap, floats saturate into integers.
Array cast(const Array& x, DType dtype);
/// The dtype of arithmetic on two of bool, int8 … int64, uint8, float32 and float64; no others are known here (sums of
/// uint8 are uint64).
DType promote(DType a, DType b);

/// add subtract multiply divide floor_divide remainder minimum maximum, less … not_equal, logical_and/or, bitwise_xor.
Array binary(std::string_view name, const Array& a, const Array& b);
Array where(const Array& condition, const Array& x, const Array& y);

/// x[ranges], one range per axis.
Array slice(const Array& x, const std::vector<Range>& ranges);
/// x[ranges] = value, which broadcasts.
void slice_update(Array& x, const std::vector<Range>& ranges, const Array& value);
/// x[mask], of x's shape.
Array masked(const Array& x, const Array& mask);
/// x[mask] = value: one element, or one for each true.
void mask_update(Array& x, const Array& mask, const Array& value);
/// x[index] along the first axis; negative indices count from the end.
Array gather(const Array& x, const Array& index);
/// x[index] = value (`add`: add.at); of duplicates the last wins, or all count.
void scatter(Array& x, const Array& index, const Array& value, bool add);

/// sum prod min max any all mean, over the axes that are marked.
Array reduce(std::string_view name, const Array& x, const std::vector<bool>& axes, bool keepdims);
Array cumsum(const Array& x, std::size_t axis);
Array sort(const Array& x, std::size_t axis);

/// Axis i of the result is axis axes[i] of x.
Array transpose(const Array& x, const Numbers& axes);
Array broadcast(const Array& x, const Numbers& shape);
Array concatenate(const Array& a, const Array& b, std::size_t axis);

}  // namespace inlay::reference
