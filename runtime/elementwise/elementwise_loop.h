// elementwise_loop.h - the broadcast driver: cuts operands of any layout and dtype into contiguous rows of the dtypes a
// kernel reads.
// Knows nothing of what the kernel computes.
// Invariant: the rows handed out depend on shapes, strides and dtypes alone, never on the number of threads; the output
// is row-major.
// Cases per operand: flat (row-major as a whole) -> used in place | scalar (one element everywhere) -> converted once |
// walked (anything else) -> in place where a row of the nest is contiguous, else gathered into a block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/dtypes/cast.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

/// A contiguous row of an operand, or the one element that stands for all of it.
struct Row {
  const std::byte* data;
  bool scalar;
};

/// Computes `n` elements from one row per operand, not all of them scalar. Must not throw or use context().
using RowBody = void (*)(const void* kernels, const Row* rows, std::byte* out, std::int64_t n);

/// A loop over up to three broadcast operands and one row-major output.
class ElementwiseLoop {
 public:
  static constexpr int kMaxInputs = 3;
  /// Elements converted or gathered at a time: with four blocks of 8-byte elements it stays in the first-level cache.
  static constexpr std::int64_t kBlock = 1024;

  explicit ElementwiseLoop(const Shape& shape) : shape_(shape), size_(element_count(shape)) {}

  /// Adds an operand whose shape broadcasts to the loop's; the kernel reads it as `load`.
  void add_input(const Tensor& x, DType load);
  /// Adds an operand of one element that is of the dtype the kernel reads.
  void add_scalar(const std::byte* element, int itemsize);
  /// Where results go: the kernel writes `store`, the elements are of `dtype`.
  void set_output(std::byte* data, DType store, DType dtype);
  /// Runs the loop; `cost` is the work per element in additions.
  void run(RowBody body, const void* kernels, int cost);

 private:
  friend class BlockWalker;
  enum class Layout : std::uint8_t { flat, scalar, walked };

  struct Input {
    const std::byte* data = nullptr;
    Strides strides;               // bytes, per axis of the loop; merged with them
    CastKernel convert = nullptr;  // null: already of the dtype the kernel reads
    int itemsize = 0;              // of the operand
    int load_size = 0;             // of what the kernel reads
    bool is_flat = false;          // lies as the output does, in the dtype the kernel reads
    bool is_single = false;        // one element, likewise
    Layout layout = Layout::flat;
    alignas(16) std::array<std::byte, 16> element{};  // converted, for scalars
  };

  /// Runs operands that all lie as the output does, or are one element, without walking; false if one does not.
  bool run_flat(RowBody body, const void* kernels) const;
  void classify(Input& input) const;
  void choose_rows();

  Shape shape_;  // after merge_axes: extents of the nest, at least one
  std::int64_t size_;
  std::array<Input, kMaxInputs> inputs_;
  int n_inputs_ = 0;
  std::byte* out_ = nullptr;
  CastKernel convert_out_ = nullptr;
  int out_size_ = 0;
  bool walks_ = false;          // an operand is walked
  bool rows_in_place_ = false;  // a row of the nest at a time, rather than blocks gathered over many short rows
  bool blocked_ = false;        // something is converted or gathered
};

}  // namespace inlay
