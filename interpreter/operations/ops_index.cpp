// ops_index.cpp - rows of the functions that select by position or mask, under NumPy's and TensorFlow's names.
// Knows nothing of how selections are carried out: index_plan.h and scatter.h do.
#include <algorithm>
#include <numeric>

#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/subscripts/index_plan.h"
#include "interpreter/texts/quote.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/scatter.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

// ---- by position ----------------------------------------------------------------------------------------------------

struct ModeName {
  std::string_view name;
  IndexMode mode;
};
constexpr ModeName kModes[] = {
    {"raise", IndexMode::raise}, {"wrap", IndexMode::wrap}, {"clip", IndexMode::clip}, {"drop", IndexMode::drop}};

IndexMode mode_argument(const Value& value) {
  const std::string_view text = string_argument(value, "mode");
  for (const ModeName& row : kModes) {
    if (row.name == text) return row.mode;
  }
  raise(ErrorKind::ValueError, "clipmode must be one of 'clip', 'raise', or 'wrap' (got {})", short_quote(text));
}

/// Positions that must be whole numbers however they are given, as int64.
Tensor strict_positions_argument(Value& value, std::string_view casting) {
  Value positions = Value::of(tensor_argument(value));
  return whole_numbers_argument(positions, casting);
}

/// x[:, …, :, positions] with the positions at `axis`.
Tensor take_at(const Tensor& x, const Tensor& positions, int axis, IndexMode mode = IndexMode::raise) {
  IndexItems items(static_cast<std::size_t>(axis), SliceItem{});
  items.emplace_back(positions);
  return index_get(x, items, mode);
}

/// A number has the one axis of the tensor with just that element.
AlongAxis along_some_axis(Value& a, const Value& axis) {
  const Tensor x = tensor_argument(a);
  return {x.rank() == 0 ? ravel(x) : x, axis};
}

Value op_take(OpCall& call) {
  const Tensor positions = whole_numbers_argument(call[1], "same_kind");
  const AlongAxis along = along_some_axis(call[0], call[2]);
  const IndexMode mode = mode_argument(call[3]);
  if (positions.size() > 0 && along.size() == 0) {
    raise(ErrorKind::IndexError, "cannot do a non-empty take from an empty axes.");
  }
  return Value::of(take_at(along.x, positions, along.axis, mode));
}

/// 0, 1, … along one axis of `rank`.
Tensor counting(std::int64_t size, std::size_t axis, std::size_t rank) {
  Shape shape(rank, 1);
  shape[axis] = size;
  Tensor out = Tensor::empty(DType::int64, shape);
  for (std::int64_t at = 0; at < size; ++at) out.mutable_data<std::int64_t>()[at] = at;
  return out;
}

/// The subscripts by which take_along_axis reads.
IndexItems items_along(const AlongAxis& along, const Tensor& positions) {
  if (!is_integer(positions.dtype())) raise(ErrorKind::IndexError, "`indices` must be an integer array");
  if (positions.rank() != along.x.rank()) {
    raise(ErrorKind::ValueError, "`indices` and `arr` must have the same number of dimensions");
  }
  IndexItems items;
  for (std::size_t axis = 0; axis < along.x.rank(); ++axis) {
    items.emplace_back(static_cast<int>(axis) == along.axis ? positions
                                                            : counting(along.x.dim(axis), axis, along.x.rank()));
  }
  return items;
}

Value op_take_along_axis(OpCall& call) {
  const Tensor positions = tensor_argument(call[1]);
  const AlongAxis along(tensor_argument(call[0]), call[2], int_argument);
  return Value::of(index_get(along.x, items_along(along, positions)));
}

