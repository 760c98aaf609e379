// compress.h - masks over flat, row-major elements: counting, packing the chosen ones, storing where true.
// Knows no shapes beyond a count. Two passes: count per block, then every block writes at its own place.
// Invariant: blocks depend on the length alone, so results have the same bits for any number of threads; any byte but 0
// is true.
#pragma once

#include <vector>

#include "runtime/tensor.h"

namespace inlay {

/// A row-major mask with the places where its blocks' true elements go.
class MaskRanks {
 public:
  /// `mask`: bool, any layout; a row-major copy is kept if it is not row-major itself.
  explicit MaskRanks(const Tensor& mask);

  [[nodiscard]] const Tensor& mask() const { return mask_; }
  /// Number of true elements.
  [[nodiscard]] std::int64_t count() const { return begins_.back(); }

  /// The chosen elements of row-major `x`, which has as many elements as the mask, 1-d.
  [[nodiscard]] Tensor pack(const Tensor& x) const;
  /// The row-major positions of the true elements, int64.
  [[nodiscard]] Tensor positions() const;
  /// Writes `values`, row-major and count() many, over the chosen elements of a row-major x.
  void store(std::byte* x, const Tensor& values) const;

 private:
  template <class F>
  void for_each_block(const F& body) const;

  Tensor mask_;
  std::vector<std::int64_t> begins_;  // rank of each block's first true element; one more: the count
};

/// Overwrites `n` row-major elements of `itemsize` bytes with one value where the mask is true.
void masked_fill(std::byte* x, const Tensor& mask, const std::byte* value, int itemsize);

}  // namespace inlay
