// ops_pullback.cpp - the ops that the rules of library/gradients are made of, and those that a recording notes updates
// as. Knows no tape: they are ops of the core like others, with rules of their own, so that a pull can be recorded too.
// Invariant: an element that was overwritten, dropped or never read contributes nothing.
#include <algorithm>
#include <numeric>

#include "interpreter/at_view.h"
#include "interpreter/index_items.h"
#include "interpreter/machine.h"
#include "interpreter/mutators.h"
#include "interpreter/tracked.h"
#include "runtime/cast.h"
#include "runtime/reduce.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

using Tag = Value::Tag;

/// The sum over the axes that broadcasting `shape` to x's shape added or stretched.
Tensor reduced_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const std::size_t extra = x.rank() > shape.size() ? x.rank() - shape.size() : 0;
  std::vector<int> leading(extra), stretched;
  std::iota(leading.begin(), leading.end(), 0);
  Tensor out = extra > 0 ? reduce(ReduceOp::sum, x, leading, false) : x;
  const std::size_t shift = shape.size() - out.rank();
  for (std::size_t axis = 0; axis < out.rank(); ++axis)
    if (shape[axis + shift] == 1 && out.dim(axis) != 1) stretched.push_back(static_cast<int>(axis));
  if (!stretched.empty()) out = reduce(ReduceOp::sum, out, stretched, true);
  return broadcast_to(out, shape);
}

Value op_fit(OpCall& call) {
  return Value::of(fitted_to(tensor_argument(call[0]), shape_argument(call[1]), call[2].dtype()));
}

/// The shape with `axis` of size 1.
Shape kept_shape(const Shape& shape, const Value& axis) {
  Shape kept = shape;
  if (!shape.empty())
    for (const int each : axes_argument(axis, shape.size())) kept[static_cast<std::size_t>(each)] = 1;
  return kept;
}

/// What a reduction over `axis` of a tensor of `sizes` gave, as with keepdims=True …
Value op_kept(OpCall& call) {
  return Value::of(reshape(tensor_argument(call[0]), kept_shape(shape_argument(call[2]), call[1])));
}

/// … and spread over that tensor again.
Value op_unreduced(OpCall& call) {
  const Shape shape = shape_argument(call[2]);
  return Value::of(broadcast_to(reshape(tensor_argument(call[0]), kept_shape(shape, call[1])), shape));
}

/// zeros of `sizes` to which each element of `cotangent` is added at the position in `source`; below 0: nowhere.
Value op_collect(OpCall& call) {
  const Tensor cotangent = tensor_argument(call[0]);
  const Shape shape = shape_argument(call[2]);
  const auto size = static_cast<std::int64_t>(element_count(shape));
  Tensor out = Tensor::zeros(cotangent.dtype(), Shape{size});
  Tensor at = cast(tensor_argument(call[1]), DType::int64).copy();
  auto* position = at.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < at.size(); ++i)
    if (position[i] < 0) position[i] = size;  // out of range: dropped
  const IndexItem item = ravel(at);
  index_accumulate(out, {&item, 1}, UpdateKind::add, Operand(ravel(broadcast_to(cotangent, at.shape()))),
                   IndexMode::drop);
  return Value::of(reshape(out, shape));
}

/// The conjugate transpose of matrices, the last two axes.
Value op_adjoint(OpCall& call) {
  const Tensor x = swapaxes(tensor_argument(call[0]), -1, -2);
  return Value::of(is_complex(x.dtype()) ? unary(ElementwiseOp::conjugate, x) : x);
}

bool is_basic(const IndexItem& item) {
  const Tensor* tensor = std::get_if<Tensor>(&item);
  return tensor == nullptr || tensor->dtype() == DType::boolean || tensor->rank() == 0;
}

bool is_basic(const PathStep& step) {
  return step.kind != PathStep::Kind::flat &&
         std::all_of(step.items.begin(), step.items.end(), [](const IndexItem& item) { return is_basic(item); });
}

/// Whether an element can be named twice by a path, or values repeat along it.
Value op_repeats(OpCall& call) {
  const auto& steps = steps_of(call[0]);
  return Value::of(!std::all_of(steps.begin(), steps.end(), [](const PathStep& step) { return is_basic(step); }));
}

Value op_subscript(OpCall& call) { return subscript(call[0], call[1]); }

