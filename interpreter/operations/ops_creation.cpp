// ops_creation.cpp - rows of the functions that make tensors out of numbers, shapes and nested lists.
// Invariant: no result has an element that was not written.
#include <cmath>
#include <cstring>

#include "interpreter/methods/construct.h"
#include "interpreter/methods/dtype_info.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/ranges.h"
#include "interpreter/operations/tensor_elements.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

// ---- conversion -----------------------------------------------------------------------------------------------------

DType dtype_or(const Value& value, DType otherwise) { return dtype_argument(value).value_or(otherwise); }

Tensor converted(Value& value, const Value& dtype) {
  const std::optional<DType> wanted = dtype_argument(dtype);
  return as_tensor(value, wanted ? &*wanted : nullptr);
}

/// The tensor with as many axes of size 1 in front as make it `rank`.
Tensor with_rank(const Tensor& x, std::int64_t rank) {
  Shape shape = x.shape();
  while (static_cast<std::int64_t>(shape.size()) < rank) shape.insert(0, 1);
  return reshape(x, shape);
}

/// order= chooses how elements lie in memory, which no program can see here: it is read and has no effect.
void check_order(const Value& order) {
  if (order.is_none()) return;
  const std::string_view text = string_argument(order, "order");
  const bool is_known = text.size() == 1 && std::string_view("CFAKcfak").find(text[0]) != std::string_view::npos;
  if (!is_known) raise(ErrorKind::ValueError, "order must be one of 'C', 'F', 'A', or 'K' (got '{}')", text);
}

void check_device(const Value& device) {
  if (device.is_none() || (device.is_string() && device.string() == "cpu")) return;
  raise(ErrorKind::ValueError, "Device not understood. Only \"cpu\" is allowed, but received: {}", to_str(device));
}

/// The argument as a tensor; `copy=False` refuses one that is not itself the result.
Tensor uncopied(Value& value, const Value& dtype, const Value& copy) {
  const bool is_refused = !copy.is_none() && !truth(copy);
  Tensor out = converted(value, dtype);
  if (is_refused && !(value.is_tensor() && value.tensor_dtype() == out.dtype())) {
    raise(ErrorKind::ValueError, "Unable to avoid copy while creating an array as requested.");
  }
  return out;
}

Value op_array(OpCall& call) {
  check_order(call[3]);
  const std::int64_t least = int_argument(call[5]), most = int_argument(call[6]);
  const Tensor out = with_rank(uncopied(call[0], call[1], call[2]), least);
  if (most > 0 && static_cast<std::int64_t>(out.rank()) > most) {
    raise(ErrorKind::ValueError, "the array has {} dimensions, more than ndmax={}", out.rank(), most);
  }
  return Value::of(out);
}

Value op_asarray(OpCall& call) {
  check_order(call[2]);
  check_device(call[3]);
  return Value::of(uncopied(call[0], call[1], call[4]));
}

/// A tensor is its own copy until either is changed. A part of one is copied, which would hold the whole, and so is
/// what lies in another order, which every later pass would walk.
Value op_copy(OpCall& call) {
  check_order(call[1]);
  const Tensor x = tensor_argument(call[0]);
  const bool is_part = static_cast<std::size_t>(x.size() * x.itemsize()) < x.ref()->buffer->bytes();
  return Value::of(is_part || !x.is_contiguous() ? x.copy() : x);
}

Value op_astype(OpCall& call) {
  if (!call[0].is_tensor()) {
    raise(ErrorKind::TypeError, "Input should be a NumPy array or scalar. It is a {} instead.",
          to_str(Value::of(type_of(call[0]))));
  }
  check_device(call[3]);
  return Value::of(cast(tensor_argument(call[0]), dtype_or(call[1], DType::float64)));
}

Value op_astype_method(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const DType dtype = dtype_or(call[1], DType::float64);
  check_order(call[2]);
  const std::string_view casting = string_argument(call[3], "casting");
  if (!can_cast(x.dtype(), dtype, casting)) {
    raise(ErrorKind::TypeError, "Cannot cast array data from {} to {} according to the rule '{}'",
          to_repr(Value::of(x.dtype())), to_repr(Value::of(dtype)), casting);
  }
  return Value::of(cast(x, dtype));
}

