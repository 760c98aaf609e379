// compress.h - masks over elements in row-major order: counting, packing the chosen ones, storing where true.
// Two passes: count per block, then every block writes at its own place.
// Invariant: blocks depend on the length alone, so results have the same bits for any number of threads; any byte but 0
// is true.
#pragma once

#include <vector>

#include "runtime/tensors/layout.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

/// A row-major mask with the places where its blocks' true elements go. Targets and sources are layouts of the mask's
/// shape with dense rows (dense_rows.h), at `base`.
class MaskRanks {
 public:
  /// `mask`: bool, any layout; a row-major copy is kept if it is not row-major itself.
  explicit MaskRanks(const Tensor& mask);

  [[nodiscard]] const Tensor& mask() const { return mask_; }
  /// Number of true elements.
  [[nodiscard]] std::int64_t count() const { return begins_.back(); }

  /// The chosen elements of x, 1-d.
  [[nodiscard]] Tensor pack(const Layout& x, const std::byte* base) const;
  /// The row-major positions of the true elements, int64.
  [[nodiscard]] Tensor positions() const;
  /// Writes `values`, row-major and count() many, over the chosen elements of x.
  void store(const Layout& x, std::byte* base, const Tensor& values) const;
  /// Writes one value over the chosen elements of x.
  void fill(const Layout& x, std::byte* base, const std::byte* value) const;

 private:
  template <class F>
  void for_each_block(const F& body) const;

  Tensor mask_;
  std::vector<std::int64_t> begins_;  // rank of each block's first true element; one more: the count
};

}  // namespace inlay
