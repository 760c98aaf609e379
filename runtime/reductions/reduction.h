// reduction.h - how elements of any layout are visited and combined when axes are reduced; shared by reduce and
// arg_reduce. Knows no dtype and no operation: kernels come as a row of function pointers over accumulators of some
// size. Invariant: the tree of combinations depends on shape and strides alone; threads only decide who computes which
// node.
#pragma once

#include <functional>
#include <span>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// No row that a kernel gets is longer: long enough to hide the call, short enough for L1.
inline constexpr std::int64_t kLongestRow = 4096;

/// What one operation does in one type of accumulators. An accumulator is trivially copyable and never uninitialised.
/// Kernels read elements of `load` without gaps: others are copied or converted first, a piece at a time.
struct ReduceKernels {
  int acc_size = 0;
  DType load{};
  /// Reduces 0 < n <= kLongestRow elements to one accumulator. `start`: the index of the first along the reduced axis.
  void (*row)(const std::byte* in, std::int64_t n, std::int64_t start, std::byte* acc) = nullptr;
  /// Reduces `n` > 0 rows, `row_stride` bytes apart, of `width` elements to `width` accumulators.
  void (*columns)(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start, std::int64_t width,
                  std::byte* acc) = nullptr;
  /// acc[i] = acc[i] combined with later[i], which stands for elements behind those of acc[i].
  void (*combine)(std::byte* acc, const std::byte* later, std::int64_t width) = nullptr;
  /// Whether row and columns read what the result's place held before: then `out` of run_reduction is initialised.
  bool seeded = false;
};

/// The shape left when `axes` are reduced: without them, or with 1 in their place.
Shape reduced_shape(const Shape& shape, std::span<const int> axes, bool keepdims);

/// Reduces `axes` (distinct, none of extent 0; none at all reduces each element alone) of x, which has elements.
/// `out`: one accumulator per element of the result, row-major; see ReduceKernels::seeded.
void run_reduction(const Tensor& x, std::span<const int> axes, const ReduceKernels& kernels, std::byte* out);

/// Writes `n` elements from a flat position on, one after the other. Called by several threads at once; must not throw.
using ElementMaker = std::function<void(std::int64_t begin, std::int64_t n, std::byte* to)>;
/// Reduces `size` > 0 elements that are made as they are needed to one accumulator: the bits of run_reduction over the
/// same elements in a row-major tensor. `cost`: of making and reducing one, in additions.
void run_made_reduction(std::int64_t size, DType dtype, const ElementMaker& make, int cost,
                        const ReduceKernels& kernels, std::byte* out);

}  // namespace inlay