Value op_itself(OpCall& call) { return call[0]; }
Value op_tolist(OpCall& call) { return to_lists(tensor_argument(call[0])); }

/// The position in row-major order that x.item(3), x.item(1, 2) or x.item((1, 2)) names.
std::int64_t item_position(const Tensor& x, const std::vector<Value>& arguments) {
  const Dims at = arguments.size() == 1 ? dims_argument(arguments[0]) : dims_argument(Value::tuple(arguments));
  const bool is_flat = arguments.size() == 1 && !arguments[0].is_sequence();
  const Shape shape = is_flat ? Shape{x.size()} : x.shape();
  if (at.size() != shape.size()) raise(ErrorKind::ValueError, "incorrect number of indices for array");
  std::int64_t position = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t size = shape[axis], index = at[axis];
    if (index < -size || index >= size) {
      raise(ErrorKind::IndexError, "index {} is out of bounds for axis {} with size {}", index, axis, size);
    }
    position = position * size + (index < 0 ? index + size : index);
  }
  return position;
}

Value op_item(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  if (!call[1].elements().empty()) return element_at(x, item_position(x, call[1].elements()));
  if (x.size() != 1) raise(ErrorKind::ValueError, "can only convert an array of size 1 to a Python scalar");
  return element_at(x, 0);
}

// ---- one value everywhere -------------------------------------------------------------------------------------------

Shape without_first(Shape shape) {
  shape.erase(0);
  return shape;
}

/// The value, whose leading axes of size 1 may be too many, in every place.
Tensor filled(const Operand& value, DType dtype, const Shape& shape) {
  constexpr std::int64_t kFew = 1024;  // that are filled before a copy of them could begin
  const bool is_float = value.is_number() && value.number.kind == Scalar::Kind::floating;
  // A float is converted as a tensor is: it saturates, where a plain integer must fit.
  Tensor element = cast_for_assignment(is_float ? Operand(to_tensor(value.number)) : value, dtype);
  while (element.rank() > shape.size() && element.dim(0) == 1)
    element = reshape(element, without_first(element.shape()));
  if (element.rank() > 0) return broadcast_to(element, shape);
  Tensor out = Tensor::empty(dtype, shape);
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  if (out.size() > kFew) {
    copy_elements(broadcast_to(element, shape), out.mutable_bytes(), out.strides());
    return out;
  }
  visit_size(out.itemsize(), [&]<class T>(Type<T>) {
    T bits;
    std::memcpy(&bits, element.bytes(), sizeof bits);
    std::fill_n(reinterpret_cast<T*>(out.mutable_bytes()), out.size(), bits);
  });
  return out;
}

Tensor ones(DType dtype, const Shape& shape) { return filled(Scalar::of(std::int64_t{1}), dtype, shape); }

/// The order= and device= that follow shape and dtype of zeros, ones and full.
void check_layout(OpCall& call, std::size_t order) {
  check_order(call[order]);
  check_device(call[order + 1]);
}

Value op_zeros(OpCall& call) {
  check_layout(call, 2);
  return Value::of(Tensor::zeros(dtype_or(call[1], DType::float64), shape_argument(call[0])));
}
Value op_ones(OpCall& call) {
  check_layout(call, 2);
  return Value::of(ones(dtype_or(call[1], DType::float64), shape_argument(call[0])));
}

Value op_full(OpCall& call) {
  check_layout(call, 3);
  if (const std::optional<DType> dtype = dtype_argument(call[2]))
    return Value::of(filled(stored_operand(call[1], *dtype), *dtype, shape_argument(call[0])));
  const Operand value = operand_argument(call[1]);
  const DType own = value.is_number() ? value.number.default_dtype() : value.tensor.dtype();
  return Value::of(filled(value, own, shape_argument(call[0])));
}