/// Zeros of `sizes` to which each element of `cotangent` is added where take_along_axis read it.
Value op_add_along_axis(OpCall& call) {
  const Tensor cotangent = tensor_argument(call[0]), positions = tensor_argument(call[1]);
  Tensor zeros = Tensor::zeros(cotangent.dtype(), shape_argument(call[3]));
  const AlongAxis along(zeros, call[2]);
  Tensor out = along.x;
  index_accumulate(out, items_along(along, positions), UpdateKind::add, Operand(cotangent));
  return Value::of(out.shape() == zeros.shape() ? out : reshape(out, zeros.shape()));
}

/// Which of `count` choices each element takes, brought into range as the mode says.
Tensor selector_argument(Value& value, std::int64_t count, IndexMode mode) {
  const Tensor selector = strict_positions_argument(value, "safe");
  if (mode == IndexMode::wrap) return binary(ElementwiseOp::remainder, selector, Scalar::of(count));
  const Operand zero = Scalar::of(std::int64_t{0}), last = Scalar::of(count - 1);
  Tensor inside = clip(selector, &zero, &last);
  if (mode == IndexMode::raise && count_nonzero(binary(ElementwiseOp::not_equal, inside, selector)) > 0) {
    raise(ErrorKind::ValueError, "invalid entry in choice array");
  }
  return inside;
}

/// Elements of several tensors, chosen one by one.
Value op_choose(OpCall& call) {
  const IndexMode mode = mode_argument(call[2]);
  const std::vector<Tensor> choices = promoted_elements(call[1]);
  if (choices.empty()) raise(ErrorKind::ValueError, "choose() needs at least one choice");
  const Tensor selector = selector_argument(call[0], static_cast<std::int64_t>(choices.size()), mode);
  Tensor out = choices[0];
  for (std::size_t at = 1; at < choices.size(); ++at) {
    out = where(binary(ElementwiseOp::equal, selector, Scalar::of(static_cast<std::int64_t>(at))), choices[at], out);
  }
  return Value::of(broadcast_to(out, broadcast_shapes(out.shape(), selector.shape())));
}

// ---- by mask --------------------------------------------------------------------------------------------------------

Value op_nonzero(OpCall& call) { return tuple_of(nonzero(tensor_argument(call[0]))); }

Value op_argwhere(OpCall& call) { return Value::of(where_indices(tensor_argument(call[0]))); }

Tensor true_positions(Value& mask) { return nonzero(ravel(tensor_argument(mask)))[0]; }

Value op_flatnonzero(OpCall& call) { return Value::of(true_positions(call[0])); }

Value compressed(Value& condition, Value& a, const Value& axis) {
  if (tensor_argument(condition).rank() != 1) raise(ErrorKind::ValueError, "condition must be a 1-d array");
  const AlongAxis along = along_some_axis(a, axis);
  return Value::of(take_at(along.x, true_positions(condition), along.axis));
}

Value op_compress(OpCall& call) { return compressed(call[0], call[1], call[2]); }
Value op_compress_method(OpCall& call) { return compressed(call[1], call[0], call[2]); }

Value op_extract(OpCall& call) {
  return Value::of(take_at(ravel(tensor_argument(call[1])), true_positions(call[0]), 0));
}

Value op_boolean_mask(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const int axis = axis_argument(call[2], x.rank()).value_or(0);
  return Value::of(boolean_mask(x, tensor_argument(call[1]), axis));
}

// ---- coordinates ----------------------------------------------------------------------------------------------------

/// The axes from the one whose coordinate changes fastest to the slowest: the last first, or for order='F' the first.
std::vector<std::size_t> axes_by_speed(std::size_t rank, const Value& order) {
  const std::string_view text = string_argument(order, "order");
  if (text != "C" && text != "F") raise(ErrorKind::ValueError, "order must be one of 'C' or 'F' (got '{}')", text);
  std::vector<std::size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  if (text == "C") std::reverse(axes.begin(), axes.end());
  return axes;
}

