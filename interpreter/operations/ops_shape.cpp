// ops_shape.cpp - rows of the functions that put the same elements into another shape or order.
// Invariant: what can be a view of the argument's buffer is one; values make that unobservable.
#include <algorithm>
#include <cstring>

#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_operands.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

/// Sizes or axes of a method: given one by one (x.reshape(2, 3)) or as one value (x.reshape((2, 3))).
const Value& one_or_several(const Value& star) { return star.elements().size() == 1 ? star.elements()[0] : star; }

Tensor reshape_by_columns(const Tensor& x, Dims sizes) {
  std::reverse(sizes.begin(), sizes.end());
  return transpose(reshape(transpose(x), sizes));
}

Value reshaped(Value& a, const Value& shape, const Value& order) {
  const Tensor x = tensor_argument(a);
  const bool by_columns = is_column_order(order);
  if (shape.is_none()) return Value::of(x);
  const Dims sizes = dims_argument(shape);
  return Value::of(by_columns ? reshape_by_columns(x, sizes) : reshape(x, sizes));
}

/// Whether a copy is made cannot be told of values: `copy` is read and has no effect.
Value op_reshape(OpCall& call) { return reshaped(call[0], call[1], call[2]); }

Value op_reshape_method(OpCall& call) {
  if (call[1].elements().empty()) raise(ErrorKind::TypeError, "reshape() takes exactly 1 argument (0 given)");
  return reshaped(call[0], one_or_several(call[1]), call[2]);
}

Value op_ravel(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  return Value::of(ravel(is_column_order(call[1]) ? transpose(x) : x));
}

Value transposed(Value& a, const Value& axes) {
  const Tensor x = tensor_argument(a);
  if (axes.is_none()) return Value::of(transpose(x));
  const Dims order = dims_argument(axes);
  if (order.size() != x.rank()) raise(ErrorKind::ValueError, "axes don't match array");
  return Value::of(x.rank() == 0 ? x : transpose(x, order));
}

Value op_transpose(OpCall& call) { return transposed(call[0], call[1]); }

Value op_transpose_method(OpCall& call) {
  return call[1].elements().empty() ? Value::of(transpose(tensor_argument(call[0])))
                                    : transposed(call[0], one_or_several(call[1]));
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
  const bool is_several = call[1].is_sequence() || call[1].is_tensor();
  const Dims axes = is_several ? dims_argument(call[1]) : Dims{axis_number(call[1])};
  const bool is_number = x.rank() == 0 && !call[1].is_sequence() && (axes[0] == 0 || axes[0] == -1);
  return Value::of(is_number || axes.empty() ? x : squeeze(x, axes));
}

Value op_expand_dims(OpCall& call) { return Value::of(expand_dims(tensor_argument(call[0]), dims_argument(call[1]))); }

// ---- broadcasting ---------------------------------------------------------------------------------------------------

Value op_broadcast_to(OpCall& call) {
  return Value::of(broadcast_to(tensor_argument(call[0]), shape_argument(call[1])));
}

