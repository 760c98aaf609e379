// ops_pullback.cpp - the ops that the rules of library/gradients are made of, and those that a recording notes updates
// as. Knows no tape: they are ops of the core like others, with rules of their own, so that a pull can be recorded too.
// Invariant: an element that was overwritten, dropped or never read contributes nothing.
#include <algorithm>
#include <numeric>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/methods/at_view.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/operations/ranges.h"
#include "interpreter/subscripts/index_items.h"
#include "runtime/dtypes/cast.h"
#include "runtime/reductions/reduce.h"
#include "runtime/tensors/shape_ops.h"

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

/// 0, 1, … in row-major order.
Tensor numbered(const Shape& shape) {
  const auto count = static_cast<std::int64_t>(element_count(shape));
  return reshape(arange(Value::of(0), Value::of(count), Value::of(1), DType::int64), shape);
}

bool is_basic(const IndexItem& item) {
  const Tensor* tensor = std::get_if<Tensor>(&item);
  return tensor == nullptr || tensor->dtype() == DType::boolean || tensor->rank() == 0;
}

bool is_basic(const PathStep& step) {
  return step.kind != PathStep::Kind::flat &&
         std::all_of(step.items.begin(), step.items.end(), [](const IndexItem& item) { return is_basic(item); });
}

/// Whether an element can be named twice by a path.
Value op_repeats(OpCall& call) {
  const auto& steps = steps_of(call[0]);
  return Value::of(!std::all_of(steps.begin(), steps.end(), [](const PathStep& step) { return is_basic(step); }));
}

/// Whether values that are too few are repeated along a path.
Value op_cycles(OpCall& call) {
  const auto& steps = steps_of(call[0]);
  return Value::of(
      std::any_of(steps.begin(), steps.end(), [](const PathStep& step) { return step.kind == PathStep::Kind::flat; }));
}

Value op_subscript(OpCall& call) { return subscript(call[0], call[1]); }

/// The first argument after `change`, in place where it may be taken over; on throw it is what it was.
template <class Change>
Value changed(OpCall& call, const Change& change) {
  const bool takes = call.may_reuse(0) && call[0].is(Tag::tensor);
  Tensor x = takes ? call[0].take_tensor() : call[0].tensor();
  try {
    change(x);
  } catch (...) {
    if (takes) call[0] = Value::of(std::move(x));
    throw;
  }
  return Value::of(std::move(x));
}

/// x with `values` added through a path; an element that is named twice counts twice.
void add_through(Tensor& x, std::span<const PathStep> steps, const Operand& values) {
  if (std::all_of(steps.begin(), steps.end(), [](const PathStep& step) { return is_basic(step); }))
    return path_update(x, steps, {values, ElementwiseOp::add});
  if (steps.size() == 1 && steps[0].kind == PathStep::Kind::subscript)
    return index_accumulate(x, steps[0].items, UpdateKind::add, values);
  const IndexItem positions = path_get(numbered(x.shape()), steps);
  const Tensor fresh = x.copy();  // row by row, and nobody else's
  Tensor flat = ravel(fresh);
  index_accumulate(flat, {&positions, 1}, UpdateKind::add, values);
  x = reshape(flat, x.shape());
}

Value op_add_at(OpCall& call) {
  PathStep step;
  step.items = to_index_items(call[1]);
  return changed(call, [&](Tensor& x) { add_through(x, {&step, 1}, operand_argument(call[2])); });
}

Value op_add_path(OpCall& call) {
  return changed(call, [&](Tensor& x) { add_through(x, steps_of(call[1]), operand_argument(call[2])); });
}

/// Of the elements that a path names, whether each is the last that names its place in a tensor of `sizes`.
Value op_last_named(OpCall& call) {
  const std::vector<PathStep>& steps = steps_of(call[0]);
  Tensor places = Tensor::empty(DType::int64, shape_argument(call[1]));  // only what the path names is ever written
  const Tensor numbers = numbered(path_get(places, steps).shape());
  path_update(places, steps, {Operand(numbers), std::nullopt});
  return Value::of(binary(ElementwiseOp::equal, path_get(places, steps), numbers));
}

Value op_read_path(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  Tensor part = path_get(x, steps_of(call[1]));
  // A view would make the next write copy all of x, which it is read from.
  return Value::of(part.rank() == 0 || 2 * part.size() <= x.size() ? part.copy() : part);
}

Value op_write_path(OpCall& call) {
  const bool is_nested = !call[2].is_tensor() && !call[2].is_number();
  return changed(call, [&](Tensor& x) {
    path_update(x, steps_of(call[1]), {stored_operand(call[2], x.dtype()), std::nullopt, is_nested});
  });
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
    {"_cycles", "path", kInternal, kAny, op_cycles},
    {"_fit", "cotangent, sizes, dtype", kInternal, kAny, op_fit},
    {"_kept", "reduced, axis, sizes", kInternal, kAny, op_kept},
    {"_last_named", "path, sizes", kInternal, kAny, op_last_named},
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
