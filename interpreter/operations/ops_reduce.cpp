// ops_reduce.cpp - rows of the functions that make one element of many: sums, extremes, truth, and running totals.
// `where=` puts the identity in place of what it leaves out; `initial=` joins in afterwards.
// Invariant: the order of additions is the runtime's alone.
#include <algorithm>

#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/reduction_rows.h"
#include "interpreter/values/nested.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/reductions/reduce.h"
#include "runtime/reductions/squared_distances.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

/// What a reduction is besides the runtime's op: the ufunc behind it, and the element that changes nothing.
struct Reduction {
  ReduceOp op;
  ElementwiseOp join;
  std::optional<int> identity;
};
constexpr Reduction kReductions[] = {
    {ReduceOp::sum, ElementwiseOp::add, 0},         {ReduceOp::prod, ElementwiseOp::multiply, 1},
    {ReduceOp::min, ElementwiseOp::minimum, {}},    {ReduceOp::max, ElementwiseOp::maximum, {}},
    {ReduceOp::all, ElementwiseOp::logical_and, 1}, {ReduceOp::any, ElementwiseOp::logical_or, 0},
};
const Reduction& reduction_of(ReduceOp op) { return kReductions[static_cast<int>(op)]; }

/// The arguments that all reductions have.
struct Options {
  Value& axis;
  bool keepdims;
  Value& initial;  // `...` if not given
  Value& mask;     // of where=; `...` if not given
};

bool has_initial(const Options& options) { return is_given(options.initial) && !options.initial.is_none(); }

bool is_extreme(ReduceOp op) { return op == ReduceOp::min || op == ReduceOp::max; }

/// Whether `axis` is 0 or -1 of a 0-d tensor, which NumPy's reductions take for all of it (mean and std do not).
bool is_axis_of_0d(const Value& axis, std::size_t rank) {
  if (rank != 0 || !axis.is(Value::Tag::integer)) return false;
  const std::int64_t at = int_argument(axis);
  return at == 0 || at == -1;
}

/// The axes of a reduction: None, an int or a tuple of ints, but no list.
std::vector<int> several_axes(const Value& axis, std::size_t rank) {
  if (axis.is_none() || axis.is(Value::Tag::tuple)) return axes_argument(axis, rank);
  return {normalize_axis(axis_number(axis), rank)};
}

std::vector<int> axes_to_reduce(const Value& axis, std::size_t rank) {
  return is_axis_of_0d(axis, rank) ? std::vector<int>() : several_axes(axis, rank);
}

std::optional<int> axis_to_reduce(const Value& axis, std::size_t rank) {
  return is_axis_of_0d(axis, rank) ? std::nullopt : axis_argument(axis, rank);
}

/// max(3, 4): in NumPy's max the second argument is the axis.
std::vector<int> reduced_axes(ReduceOp op, const Value& x, const Value& axis, std::size_t rank) {
  try {
    return axes_to_reduce(axis, rank);
  } catch (const Error& error) {
    if (!is_extreme(op) || !x.is_number()) throw;
    const ElementwiseOp pairwise = reduction_of(op).join;
    raise(error.kind(), "{} (for the {} of two values use {}(a, b))", error.message(),
          op == ReduceOp::max ? "larger" : "smaller", name(pairwise));
  }
}

/// Whether where= leaves anything to choose: the plain True is as good as nothing.
bool is_masked(const Value& mask) { return is_given(mask) && !(mask.is(Value::Tag::boolean) && truth(mask)); }

/// The mask of where=, spread over `shape`.
Tensor mask_over(Value& argument, const Shape& shape) {
  const Tensor mask = tensor_argument(argument);
  if (mask.dtype() != DType::boolean) {
    raise(ErrorKind::TypeError, "Cannot cast {} from dtype('{}') to dtype('bool') according to the rule 'safe'",
          mask.rank() == 0 ? "scalar" : "array data", name(mask.dtype()));
  }
  return broadcast_to(mask, shape);
}

Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
  std::vector<bool> is_reduced(shape.size());
  for (const int axis : axes) is_reduced[static_cast<std::size_t>(axis)] = true;
  Shape out;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (!is_reduced[axis])
      out.push_back(shape[axis]);
    else if (keepdims)
      out.push_back(1);
  }
  return out;
}

