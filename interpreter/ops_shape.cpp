// ops_shape.cpp - rows of the functions that put the same elements into another shape or order.
// Invariant: what can be a view of the argument's buffer is one; values make that unobservable.
#include <algorithm>

#include "interpreter/evaluator.h"
#include "interpreter/op_operands.h"
#include "runtime/cast.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

/// Sizes or axes given one by one (x.reshape(2, 3)), as one sequence (x.reshape((2, 3))), or by keyword.
Dims numbers_argument(const Value& star, const Value& keyword, std::string_view function) {
  if (star.elements().empty()) return keyword.is_none() ? Dims() : dims_argument(keyword);
  if (!keyword.is_none()) raise(ErrorKind::TypeError, "{}() got its sizes twice", function);
  if (star.elements().size() == 1) return star.elements()[0].is_none() ? Dims() : dims_argument(star.elements()[0]);
  return dims_argument(star);
}

/// Whether order='F': columns first. 'A' and 'K' ask for what tensors do not have, a layout of their own.
bool is_column_order(const Value& value) {
  const std::string_view order = string_argument(value, "order");
  if (order == "F") return true;
  if (order == "C" || order == "A" || order == "K") return false;
  raise(ErrorKind::ValueError, "order must be one of 'C', 'F', 'A', or 'K' (got '{}')", order);
}

Tensor reshape_by_columns(const Tensor& x, Dims sizes) {
  std::reverse(sizes.begin(), sizes.end());
  return transpose(reshape(transpose(x), sizes));
}

Value op_reshape(OpCall& call) {
  if (call[1].elements().empty() && call[2].is_none()) {
    raise(ErrorKind::TypeError, "reshape() missing 1 required positional argument: 'shape'");
  }
  const Dims sizes = numbers_argument(call[1], call[2], "reshape");
  const Tensor x = tensor_argument(call[0]);
  return Value::of(is_column_order(call[3]) ? reshape_by_columns(x, sizes) : reshape(x, sizes));
}

Value op_ravel(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  return Value::of(ravel(is_column_order(call[1]) ? transpose(x) : x));
}

Value op_transpose(OpCall& call) {
  return Value::of(transpose(tensor_argument(call[0]), numbers_argument(call[1], call[2], "transpose")));
}

Value op_matrix_transpose(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (x.rank() >= 2) return Value::of(swapaxes(x, -1, -2));
  raise(ErrorKind::ValueError, "Input array must be at least 2-dimensional, but it is {}", x.rank());
}

Value op_swapaxes(OpCall& call) {
  return Value::of(swapaxes(tensor_argument(call[0]), int_argument(call[1]), int_argument(call[2])));
}

Value op_moveaxis(OpCall& call) {
  return Value::of(moveaxis(tensor_argument(call[0]), dims_argument(call[1]), dims_argument(call[2])));
}

Value op_rollaxis(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const auto rank = static_cast<std::int64_t>(x.rank());
  const std::int64_t source[] = {normalize_axis(int_argument(call[1]), x.rank())};
  const std::int64_t given = int_argument(call[2]);
  const std::int64_t start = given < 0 ? given + rank : given;
  if (start < 0 || start > rank) {
    raise(ErrorKind::ValueError, "'start' arg requires {} <= start < {}, but {} was passed in", -rank, rank + 1, given);
  }
  const std::int64_t destination[] = {source[0] < start ? start - 1 : start};
  return Value::of(moveaxis(x, source, destination));
}

Value op_squeeze(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (call[1].is_none()) return Value::of(squeeze(x));
  const Dims axes = dims_argument(call[1]);
  return Value::of(axes.empty() ? x : squeeze(x, axes));
}

Value op_expand_dims(OpCall& call) { return Value::of(expand_dims(tensor_argument(call[0]), dims_argument(call[1]))); }

// ---- broadcasting ---------------------------------------------------------------------------------------------------

Value op_broadcast_to(OpCall& call) {
  return Value::of(broadcast_to(tensor_argument(call[0]), shape_argument(call[1])));
}

