// mutate_tensor_parts.cpp - NumPy's functions that write parts of their first argument: put, putmask, place, copyto,
// fill_diagonal, put_along_axis. Each is an assignment by a path, once its arguments have been read.
// Invariant: a call that throws has left the tensor as it was.
#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/mutator_rows.h"
#include "interpreter/subscripts/assign_value.h"
#include "interpreter/subscripts/index_plan.h"
#include "interpreter/texts/quote.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/nonzero.h"
#include "runtime/indexing/scatter.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

PathStep subscript_step(IndexItems items) {
  PathStep out;
  out.items = std::move(items);
  return out;
}

PathStep flat_step() {
  PathStep out;
  out.kind = PathStep::Kind::flat;
  return out;
}

/// x.flat[item] = value, where values repeat.
void write_flat(Tensor& x, IndexItem item, const Operand& value) {
  const PathStep path[] = {flat_step(), subscript_step({std::move(item)})};
  path_update(x, path, {value, std::nullopt});
}

void write_at(Tensor& x, IndexItems items, const Operand& value) {
  const PathStep step = subscript_step(std::move(items));
  path_update(x, {&step, 1}, {value, std::nullopt});
}

std::string_view noun(const Tensor& x) { return x.rank() == 0 ? "scalar" : "array data"; }

/// Tensors must cast by the rule; plain numbers only in kind, their range is checked when they are stored.
void check_casting(const Operand& value, DType to, std::string_view rule) {
  const DType from = value.is_number() ? value.number.default_dtype() : value.tensor.dtype();
  const bool fits_weakly = value.is_number() && promote(to, value.number.kind) == to;
  if (can_cast(from, to, rule) || fits_weakly) return;
  raise(ErrorKind::TypeError, "Cannot cast {} from dtype('{}') to dtype('{}') according to the rule '{}'",
        value.is_number() ? "scalar" : noun(value.tensor), name(from), name(to), rule);
}

// ---- put ----

IndexMode mode_argument(const Value& value) {
  const std::string_view mode = string_argument(value, "mode");
  if (mode == "raise") return IndexMode::raise;
  if (mode == "wrap") return IndexMode::wrap;
  if (mode == "clip") return IndexMode::clip;
  raise(ErrorKind::ValueError, "clipmode must be one of 'clip', 'raise', or 'wrap' (got {})", short_quote(mode));
}

/// Indices that are in range, by the mode; `raise` leaves them to the update's own check.
Tensor landed(const Tensor& indices, std::int64_t size, IndexMode mode) {
  if (mode == IndexMode::raise) return indices;
  Tensor out = indices.copy();
  auto* at = out.mutable_data<std::int64_t>();
  std::transform(at, at + out.size(), at, [&](std::int64_t index) {
    return mode == IndexMode::wrap ? (index % size + size) % size : std::clamp<std::int64_t>(index, 0, size - 1);
  });
  return out;
}

// ---- masks ----

/// The mask as bools of x's shape; a mask of another shape of as many elements counts in row-major order.
Tensor mask_argument(const Value& value, const Value& target, std::string_view function) {
  const DType dtype = DType::boolean;
  const Tensor mask = as_tensor(value, &dtype);
  if (mask.size() != target.tensor_size()) {
    raise(ErrorKind::ValueError, "{}: mask and data must be the same size", function);
  }
  return reshape(mask, target.tensor_shape());
}

/// Values that must cast safely where they are tensors of several elements: one element is stored as a number is.
Operand safe_values(const Value& value, DType dtype) {
  Operand out = stored_operand(value, dtype);
  if (!out.is_number() && out.tensor.rank() > 0) check_casting(out, dtype, "safe");
  return out;
}

Value put_mask(Value& target, const Mutation& m) {
  const Tensor mask = mask_argument(m[0], target, "putmask");
  const DType dtype = target.tensor_dtype();
  const Operand values = safe_values(m[1], dtype);
  if (values.is_number() || values.tensor.rank() == 0) {  // nothing to cycle through
    HeldTensor x(target);
    where_assign(x.tensor, mask, values);
    return Value::none();
  }
  const Tensor cycled = value_to_cycle(values, dtype, target.tensor_size());
  if (cycled.size() == 0) return Value::none();
  HeldTensor x(target);
  const Shape shape = x.tensor.shape();
  where_assign(x.tensor, mask, reshape(cycled, shape));
  return Value::none();
}

Value place(Value& target, const Mutation& m) {
  const Tensor mask = mask_argument(m[0], target, "place");
  const Operand values = safe_values(m[1], target.tensor_dtype());
  const bool has_values = values.is_number() || values.tensor.size() > 0;
  if (!has_values && count_nonzero(mask) > 0) {
    raise(ErrorKind::ValueError, "Cannot insert from an empty array!");
  }
  if (!has_values) return Value::none();
  HeldTensor x(target);
  write_flat(x.tensor, ravel(mask), values);
  return Value::none();
}

// ---- copyto ----

/// The operand as a view of `shape`. ValueError names both shapes.
Tensor broadcast_source(const Operand& source, DType dtype, const Shape& shape) {
  const Tensor value = cast_for_assignment(source, dtype);
  Tensor out = broadcast_value(value, shape);
  if (out) return out;
  raise(ErrorKind::ValueError, "could not broadcast input array from shape {} into shape {}",
        compact_text(value.shape()), compact_text(shape));
}

