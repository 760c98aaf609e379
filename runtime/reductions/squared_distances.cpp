// squared_distances.cpp - shapes and dtypes of sums of squared distances; distance_kernels.cpp has the loops.
// Invariant: the centre lies in the accumulators before the first element is read.
#include "runtime/reductions/squared_distances.h"

#include <algorithm>

#include "runtime/dtypes/promote.h"
#include "runtime/kernels/kernel_set.h"

namespace inlay {
namespace {

template <class A>
Tensor sum_squared_distances(const Tensor& x, const Tensor& centre, std::span<const int> axes, Shape shape,
                             const ReduceKernels& kernels) {
  Tensor out = Tensor::empty(centre.dtype(), std::move(shape));
  const auto n = static_cast<std::size_t>(out.size());
  const Ref<Buffer> memory = Buffer::allocate(n * sizeof(Distance<A>));
  auto* sums = reinterpret_cast<Distance<A>*>(memory->data());
  const Tensor from = centre.contiguous();
  std::transform(from.data<A>(), from.data<A>() + n, sums, [](A each) { return Distance<A>{each, 0}; });
  if (x.size() > 0) run_reduction(x, axes, kernels, memory->data());
  std::transform(sums, sums + n, out.mutable_data<A>(), [](const Distance<A>& each) { return each.sum; });
  return out;
}

}  // namespace

Tensor squared_distances(const Tensor& x, const Tensor& centre, std::span<const int> axes, bool keepdims,
                         bool skip_nan) {
  const bool is_half = x.dtype() == DType::float16 || x.dtype() == DType::bfloat16;
  const bool fits = !is_half && promote(x.dtype(), centre.dtype()) == centre.dtype() &&
                    centre.shape() == reduced_shape(x.shape(), axes, true);
  if (!fits) return {};
  const ReduceKernels& kernels = kernel_set().squared_distances(centre.dtype(), skip_nan);
  if (!kernels.row) return {};
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  Shape shape = reduced_shape(x.shape(), axes, keepdims);
  return centre.dtype() == DType::float32 ? sum_squared_distances<float>(x, centre, axes, std::move(shape), kernels)
                                          : sum_squared_distances<double>(x, centre, axes, std::move(shape), kernels);
}

}  // namespace inlay