/// x with `value` added at an index where duplicates count.
Value op_add_at(OpCall& call) {
  Tensor x = call.may_reuse(0) ? call[0].take_tensor() : call[0].tensor();
  PathStep step;
  step.items = to_index_items(call[1]);
  if (is_basic(step))
    path_update(x, {&step, 1}, {operand_argument(call[2]), ElementwiseOp::add});
  else
    index_accumulate(x, step.items, UpdateKind::add, operand_argument(call[2]));
  return Value::of(std::move(x));
}

/// x with `values` added through a path that names no element twice.
Value op_add_path(OpCall& call) {
  Tensor x = call.may_reuse(0) ? call[0].take_tensor() : call[0].tensor();
  path_update(x, steps_of(call[1]), {operand_argument(call[2]), ElementwiseOp::add});
  return Value::of(std::move(x));
}

Value op_read_path(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  Tensor part = path_get(x, steps_of(call[1]));
  // A view would make the next write copy all of x, which it is read from.
  return Value::of(part.rank() == 0 || 2 * part.size() <= x.size() ? part.copy() : part);
}

Value op_write_path(OpCall& call) {
  const bool takes = call.may_reuse(0) && call[0].is(Tag::tensor);
  Tensor x = takes ? call[0].take_tensor() : call[0].tensor();
  const bool is_nested = call[2].is_sequence();
  try {
    const DType dtype = x.dtype();
    path_update(x, steps_of(call[1]),
                {is_nested ? Operand(as_tensor(call[2], &dtype)) : to_operand(call[2]), std::nullopt, is_nested});
  } catch (...) {
    if (takes) call[0] = Value::of(std::move(x));
    throw;
  }
  return Value::of(std::move(x));
}

/// x.at[index].name(value)
Value op_at(OpCall& call) {
  AtObject at;
  at.tensor = call[0];
  at.index = call[1];
  const std::vector<std::pair<std::string, Value>> keywords{{"mode", call[4]}, {"duplicates", call[5]}};
  const bool reads = call[3].string() == "get";
  return at_method(call.evaluator, at, call[3].string(),
                   reads ? std::span<const Value>() : call.arguments.subspan(2, 1),
                   reads ? std::span(keywords).first(1) : std::span(keywords));
}

/// The tensor that put, putmask … makes of x: `values` first among the arguments where the function takes them first.
Value op_mutated(OpCall& call) {
  Value target = Value::of(call[0].tensor().copy());
  const std::string& function = call[2].string();
  std::vector<Value> arguments = call[3].elements();
  const bool is_first = function == "copyto" || function == "fill_diagonal";
  arguments.insert(arguments.begin() + (is_first ? 0 : 1), call[1]);
  mutate_by_function(target, {call.evaluator, function, arguments, {}, {}});
  return target;
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr ResultKind kAny = ResultKind::any;

constexpr OpRow kRows[] = {
    {"_add_path", "x, path, values", kInternal, kAny, op_add_path},
    {"_adjoint", "x", kInternal, kAny, op_adjoint},
    {"_add_at", "x, index, value", kInternal, kAny, op_add_at},
    {"_at", "x, index, value, name, mode, duplicates", kInternal, kAny, op_at},
    {"_collect", "cotangent, source, sizes", kInternal, kAny, op_collect},
    {"_fit", "cotangent, sizes, dtype", kInternal, kAny, op_fit},
    {"_kept", "reduced, axis, sizes", kInternal, kAny, op_kept},
    {"_mutated", "x, values, name, others", kInternal, kAny, op_mutated},
    {"_read_path", "x, path", kInternal, kAny, op_read_path},
    {"_repeats", "path", kInternal, kAny, op_repeats},
    {"_subscript", "x, index", kInternal, kAny, op_subscript},
    {"_unreduced", "reduced, axis, sizes", kInternal, kAny, op_unreduced},
    {"_write_path", "x, path, values", kInternal, kAny, op_write_path},
};

}  // namespace

Tensor fitted_to(const Tensor& x, const Shape& shape, DType dtype) {
  const Tensor reduced = reduced_to(x, shape);
  return cast(is_complex(x.dtype()) && !is_complex(dtype) ? real(reduced) : reduced, dtype);
}

std::span<const OpRow> pullback_ops() { return kRows; }

}  // namespace inlay
