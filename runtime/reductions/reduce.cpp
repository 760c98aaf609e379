// reduce.cpp - sum, prod, min, max, all, any, mean: dtypes, shapes and messages.
// Knows nothing of loops: reduction.cpp visits elements, reduce_kernels.cpp combines them.
// Invariant: 16-bit floats are reduced in float32 and rounded once, at the end.
#include "runtime/reductions/reduce.h"

#include <cstring>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/reductions/reduce_kernels.h"
#include "runtime/reductions/truth_kernels.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

bool is_half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

std::int64_t reduced_count(const Shape& shape, std::span<const int> axes) {
  std::int64_t n = 1;
  for (const int axis : axes) n *= shape[axis];
  return n;
}

/// The result over no elements: 0, 1, true or false.
Tensor identity(ReduceOp op, DType dtype, Shape shape) {
  if (op == ReduceOp::min || op == ReduceOp::max)
    raise(ErrorKind::ValueError, "zero-size array to reduction operation {} which has no identity",
          op == ReduceOp::max ? "maximum" : "minimum");
  if (op != ReduceOp::prod && op != ReduceOp::all) return Tensor::zeros(dtype, std::move(shape));
  return broadcast_to(to_tensor(Scalar::of(std::int64_t{1}), dtype), shape).copy();
}

/// The dtype of accumulators: 16-bit floats are reduced in float32, and integers are added and multiplied in 64 bits,
/// whose low ones are the result.
DType accumulator(ReduceOp op, DType result) {
  if (is_half(result)) return DType::float32;
  const bool has_own = !is_integer(result) || op == ReduceOp::min || op == ReduceOp::max;
  return has_own ? result : sum_dtype(result);
}

/// Sums become means. Integers (mean with an integer dtype=) are divided in double and truncated.
void divide(Tensor& sums, std::int64_t count) {
  visit(sums.dtype(), [&]<class T>(Type<T>) {
    T* out = sums.mutable_data<T>();
    const auto n = static_cast<double>(count);
    if constexpr (std::same_as<T, float> || std::same_as<T, complex64>)
      for (std::int64_t i = 0; i < sums.size(); ++i) out[i] /= static_cast<float>(count);
    else if constexpr (std::same_as<T, double> || std::same_as<T, complex128>)
      for (std::int64_t i = 0; i < sums.size(); ++i) out[i] /= n;
    else if constexpr (std::is_integral_v<T> && !std::same_as<T, bool>)
      for (std::int64_t i = 0; i < sums.size(); ++i)
        out[i] = count == 0 ? T{} : static_cast<T>(static_cast<double>(out[i]) / n);
  });
}

/// Bools are added up by counting them, and multiply and have extremes as truth values do.
const ReduceKernels& kernels_for(ReduceOp op, DType in, DType acc) {
  const bool adds = op == ReduceOp::sum || op == ReduceOp::mean;
  if (op == ReduceOp::count || (adds && in == DType::boolean && is_integer(acc))) return truth_kernels(ReduceOp::count);
  if (acc != DType::boolean) return reduce_kernels(op, acc);
  const bool needs_all = op == ReduceOp::prod || op == ReduceOp::min || op == ReduceOp::all;
  return truth_kernels(needs_all ? ReduceOp::all : ReduceOp::any);
}

/// Elements that kernels convert as they read them. Complex ones are cast here, where it is refused to lose a part.
Tensor readable(const Tensor& x, DType load) {
  return is_complex(x.dtype()) && load != DType::boolean ? cast(x, load) : x;
}

/// What the accumulators stand for.
Tensor finished(ReduceOp op, Tensor acc, std::int64_t count, DType result) {
  if (is_integer(result)) acc = cast(acc, result);
  if (op == ReduceOp::mean) divide(acc, count);
  return cast(acc, result);
}

}  // namespace

DType reduced_dtype(ReduceOp op, DType in) {
  switch (op) {
    case ReduceOp::all:
    case ReduceOp::any:
      return DType::boolean;
    case ReduceOp::min:
    case ReduceOp::max:
      return in;
    case ReduceOp::count:
      return DType::int64;
    case ReduceOp::mean:
      return is_floating(in) || is_complex(in) ? in : DType::float64;
    default:
      return sum_dtype(in);
  }
}

Tensor reduce(ReduceOp op, const Tensor& x, std::span<const int> axes, bool keepdims, std::optional<DType> dtype) {
  const bool is_truth = op == ReduceOp::all || op == ReduceOp::any || op == ReduceOp::count;
  const DType result = is_truth || !dtype ? reduced_dtype(op, x.dtype()) : *dtype;
  const DType acc = accumulator(op, result);
  const std::int64_t count = reduced_count(x.shape(), axes);
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  Shape shape = reduced_shape(x.shape(), axes, keepdims);
  if (count == 0) return finished(op, identity(op, acc, std::move(shape)), 0, result);
  Tensor out = Tensor::empty(acc, std::move(shape));
  const ReduceKernels& kernels = kernels_for(op, x.dtype(), acc);
  if (out.size() > 0) run_reduction(readable(x, kernels.load), axes, kernels, out.mutable_bytes());
  return finished(op, std::move(out), count, result);
}

Tensor reduce_made(ReduceOp op, DType dtype, std::int64_t size, int cost, const ElementMaker& make) {
  const DType result = reduced_dtype(op, dtype);
  Tensor out = Tensor::empty(accumulator(op, result), {});
  run_made_reduction(size, dtype, make, cost + 1, kernels_for(op, dtype, out.dtype()), out.mutable_bytes());
  return finished(op, std::move(out), size, result);
}

}  // namespace inlay
