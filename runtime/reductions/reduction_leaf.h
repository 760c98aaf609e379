// reduction_leaf.h - a leaf of a reduction's tree: elements of any stride and dtype on their way to a kernel.
// Knows nothing of trees. Invariant: an accumulator comes from the same elements in the same order, whether these were
// copied, converted or neither.
#pragma once

#include "runtime/dtypes/cast.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

/// Hands elements of one dtype to kernels. Threads may share it. Nothing throws.
class ReductionLeaf {
 public:
  ReductionLeaf(const ReduceKernels& kernels, DType dtype);

  /// As ReduceKernels::row, of elements `stride` bytes apart.
  void row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t start, std::byte* acc) const {
    if ((stride == size_ || n == 1) && !convert_) return kernels_.row(in, n, start, acc);
    read_row(in, stride, n, start, acc);
  }
  /// As ReduceKernels::columns, of elements `stride` bytes apart.
  void columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start, std::int64_t stride,
               std::int64_t width, std::byte* acc) const {
    if (stride == size_ && !convert_) return kernels_.columns(in, row_stride, n, start, width, acc);
    read_columns(in, row_stride, n, start, stride, width, acc);
  }

 private:
  void read(const std::byte* in, std::int64_t stride, std::int64_t n, std::byte* to) const;
  void read_row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t start, std::byte* acc) const;
  void read_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start,
                    std::int64_t stride, std::int64_t width, std::byte* acc) const;

  const ReduceKernels& kernels_;
  int size_, load_size_;
  CastKernel convert_;  // null where elements are as the kernels read them
};

}  // namespace inlay
