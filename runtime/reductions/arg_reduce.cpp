// arg_reduce.cpp - argmin and argmax: where the first extreme is.
// Knows nothing of loops: an accumulator of run_reduction is an element and its index along the axis (arg_kernels.h).
// Invariant: the result is that of a loop from first to last, for any layout and number of threads.
#include <algorithm>

#include "runtime/dtypes/cast.h"
#include "runtime/kernels/kernel_set.h"
#include "runtime/reductions/arg_kernels.h"
#include "runtime/reductions/reduce.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

template <class T>
void arg_reduce_elements(bool maximum, const Tensor& x, int axis, Tensor& out) {
  const Ref<Buffer> memory = Buffer::allocate(static_cast<std::size_t>(out.size()) * sizeof(Found<T>));
  run_reduction(x, std::span(&axis, 1), kernel_set().arg_reduce(maximum, x.dtype()), memory->data());
  const auto* found = reinterpret_cast<const Found<T>*>(memory->data());
  std::transform(found, found + out.size(), out.mutable_data<std::int64_t>(),
                 [](const Found<T>& f) { return f.index; });
}

/// Elements with an order of their own: bools are bytes, 16-bit floats go to float32.
Tensor comparable(const Tensor& x) {
  if (x.dtype() == DType::boolean) return x.view(DType::uint8, x.shape(), x.strides());
  return x.dtype() == DType::float16 || x.dtype() == DType::bfloat16 ? cast(x, DType::float32) : x;
}

}  // namespace

Tensor arg_reduce(bool maximum, const Tensor& x, std::optional<int> axis, bool keepdims) {
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const bool one_axis = axis && x.rank() > 0;
  const Tensor in = comparable(one_axis ? x : ravel(x));
  const int along = one_axis ? *axis : 0;
  Shape shape = one_axis   ? reduced_shape(x.shape(), std::span(&along, 1), keepdims)
                : keepdims ? Shape(x.rank(), 1)
                           : Shape();
  if (in.dim(along) == 0)
    raise(ErrorKind::ValueError, "attempt to get {} of an empty sequence", maximum ? "argmax" : "argmin");
  Tensor out = Tensor::empty(DType::int64, std::move(shape));
  if (out.size() == 0) return out;
  visit(in.dtype(), [&]<class T>(Type<T>) {
    if constexpr (!std::same_as<T, bool> && !std::same_as<T, Half> && !std::same_as<T, BFloat16>)
      arg_reduce_elements<T>(maximum, in, along, out);
  });
  return out;
}

}  // namespace inlay
