// partition.cpp - elements, and their positions, around one place of the sorted order.
// Of one long row the element of that place is found first, and then three parts are packed: smaller elements, equal
// ones, and the rest. Everything else is sorted, which is a partition too.
// Invariant: each part keeps the order of the elements, so that the result is the same on every instruction set, and
// x[argpartition(x, k)] is partition(x, k).
#include <array>
#include <optional>

#include "runtime/elementwise/elementwise.h"
#include "runtime/indexing/compress.h"
#include "runtime/reductions/sort.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

constexpr std::int64_t kFewElements = 4096;  // which are sorted as quickly

using Parts = std::array<MaskRanks, 3>;

/// The elements of a long row that come before that of `place`, equal it, and are left; nothing where sorting is to do.
std::optional<Parts> parts_around(const Tensor& x, int axis, std::span<const std::int64_t> places) {
  const bool is_simple = x.rank() == 1 && axis == 0 && x.size() > kFewElements && !is_complex(x.dtype());
  if (!is_simple || places.size() != 1) return std::nullopt;
  const Tensor pivot = reshape(sorted_elements(x, places), Shape{});
  const Tensor is_nan = binary(ElementwiseOp::not_equal, pivot, pivot);
  if (*is_nan.data<bool>()) return std::nullopt;  // no comparison tells what comes before it
  const Tensor less = binary(ElementwiseOp::less, x, pivot), equal = binary(ElementwiseOp::equal, x, pivot);
  const Tensor others = unary(ElementwiseOp::logical_not, binary(ElementwiseOp::logical_or, less, equal));
  return Parts{MaskRanks(less), MaskRanks(equal), MaskRanks(others)};
}

}  // namespace

Tensor partition(const Tensor& x, int axis, std::span<const std::int64_t> places) {
  const std::optional<Parts> parts = parts_around(x, axis, places);
  if (!parts) return sort(x, axis);
  const Tensor dense = x.contiguous();
  const auto pack = [&](const MaskRanks& part) { return part.pack(layout_of(dense), dense.bytes()); };
  return concatenate(std::array{pack((*parts)[0]), pack((*parts)[1]), pack((*parts)[2])}, 0);
}

Tensor argpartition(const Tensor& x, int axis, std::span<const std::int64_t> places) {
  const std::optional<Parts> parts = parts_around(x, axis, places);
  if (!parts) return argsort(x, axis);
  return concatenate(std::array{(*parts)[0].positions(), (*parts)[1].positions(), (*parts)[2].positions()}, 0);
}

}  // namespace inlay