std::vector<Tensor> tensors_of(std::vector<Value> values) {
  std::vector<Tensor> out;
  for (Value& value : values) out.push_back(tensor_argument(value));
  return out;
}

Shape common_shape(const std::vector<Shape>& shapes) {
  std::vector<const Shape*> borrowed;
  for (const Shape& shape : shapes) borrowed.push_back(&shape);
  return broadcast_shapes(borrowed);
}

Value op_broadcast_arrays(OpCall& call) {
  std::vector<Tensor> tensors = tensors_of(call[0].elements());
  std::vector<Shape> shapes;
  for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
  const Shape shape = common_shape(shapes);
  for (Tensor& tensor : tensors) tensor = broadcast_to(tensor, shape);
  return tuple_of(tensors);
}

Value tuple_of_sizes(const Shape& shape) {
  std::vector<Value> out;
  for (const std::int64_t size : shape) out.push_back(Value::of(size));
  return Value::tuple(std::move(out));
}

Value op_broadcast_shapes(OpCall& call) {
  std::vector<Shape> shapes;
  for (const Value& shape : call[0].elements()) shapes.push_back(shape_argument(shape));
  return tuple_of_sizes(common_shape(shapes));
}

// ---- joining --------------------------------------------------------------------------------------------------------

/// The parts of concatenate and stack: a sequence of tensors, or a tensor's parts along its first axis.
std::vector<Tensor> parts_argument(const Value& value, const Value& dtype) {
  std::vector<Tensor> parts = tensors_of(elements_of(value));
  if (const auto wanted = dtype_argument(dtype)) {
    for (Tensor& part : parts) part = cast(part, *wanted);
  }
  return parts;
}

Value op_concatenate(OpCall& call) {
  std::vector<Tensor> parts = parts_argument(call[0], call[2]);
  if (!call[1].is_none()) return Value::of(concatenate(parts, int_argument(call[1])));
  for (Tensor& part : parts) part = ravel(part);
  return Value::of(concatenate(parts, 0));
}

Value op_stack(OpCall& call) {
  if (!call[0].is_sequence() && !(call[0].is_tensor() && call[0].tensor_rank() > 0)) {
    raise(ErrorKind::TypeError, "arrays to stack must be passed as a \"sequence\" type such as list or tuple.");
  }
  return Value::of(stack(parts_argument(call[0], call[2]), int_argument(call[1])));
}

Value op_tile(OpCall& call) { return Value::of(tile(tensor_argument(call[0]), dims_argument(call[1]))); }

/// One count for all elements, or one for each; there may be more of them than a tensor has axes.
std::vector<std::int64_t> counts_argument(Value& value) {
  const Tensor counts = tensor_argument(value);
  if (!is_integer(counts.dtype()) && counts.dtype() != DType::boolean && counts.size() > 0) {
    raise(ErrorKind::TypeError,
          "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule 'safe'",
          name(counts.dtype()));
  }
  if (counts.rank() > 1) raise(ErrorKind::ValueError, "object too deep for desired array");
  const Tensor integers = cast(counts, DType::int64).contiguous();
  return {integers.data<std::int64_t>(), integers.data<std::int64_t>() + integers.size()};
}

Value op_repeat(OpCall& call) {
  Tensor x = tensor_argument(call[0]);
  if (call[2].is_none()) x = ravel(x);
  const std::int64_t axis = call[2].is_none() ? 0 : int_argument(call[2]);
  return Value::of(repeat(x, counts_argument(call[1]), axis));
}

// ---- order ----------------------------------------------------------------------------------------------------------

Value op_flip(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (call[1].is_none()) return Value::of(flip(x));
  const Dims axes = dims_argument(call[1]);
  return Value::of(axes.empty() ? x : flip(x, axes));
}

/// numpy.flipud and numpy.fliplr: axis 0, axis 1.
Value op_flip_axis(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const std::int64_t axis[] = {call.row.data};
  if (static_cast<std::int64_t>(x.rank()) <= axis[0])
    raise(ErrorKind::ValueError, "Input must be >= {}-d.", axis[0] + 1);
  return Value::of(flip(x, axis));
}

