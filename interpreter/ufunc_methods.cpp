// ufunc_methods.cpp - see ufunc_methods.h. Ufuncs that have a reduction in the op table go through its row; the others
// are folded slice by slice.
#include "interpreter/ufunc_methods.h"

#include <algorithm>

#include "interpreter/op_operands.h"
#include "interpreter/signature.h"
#include "runtime/cast.h"
#include "runtime/reduce.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

/// A ufunc whose reduction is a function of its own.
struct ReductionName {
  ElementwiseOp op;
  std::string_view name;
};
constexpr ReductionName kReductions[] = {
    {ElementwiseOp::add, "sum"},     {ElementwiseOp::multiply, "prod"},   {ElementwiseOp::maximum, "max"},
    {ElementwiseOp::minimum, "min"}, {ElementwiseOp::logical_and, "all"}, {ElementwiseOp::logical_or, "any"},
};

/// What the other ufuncs that can be reduced in any order give for no elements.
struct Identity {
  ElementwiseOp op;
  std::int64_t value;
};
constexpr Identity kIdentities[] = {
    {ElementwiseOp::bitwise_and, -1}, {ElementwiseOp::bitwise_or, 0}, {ElementwiseOp::bitwise_xor, 0},
    {ElementwiseOp::logical_xor, 0},  {ElementwiseOp::gcd, 0},        {ElementwiseOp::hypot, 0},
};
/// Those that have no such element.
constexpr ElementwiseOp kUnordered[] = {ElementwiseOp::fmax, ElementwiseOp::fmin, ElementwiseOp::lcm,
                                        ElementwiseOp::logaddexp, ElementwiseOp::logaddexp2};

std::optional<std::int64_t> identity_of(ElementwiseOp op) {
  for (const Identity& row : kIdentities) {
    if (row.op == op) return row.value;
  }
  return std::nullopt;
}

bool is_reorderable(ElementwiseOp op) {
  return identity_of(op) || std::find(std::begin(kUnordered), std::end(kUnordered), op) != std::end(kUnordered);
}

void refuse_one_operand(ElementwiseOp op, std::string_view method) {
  if (arity(op) == 2) return;
  raise(ErrorKind::ValueError, "{} only supported for binary functions", method);
}

Tensor slice_at(const Tensor& x, std::int64_t at) {
  Shape shape = x.shape();
  Strides strides = x.strides();
  const std::int64_t offset = at * strides[0];
  shape.erase(0);
  strides.erase(0);
  return x.view(std::move(shape), std::move(strides), offset);
}

Tensor slices(const Tensor& x, std::int64_t begin, std::int64_t end) {
  Shape shape = x.shape();
  shape[0] = end - begin;
  return x.view(std::move(shape), x.strides(), begin * x.strides()[0]);
}

Tensor cast_to(const Tensor& x, std::optional<DType> dtype) { return dtype ? cast(x, *dtype) : x; }

// ---- reduce ---------------------------------------------------------------------------------------------------------