std::vector<Tensor> tensors_of(std::vector<Value> values) {
  std::vector<Tensor> out;
  for (Value& value : values) {
    context().charge(1, 0);
    out.push_back(tensor_argument(value));
  }
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

DType common_dtype(const std::vector<Tensor>& parts) {
  DType dtype = parts[0].dtype();
  for (const Tensor& part : parts) dtype = promote(dtype, part.dtype());
  return dtype;
}

void check_casts(const std::vector<Tensor>& parts, DType to, std::string_view casting) {
  for (const Tensor& part : parts) {
    if (can_cast(part.dtype(), to, casting)) continue;
    raise(ErrorKind::TypeError, "Cannot cast {} from dtype('{}') to dtype('{}') according to the rule '{}'",
          part.rank() == 0 ? "scalar" : "array data", name(part.dtype()), name(to), casting);
  }
}

/// The parts of concatenate and stack: a sequence of tensors, or a tensor's parts along its first axis; all of them
/// cast to `dtype` if there is one.
std::vector<Tensor> parts_argument(const Value& value, const Value& dtype, const Value& casting) {
  std::vector<Tensor> parts = tensors_of(elements_of(value));
  if (parts.empty()) return parts;
  const std::string_view rule = string_argument(casting, "casting");
  const auto wanted = dtype_argument(dtype);
  check_casts(parts, wanted ? *wanted : common_dtype(parts), rule);
  for (Tensor& part : parts) part = wanted ? cast(part, *wanted) : part;
  return parts;
}

bool has_numbers(const Value& value) {
  if (value.is_tensor()) return false;
  const std::vector<Value> elements = elements_of(value);
  return std::any_of(elements.begin(), elements.end(), [](const Value& each) { return each.is_number(); });
}

Value op_concatenate(OpCall& call) {
  // Only a flat result can have plain numbers among its parts: they take the dtype of the others.
  const bool is_weak = call[1].is_none() && call[2].is_none() && has_numbers(call[0]);
  std::vector<Tensor> parts = is_weak ? promoted_elements(call[0]) : parts_argument(call[0], call[2], call[3]);
  if (!call[1].is_none()) return Value::of(concatenate(parts, axis_number(call[1])));
  for (Tensor& part : parts) part = ravel(part);
  return Value::of(concatenate(parts, 0));
}

Value op_stack(OpCall& call) {
  if (!call[0].is_sequence() && !(call[0].is_tensor() && call[0].tensor_rank() > 0)) {
    raise(ErrorKind::TypeError, "arrays to stack must be passed as a \"sequence\" type such as list or tuple.");
  }
  return Value::of(stack(parts_argument(call[0], call[2], call[3]), int_argument(call[1])));
}

Value op_tile(OpCall& call) { return Value::of(tile(tensor_argument(call[0]), dims_argument(call[1]))); }

/// One count for all elements, or one for each; there may be more of them than a tensor has axes.
Tensor counts_argument(Value& value) {
  const Tensor counts = whole_numbers_argument(value, "safe");
  if (counts.rank() > 1) raise(ErrorKind::ValueError, "object too deep for desired array");
  return counts.contiguous();
}

Value op_repeat(OpCall& call) {
  Tensor x = tensor_argument(call[0]);
  if (call[2].is_none()) x = ravel(x);
  const std::int64_t axis = call[2].is_none() ? 0 : axis_number(call[2]);
  const Tensor counts = counts_argument(call[1]);
  return Value::of(repeat(x, {counts.data<std::int64_t>(), static_cast<std::size_t>(counts.size())}, axis));
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
    const std::int64_t size = std::max<std::int64_t>(x.size(), 1);
    std::int64_t total = 0;
    for (const std::int64_t shift : shifts) total = (total + shift % size) % size;
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

// ---- the same bytes as another dtype --------------------------------------------------------------------------------

/// The last axis counts elements of the new size; a number has none to count on.
Shape reinterpreted_shape(const Tensor& x, std::int64_t size) {
  Shape shape = x.shape();
  if (size == x.itemsize()) return shape;
  if (x.rank() == 0) {
    raise(ErrorKind::ValueError, "Changing the dtype of a 0d array is only supported if the itemsize is unchanged");
  }
  const std::int64_t bytes = shape.back() * x.itemsize();
  if (bytes % size != 0) {
    raise(ErrorKind::ValueError,
          "When changing to a larger dtype, its size must be a divisor of the total size in bytes of the last axis of "
          "the array.");
  }
  shape[shape.size() - 1] = bytes / size;
  return shape;
}

Value op_view(OpCall& call) {
  const Tensor x = tensor_argument(call[0]).contiguous();
  const DType dtype = dtype_argument(call[1]).value_or(x.dtype());
  const Shape shape = reinterpreted_shape(x, itemsize(dtype));
  // A bool is 0 or 1, whatever the byte was.
  const bool is_truth = dtype == DType::boolean && x.dtype() != dtype;
  const DType seen = is_truth ? DType::uint8 : dtype;
  const Tensor same = x.view(seen, shape, contiguous_strides(shape, itemsize(seen)));
  const bool is_aligned =
      reinterpret_cast<std::uintptr_t>(x.bytes()) % static_cast<std::uintptr_t>(same.itemsize()) == 0;
  return Value::of(is_truth ? cast(same, dtype) : is_aligned ? same : same.copy());
}

// ---- sizes ----------------------------------------------------------------------------------------------------------

Value op_ndim(OpCall& call) { return Value::of(static_cast<std::int64_t>(tensor_argument(call[0]).rank())); }
Value op_shape(OpCall& call) { return tuple_of_sizes(tensor_argument(call[0]).shape()); }

Value op_size(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (call[1].is_none()) return Value::of(x.size());
  std::int64_t count = 1;
  for (const int axis : axes_argument(call[1], x.rank())) count *= x.dim(static_cast<std::size_t>(axis));
  return Value::of(count);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBoth = kNumpy | kMethod;
constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow kRows[] = {
    {"broadcast_arrays", "*args", kNumpy, ResultKind::any, op_broadcast_arrays},
    {"broadcast_shapes", "*args", kNumpy, ResultKind::any, op_broadcast_shapes},
    {"broadcast_to", "array, shape", kNumpy, kTensor, op_broadcast_to},
    {"concat", "arrays, /, axis=0, *, dtype=None, casting='same_kind'", kNumpy, kTensor, op_concatenate},
    {"concatenate", "arrays, /, axis=0, *, dtype=None, casting='same_kind'", kNumpy, kTensor, op_concatenate},
    {"diagonal", "a, offset=0, axis1=0, axis2=1", kBoth, kTensor, op_diagonal},
    {"expand_dims", "a, axis", kNumpy, kTensor, op_expand_dims},
    {"flatten", "a, order='C'", kMethod, ResultKind::vector, op_ravel},
    {"flip", "m, axis=None", kNumpy, kTensor, op_flip},
    {"fliplr", "m", kNumpy, kTensor, op_flip_axis, 1},
    {"flipud", "m", kNumpy, kTensor, op_flip_axis, 0},
    {"matrix_transpose", "x, /", kNumpy | kLinalg, kTensor, op_matrix_transpose},
    {"moveaxis", "a, source, destination", kNumpy, kTensor, op_moveaxis},
    {"ndim", "a", kNumpy, ResultKind::any, op_ndim},
    {"permute_dims", "a, axes=None", kNumpy, kTensor, op_transpose},
    {"ravel", "a, order='C'", kBoth, ResultKind::vector, op_ravel},
    {"repeat", "a, repeats, axis=None", kBoth, kTensor, op_repeat},
    {"reshape", "a, /, shape, order='C', *, copy=None", kNumpy, kTensor, op_reshape},
    {"reshape", "a, /, *shape, order='C', copy=None", kMethod, kTensor, op_reshape_method},
    {"roll", "a, shift, axis=None", kNumpy, kTensor, op_roll},
    {"rollaxis", "a, axis, start=0", kNumpy, kTensor, op_rollaxis},
    {"shape", "a", kNumpy, ResultKind::any, op_shape},
    {"size", "a, axis=None", kNumpy, ResultKind::any, op_size},
    {"squeeze", "a, axis=None", kBoth, kTensor, op_squeeze},
    {"stack", "arrays, axis=0, *, dtype=None, casting='same_kind'", kNumpy, kTensor, op_stack},
    {"swapaxes", "a, axis1, axis2", kBoth, kTensor, op_swapaxes},
    {"tile", "A, reps", kNumpy, kTensor, op_tile},
    {"transpose", "a, axes=None", kNumpy, kTensor, op_transpose},
    {"transpose", "a, /, *axes", kMethod, kTensor, op_transpose_method},
    {"view", "a, dtype=None", kMethod, kTensor, op_view},
};

}  // namespace

std::span<const OpRow> shape_ops() { return kRows; }

std::vector<Tensor> promoted_elements(const Value& sequence) {
  std::vector<Operand> operands;
  for (Value& value : elements_of(sequence)) {
    context().charge(1, 0);
    operands.push_back(operand_argument(value));
  }
  std::vector<const Operand*> borrowed;
  for (const Operand& operand : operands) borrowed.push_back(&operand);
  std::vector<Tensor> out;
  if (operands.empty()) return out;
  const DType dtype = result_type(borrowed);
  for (const Operand& operand : operands) out.push_back(cast_for_assignment(operand, dtype));
  return out;
}

}  // namespace inlay
