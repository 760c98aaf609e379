// reduction_leaf.cpp - see reduction_leaf.h.
#include "runtime/reductions/reduction_leaf.h"

#include <algorithm>

#include "runtime/indexing/gather_row.h"

namespace inlay {
namespace {

constexpr std::int64_t kMaxItemsize = 16;
constexpr std::int64_t kPiece = 256;          // elements that are copied before they are converted
constexpr std::int64_t kTileBytes = 1 << 15;  // of elements side by side that are read at a time: they stay in L1

/// Whether elements are what the kernels read, bit by bit: integers wrap, so that the sign does not matter.
bool is_loaded(DType dtype, DType load) {
  return dtype == load || (is_integer(dtype) && is_integer(load) && itemsize(dtype) == itemsize(load));
}

}  // namespace

ReductionLeaf::ReductionLeaf(const ReduceKernels& kernels, DType dtype)
    : kernels_(kernels),
      size_(itemsize(dtype)),
      load_size_(itemsize(kernels.load)),
      convert_(is_loaded(dtype, kernels.load) ? nullptr : cast_kernel(dtype, kernels.load)) {}

void ReductionLeaf::read(const std::byte* in, std::int64_t stride, std::int64_t n, std::byte* to) const {
  if (!convert_) return gather_tile(in, 0, stride, size_, to, 1, n);
  if (stride == size_) return convert_(in, to, n);
  alignas(64) std::byte gathered[kPiece * kMaxItemsize];
  for (std::int64_t at = 0; at < n; at += kPiece) {
    const std::int64_t few = std::min(kPiece, n - at);
    gather_tile(in + at * stride, 0, stride, size_, gathered, 1, few);
    convert_(gathered, to + at * load_size_, few);
  }
}

void ReductionLeaf::read_row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t start,
                             std::byte* acc) const {
  alignas(64) std::byte elements[kLongestRow * kMaxItemsize];
  read(in, stride, n, elements);
  kernels_.row(elements, n, start, acc);
}

void ReductionLeaf::read_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t start,
                                 std::int64_t stride, std::int64_t width, std::byte* acc) const {
  alignas(64) std::byte elements[kTileBytes];
  const std::int64_t most = kTileBytes / (n * load_size_);
  for (std::int64_t column = 0; column < width; column += most) {
    const std::int64_t few = std::min(most, width - column), step = few * load_size_;
    for (std::int64_t r = 0; r < n; ++r) read(in + r * row_stride + column * stride, stride, few, elements + r * step);
    kernels_.columns(elements, step, n, start, few, acc + column * kernels_.acc_size);
  }
}

}  // namespace inlay
