// ufunc_methods.cpp - see ufunc_methods.h. Ufuncs that have a reduction in the op table go through its row; the others
// are folded slice by slice.
#include "interpreter/operations/ufunc_methods.h"

#include <algorithm>

#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/signature.h"
#include "runtime/dtypes/cast.h"
#include "runtime/reductions/reduce.h"

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

bool is_running_total(ElementwiseOp op) { return op == ElementwiseOp::add || op == ElementwiseOp::multiply; }

Tensor slices(const Tensor& x, std::int64_t begin, std::int64_t end) {
  Shape shape = x.shape();
  shape[0] = end - begin;
  return x.view(std::move(shape), x.strides(), begin * x.strides()[0]);
}

ElementwiseOp combining_op(const Ufunc& ufunc, std::string_view method) {
  if (ufunc.inputs != 2) raise(ErrorKind::ValueError, "{} only supported for binary functions", method);
  if (!ufunc.op) raise(ErrorKind::ValueError, "{} only supported for functions returning a single value", method);
  return *ufunc.op;
}

Value call_row(Evaluator& evaluator, const OpRow& row, std::vector<Value> arguments) {
  INLAY_CHECK(signature_of(row).parameters.size() == arguments.size());
  OpCall call{evaluator, row, arguments, 0, nullptr};
  return row.evaluate(call);
}

// ---- reduce ---------------------------------------------------------------------------------------------------------

// Parameters: array, axis, dtype, keepdims, initial, where.
enum ReduceParameter : std::uint8_t { kArray, kAxis, kDType, kKeepdims, kInitial, kWhere };

/// where=True is the same as none; any other plain number stands for its truth.
void normalise_mask(Value& mask) {
  if (!mask.is_number()) return;
  const bool is_default = mask.is(Value::Tag::boolean) && truth(mask);
  mask = is_default ? Value::ellipsis() : Value::of(truth(mask));
}

Tensor mask_argument(Value& value) {
  const Tensor mask = tensor_argument(value);
  if (mask.dtype() == DType::boolean) return mask;
  raise(ErrorKind::TypeError, "Cannot cast array data from dtype('{}') to dtype('bool') according to the rule 'safe'",
        name(mask.dtype()));
}

Value reduce_by_fold(ElementwiseOp op, const Tensor& x, std::vector<Value>& given) {
  FoldOptions options;
  options.dtype = dtype_argument(given[kDType]);
  options.keepdims = bool_argument(given[kKeepdims]);
  options.from_identity = !given[kInitial].is_none();
  if (options.from_identity && is_given(given[kInitial])) options.initial = number_operand(given[kInitial]);
  if (is_given(given[kWhere])) options.mask = mask_argument(given[kWhere]);
  return Value::of(fold(op, x, axes_argument(given[kAxis], x.rank()), options));
}

Value reduce_by_row(Evaluator& evaluator, const ReductionName& reduction, std::vector<Value>& given) {
  const OpRow& row = *find_op(reduction.name, kNumpy);
  if (is_running_total(reduction.op)) return call_row(evaluator, row, given);
  if (const auto dtype = dtype_argument(given[kDType])) {
    const Tensor x = tensor_argument(given[kArray]);
    given[kArray] = Value::of(cast(x, fold_dtype(reduction.op, x.dtype(), dtype)));
  }
  if (reduction.name == "all" || reduction.name == "any") {
    return call_row(evaluator, row, {given[kArray], given[kAxis], given[kKeepdims], given[kWhere]});
  }
  return call_row(evaluator, row, {given[kArray], given[kAxis], given[kKeepdims], given[kInitial], given[kWhere]});
}

/// The function that reduces as the ufunc does when told the same; null if there is none.
const ReductionName* reduction_for(ElementwiseOp op, const std::vector<Value>& given) {
  const auto* row = std::find_if(std::begin(kReductions), std::end(kReductions),
                                 [&](const ReductionName& each) { return each.op == op; });
  const bool is_truth = op == ElementwiseOp::logical_and || op == ElementwiseOp::logical_or;
  const bool is_folded = given[kInitial].is_none() || (is_truth && is_given(given[kInitial]));
  return row == std::end(kReductions) || is_folded ? nullptr : row;
}

/// Axis 0 or -1 of a 0-d tensor, which NumPy takes for no axis.
bool is_axis_of_0d(const Value& axis, const Tensor& x) {
  if (x.rank() != 0 || axis.is_none() || axis.is_sequence()) return false;
  return int_argument(axis) == 0 || int_argument(axis) == -1;
}

Value reduce_method(Evaluator& evaluator, ElementwiseOp op, std::vector<Value> given) {
  const Tensor x = tensor_argument(given[kArray]);
  if (is_axis_of_0d(given[kAxis], x)) given[kAxis] = Value::tuple({});
  normalise_mask(given[kWhere]);
  if (const ReductionName* reduction = reduction_for(op, given)) return reduce_by_row(evaluator, *reduction, given);
  return reduce_by_fold(op, x, given);
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
  if (!axis.is_none() && !axis.is(Value::Tag::tuple)) return normalize_axis(axis_number(axis), x.rank());
  const std::vector<int> axes = axes_argument(axis, x.rank());
  if (axes.size() != 1) raise(ErrorKind::ValueError, "{} does not allow multiple axes", method);
  return axes[0];
}