/// Several shifts and axes go together one by one; one of either goes with all of the other.
Value op_roll(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  Dims shifts = dims_argument(call[1]);
  if (call[2].is_none()) {
    std::int64_t total = 0;
    for (const std::int64_t shift : shifts) total += shift;
    const std::int64_t by[] = {total}, along[] = {0};
    return Value::of(reshape(roll(ravel(x), by, along), x.shape()));
  }
  Dims axes = dims_argument(call[2]);
  if (axes.size() == 1) axes = Dims(shifts.size(), axes[0]);
  if (shifts.size() == 1) shifts = Dims(axes.size(), shifts[0]);
  return Value::of(roll(x, shifts, axes));
}

Value op_diagonal(OpCall& call) {
  return Value::of(
      diagonal(tensor_argument(call[0]), int_argument(call[1]), int_argument(call[2]), int_argument(call[3])));
}

// ---- sizes ----------------------------------------------------------------------------------------------------------

Value op_ndim(OpCall& call) { return Value::of(static_cast<std::int64_t>(tensor_argument(call[0]).rank())); }
Value op_shape(OpCall& call) { return tuple_of_sizes(tensor_argument(call[0]).shape()); }

Value op_size(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (const auto axis = axis_argument(call[1], x.rank())) return Value::of(x.dim(static_cast<std::size_t>(*axis)));
  return Value::of(x.size());
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBoth = kNumpy | kMethod;
constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow kRows[] = {
    {"broadcast_arrays", "*args", kNumpy, ResultKind::any, op_broadcast_arrays},
    {"broadcast_shapes", "*args", kNumpy, ResultKind::any, op_broadcast_shapes},
    {"broadcast_to", "array, shape", kNumpy, kTensor, op_broadcast_to},
    {"concat", "arrays, axis=0, *, dtype=None", kNumpy, kTensor, op_concatenate},
    {"concatenate", "arrays, axis=0, *, dtype=None", kNumpy, kTensor, op_concatenate},
    {"diagonal", "a, offset=0, axis1=0, axis2=1", kBoth, kTensor, op_diagonal},
    {"expand_dims", "a, axis", kNumpy, kTensor, op_expand_dims},
    {"flatten", "a, order='C'", kMethod, ResultKind::vector, op_ravel},
    {"flip", "m, axis=None", kNumpy, kTensor, op_flip},
    {"fliplr", "m", kNumpy, kTensor, op_flip_axis, 1},
    {"flipud", "m", kNumpy, kTensor, op_flip_axis, 0},
    {"matrix_transpose", "x", kNumpy | kLinalg, kTensor, op_matrix_transpose},
    {"moveaxis", "a, source, destination", kNumpy, kTensor, op_moveaxis},
    {"ndim", "a", kNumpy, ResultKind::any, op_ndim},
    {"permute_dims", "a, *order, axes=None", kNumpy, kTensor, op_transpose},
    {"ravel", "a, order='C'", kBoth, ResultKind::vector, op_ravel},
    {"repeat", "a, repeats, axis=None", kBoth, kTensor, op_repeat},
    {"reshape", "a, *sizes, shape=None, order='C'", kBoth, kTensor, op_reshape},
    {"roll", "a, shift, axis=None", kNumpy, kTensor, op_roll},
    {"rollaxis", "a, axis, start=0", kNumpy, kTensor, op_rollaxis},
    {"shape", "a", kNumpy, ResultKind::any, op_shape},
    {"size", "a, axis=None", kNumpy, ResultKind::any, op_size},
    {"squeeze", "a, axis=None", kBoth, kTensor, op_squeeze},
    {"stack", "arrays, axis=0, *, dtype=None", kNumpy, kTensor, op_stack},
    {"swapaxes", "a, axis1, axis2", kBoth, kTensor, op_swapaxes},
    {"tile", "A, reps", kNumpy, kTensor, op_tile},
    {"transpose", "a, *order, axes=None", kBoth, kTensor, op_transpose},
};

}  // namespace

std::span<const OpRow> shape_ops() { return kRows; }

}  // namespace inlay