void copy_where(Tensor& x, const Operand& source, const Value& where) {
  if (where.is_tensor() && where.tensor_dtype() != DType::boolean) {
    raise(ErrorKind::TypeError, "Cannot cast array data from dtype('{}') to dtype('bool') according to the rule 'safe'",
          name(where.tensor_dtype()));
  }
  const Tensor mask = truth(as_tensor(where));
  const bool fits = mask.rank() <= x.rank() && broadcast_value(mask, x.shape());
  if (!fits) {
    raise(ErrorKind::ValueError, "could not broadcast where mask from shape {} into shape {}",
          compact_text(mask.shape()), compact_text(x.shape()));
  }
  const Tensor value = broadcast_source(source, x.dtype(), x.shape());
  where_assign(x, broadcast_value(mask, x.shape()), value);
}

Value copy_to(Value& target, const Mutation& m) {
  const DType dtype = target.tensor_dtype();
  // Lists are read by themselves: copyto looks at their dtype.
  const Operand source = m[0].is_number() ? to_operand(m[0]) : Operand(as_tensor(m[0]));
  check_casting(source, dtype, string_argument(m[1], "casting"));
  const bool everywhere = m[2].is(Value::Tag::boolean) && m[2].boolean();
  HeldTensor x(target);
  if (everywhere)
    write_at(x.tensor, {EllipsisItem{}}, source);
  else
    copy_where(x.tensor, source, m[2]);
  return Value::none();
}

// ---- diagonals and axes ----

/// Which of the flat elements lie on the diagonal.
SliceItem diagonal_slice(const Shape& shape, bool wrap) {
  if (shape.size() < 2) raise(ErrorKind::ValueError, "array must be at least 2-d");
  const std::int64_t columns = shape[1];
  if (shape.size() == 2) {
    return {std::nullopt, wrap ? std::nullopt : std::optional(columns * columns), columns + 1};
  }
  const auto differs = [&](std::int64_t size) { return size != shape[0]; };
  if (std::any_of(shape.begin(), shape.end(), differs)) {
    raise(ErrorKind::ValueError, "All dimensions of input must be of equal length");
  }
  std::int64_t step = 1, stride = 1;
  for (std::size_t axis = 0; axis + 1 < shape.size(); ++axis) step += stride *= shape[axis];
  return {std::nullopt, std::nullopt, step};
}

Value fill_diagonal(Value& target, const Mutation& m) {
  const SliceItem diagonal = diagonal_slice(target.tensor_shape(), truth(m[1]));
  const Operand value = stored_operand(m[0], target.tensor_dtype());
  HeldTensor x(target);
  write_flat(x.tensor, diagonal, value);
  return Value::none();
}

/// 0, 1, … along one axis of `rank`.
Tensor positions_along(std::size_t axis, std::size_t rank, std::int64_t size) {
  Shape shape(rank, 1);
  shape[axis] = size;
  Tensor out = Tensor::empty(DType::int64, shape);
  auto* at = out.mutable_data<std::int64_t>();
  for (std::int64_t index = 0; index < size; ++index) at[index] = index;
  return out;
}

IndexItems items_along(const Tensor& indices, const Shape& shape, std::size_t axis) {
  IndexItems out;
  for (std::size_t at = 0; at < shape.size(); ++at) {
    if (at == axis)
      out.emplace_back(indices);
    else
      out.emplace_back(positions_along(at, shape.size(), shape[at]));
  }
  return out;
}

Value put_along_axis(Value& target, const Mutation& m) {
  Tensor indices = as_tensor(m[0]);
  if (!is_integer(indices.dtype())) raise(ErrorKind::IndexError, "`indices` must be an integer array");
  const Operand values = stored_operand(m[1], target.tensor_dtype());
  const bool is_flat = m[2].is_none();
  const std::size_t rank = is_flat ? 1 : static_cast<std::size_t>(target.tensor_rank());
  if (indices.rank() != rank) {
    raise(ErrorKind::ValueError, "`indices` and `arr` must have the same number of dimensions");
  }
  const int axis = is_flat ? 0 : normalize_axis(as_index(m[2]), rank);
  HeldTensor x(target);
  if (is_flat)
    write_flat(x.tensor, std::move(indices), values);
  else
    write_at(x.tensor, items_along(indices, x.tensor.shape(), static_cast<std::size_t>(axis)), values);
  return Value::none();
}

constexpr MutatorRow kRows[] = {
    {TypeId::tensor, "put", "ind, v, mode='raise'", put_elements},
    {TypeId::tensor, "putmask", "mask, values", put_mask},
    {TypeId::tensor, "place", "mask, vals", place},
    {TypeId::tensor, "copyto", "src, casting='same_kind', where=True", copy_to},
    {TypeId::tensor, "fill_diagonal", "val, wrap=False", fill_diagonal},
    {TypeId::tensor, "put_along_axis", "indices, values, axis", put_along_axis},
};

}  // namespace

Value put_elements(Value& target, const Mutation& m) {
  Value given = m[0];
  const Tensor indices = ravel(whole_numbers_argument(given, "safe"));
  const Operand values = stored_operand(m[1], target.tensor_dtype());
  const IndexMode mode = mode_argument(m[2]);
  const std::int64_t size = target.tensor_size();
  if (size == 0 && indices.size() > 0) {
    raise(ErrorKind::IndexError, "cannot replace elements of an empty array");
  }
  const bool has_values = values.is_number() || values.tensor.size() > 0;
  if (indices.size() == 0 || !has_values) return Value::none();
  HeldTensor x(target);
  write_flat(x.tensor, landed(indices, size, mode), values);
  return Value::none();
}

std::span<const MutatorRow> tensor_functions() { return kRows; }

}  // namespace inlay