/// What `*_like` takes over from its first argument. The options are dtype, order, subok, shape, device.
struct Likeness {
  Likeness(OpCall& call, std::size_t options)
      : model(tensor_argument(call[0])), dtype(dtype_or(call[options], model.dtype())) {
    check_order(call[options + 1]);
    check_device(call[options + 4]);
    shape = call[options + 3].is_none() ? model.shape() : shape_argument(call[options + 3]);
  }
  Tensor model;
  DType dtype;
  Shape shape;
};

Value op_zeros_like(OpCall& call) {
  const Likeness like(call, 1);
  return Value::of(Tensor::zeros(like.dtype, like.shape));
}
Value op_ones_like(OpCall& call) {
  const Likeness like(call, 1);
  return Value::of(ones(like.dtype, like.shape));
}
Value op_full_like(OpCall& call) {
  const Likeness like(call, 2);
  return Value::of(filled(stored_operand(call[1], like.dtype), like.dtype, like.shape));
}

// ---- ranges ---------------------------------------------------------------------------------------------------------

Value op_arange(OpCall& call) {
  check_device(call[4]);
  if (!is_given(call[0])) {
    if (call[1].is_none()) raise(ErrorKind::TypeError, "arange() requires stop to be specified.");
    call[0] = Value::of(0);
  }
  return Value::of(arange(call[0], call[1], call[2], dtype_argument(call[3])));
}

Value op_linspace(OpCall& call) {
  check_device(call[7]);
  const Operand start = operand_argument(call[0]), stop = operand_argument(call[1]);
  const Linspace line(start, stop, int_argument(call[2]), bool_argument(call[3]));
  const Tensor values = line.values(dtype_argument(call[5]), int_argument(call[6]));
  if (!bool_argument(call[4])) return Value::of(values);
  return Value::tuple({Value::of(values), Value::of(line.step())});
}

// ---- matrices -------------------------------------------------------------------------------------------------------

std::int64_t size_argument(const Value& value) {
  if (value.is(Value::Tag::boolean)) raise(ErrorKind::TypeError, "an integer is required");
  const std::int64_t size = int_argument(value);
  if (size < 0) raise(ErrorKind::ValueError, "negative dimensions are not allowed");
  return size;
}

/// A view of the diagonal of a fresh matrix, in bytes: where it begins and how many elements it has.
struct DiagonalOf {
  DiagonalOf(std::int64_t rows, std::int64_t columns, std::int64_t k) : row(k < 0 ? -k : 0), column(k > 0 ? k : 0) {
    size = std::max<std::int64_t>(0, std::min(rows - row, columns - column));
  }
  std::int64_t row, column, size;
};

/// Zeros with `values` (one per element, or one for all) along a diagonal.
Tensor diagonal_matrix(const Tensor& values, std::int64_t rows, std::int64_t columns, std::int64_t k) {
  Tensor out = Tensor::zeros(values.dtype(), {rows, columns});
  const DiagonalOf diagonal(rows, columns, k);
  if (diagonal.size == 0) return out;
  const std::int64_t bytes = out.itemsize();
  const std::int64_t step[] = {(columns + 1) * bytes};
  copy_elements(broadcast_to(values, {diagonal.size}),
                out.mutable_bytes() + (diagonal.row * columns + diagonal.column) * bytes, step);
  return out;
}

Value op_eye(OpCall& call) {
  check_layout(call, 4);
  const std::int64_t rows = size_argument(call[0]);
  const std::int64_t columns = call[1].is_none() ? rows : size_argument(call[1]);
  return Value::of(diagonal_matrix(ones(dtype_or(call[3], DType::float64), {}), rows, columns, int_argument(call[2])));
}

Value op_identity(OpCall& call) {
  const std::int64_t size = size_argument(call[0]);
  return Value::of(diagonal_matrix(ones(dtype_or(call[1], DType::float64), {}), size, size, 0));
}

/// What tri counts, as arange would: a fraction is rounded to an integer by `round`.
std::int64_t rounded(const Value& value, double (*round)(double)) {
  const bool is_float = value.is(Value::Tag::floating) || (value.is_tensor() && is_floating(value.tensor_dtype()));
  return is_float ? whole_number(round(as_float(value))).integer() : int_argument(value);
}
std::int64_t count_argument(const Value& value) { return std::max<std::int64_t>(0, rounded(value, std::ceil)); }
std::int64_t offset_argument(const Value& value) { return rounded(value, std::floor); }