/// Refuses a reduction over no elements at all that has nothing to begin with.
void refuse_empty(ElementwiseOp join, const Shape& shape, const std::vector<int>& axes) {
  const auto is_empty = [&](int axis) { return shape[static_cast<std::size_t>(axis)] == 0; };
  if (std::none_of(axes.begin(), axes.end(), is_empty)) return;
  raise(ErrorKind::ValueError, "zero-size array to reduction operation {} which has no identity", name(join));
}

/// x with the elements that where= leaves out replaced by ones that change nothing.
Tensor masked(const Reduction& reduction, const Tensor& x, const Options& options, DType dtype) {
  const Tensor mask = mask_over(options.mask, x.shape());
  if (reduction.identity) return where(mask, x, cast(Tensor::scalar<std::int64_t>(*reduction.identity), x.dtype()));
  if (has_initial(options)) return where(mask, x, cast_for_assignment(number_operand(options.initial), dtype));
  raise(ErrorKind::ValueError,
        "reduction operation '{}' does not have an identity, so to use a where mask one has to specify 'initial'",
        name(reduction.join));
}

/// Reduces and joins `initial` in, which is also the result over no elements.
Tensor reduce_from(const Reduction& reduction, const Tensor& x, const std::vector<int>& axes, const Options& options,
                   DType dtype) {
  const Tensor initial = cast_for_assignment(number_operand(options.initial), dtype);
  if (x.size() == 0) return broadcast_to(initial, reduced_shape(x.shape(), axes, options.keepdims));
  const Tensor reduced = reduce(reduction.op, x, axes, options.keepdims, dtype);
  return cast(binary(reduction.join, reduced, initial), dtype);
}

Value reduced(ReduceOp op, Value& argument, const Options& options, std::optional<DType> dtype = {}) {
  const Reduction& reduction = reduction_of(op);
  Tensor x = numbers_argument(argument, name(reduction.join));
  const std::vector<int> axes = reduced_axes(op, argument, options.axis, x.rank());
  const DType result = dtype.value_or(reduced_dtype(op, x.dtype()));
  if (is_masked(options.mask)) x = masked(reduction, x, options, result);
  if (has_initial(options)) return Value::of(reduce_from(reduction, x, axes, options, result));
  if (options.initial.is_none()) refuse_empty(reduction.join, x.shape(), axes);
  return Value::of(reduce(op, x, axes, options.keepdims, dtype));
}

// Signatures: a, axis, dtype, keepdims, initial, where | a, axis, keepdims, initial, where | a, axis, keepdims, where.
ReduceOp op_of(const OpCall& call) { return static_cast<ReduceOp>(call.row.data); }

Value op_total(OpCall& call) {
  const Options options{call[1], bool_argument(call[3]), call[4], call[5]};
  return reduced(op_of(call), call[0], options, dtype_argument(call[2]));
}

Value op_extreme(OpCall& call) {
  return reduced(op_of(call), call[0], {call[1], bool_argument(call[2]), call[3], call[4]});
}

/// Whether a value is text, or a sequence of texts.
bool is_text(const Value& value) {
  return has_text(value) && !any_in_operand(value, [](const Value& each) { return !each.is_string(); });
}

Value op_truth(OpCall& call) {
  if (is_text(call[0]))
    call[0] = remade<Into::sequences>(call[0], [](const Value& each) { return Value::of(truth(each)); });
  Value none = Value::ellipsis();
  return reduced(op_of(call), call[0], {call[1], bool_argument(call[2]), none, call[3]});
}

/// The mean of the elements that where= keeps.
Tensor masked_mean(const Tensor& x, Value& mask, const std::vector<int>& axes, bool keepdims, DType dtype) {
  const Tensor kept = mask_over(mask, x.shape());
  const Tensor zero = cast(Tensor::scalar<std::int64_t>(0), x.dtype());
  const Tensor total = reduce(ReduceOp::sum, where(kept, x, zero), axes, keepdims, dtype);
  const Tensor count = reduce(ReduceOp::sum, kept, axes, keepdims);
  return cast(binary(ElementwiseOp::divide, total, cast(count, real_dtype(dtype))), dtype);
}

Value op_mean(OpCall& call) {
  const Tensor x = numbers_argument(call[0], "add");
  const bool masked = is_masked(call[4]);
  const std::vector<int> axes = masked ? axes_to_reduce(call[1], x.rank()) : several_axes(call[1], x.rank());
  const std::optional<DType> dtype = dtype_argument(call[2]);
  const bool keepdims = bool_argument(call[3]);
  if (!masked) return Value::of(reduce(ReduceOp::mean, x, axes, keepdims, dtype));
  const DType result = dtype.value_or(kind(x.dtype()) < Kind::floating ? DType::float64 : x.dtype());
  return Value::of(masked_mean(x, call[4], axes, keepdims, result));
}

