// reduce.cpp - sum, prod, min, max, all, any, mean: dtypes, shapes and messages.
// Knows nothing of loops: reduction.cpp visits elements, reduce_kernels.cpp combines them.
// Invariant: 16-bit floats are reduced in float32 and rounded once, at the end.
#include "runtime/reduce.h"

#include <cstring>

#include "runtime/cast.h"
#include "runtime/reduce_kernels.h"

namespace inlay {
namespace {

bool is_half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

/// The dtype of a sum of elements of `dtype`: integers narrower than 64 bits widen.
DType sum_dtype(DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
    case Kind::signed_integer:
      return DType::int64;
    case Kind::unsigned_integer:
      return DType::uint64;
    default:
      return dtype;
  }
}

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
  Tensor out = Tensor::empty(dtype, std::move(shape));
  visit(dtype, [&]<class T>(Type<T>) {
    if constexpr (requires { T(1); }) std::fill_n(out.mutable_data<T>(), out.size(), T(1));
  });
  return out;
}

Tensor reduce_elements(ReduceOp op, const Tensor& x, std::span<const int> axes, DType acc, Shape shape) {
  const ReduceKernels* kernels = &reduce_kernels(op, x.dtype(), acc);
  Tensor in = x;
  if (!kernels->row) {
    in = cast(x, op == ReduceOp::all || op == ReduceOp::any ? DType::float32 : acc);
    kernels = &reduce_kernels(op, in.dtype(), acc);
  }
  Tensor out = Tensor::empty(acc, std::move(shape));
  if (out.size() > 0) run_reduction(in, axes, *kernels, out.mutable_bytes());
  return out;
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

}  // namespace

DType reduced_dtype(ReduceOp op, DType in) {
  switch (op) {
    case ReduceOp::all:
    case ReduceOp::any:
      return DType::boolean;
    case ReduceOp::min:
    case ReduceOp::max:
      return in;
    case ReduceOp::mean:
      return is_floating(in) || is_complex(in) ? in : DType::float64;
    default:
      return sum_dtype(in);
  }
}

Tensor reduce(ReduceOp op, const Tensor& x, std::span<const int> axes, bool keepdims, std::optional<DType> dtype) {
  const bool is_truth = op == ReduceOp::all || op == ReduceOp::any;
  const DType result = is_truth || !dtype ? reduced_dtype(op, x.dtype()) : *dtype;
  const DType acc = is_half(result) ? DType::float32 : result;
  const std::int64_t count = reduced_count(x.shape(), axes);
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  Shape shape = reduced_shape(x.shape(), axes, keepdims);
  Tensor out = count == 0 ? identity(op, acc, std::move(shape)) : reduce_elements(op, x, axes, acc, std::move(shape));
  if (op == ReduceOp::mean) divide(out, count);
  return cast(out, result);
}

Tensor reduce_made(ReduceOp op, DType dtype, std::int64_t size, int cost, const ElementMaker& make) {
  const DType result = reduced_dtype(op, dtype);
  const DType acc = is_half(result) ? DType::float32 : result;
  const ReduceKernels& kernels = reduce_kernels(op, dtype, acc);
  if (!kernels.row) return {};
  Tensor out = Tensor::empty(acc, {});
  run_made_reduction(size, itemsize(dtype), make, cost + 1, kernels, out.mutable_bytes());
  if (op == ReduceOp::mean) divide(out, size);
  return cast(out, result);
}

}  // namespace inlay