Value op_tri(OpCall& call) {
  const std::int64_t rows = std::max<std::int64_t>(count_argument(call[0]), 0);
  const std::int64_t columns = call[1].is_none() ? rows : std::max<std::int64_t>(count_argument(call[1]), 0);
  const Tensor full = ones(dtype_or(call[3], DType::float64), {rows, columns});
  return Value::of(triangle(full, offset_argument(call[2]), true));
}

/// numpy.tril and numpy.triu; a vector is taken as every row of a square.
Value op_triangle(OpCall& call) {
  Tensor x = tensor_argument(call[0]);
  if (x.rank() == 0) raise(ErrorKind::TypeError, "{} takes a tensor of at least one axis", call.row.name);
  if (x.rank() == 1) x = broadcast_to(x, {x.dim(0), x.dim(0)});
  return Value::of(triangle(x, offset_argument(call[1]), call.row.data != 0));
}

Tensor vector_on_diagonal(const Tensor& vector, std::int64_t k) {
  std::int64_t size = 0;
  const std::uint64_t beside = k < 0 ? 0 - static_cast<std::uint64_t>(k) : static_cast<std::uint64_t>(k);
  if (__builtin_add_overflow(vector.dim(0), beside, &size)) raise(ErrorKind::ValueError, "array is too big");
  return diagonal_matrix(vector, size, size, k);
}

Value op_diag(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const std::int64_t k = int_argument(call[1]);
  if (x.rank() == 1) return Value::of(vector_on_diagonal(x, k));
  if (x.rank() == 2) return Value::of(diagonal(x, k));
  raise(ErrorKind::ValueError, "Input must be 1- or 2-d.");
}

Value op_diagflat(OpCall& call) {
  return Value::of(vector_on_diagonal(ravel(tensor_argument(call[0])), int_argument(call[1])));
}

// ---- dtypes ---------------------------------------------------------------------------------------------------------

/// A dtype by itself, or that of a tensor or number.
DType dtype_of_argument(Value& value) {
  if (value.is_tensor()) return value.tensor_dtype();
  return value.is_number() ? value.number().default_dtype() : as_dtype(value);
}

/// An operand of promotion: dtypes count as tensors of theirs.
Operand promotion_operand(Value value) {
  if (value.is_tensor() || value.is_number()) return operand_argument(value);
  return Tensor::zeros(as_dtype(value), {});
}

Value op_result_type(OpCall& call) {
  std::vector<Operand> operands;
  for (const Value& value : call[0].elements()) operands.push_back(promotion_operand(value));
  if (operands.empty()) raise(ErrorKind::ValueError, "at least one array or dtype is required");
  std::vector<const Operand*> borrowed;
  for (const Operand& operand : operands) borrowed.push_back(&operand);
  return Value::of(result_type(borrowed));
}

Value op_promote_types(OpCall& call) { return Value::of(promote(as_dtype(call[0]), as_dtype(call[1]))); }

Value op_can_cast(OpCall& call) {
  if (call[0].is_number()) {
    raise(ErrorKind::TypeError,
          "can_cast() does not support Python ints, floats, and complex because the result used to depend on the "
          "value.");
  }
  const DType from = dtype_of_argument(call[0]), to = as_dtype(call[1]);
  return Value::of(can_cast(from, to, string_argument(call[2], "casting")));
}

Value op_issubdtype(OpCall& call) { return Value::of(is_subdtype(call[0], call[1])); }
Value op_iinfo(OpCall& call) { return integer_info(dtype_of_argument(call[0])); }
Value op_finfo(OpCall& call) { return float_info(dtype_of_argument(call[0])); }

// ---- indexers -------------------------------------------------------------------------------------------------------

