// region_flat.h - the commonest run of a region: over tensors of one shape whose elements lie one after the other, and
// over single elements, all of it one block. It needs nothing of what RegionCall sets up for everything else.
// Knows nothing of names, instructions or values.
// Invariant: it computes what RegionCall computes, to the bit, or refuses before anything has happened.
#pragma once

#include "runtime/elementwise/region.h"

namespace inlay {

class FlatRegion {
 public:
  /// Of a plan for these inputs. Both outlive it.
  FlatRegion(RegionPlan& plan, std::span<const RegionInput> inputs) : plan_(plan), inputs_(inputs) {}
  FlatRegion(const FlatRegion&) = delete;
  FlatRegion& operator=(const FlatRegion&) = delete;

  /// The result's shape, of an input; null where the region is not that simple. Throws what plain numbers out of a
  /// dtype's range do.
  const Shape* shape(const RegionSteps& region);
  /// Computes, after shape(), into row-major elements of the plan's result, which may be those of an input of the same
  /// shape.
  void run(std::byte* out);

  /// For a plan with compress ops, after shape(): computes the mask. How many elements it chooses.
  std::int64_t choose();
  /// Computes the chosen elements of the result, as many as choose() counted.
  void run_chosen(std::byte* out);

 private:
  static constexpr std::size_t kSpace = 8 * RegionPlan::kRegisterBytes;

  [[nodiscard]] bool lay_out();
  [[nodiscard]] bool numbers_pass() const;
  [[nodiscard]] bool has_space();
  void find_single_results();
  [[nodiscard]] bool masks_in_full(const RegionSteps& region) const;
  [[nodiscard]] bool chooses_alike() const;
  void convert_sources();
  void run_op(std::size_t at, std::byte* out, std::int64_t size);
  [[nodiscard]] const std::uint8_t* mask() const;

  RegionPlan& plan_;
  std::span<const RegionInput> inputs_;
  const Shape* shape_ = nullptr;
  std::int64_t size_ = 0;
  std::size_t stride_ = 0;    // bytes from one register to the next
  std::size_t converts_ = 0;  // sources whose elements are converted, into the first registers
  std::int64_t chosen_ = 0;
  bool has_single_with_axes_ = false;  // among the inputs, of shape (1,) or such
  Row rows_[RegionPlan::kFlatSlots];
  alignas(64) std::byte space_[kSpace];
};

}  // namespace inlay
