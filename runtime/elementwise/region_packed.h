// region_packed.h - a region of elements that a mask chooses: what is computed with them is computed on packed blocks,
// and no packed tensor exists but the result.
// Knows nothing of subscripts. Invariant: results have the bits that packing all elements first would give: where a
// block's elements go, and which leaf of a reduction they are in, is known before any is computed.
#pragma once

#include <vector>

#include "runtime/elementwise/region.h"

namespace inlay {

class RegionBlocks;

/// A run of a planned region with compress steps. Looks at the masks twice: once to count, once to pack.
class PackedRegion {
 public:
  /// `call`: whose shape() has been found; outlives this.
  explicit PackedRegion(RegionCall& call);

  /// Whether masks and all that they choose from have the call's shape, what is computed with chosen elements takes
  /// nothing else but single ones, and the mask costs so little that computing it twice is better than keeping it. The
  /// rest is to be called only then.
  [[nodiscard]] bool fits() const;
  /// Computes the masks. How many elements they choose.
  std::int64_t count();
  /// Computes the chosen elements of the result, as many as counted.
  void run(std::byte* out) const;
  /// Reduces what run() would write, more than nothing, without writing it.
  [[nodiscard]] Tensor reduce(ReduceOp op) const;

 private:
  [[nodiscard]] bool is_single(int slot) const;
  [[nodiscard]] bool keeps_one_axis() const;
  [[nodiscard]] std::int64_t known_count(std::int64_t at, std::int64_t n) const;
  void make(std::int64_t begin, std::int64_t n, std::byte* to) const;

  RegionCall& call_;
  const RegionPlan& plan_;
  std::vector<std::int64_t>
      begins_;  // rank of the first chosen element of each block of the plan's size; and the count
};

}  // namespace inlay