/// For library/: a function that is subscripted instead of called, as r_ and mgrid are.
Value op_indexer(OpCall& call) {
  auto indexer = std::make_unique<IndexerObject>();
  indexer->function = call[0];
  return Value::adopt(Value::Tag::indexer, indexer.release());
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr OpRow kRows[] = {
    {"_indexer", "function", kInternal, ResultKind::any, op_indexer},
    {"arange", "start=..., stop=None, step=1, dtype=None, *, device=None", kNumpy, ResultKind::vector, op_arange},
    {"array", "object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, ndmax=0", kNumpy, ResultKind::tensor,
     op_array},
    {"asanyarray", "a, dtype=None, order=None, *, device=None, copy=None", kNumpy, ResultKind::tensor, op_asarray},
    {"asarray", "a, dtype=None, order=None, *, device=None, copy=None", kNumpy, ResultKind::tensor, op_asarray},
    {"astype", "x, dtype, /, *, copy=True, device=None", kNumpy, ResultKind::tensor, op_astype},
    {"astype", "self, /, dtype, order='K', casting='unsafe', subok=True, copy=True", kMethod, ResultKind::tensor,
     op_astype_method},
    {"can_cast", "from_, to, casting='safe'", kNumpy, ResultKind::any, op_can_cast},
    {"copy", "a, order='K', subok=False", kNumpy, ResultKind::tensor, op_copy},
    {"copy", "self, /, order='C'", kMethod, ResultKind::tensor, op_copy},
    {"diag", "v, k=0", kNumpy, ResultKind::tensor, op_diag},
    {"diagflat", "v, k=0", kNumpy, ResultKind::tensor, op_diagflat},
    {"empty", "shape, dtype=None, order='C', *, device=None", kNumpy, ResultKind::tensor, op_zeros},
    {"empty_like", "prototype, dtype=None, order='K', subok=True, shape=None, *, device=None", kNumpy,
     ResultKind::tensor, op_zeros_like},
    {"eye", "N, M=None, k=0, dtype=None, order='C', *, device=None", kNumpy, ResultKind::tensor, op_eye},
    {"finfo", "dtype", kNumpy, ResultKind::any, op_finfo},
    {"full", "shape, fill_value, dtype=None, order='C', *, device=None", kNumpy, ResultKind::tensor, op_full},
    {"full_like", "a, fill_value, dtype=None, order='K', subok=True, shape=None, *, device=None", kNumpy,
     ResultKind::tensor, op_full_like},
    {"identity", "n, dtype=None", kNumpy, ResultKind::tensor, op_identity},
    {"iinfo", "int_type", kNumpy, ResultKind::any, op_iinfo},
    {"issubdtype", "arg1, arg2", kNumpy, ResultKind::any, op_issubdtype},
    {"item", "a, *args", kMethod, ResultKind::any, op_item},
    {"linspace", "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None", kNumpy,
     ResultKind::any, op_linspace},
    {"numpy", "a", kMethod, ResultKind::tensor, op_itself},
    {"ones", "shape, dtype=None, order='C', *, device=None", kNumpy, ResultKind::tensor, op_ones},
    {"ones_like", "a, dtype=None, order='K', subok=True, shape=None, *, device=None", kNumpy, ResultKind::tensor,
     op_ones_like},
    {"promote_types", "type1, type2, /", kNumpy, ResultKind::any, op_promote_types},
    {"result_type", "*arrays_and_dtypes", kNumpy, ResultKind::any, op_result_type},
    {"tolist", "a", kMethod, ResultKind::any, op_tolist},
    {"tri", "N, M=None, k=0, dtype=None", kNumpy, ResultKind::tensor, op_tri},
    {"tril", "m, k=0", kNumpy, ResultKind::tensor, op_triangle, 1},
    {"triu", "m, k=0", kNumpy, ResultKind::tensor, op_triangle, 0},
    {"zeros", "shape, dtype=None, order='C', *, device=None", kNumpy, ResultKind::tensor, op_zeros},
    {"zeros_like", "a, dtype=None, order='K', subok=True, shape=None, *, device=None", kNumpy, ResultKind::tensor,
     op_zeros_like},
};

}  // namespace

std::span<const OpRow> creation_ops() { return kRows; }

}  // namespace inlay