/// Folds the slices along the first axis, from the first to the last.
Tensor fold(ElementwiseOp op, const Tensor& x, Value& initial) {
  std::optional<Tensor> total;
  if (is_given(initial)) total = to_tensor(operand_argument(initial));
  for (std::int64_t at = 0; at < x.dim(0); ++at) total = total ? binary(op, *total, slice_at(x, at)) : slice_at(x, at);
  Shape shape = x.shape();
  shape.erase(0);
  if (total) return broadcast_to(*total, shape);
  const std::optional<std::int64_t> identity = identity_of(op);
  if (!identity)
    raise(ErrorKind::ValueError, "zero-size array to reduction operation {} which has no identity", name(op));
  return broadcast_to(cast(Tensor::scalar(*identity), x.dtype()), shape);
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

Tensor fold_axes(ElementwiseOp op, const Tensor& x, std::vector<int> axes, bool keepdims, Value& initial) {
  if (axes.size() > 1 && !is_reorderable(op)) {
    raise(ErrorKind::ValueError, "reduction operation '{}' is not reorderable, so at most one axis may be specified",
          name(op));
  }
  std::sort(axes.begin(), axes.end());
  Tensor folded = fold(op, axes_first(x, axes), initial);
  if (!keepdims) return folded;
  Dims kept;
  for (const int axis : axes) kept.push_back(axis);
  return kept.empty() ? folded : expand_dims(folded, kept);
}

Value call_row(Evaluator& evaluator, std::string_view name, std::vector<Value> arguments) {
  const OpRow* row = find_op(name, kNumpy);
  INLAY_CHECK(row != nullptr && signature_of(*row).parameters.size() == arguments.size());
  OpCall call{evaluator, *row, arguments, 0, nullptr};
  return row->evaluate(call);
}

// Parameters: array, axis, dtype, keepdims, initial, where.
Value reduce_by_row(Evaluator& evaluator, std::string_view name, std::vector<Value>& given) {
  if (name == "sum" || name == "prod") return call_row(evaluator, name, given);
  const Value array = Value::of(cast_to(tensor_argument(given[0]), dtype_argument(given[2])));
  if (name == "all" || name == "any") return call_row(evaluator, name, {array, given[1], given[3], given[5]});
  return call_row(evaluator, name, {array, given[1], given[3], given[4], given[5]});
}

Value reduce_method(Evaluator& evaluator, ElementwiseOp op, std::vector<Value> given) {
  refuse_one_operand(op, "reduce");
  const Tensor x = tensor_argument(given[0]);
  const bool is_first = !given[1].is_none() && !given[1].is_sequence() && int_argument(given[1]) == 0;
  if (x.rank() == 0 && is_first) given[1] = Value::tuple({});  // NumPy takes axis 0 of a 0-d array
  for (const ReductionName& row : kReductions) {
    if (row.op == op) return reduce_by_row(evaluator, row.name, given);
  }
  if (is_given(given[5])) raise(ErrorKind::TypeError, "{}.reduce() does not take where=", name(op));
  const Tensor from = cast_to(x, dtype_argument(given[2]));
  return Value::of(fold_axes(op, from, axes_argument(given[1], x.rank()), bool_argument(given[3]), given[4]));
}

// ---- accumulate, reduceat, outer ------------------------------------------------------------------------------------

Tensor to_front(const Tensor& x, int axis) {
  const std::int64_t from[] = {axis}, to[] = {0};
  return moveaxis(x, from, to);
}

Tensor from_front(const Tensor& x, int axis) {
  const std::int64_t from[] = {0}, to[] = {axis};
  return moveaxis(x, from, to);
}

int axis_of(const Tensor& x, const Value& axis, std::string_view method) {
  if (x.rank() == 0) raise(ErrorKind::TypeError, "cannot {} on a scalar", method);
  return normalize_axis(int_argument(axis), x.rank());
}

// Parameters: array, axis, dtype.
Value accumulate_method(ElementwiseOp op, std::vector<Value> given) {
  refuse_one_operand(op, "accumulate");
  const Tensor x = tensor_argument(given[0]);
  const std::optional<DType> dtype = dtype_argument(given[2]);
  const int axis = axis_of(x, given[1], "accumulate");
  if (op == ElementwiseOp::add) return Value::of(scan(ReduceOp::sum, x, axis, dtype));
  if (op == ElementwiseOp::multiply) return Value::of(scan(ReduceOp::prod, x, axis, dtype));
  const Tensor from = to_front(cast_to(x, dtype), axis);
  std::vector<Tensor> totals;
  for (std::int64_t at = 0; at < from.dim(0); ++at) {
    totals.push_back(at == 0 ? slice_at(from, 0) : binary(op, totals.back(), slice_at(from, at)));
  }
  return Value::of(totals.empty() ? cast_to(x, dtype) : from_front(stack(totals, 0), axis));
}

// Parameters: array, indices, axis, dtype.
Value reduceat_method(Evaluator& evaluator, ElementwiseOp op, std::vector<Value> given) {
  refuse_one_operand(op, "reduceat");
  const Tensor x = tensor_argument(given[0]);
  const int axis = axis_of(x, given[2], "reduceat");
  const Tensor from = to_front(x, axis);
  const std::int64_t size = from.dim(0);
  const Tensor starts = cast(tensor_argument(given[1]), DType::int64).contiguous();
  std::vector<Tensor> parts;
  for (std::int64_t at = 0; at < starts.size(); ++at) {
    const std::int64_t start = starts.data<std::int64_t>()[at];
    if (start < 0 || start >= size) {
      raise(ErrorKind::IndexError, "index {} out-of-bounds in {}.reduceat [0, {})", start, name(op), size);
    }
    const std::int64_t next = at + 1 < starts.size() ? starts.data<std::int64_t>()[at + 1] : size;
    const Tensor part = slices(from, start, next > start ? std::min(next, size) : start + 1);
    std::vector<Value> options = {Value::of(part),  Value::of(0),      given[3],
                                  Value::of(false), Value::ellipsis(), Value::ellipsis()};
    parts.push_back(reduce_method(evaluator, op, std::move(options)).tensor());
  }
  if (parts.empty()) return Value::of(from_front(slices(from, 0, 0), axis));
  return Value::of(from_front(stack(parts, 0), axis));
}

Value outer_method(ElementwiseOp op, std::vector<Value> given) {
  refuse_one_operand(op, "outer product");
  Tensor a = tensor_argument(given[0]);
  const Tensor b = tensor_argument(given[1]);
  Shape shape = a.shape();
  for (std::size_t axis = 0; axis < b.rank(); ++axis) shape.push_back(1);
  return Value::of(binary(op, reshape(a, shape), b));
}

}  // namespace

Value ufunc_method(Evaluator& evaluator, const OpRow& ufunc, std::string_view method, std::span<const Value> arguments,
                   std::span<const std::pair<std::string, Value>> keywords) {
  const std::optional<ElementwiseOp> op = ufunc_of(ufunc);
  if (!op) return {};
  const auto bound = [&](std::string_view signature) {
    return bind_arguments(method, parse_signature(signature), arguments, keywords);
  };
  if (method == "reduce") {
    return reduce_method(evaluator, *op, bound("array, axis=0, dtype=None, *, keepdims=False, initial=..., where=..."));
  }
  if (method == "accumulate") return accumulate_method(*op, bound("array, axis=0, dtype=None"));
  if (method == "reduceat") return reduceat_method(evaluator, *op, bound("array, indices, axis=0, dtype=None"));
  if (method == "outer") return outer_method(*op, bound("A, B"));
  return {};
}

}  // namespace inlay