Value op_arg_extreme(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  return Value::of(arg_reduce(call.row.data != 0, x, axis_to_reduce(call[1], x.rank()), bool_argument(call[2])));
}

Value op_count_nonzero(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  return Value::of(reduce(ReduceOp::count, x, axes_to_reduce(call[1], x.rank()), bool_argument(call[2])));
}

/// What var and norms add up: a tensor, or None where the runtime has no kernel for it. Without a centre it is 0.
Value op_squared_distances(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const std::vector<int> axes = several_axes(call[2], x.rank());
  const Tensor centre =
      call[1].is_none() ? Tensor::zeros(x.dtype(), reduced_shape(x.shape(), axes, true)) : tensor_argument(call[1]);
  const Tensor out = squared_distances(x, centre, axes, bool_argument(call[3]), bool_argument(call[4]));
  return out ? Value::of(out) : Value::none();
}

Value op_scan(OpCall& call) {
  const Tensor x = numbers_argument(call[0], op_of(call) == ReduceOp::prod ? "multiply" : "add");
  return Value::of(scan(op_of(call), x, axis_to_reduce(call[1], x.rank()), dtype_argument(call[2])));
}

/// The axes that functions of the library reduce over, as a tuple of ints from 0; lists are welcome.
Value op_normalize_axes(OpCall& call) {
  std::vector<Value> out;
  for (const int axis : axes_argument(call[0], static_cast<std::size_t>(int_argument(call[1]))))
    out.push_back(Value::of(std::int64_t{axis}));
  return Value::tuple(std::move(out));
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBoth = kNumpy | kMethod;
constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow total(std::string_view name, ReduceOp op) {
  return {name,     "a, axis=None, dtype=None, *, keepdims=False, initial=..., where=...",
          kBoth,    kTensor,
          op_total, static_cast<int>(op)};
}
constexpr OpRow extreme(std::string_view name, ReduceOp op, std::uint16_t visibility) {
  return {name,       "a, axis=None, *, keepdims=False, initial=..., where=...",
          visibility, kTensor,
          op_extreme, static_cast<int>(op)};
}
constexpr OpRow truth_row(std::string_view name, ReduceOp op) {
  return {name, "a, axis=None, *, keepdims=False, where=...", kBoth, kTensor, op_truth, static_cast<int>(op)};
}
constexpr OpRow running(std::string_view name, ReduceOp op) {
  return {name, "a, axis=None, dtype=None", kBoth, kTensor, op_scan, static_cast<int>(op)};
}

constexpr OpRow kRows[] = {
    {"_normalize_axes", "axis, ndim", kInternal, ResultKind::any, op_normalize_axes},
    {"_squared_distances", "x, centre, axis, keepdims, skip_nan", kInternal, ResultKind::any, op_squared_distances},
    truth_row("all", ReduceOp::all),
    extreme("amax", ReduceOp::max, kNumpy),
    extreme("amin", ReduceOp::min, kNumpy),
    truth_row("any", ReduceOp::any),
    {"argmax", "a, axis=None, *, keepdims=False", kBoth, kTensor, op_arg_extreme, 1},
    {"argmin", "a, axis=None, *, keepdims=False", kBoth, kTensor, op_arg_extreme, 0},
    {"count_nonzero", "a, axis=None, *, keepdims=False", kNumpy, kTensor, op_count_nonzero},
    running("cumprod", ReduceOp::prod),
    running("cumsum", ReduceOp::sum),
    extreme("max", ReduceOp::max, kBoth),
    {"mean", "a, axis=None, dtype=None, *, keepdims=False, where=...", kBoth, kTensor, op_mean},
    extreme("min", ReduceOp::min, kBoth),
    total("prod", ReduceOp::prod),
    total("sum", ReduceOp::sum),
};

}  // namespace

std::optional<ReduceOp> reduction_of(const OpRow& row) {
  if (row.evaluate == op_mean) return ReduceOp::mean;
  if (row.evaluate == op_count_nonzero) return ReduceOp::count;
  const bool is_reduction = row.evaluate == op_total || row.evaluate == op_extreme || row.evaluate == op_truth;
  return is_reduction ? std::optional(static_cast<ReduceOp>(row.data)) : std::nullopt;
}

std::span<const OpRow> reduce_ops() { return kRows; }

}  // namespace inlay
