// row_fold.h - a function of two operands put between the elements along an axis, by the loops of its kernels.
// Knows nothing of identities, masks or arguments.
// Invariant: elements join as from the first to the last, and 16-bit floats are rounded at each step.
#pragma once

#include <optional>

#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise_dispatch.h"

namespace inlay {

class RowFold {
 public:
  /// Of a function whose operands and result are of `dtype`. Nothing if it looks at values before it computes or reads
  /// its operands as different dtypes.
  static std::optional<RowFold> of(ElementwiseOp op, DType dtype);

  /// What is in hand after each element of x, which is of the dtype, along `axis`. Row-major, of x's shape. Throws if
  /// it was stopped.
  [[nodiscard]] Tensor running(const Tensor& x, int axis) const;
  /// What is in hand after the last slice along the first axis of x, from `start` on, which broadcasts to a slice; or
  /// from the first slice on, of which there is one then.
  [[nodiscard]] Tensor folded(const Tensor& x, const std::optional<Tensor>& start) const;

 private:
  RowFold(ElementwiseOp op, DType dtype, const KernelRow& row);
  void join(const std::byte* before, const std::byte* element, std::byte* out, std::int64_t n) const;
  void run_slices(const std::byte* in, std::byte* out, std::int64_t count, std::int64_t width, std::int64_t step) const;
  void run_line(const std::byte* in, std::byte* out, std::int64_t n) const;
  bool is_one_of_any_order() const;
  void fold_line(const std::byte* in, std::byte* out, std::int64_t begin, std::int64_t n) const;
  void run_block(const std::byte* in, const std::byte* before, std::byte* out, std::int64_t n) const;

  const KernelRow* row_;
  DType dtype_, load_;
  int itemsize_, cost_;
  bool is_associative_;
  CastKernel narrow_ = nullptr, widen_ = nullptr;  // how a step is rounded that is computed in more bits
};

}  // namespace inlay