/// Positions or coordinates; what is no integer is refused, an empty list too, whose numbers nobody knows.
Tensor integers_argument(const Value& value) {
  Value argument = value;
  const Tensor out = tensor_argument(argument);
  if (can_cast_same_kind(out.dtype(), DType::int64)) return cast(out, DType::int64);
  raise(ErrorKind::TypeError, "only int indices permitted");
}

Tensor positions_within(const Value& argument, std::int64_t size) {
  const Tensor positions = integers_argument(argument).contiguous();
  for (std::int64_t at = 0; at < positions.size(); ++at) {
    const std::int64_t position = positions.data<std::int64_t>()[at];
    if (position >= 0 && position < size) continue;
    raise(ErrorKind::ValueError, "index {} is out of bounds for array with size {}", position, size);
  }
  return positions;
}

Value op_unravel_index(OpCall& call) {
  const Shape shape = shape_argument(call[1]);
  Tensor rest = positions_within(call[0], element_count(shape));
  std::vector<Tensor> out(shape.size());
  for (const std::size_t axis : axes_by_speed(shape.size(), call[2])) {
    out[axis] = binary(ElementwiseOp::remainder, rest, Scalar::of(shape[axis]));
    rest = binary(ElementwiseOp::floor_divide, rest, Scalar::of(shape[axis]));
  }
  return tuple_of(out);
}

/// Coordinates along one axis brought into [0, size) as the mode says.
Tensor coordinates_within(const Tensor& at, std::int64_t size, IndexMode mode) {
  if (mode == IndexMode::wrap) return binary(ElementwiseOp::remainder, at, Scalar::of(size));
  const Operand zero = Scalar::of(std::int64_t{0}), last = Scalar::of(size - 1);
  Tensor inside = clip(at, &zero, &last);
  if (mode == IndexMode::raise && count_nonzero(binary(ElementwiseOp::not_equal, inside, at)) > 0) {
    raise(ErrorKind::ValueError, "invalid entry in coordinates array");
  }
  return inside;
}

/// One mode for every axis, or a tuple with one for each.
std::vector<IndexMode> modes_argument(const Value& value, std::size_t rank) {
  if (!value.is(Value::Tag::tuple)) return std::vector<IndexMode>(rank, mode_argument(value));
  const std::size_t given = value.elements().size();
  if (given != rank) {
    raise(ErrorKind::ValueError, "list of clipmodes has wrong length ({} instead of {})", given, rank);
  }
  std::vector<IndexMode> out;
  for (const Value& mode : value.elements()) out.push_back(mode_argument(mode));
  return out;
}

/// The sizes for ravel_multi_index: their product must fit.
Shape dims_to_ravel(const Value& value) {
  const Shape shape = shape_argument(value);
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(count, size, &count)) {
      raise(ErrorKind::ValueError,
            "invalid dims: array size defined by dims is larger than the maximum possible size.");
    }
  }
  return shape;
}

Value op_ravel_multi_index(OpCall& call) {
  const Shape shape = dims_to_ravel(call[1]);
  const std::vector<Value> coordinates = elements_of(call[0]);
  if (coordinates.size() != shape.size()) {
    raise(ErrorKind::ValueError, "parameter multi_index must be a sequence of length {}", shape.size());
  }
  const std::vector<IndexMode> modes = modes_argument(call[2], shape.size());
  Tensor out = Tensor::scalar<std::int64_t>(0);
  std::int64_t stride = 1;
  for (const std::size_t axis : axes_by_speed(shape.size(), call[3])) {
    const Tensor given = integers_argument(coordinates[axis]);
    if (shape[axis] == 0 && given.size() > 0) {
      raise(ErrorKind::ValueError, "cannot unravel if shape has zero entries (is empty).");
    }
    const Tensor at = coordinates_within(given, shape[axis], modes[axis]);
    out = binary(ElementwiseOp::add, out, binary(ElementwiseOp::multiply, at, Scalar::of(stride)));
    // Wraps only where some size is 0, and nothing is left to be placed.
    (void)__builtin_mul_overflow(stride, shape[axis], &stride);
  }
  return Value::of(out);
}

