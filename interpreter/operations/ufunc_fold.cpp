// ufunc_fold.cpp - a function of two operands put between the elements along axes of a tensor, slice by slice.
// Knows nothing of arguments as a script writes them.
// Invariant: the total and the result are of fold_dtype(); elements join strictly from the first to the last.
#include <algorithm>
#include <limits>

#include "interpreter/operations/ufunc_methods.h"
#include "runtime/dtypes/cast.h"
#include "runtime/reductions/row_fold.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

struct Identity {
  ElementwiseOp op;
  Scalar value;
};

const Identity kIdentities[] = {
    {ElementwiseOp::add, Scalar::of(std::int64_t{0})},
    {ElementwiseOp::multiply, Scalar::of(std::int64_t{1})},
    {ElementwiseOp::logical_and, Scalar::of(true)},
    {ElementwiseOp::logical_or, Scalar::of(false)},
    {ElementwiseOp::logical_xor, Scalar::of(false)},
    {ElementwiseOp::bitwise_and, Scalar::of(std::int64_t{-1})},
    {ElementwiseOp::bitwise_or, Scalar::of(std::int64_t{0})},
    {ElementwiseOp::bitwise_xor, Scalar::of(std::int64_t{0})},
    {ElementwiseOp::gcd, Scalar::of(std::int64_t{0})},
    {ElementwiseOp::hypot, Scalar::of(std::int64_t{0})},
    {ElementwiseOp::logaddexp, Scalar::of(-std::numeric_limits<double>::infinity())},
    {ElementwiseOp::logaddexp2, Scalar::of(-std::numeric_limits<double>::infinity())},
};

/// Functions without an identity whose elements may join in any order.
constexpr ElementwiseOp kUnordered[] = {ElementwiseOp::maximum, ElementwiseOp::minimum, ElementwiseOp::fmax,
                                        ElementwiseOp::fmin};

bool is_reorderable(ElementwiseOp op) {
  return identity_of(op) || std::find(std::begin(kUnordered), std::end(kUnordered), op) != std::end(kUnordered);
}

/// Sums and products of small integers are taken in 64 bits.
DType widened(ElementwiseOp op, DType from) {
  const bool is_total = op == ElementwiseOp::add || op == ElementwiseOp::multiply;
  if (!is_total || !(is_integer(from) || from == DType::boolean)) return from;
  return kind(from) == Kind::unsigned_integer ? DType::uint64 : DType::int64;
}

/// The exponents of ldexp stay integers; all other operands are of the dtype of the total.
Tensor operands(ElementwiseOp op, const Tensor& x, DType dtype) {
  return info(op).rule == ResultRule::scaled ? x : cast(x, dtype);
}

Tensor slice_at(const Tensor& x, std::int64_t at) {
  Shape shape = x.shape();
  Strides strides = x.strides();
  const std::int64_t offset = at * strides[0];
  shape.erase(0);
  strides.erase(0);
  return x.view(std::move(shape), std::move(strides), offset);
}

/// x with the given axes as one axis in front.
Tensor axes_first(const Tensor& x, const std::vector<int>& axes) {
  Dims source, destination, shape = {1};
  for (std::size_t at = 0; at < axes.size(); ++at) {
    source.push_back(axes[at]);
    destination.push_back(static_cast<std::int64_t>(at));
    shape[0] *= x.dim(static_cast<std::size_t>(axes[at]));
  }
  const Tensor moved = moveaxis(x, source, destination);
  for (std::size_t at = axes.size(); at < x.rank(); ++at) shape.push_back(moved.dim(at));
  return reshape(moved, shape);
}