// Parameters: array, axis, dtype.
Value accumulate_method(ElementwiseOp op, std::vector<Value> given) {
  const Tensor x = tensor_argument(given[0]);
  const std::optional<DType> dtype = dtype_argument(given[2]);
  const int axis = axis_of(x, given[1], "accumulate");
  if (op == ElementwiseOp::add) return Value::of(scan(ReduceOp::sum, x, axis, dtype));
  if (op == ElementwiseOp::multiply) return Value::of(scan(ReduceOp::prod, x, axis, dtype));
  return Value::of(running_fold(op, x, axis, dtype));
}

/// Where the parts of reduceat start.
Tensor starts_argument(Value& value) {
  const Tensor starts = tensor_argument(value);
  if (starts.rank() == 1) return cast(starts, DType::int64).contiguous();
  raise(ErrorKind::ValueError, "indices of reduceat must be 1-d, not {}-d", starts.rank());
}

/// What each part becomes: one slice.
Value reduce_part(Evaluator& evaluator, ElementwiseOp op, const Tensor& part, const Value& dtype) {
  return reduce_method(evaluator, op,
                       {Value::of(part), Value::of(0), dtype, Value::of(false), Value::ellipsis(), Value::ellipsis()});
}

// Parameters: array, indices, axis, dtype.
Value reduceat_method(Evaluator& evaluator, ElementwiseOp op, std::vector<Value> given) {
  const Tensor x = tensor_argument(given[0]);
  const int axis = axis_of(x, given[2], "reduceat");
  const Tensor from = to_front(x, axis);
  const std::int64_t size = from.dim(0);
  const Tensor starts = starts_argument(given[1]);
  std::vector<Tensor> parts;
  for (std::int64_t at = 0; at < starts.size(); ++at) {
    const std::int64_t start = starts.data<std::int64_t>()[at];
    if (start < 0 || start >= size) {
      raise(ErrorKind::IndexError, "index {} out-of-bounds in {}.reduceat [0, {})", start, name(op), size);
    }
    const std::int64_t next = at + 1 < starts.size() ? starts.data<std::int64_t>()[at + 1] : size;
    const Tensor part = slices(from, start, next > start ? std::min(next, size) : start + 1);
    parts.push_back(reduce_part(evaluator, op, part, given[3]).tensor());
  }
  if (!parts.empty()) return Value::of(from_front(stack(parts, 0), axis));
  return accumulate_method(op, {Value::of(from_front(slices(from, 0, 0), axis)), Value::of(axis), given[3]});
}

// Parameters: A, B, and the ufunc's own keywords.
Value outer_method(Evaluator& evaluator, const OpRow& row, const Ufunc& ufunc, std::vector<Value> given) {
  if (ufunc.inputs != 2) raise(ErrorKind::ValueError, "outer product only supported for binary functions");
  const Tensor a = tensor_argument(given[0]), b = tensor_argument(given[1]);
  Shape shape = a.shape();
  for (std::size_t axis = 0; axis < b.rank(); ++axis) shape.push_back(1);
  given[0] = Value::of(reshape(a, shape));
  given[1] = Value::of(b);  // plain numbers are no longer weak
  return call_row(evaluator, row, std::move(given));
}

Value identity_value(const Ufunc& ufunc) {
  const std::optional<Scalar> identity = ufunc.op && ufunc.inputs == 2 ? identity_of(*ufunc.op) : std::nullopt;
  return identity ? Value::of(*identity) : Value::none();
}

}  // namespace

Value ufunc_method(Evaluator& evaluator, const OpRow& row, std::string_view method, std::span<const Value> arguments,
                   std::span<const std::pair<std::string, Value>> keywords) {
  const std::optional<Ufunc> ufunc = ufunc_of(row);
  if (!ufunc) return {};
  const auto bound = [&](std::string_view signature) {
    std::vector<Value> out = bind_arguments(method, parse_signature(signature), arguments, keywords);
    if (has_text(out[0])) raise(ErrorKind::TypeError, "ufunc '{}' has no loop for text", row.name);
    return out;
  };
  if (method == "reduce") {
    return reduce_method(evaluator, combining_op(*ufunc, method),
                         bound("array, axis=0, dtype=None, *, keepdims=False, initial=..., where=..."));
  }
  if (method == "accumulate") {
    return accumulate_method(combining_op(*ufunc, method), bound("array, axis=0, dtype=None"));
  }
  if (method == "reduceat") {
    return reduceat_method(evaluator, combining_op(*ufunc, method), bound("array, indices, axis=0, dtype=None"));
  }
  if (method == "outer") return outer_method(evaluator, row, *ufunc, bound("A, B, /, *, dtype=None"));
  return {};
}

Value ufunc_attribute(const OpRow& row, std::string_view name) {
  const std::optional<Ufunc> ufunc = ufunc_of(row);
  if (!ufunc) return {};
  if (name == "nin") return Value::of(ufunc->inputs);
  if (name == "nout") return Value::of(ufunc->outputs);
  if (name == "nargs") return Value::of(ufunc->inputs + ufunc->outputs);
  if (name == "identity") return identity_value(*ufunc);
  if (name == "signature") return Value::none();
  if (name == "__name__") return Value::of(ufunc->op ? inlay::name(*ufunc->op) : row.name);
  return {};
}

}  // namespace inlay