// ---- gather and scatter ---------------------------------------------------------------------------------------------

/// The axis defaults to the first one after the batch.
Value op_gather(OpCall& call) {
  const Tensor params = tensor_argument(call[0]);
  const auto batch_dims = static_cast<int>(int_argument(call[3]));
  const int axis = axis_argument(call[2], params.rank()).value_or(batch_dims);
  return Value::of(gather(params, tensor_argument(call[1]), axis, batch_dims));
}

Value op_gather_nd(OpCall& call) {
  const auto batch_dims = static_cast<int>(int_argument(call[2]));
  return Value::of(gather_nd(tensor_argument(call[0]), tensor_argument(call[1]), batch_dims));
}

Value op_scatter_nd(OpCall& call) {
  return Value::of(scatter_nd(tensor_argument(call[0]), tensor_argument(call[1]), shape_argument(call[2])));
}

Value op_tensor_scatter_nd(OpCall& call) {
  const Tensor indices = tensor_argument(call[1]);
  const Operand updates = operand_argument(call[2]);
  OperandArgument target(call, 0);
  if ((*target).is_number()) raise(ErrorKind::ValueError, "tensor must be at least 1-dimensional, got a number");
  tensor_scatter_nd(static_cast<ScatterKind>(call.row.data), target.tensor(), indices, updates);
  return Value::of(std::move(target.tensor()));
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBoth = kNumpy | kMethod, kShared = kNumpy | kTensorflow;
constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow scatter_row(std::string_view name, ScatterKind kind) {
  return {name, "tensor, indices, updates", kShared, kTensor, op_tensor_scatter_nd, static_cast<int>(kind)};
}

constexpr OpRow kRows[] = {
    {"_add_along_axis", "cotangent, indices, axis, sizes", kInternal, kTensor, op_add_along_axis},
    {"argwhere", "a", kNumpy, kTensor, op_argwhere},
    {"boolean_mask", "tensor, mask, axis=None", kNumpy, kTensor, op_boolean_mask},
    {"choose", "a, choices, mode='raise'", kBoth, kTensor, op_choose},
    {"compress", "condition, a, axis=None", kNumpy, kTensor, op_compress},
    {"compress", "a, condition, axis=None", kMethod, kTensor, op_compress_method},
    {"extract", "condition, arr", kNumpy, ResultKind::vector, op_extract},
    {"flatnonzero", "a", kNumpy, ResultKind::vector, op_flatnonzero},
    {"gather", "params, indices, axis=None, batch_dims=0", kNumpy, kTensor, op_gather},
    {"gather_nd", "params, indices, batch_dims=0", kNumpy, kTensor, op_gather_nd},
    {"nonzero", "a", kBoth, ResultKind::any, op_nonzero},
    {"ravel_multi_index", "multi_index, dims, mode='raise', order='C'", kNumpy, kTensor, op_ravel_multi_index},
    {"scatter_nd", "indices, updates, shape", kNumpy, kTensor, op_scatter_nd},
    {"take", "a, indices, axis=None, mode='raise'", kBoth, kTensor, op_take},
    {"take_along_axis", "arr, indices, axis=-1", kNumpy, kTensor, op_take_along_axis},
    scatter_row("tensor_scatter_nd_add", ScatterKind::add),
    scatter_row("tensor_scatter_nd_max", ScatterKind::max),
    scatter_row("tensor_scatter_nd_min", ScatterKind::min),
    scatter_row("tensor_scatter_nd_sub", ScatterKind::sub),
    scatter_row("tensor_scatter_nd_update", ScatterKind::update),
    {"unravel_index", "indices, shape, order='C'", kNumpy, ResultKind::any, op_unravel_index},
};

}  // namespace

std::span<const OpRow> index_ops() { return kRows; }

}  // namespace inlay