/// What is in hand before the first element; nothing if that is the first element itself.
std::optional<Tensor> start_of(ElementwiseOp op, const Tensor& x, DType dtype, const FoldOptions& options) {
  if (options.initial) return cast_for_assignment(*options.initial, dtype);
  const std::optional<Scalar> identity = options.from_identity ? identity_of(op) : std::nullopt;
  if (options.mask && !identity) {
    raise(ErrorKind::ValueError,
          "reduction operation '{}' does not have an identity, so to use a where mask one has to specify 'initial'",
          name(op));
  }
  if (identity) return cast(to_tensor(*identity), dtype);  // even before one element: hypot.reduce([-3]) is 3
  if (x.dim(0) > 0) return std::nullopt;
  raise(ErrorKind::ValueError, "zero-size array to reduction operation {} which has no identity", name(op));
}

/// Folds along the first axis.
Tensor fold_first(ElementwiseOp op, const Tensor& x, DType dtype, const FoldOptions& options) {
  std::optional<Tensor> total = start_of(op, x, dtype, options);
  const Tensor from = operands(op, x, dtype);
  const std::optional<RowFold> rows = options.mask ? std::nullopt : RowFold::of(op, dtype);
  if (rows) return rows->folded(from, total);
  for (std::int64_t at = 0; at < x.dim(0); ++at) {
    if (!total)
      total = cast(slice_at(from, at), dtype);
    else if (!options.mask)
      total = binary(op, *total, slice_at(from, at));
    else
      total = where(slice_at(*options.mask, at), binary(op, *total, slice_at(from, at)), *total);
  }
  Shape shape = x.shape();
  shape.erase(0);
  return broadcast_to(*total, shape);
}

}  // namespace

std::optional<Scalar> identity_of(ElementwiseOp op) {
  const auto* row =
      std::find_if(std::begin(kIdentities), std::end(kIdentities), [&](const Identity& each) { return each.op == op; });
  if (row == std::end(kIdentities)) return std::nullopt;
  return row->value;
}

DType fold_dtype(ElementwiseOp op, DType from, std::optional<DType> dtype) {
  if (is_logical(op) && dtype.value_or(DType::boolean) == DType::boolean) return DType::boolean;
  const OperandType in = dtype.value_or(widened(op, from));
  const ElementwisePlan plan = resolve(op, in, info(op).rule == ResultRule::scaled ? from : in);
  if (plan.compute == plan.result && plan.result == dtype.value_or(plan.result)) return plan.result;
  raise(ErrorKind::TypeError, "No loop matching the specified signature and casting was found for ufunc {}", name(op));
}

Tensor fold(ElementwiseOp op, const Tensor& x, std::vector<int> axes, const FoldOptions& options) {
  if (axes.size() > 1 && !is_reorderable(op)) {
    raise(ErrorKind::ValueError, "reduction operation '{}' is not reorderable, so at most one axis may be specified",
          name(op));
  }
  std::sort(axes.begin(), axes.end());
  FoldOptions moved = options;
  if (options.mask) moved.mask = axes_first(broadcast_to(*options.mask, x.shape()), axes);
  Tensor folded = fold_first(op, axes_first(x, axes), fold_dtype(op, x.dtype(), options.dtype), moved);
  Dims kept;
  for (const int axis : axes) kept.push_back(axis);
  return options.keepdims && !kept.empty() ? expand_dims(folded, kept) : folded;
}

Tensor running_fold(ElementwiseOp op, const Tensor& x, int axis, std::optional<DType> dtype) {
  const DType result = fold_dtype(op, x.dtype(), dtype);
  if (const std::optional<RowFold> rows = RowFold::of(op, result)) return rows->running(operands(op, x, result), axis);
  const std::int64_t front[] = {0}, place[] = {axis};
  const Tensor from = moveaxis(operands(op, x, result), place, front);
  std::vector<Tensor> totals;
  for (std::int64_t at = 0; at < from.dim(0); ++at) {
    const Tensor next = slice_at(from, at);
    totals.push_back(totals.empty() ? cast(next, result) : binary(op, totals.back(), next));
  }
  return totals.empty() ? cast(x, result) : moveaxis(stack(totals, 0), front, place);
}

}  // namespace inlay
