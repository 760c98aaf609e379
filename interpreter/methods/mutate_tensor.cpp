// mutate_tensor.cpp - the methods of tensors that change them: NumPy's fill, sort and put, and those of TensorFlow's
// variables. Invariant: a call that throws has left the tensor as it was; one that nobody else holds is written where
// it stands.
#include <algorithm>
#include <cstring>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/mutator_rows.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/subscripts/index_plan.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/scatter.h"
#include "runtime/reductions/sort.h"

namespace inlay {
namespace {

void write_all(Tensor& x, Operand value) {
  PathStep everything;
  everything.items = {EllipsisItem{}};
  path_update(x, {&everything, 1}, {std::move(value), std::nullopt});
}

Shape shape_of(const Operand& value) { return value.is_number() ? Shape() : value.tensor.shape(); }

Value fill(Value& target, const Mutation& m) {
  if (m[0].is_sequence() && is_integer(target.tensor_dtype())) {
    raise(ErrorKind::TypeError, "int() argument must be a string, a bytes-like object or a real number, not '{}'",
          type_name(m[0]));
  }
  const Operand value = stored_operand(m[0], target.tensor_dtype());
  check_given_shape(m.call, target.tensor_shape(), shape_of(value));
  HeldTensor x(target);
  write_all(x.tensor, value);
  return Value::none();
}

Value sort_axis(Value& target, const Mutation& m) {
  check_order(m[1], m[2], m[3]);
  const int axis = normalize_axis(as_index(m[0]), static_cast<std::size_t>(target.tensor_rank()));
  HeldTensor x(target);
  x.tensor = sort(x.tensor, axis);
  return Value::none();
}

Value partition_axis(Value& target, const Mutation& m) {
  const int axis = normalize_axis(as_index(m[1]), static_cast<std::size_t>(target.tensor_rank()));
  const std::int64_t size = target.tensor_shape()[static_cast<std::size_t>(axis)];
  const Dims places = kth_argument(m[0], size, target.tensor_size());
  HeldTensor x(target);
  x.tensor = partition(x.tensor, axis, places);
  return Value::none();
}

/// The elements in row-major order in another shape: cut off, or zeros behind them.
Value resize(Value& target, const Mutation& m) {
  const auto& sizes = m[0].elements();
  if (sizes.empty() || (sizes.size() == 1 && sizes[0].is_none())) return Value::none();
  const Dims shape = dims_argument(sizes.size() == 1 ? sizes[0] : m[0]);
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; })) {
    raise(ErrorKind::ValueError, "negative dimensions not allowed");
  }
  HeldTensor x(target);
  Tensor out = Tensor::zeros(x.tensor.dtype(), shape);
  const Tensor old = x.tensor.contiguous();
  const auto kept = static_cast<std::size_t>(std::min(old.size(), out.size()) * old.itemsize());
  if (kept > 0) std::memcpy(out.mutable_bytes(), old.bytes(), kept);
  x.tensor = std::move(out);
  return Value::none();
}

// ---- TensorFlow's variables ----

/// x.assign(value) needs a value of x's shape, x[part].assign(value) spreads it as x[part] = value does.
Value assign(Value& target, const Mutation& m) {
  const DType dtype = target.tensor_dtype();
  Tensor value = as_tensor(m[0], &dtype);
  check_given_shape(m.call, target.tensor_shape(), value.shape());
  HeldTensor x(target);
  if (m.call.is_part)
    write_all(x.tensor, std::move(value));
  else
    x.tensor = std::move(value);
  return Value::none();
}

Scalar::Kind weak_kind(DType dtype) {
  if (dtype == DType::boolean) return Scalar::Kind::boolean;
  if (is_integer(dtype)) return Scalar::Kind::integer;
  return is_complex(dtype) ? Scalar::Kind::complex : Scalar::Kind::floating;
}

/// A list takes the variable's dtype if its numbers are of a kind that fits, as plain numbers do.
Operand combined_operand(const Value& value, DType dtype) {
  if (!value.is_sequence()) return stored_operand(value, dtype);
  Tensor natural = as_tensor(value);
  return promote(dtype, weak_kind(natural.dtype())) == dtype ? as_tensor(value, &dtype) : std::move(natural);
}

/// assign_add and assign_sub: the row's data is the op.
Value assign_combined(Value& target, const Mutation& m) {
  const Operand value = combined_operand(m[0], target.tensor_dtype());
  check_given_shape(m.call, target.tensor_shape(), shape_of(value));
  HeldTensor x(target);
  binary_assign(static_cast<ElementwiseOp>(m.data), x.tensor, value);
  return Value::none();
}

Tensor index_vectors(const Value& value) {
  const Tensor out = as_tensor(value);
  return out.size() == 0 && !is_integer(out.dtype()) ? cast(out, DType::int64) : out;
}

/// scatter_nd_update and its kin: the row's data is the kind.
Value scatter(Value& target, const Mutation& m) {
  const Tensor indices = index_vectors(m[0]);
  const Operand updates = combined_operand(m[1], target.tensor_dtype());
  HeldTensor x(target);
  tensor_scatter_nd(static_cast<ScatterKind>(m.data), x.tensor, indices, updates);
  return Value::none();
}

constexpr int data_of(ElementwiseOp op) { return static_cast<int>(op); }
constexpr int data_of(ScatterKind kind) { return static_cast<int>(kind); }

constexpr MutatorRow kRows[] = {
    {TypeId::tensor, "fill", "value", fill},
    {TypeId::tensor, "sort", "axis=-1, kind=None, order=None, *, stable=None", sort_axis},
    {TypeId::tensor, "partition", "kth, axis=-1, kind='introselect', order=None", partition_axis},
    {TypeId::tensor, "resize", "*new_shape, refcheck=True", resize},
    {TypeId::tensor, "put", "indices, values, mode='raise'", put_elements},
    {TypeId::tensor, "assign", "value", assign},
    {TypeId::tensor, "assign_add", "delta", assign_combined, data_of(ElementwiseOp::add)},
    {TypeId::tensor, "assign_sub", "delta", assign_combined, data_of(ElementwiseOp::subtract)},
    {TypeId::tensor, "scatter_nd_update", "indices, updates", scatter, data_of(ScatterKind::update)},
    {TypeId::tensor, "scatter_nd_add", "indices, updates", scatter, data_of(ScatterKind::add)},
    {TypeId::tensor, "scatter_nd_sub", "indices, updates", scatter, data_of(ScatterKind::sub)},
    {TypeId::tensor, "scatter_nd_min", "indices, updates", scatter, data_of(ScatterKind::min)},
    {TypeId::tensor, "scatter_nd_max", "indices, updates", scatter, data_of(ScatterKind::max)},
};

}  // namespace

std::span<const MutatorRow> tensor_methods() { return kRows; }

void check_given_shape(const MutatorCall& call, const Shape& target, const Shape& value) {
  const bool is_fill = call.name == "fill";
  if (is_fill ? value.empty() : call.is_part || value == target) return;
  if (is_fill) raise(ErrorKind::ValueError, "fill() takes one value, not a tensor of shape {}", to_string(value));
  raise(ErrorKind::ValueError,
        "Cannot assign value to variable ' Variable:0': Shape mismatch. The variable shape {}, and the assigned value "
        "shape {} are incompatible.",
        to_string(target), to_string(value));
}

}  // namespace inlay
