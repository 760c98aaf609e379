// ops_index.cpp - rows of the functions that select by position or mask, under NumPy's and TensorFlow's names.
// Knows nothing of how selections are carried out: index_plan.h and scatter.h do.
#include "interpreter/index_plan.h"
#include "interpreter/op_operands.h"
#include "runtime/cast.h"
#include "runtime/promote.h"
#include "runtime/scatter.h"
#include "runtime/shape_ops.h"

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
  raise(ErrorKind::ValueError, "clipmode must be one of 'clip', 'raise', or 'wrap' (got '{}')", text);
}

/// Positions as int64; an empty list, which has no integers, is taken too.
Tensor positions_argument(Value& value) {
  const Tensor positions = tensor_argument(value);
  if (positions.size() > 0 && !can_cast_safe(positions.dtype(), DType::int64) && positions.dtype() != DType::uint64) {
    raise(ErrorKind::TypeError,
          "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule 'safe'",
          name(positions.dtype()));
  }
  return cast(positions, DType::int64);
}

/// x[:, …, :, positions] with the positions at `axis`.
Tensor take_at(const Tensor& x, const Tensor& positions, int axis, IndexMode mode = IndexMode::raise) {
  IndexItems items(static_cast<std::size_t>(axis), SliceItem{});
  items.emplace_back(positions);
  return index_get(x, items, mode);
}

Value op_take(OpCall& call) {
  const Tensor positions = positions_argument(call[1]);
  AlongAxis along(tensor_argument(call[0]), call[2]);
  if (along.x.rank() == 0) along.x = ravel(along.x);
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

Value op_take_along_axis(OpCall& call) {
  const Tensor positions = tensor_argument(call[1]);
  const AlongAxis along(tensor_argument(call[0]), call[2]);
  if (!is_integer(positions.dtype())) raise(ErrorKind::IndexError, "`indices` must be an integer array");
  if (positions.rank() != along.x.rank()) {
    raise(ErrorKind::ValueError, "`indices` and `arr` must have the same number of dimensions");
  }
  IndexItems items;
  for (std::size_t axis = 0; axis < along.x.rank(); ++axis) {
    items.emplace_back(static_cast<int>(axis) == along.axis ? positions
                                                            : counting(along.x.dim(axis), axis, along.x.rank()));
  }
  return Value::of(index_get(along.x, items));
}

/// Elements of several tensors, chosen one by one.
Value op_choose(OpCall& call) {
  const IndexMode mode = mode_argument(call[2]);
  std::vector<Tensor> tensors;
  for (Value choice : call[1].is_sequence() ? call[1].elements() : std::vector<Value>{})
    tensors.push_back(tensor_argument(choice));
  const Tensor choices = tensors.empty() ? tensor_argument(call[1]) : Tensor();
  for (std::int64_t at = 0; choices && choices.rank() > 0 && at < choices.dim(0); ++at) {
    tensors.push_back(take_at(choices, Tensor::scalar(at), 0));
  }
  if (tensors.empty()) raise(ErrorKind::ValueError, "choose() needs at least one choice");
  const auto count = static_cast<std::int64_t>(tensors.size());
  Tensor selector = positions_argument(call[0]);
  const Operand zero = Scalar::of(std::int64_t{0}), last = Scalar::of(count - 1);
  if (mode == IndexMode::wrap) selector = binary(ElementwiseOp::remainder, selector, Scalar::of(count));
  const Tensor inside = clip(selector, &zero, &last);
  if (mode == IndexMode::raise && count_nonzero(binary(ElementwiseOp::not_equal, inside, selector)) > 0) {
    raise(ErrorKind::ValueError, "invalid entry in choice array");
  }
  Tensor out = tensors[0];
  for (std::int64_t at = 1; at < count; ++at) {
    out = where(binary(ElementwiseOp::equal, inside, Scalar::of(at)), tensors[static_cast<std::size_t>(at)], out);
  }
  return Value::of(broadcast_to(out, broadcast_shapes(out.shape(), inside.shape())));
}

// ---- by mask --------------------------------------------------------------------------------------------------------

Value op_nonzero(OpCall& call) { return tuple_of(nonzero(tensor_argument(call[0]))); }

Value op_argwhere(OpCall& call) { return Value::of(where_indices(tensor_argument(call[0]))); }

Tensor true_positions(Value& mask) { return nonzero(ravel(tensor_argument(mask)))[0]; }

Value op_flatnonzero(OpCall& call) { return Value::of(true_positions(call[0])); }

Value compressed(Value& condition, Value& a, const Value& axis) {
  if (tensor_argument(condition).rank() != 1) raise(ErrorKind::ValueError, "condition must be a 1-d array");
  const AlongAxis along(tensor_argument(a), axis);
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

Tensor positions_within(const Value& argument, std::int64_t size) {
  Value value = argument;
  const Tensor positions = positions_argument(value).contiguous();
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
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    out[axis] = binary(ElementwiseOp::remainder, rest, Scalar::of(shape[axis]));
    rest = binary(ElementwiseOp::floor_divide, rest, Scalar::of(shape[axis]));
  }
  return tuple_of(out);
}

/// Coordinates along one axis brought into [0, size) as the mode says.
Tensor coordinates_within(Value coordinates, std::int64_t size, IndexMode mode) {
  const Tensor at = positions_argument(coordinates);
  const Operand zero = Scalar::of(std::int64_t{0}), last = Scalar::of(size - 1);
  if (mode == IndexMode::wrap) return binary(ElementwiseOp::remainder, at, Scalar::of(size));
  const Tensor inside = clip(at, &zero, &last);
  if (mode == IndexMode::raise && count_nonzero(binary(ElementwiseOp::not_equal, inside, at)) > 0) {
    raise(ErrorKind::ValueError, "invalid entry in coordinates array");
  }
  return inside;
}

Value op_ravel_multi_index(OpCall& call) {
  const Shape shape = shape_argument(call[1]);
  const Value& several = call[2];
  std::vector<Value> coordinates;
  if (call[0].is_sequence())
    coordinates = call[0].elements();
  else
    for (const Tensor x = tensor_argument(call[0]); static_cast<std::int64_t>(coordinates.size()) < x.dim(0);) {
      coordinates.push_back(Value::of(take_at(x, Tensor::scalar(static_cast<std::int64_t>(coordinates.size())), 0)));
    }
  if (coordinates.size() != shape.size()) {
    raise(ErrorKind::ValueError, "parameter multi_index must be a sequence of length {}", shape.size());
  }
  Tensor out = Tensor::scalar<std::int64_t>(0);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const IndexMode mode = mode_argument(several.is(Value::Tag::tuple) ? several.elements().at(axis) : several);
    const Tensor at = coordinates_within(coordinates[axis], shape[axis], mode);
    out = binary(ElementwiseOp::add, binary(ElementwiseOp::multiply, out, Scalar::of(shape[axis])), at);
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
    {"ravel_multi_index", "multi_index, dims, mode='raise'", kNumpy, kTensor, op_ravel_multi_index},
    {"scatter_nd", "indices, updates, shape", kNumpy, kTensor, op_scatter_nd},
    {"take", "a, indices, axis=None, mode='raise'", kBoth, kTensor, op_take},
    {"take_along_axis", "arr, indices, axis=-1", kNumpy, kTensor, op_take_along_axis},
    scatter_row("tensor_scatter_nd_add", ScatterKind::add),
    scatter_row("tensor_scatter_nd_max", ScatterKind::max),
    scatter_row("tensor_scatter_nd_min", ScatterKind::min),
    scatter_row("tensor_scatter_nd_sub", ScatterKind::sub),
    scatter_row("tensor_scatter_nd_update", ScatterKind::update),
    {"unravel_index", "indices, shape", kNumpy, ResultKind::any, op_unravel_index},
};

}  // namespace

std::span<const OpRow> index_ops() { return kRows; }

}  // namespace inlay
