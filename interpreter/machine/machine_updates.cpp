// machine_updates.cpp - writing through paths: x[i][m] = v, d['k'][0] += v, x.T[0] = v, l[0].append(v). See machine.h.
// Containers are entered in place (copied first where somebody else holds them); from the first tensor on, the rest of
// the path is views and subscripts, which path_update composes. Invariant: on throw the target holds what it held.
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/held_parts.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/operators.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/operations/signature.h"
#include "interpreter/subscripts/index_items.h"
#include "interpreter/subscripts/view_names.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/position.h"
#include "runtime/threads/parallel.h"
#include "runtime/threads/swift.h"

namespace inlay {

namespace {

/// One step of a path with its operands' values.
struct WriteStep {
  const ir::PathStepShape* shape = nullptr;
  Value index;                   // of a subscript
  std::vector<Value> arguments;  // of a method
  std::vector<std::pair<std::string, Value>> keywords;
};

using Leaf = std::function<void(Value&)>;

/// A write at the end of a path: what happens to a whole value, and to a part of a tensor.
struct Write {
  bool reads = false;   // changes what is there, so that something must be
  bool enters = false;  // and leaves it in its place: a method that mutates, or a deletion inside it
  Leaf whole;
  std::function<void(Tensor&, std::span<const PathStep>)> part;
  /// Instead of `part` where the tensor or what is written is tracked.
  std::function<void(Value&, std::vector<PathStep>)> tracked;
  bool is_tracked = false;  // what is written
};

[[noreturn]] void no_view(const ir::PathStepShape& step) {
  if (step.kind == ir::PathStepShape::Kind::method)
    raise(ErrorKind::TypeError, "cannot assign through .{}(): it gives a new value, not a view of the tensor",
          step.name);
  if (step.name == "shape" || step.name == "dtype")
    raise(ErrorKind::TypeError, "cannot assign to .{}; {}", step.name,
          step.name == "shape" ? "write x = x.reshape(…)" : "write x = x.astype(…)");
  raise(ErrorKind::AttributeError, "cannot assign through attribute '{}' of a tensor", step.name);
}

/// The arguments of a method that is a view, in the order of its parameters, without the tensor itself.
std::vector<Value> view_arguments(const WriteStep& step) {
  std::vector<Value> positional{Value::none()};
  positional.insert(positional.end(), step.arguments.begin(), step.arguments.end());
  const OpRow* row = find_op(step.shape->name, kMethod);
  INLAY_CHECK(row);
  std::vector<Value> bound = bind_arguments(row->name, signature_of(*row), positional, step.keywords);
  bound.erase(bound.begin());
  return bound;
}

void append_numbers(Dims& out, const Value& value) {
  if (value.is_none()) return;
  const bool is_tuple = value.is_sequence();
  for (const Value& each : is_tuple ? value.elements() : std::vector<Value>{value}) {
    if (is_tuple && (each.is_sequence() || each.is_none()))
      append_numbers(out, each);
    else
      for (const std::int64_t number : dims_argument(each)) out.push_back(number);
  }
}

/// order= of reshape and ravel, which stands behind their sizes.
bool is_by_columns(PathStep::Kind kind, const std::vector<Value>& arguments) {
  if (kind == PathStep::Kind::reshape) return is_column_order(arguments[1]);
  return kind == PathStep::Kind::ravel && is_column_order(arguments[0]);
}

/// A method as steps of the path. Columns first is the same of the transposed tensor with the sizes reversed.
void append_method(std::vector<PathStep>& path, PathStep::Kind kind, const WriteStep& step) {
  const std::vector<Value> arguments = view_arguments(step);
  PathStep out, transposed;
  out.kind = kind;
  transposed.kind = PathStep::Kind::transpose;
  const bool is_sized = kind == PathStep::Kind::reshape || kind == PathStep::Kind::permute;
  const std::size_t count = kind == PathStep::Kind::ravel ? 0 : is_sized ? 1 : arguments.size();
  for (std::size_t at = 0; at < count; ++at) append_numbers(out.numbers, arguments[at]);
  const bool by_columns = is_by_columns(kind, arguments);
  if (by_columns) path.push_back(transposed);
  if (by_columns) std::reverse(out.numbers.begin(), out.numbers.end());
  path.push_back(std::move(out));
  if (by_columns && kind == PathStep::Kind::reshape) path.push_back(transposed);
}

void append_step(std::vector<PathStep>& path, const WriteStep& step) {
  if (step.shape->kind == ir::PathStepShape::Kind::subscript) {
    path.emplace_back().items = to_index_items(step.index);
    return;
  }
  const bool method = step.shape->kind == ir::PathStepShape::Kind::method;
  const ViewName* view = find_view(step.shape->name, method);
  if (view == nullptr) no_view(*step.shape);
  if (method) return append_method(path, view->kind, step);
  path.emplace_back().kind = view->kind;
}

/// Runs `change` on a value's tensor, taken out so that it is uniquely held, and puts it back whether it fails or not.
template <class Change>
void write_tensor(Value& target, const Change& change) {
  Tensor tensor = target.take_tensor();
  try {
    change(tensor);
  } catch (...) {
    target = Value::of(std::move(tensor));
    throw;
  }
  target = Value::of(std::move(tensor));
}

void update_tensor(Value& target, std::span<const WriteStep> steps, const Write& write) {
  std::vector<PathStep> path;
  path.reserve(steps.size());
  for (const auto& step : steps) append_step(path, step);
  write_tensor(target, [&](Tensor& tensor) { write.part(tensor, path); });
}

/// The same where a gradient is recorded.
void update_tracked(Value& target, std::span<const WriteStep> steps, const Write& write) {
  std::vector<PathStep> path;
  for (const auto& step : steps) append_step(path, step);
  write.tracked(target, std::move(path));
}

void update_value(Value& target, std::span<const WriteStep> steps, const Write& write);

std::size_t list_position(const Value& list, const Value& index) {
  const std::int64_t size = static_cast<std::int64_t>(list.elements().size());
  const std::int64_t wanted = as_index(index), at = position_of(wanted, size);
  if (at < 0)
    raise(ErrorKind::IndexError, "list assignment index out of range: index {} in a list of {}", wanted, size);
  return static_cast<std::size_t>(at);
}

std::size_t tuple_position(const Value& tuple, const Value& index) {
  (void)subscript(tuple, index);  // with reading's messages
  return static_cast<std::size_t>(position_of(as_index(index), static_cast<std::int64_t>(tuple.elements().size())));
}

/// list[a:b] = iterable, as Python: the slice is replaced, its length may change unless it has a step.
void delete_list_slice(Value& list, const Value& index) {
  std::int64_t start = 0, step = 1, count = 0;
  slice_range(index.object<SliceObject>(), static_cast<std::int64_t>(list.elements().size()), start, step, count);
  if (count <= 1) step = 1;  // which may have been any, so that its multiples would overflow
  if (step < 0) start += (count - 1) * step, step = -step;
  GrowingList kept;
  kept.reserve(list.elements().size() - static_cast<std::size_t>(count));
  for (std::int64_t at = 0; at < static_cast<std::int64_t>(list.elements().size()); ++at) {
    const bool deleted = at >= start && at < start + count * step && (at - start) % step == 0;
    if (!deleted) kept.add(list.elements()[static_cast<std::size_t>(at)]);
  }
  list = Value::list(kept.take());
}

void assign_list_slice(Value& list, const Value& index, const Value& value) {
  const auto& slice = index.object<SliceObject>();
  std::int64_t start = 0, step = 1, count = 0;
  slice_range(slice, static_cast<std::int64_t>(list.elements().size()), start, step, count);
  std::vector<Value> values = elements_of(value);
  if (step == 1) {
    auto& elements = list.mutable_elements();
    const std::size_t size = elements.size() - static_cast<std::size_t>(count) + values.size();
    context().charge(elements.size() - static_cast<std::size_t>(start), size * sizeof(Value));
    elements.reserve(size);  // from here on nothing fails
    elements.erase(elements.begin() + start, elements.begin() + start + count);
    elements.insert(elements.begin() + start, std::make_move_iterator(values.begin()),
                    std::make_move_iterator(values.end()));
    return;
  }
  if (static_cast<std::int64_t>(values.size()) != count)
    raise(ErrorKind::ValueError, "attempt to assign sequence of size {} to extended slice of size {}", values.size(),
          count);
  auto& elements = list.mutable_elements();
  for (std::int64_t i = 0; i < count; ++i)
    elements[static_cast<std::size_t>(start + i * step)] = std::move(values[static_cast<std::size_t>(i)]);
}

void update_list(Value& list, std::span<const WriteStep> steps, const Write& write) {
  if (steps[0].index.is(Value::Tag::slice)) {
    if (steps.size() > 1)
      raise(ErrorKind::TypeError, "a slice of a list is a new list; assign to its elements one by one");
    Value part = subscript(list, steps[0].index);
    write.whole(part);
    return assign_list_slice(list, steps[0].index, part);
  }
  const std::size_t at = list_position(list, steps[0].index);
  update_value(list.mutable_elements()[at], steps.subspan(1), write);
}

void update_dict(Value& dict, std::span<const WriteStep> steps, const Write& write) {
  const Value& key = steps[0].index;
  if (dict.object<DictObject>().find(key) != nullptr)
    return update_value(*dict.mutable_dictionary().find(key), steps.subspan(1), write);
  (void)hash(key);
  if (steps.size() > 1 || write.reads) raise(ErrorKind::KeyError, "{}", to_short_repr(key));
  Value fresh;
  write.whole(fresh);
  dict.mutable_dictionary().set(key, std::move(fresh));
}

/// What a tuple holds may be changed, as in Python, if it is no tuple itself; it may not be replaced.
void update_tuple(Value& tuple, std::span<const WriteStep> steps, const Write& write) {
  const bool is_replaced = steps.size() == 1 && !write.enters;
  if (is_replaced || steps[0].index.is(Value::Tag::slice))
    raise(ErrorKind::TypeError, "'tuple' object does not support item assignment");
  const std::size_t at = tuple_position(tuple, steps[0].index);
  update_value(tuple.mutable_elements()[at], steps.subspan(1), write);
}

void update_value(Value& target, std::span<const WriteStep> steps, const Write& write) {
  if (steps.empty()) return write.whole(target);
  if (is_tracked(target) || (write.is_tracked && target.is_tensor())) return update_tracked(target, steps, write);
  if (target.is_tensor()) return update_tensor(target, steps, write);
  const auto& shape = *steps[0].shape;
  if (shape.kind != ir::PathStepShape::Kind::subscript) {
    if (target.is(Value::Tag::module))
      raise(ErrorKind::TypeError, "cannot assign into module '{}'", target.object<ModuleObject>().name);
    raise(ErrorKind::AttributeError, "'{}' object attribute '{}' cannot be assigned", type_name(target), shape.name);
  }
  if (target.is(Value::Tag::list)) return update_list(target, steps, write);
  if (target.is(Value::Tag::dict)) return update_dict(target, steps, write);
  if (target.is(Value::Tag::tuple)) return update_tuple(target, steps, write);
  raise(ErrorKind::TypeError, "'{}' object does not support item assignment", type_name(target));
}

/// x @= y keeps x's shape, and its dtype where the product's is of the same kind. With NumPy's words.
void check_product(const Value& x, const Value& y, const Value& product) {
  const std::size_t rank = x.tensor_rank();
  if (!y.is_tensor() || y.tensor_rank() < 2)
    raise(ErrorKind::ValueError,
          "inplace matrix multiplication requires the first operand to have at least one and the second at least two "
          "dimensions.");
  const Shape &wanted = x.tensor_shape(), &given = product.tensor_shape();
  if (given.size() == rank && given.back() != wanted.back())
    raise(ErrorKind::ValueError,
          "matmul: Output operand 0 has a mismatch in its core dimension {}, with gufunc signature "
          "(n?,k),(k,m?)->(n?,m?) (size {} is different from {})",
          rank == 1 ? 0 : 1, wanted.back(), given.back());
  if (!(given == wanted))
    raise(ErrorKind::ValueError, "non-broadcastable output operand with shape {} doesn't match the broadcast shape {}",
          to_string(wanted), to_string(given));
  if (can_cast_same_kind(product.tensor_dtype(), x.tensor_dtype())) return;
  raise(ErrorKind::TypeError,
        "Cannot cast ufunc 'matmul' output from dtype('{}') to dtype('{}') with casting rule 'same_kind'",
        name(product.tensor_dtype()), name(x.tensor_dtype()));
}

/// x op= v keeps the dtype of a tensor that has axes, and its shape.
Value augment_tracked(const Value& target, ast::BinaryOp op, const Value& value) {
  Value left = target, right = value;
  Value result = binary_operation(op, left, right);
  const Value& old = primal_of(target);
  const Value& fresh = primal_of(result);
  if (!old.is_tensor() || old.tensor_rank() == 0) return result;
  const Value plain = without_tracking(value);
  if (op == ast::BinaryOp::matmul) {
    check_product(old, plain.is_sequence() ? Value::of(as_tensor(plain)) : plain, fresh);
  } else if (fresh.tensor_dtype() != old.tensor_dtype() || fresh.tensor_shape() != old.tensor_shape()) {
    Tensor checked = old.tensor().copy();
    binary_assign(elementwise_of(op), checked, plain.is_sequence() ? Operand(as_tensor(plain)) : to_operand(plain));
  }
  if (fresh.tensor_dtype() == old.tensor_dtype()) return result;
  if (!is_tracked(result)) return Value::of(cast(fresh.tensor(), old.tensor_dtype()));
  return call_core(result.object<TrackedObject>().tape->evaluator, "astype", {result, Value::of(old.tensor_dtype())});
}

/// The only subscript of a step if it is a mask of the tensor's shape.
const Tensor* mask_of(const PathStep& step, const Value& tensor) {
  if (step.kind != PathStep::Kind::subscript || step.items.size() != 1 || !tensor.is(Value::Tag::tensor))
    return nullptr;
  const Tensor* mask = std::get_if<Tensor>(step.items.data());
  return mask != nullptr && mask->dtype() == DType::boolean && mask->shape() == tensor.tensor_shape() ? mask : nullptr;
}

/// where(mask, value, target) in the dtype of the target, which an assignment keeps.
Value tracked_where(Evaluator& evaluator, const Tensor& mask, const Value& value, const Value& target) {
  const DType dtype = primal_of(target).tensor_dtype();
  const Value cast_value = call_core(evaluator, "asarray", {value, Value::of(dtype)});
  return call_core(evaluator, "where", {Value::of(mask), cast_value, target});
}

/// `x[m] op= v` with one value and a mask of x's shape, as a choice between whole tensors; false if it is not that.
bool augment_chosen(Evaluator& evaluator, Value& target, const std::vector<PathStep>& parts, ast::BinaryOp op,
                    const Value& value) {
  const Value& old = primal_of(target);
  const Value& one = primal_of(value);
  const Tensor* mask = parts.size() == 1 ? mask_of(parts[0], old) : nullptr;
  if (mask == nullptr || op == ast::BinaryOp::matmul || !(one.is_number() || one.is(Value::Tag::scalar))) return false;
  Value left = target, right = value;
  const Value fresh = binary_operation(op, left, right);
  if (primal_of(fresh).tensor_dtype() != old.tensor_dtype()) return false;
  target = tracked_where(evaluator, *mask, fresh, target);
  return true;
}

/// Whole values: `x op= v` on a name, a list element or a dict entry.
void augment(Value& target, ast::BinaryOp op, Value& value, ElementwisePlan* plan) {
  // A tensor on the right is asked first, and adds: Python's list would only be asked where it does not.
  if (target.is(Value::Tag::list) && op == ast::BinaryOp::add && !value.is_tensor() && !is_tracked(value)) {
    std::vector<Value> more = elements_of(value);
    context().charge(0, (target.elements().size() + more.size()) * sizeof(Value));
    auto& elements = target.mutable_elements();
    elements.insert(elements.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return;
  }
  if (target.is(Value::Tag::dict) && value.is(Value::Tag::dict) && op == ast::BinaryOp::bitwise_or) {
    const Value added = value;  // may be the target
    merge(target.mutable_dictionary(), added.dictionary());
    return;
  }
  if (target.is_string() && value.is_string() && op == ast::BinaryOp::add && target.unique() &&
      !value.identical(target)) {
    return target.object<StringObject>().append(value.string());
  }
  if (is_tracked(target) || tracking_level(value) > 0) {
    target = augment_tracked(target, op, value);
    return;
  }
  if (!target.is_tensor() || target.tensor_rank() == 0) {
    target = binary_operation(op, target, value, 0, plan);
    return;
  }
  if (op == ast::BinaryOp::matmul) {
    Value factor = value.is_sequence() ? Value::of(as_tensor(value)) : value;
    const Value product = binary_operation(op, target, factor, 0, plan);
    check_product(target, factor, product);
    target = Value::of(cast(product.tensor(), target.tensor_dtype()));
    return;
  }
  Operand operand = value.is_sequence() ? Operand(as_tensor(value)) : to_operand(value);
  write_tensor(target, [&](Tensor& tensor) { binary_assign(elementwise_of(op), tensor, operand, plan); });
}

/// As stored_operand; a tensor is given away.
Operand taken_operand(Value& value, DType dtype) {
  return value.is_tensor() ? Operand(value.take_tensor()) : stored_operand(value, dtype);
}

/// The dtype of the elements a path leads to.
DType dtype_at(const Tensor& x, std::span<const PathStep> path) {
  for (const PathStep& step : path)
    if (step.kind == PathStep::Kind::real || step.kind == PathStep::Kind::imag) return real_dtype(x.dtype());
  return x.dtype();
}

std::int64_t bytes_of(const Value& tensor) { return tensor.tensor_size() * itemsize(tensor.tensor_dtype()); }

/// Whether an assignment to the elements of a layout, or what an operator does to them, takes too long for an update
/// that cannot be stopped.
bool takes_long(const Layout& part, std::optional<ast::BinaryOp> op) {
  const bool is_product = op == ast::BinaryOp::matmul;  // computed beside, then assigned
  const int cost = op && !is_product ? info(elementwise_of(*op)).cost : 1;
  const std::int64_t steps = element_count(part.shape) * cost;
  return !is_short(counted_steps(is_swift(cost, part.dtype), steps, itemsize(part.dtype)), passing_bytes(part));
}

/// The same of a part of a tensor: what is written counts, where slices say how much that is.
bool takes_long(const Value& tensor, std::span<const IndexItem> items, std::optional<ast::BinaryOp> op) {
  const bool is_view = std::none_of(items.begin(), items.end(),
                                    [](const IndexItem& item) { return std::holds_alternative<Tensor>(item); });
  return !is_view || takes_long(layout_of(index_get(tensor.tensor(), items)), op);
}

/// Updates in this scope are thrown away if they fail.
class ScratchScope {
 public:
  explicit ScratchScope(Context& context) : context_(context), previous_(std::exchange(context.is_scratch, true)) {}
  ~ScratchScope() { context_.is_scratch = previous_; }
  ScratchScope(const ScratchScope&) = delete;
  ScratchScope& operator=(const ScratchScope&) = delete;

 private:
  Context& context_;
  bool previous_;
};

}  // namespace

template <class Change>
void Machine::rebind(const ir::Instruction& in, Frame& frame, const Change& change) {
  rebind(in, frame, change, [](const Value&) { return true; });
}

template <class Change, class TakesLong>
void Machine::rebind(const ir::Instruction& in, Frame& frame, const Change& change, const TakesLong& takes_long) {
  const ir::Place place = in.results[0];
  const std::size_t root = in.code == ir::Opcode::store_where ? 2 : 0;
  Value& variable = read(in.operands[root], frame);
  if (place.kind == ir::Place::Kind::reg) {
    Value value = take(in, root, frame);
    if (value.is(Value::Tag::tensor)) detach_parts(value, frame);
    change(value);
    frame.registers[static_cast<std::size_t>(place.index)] = std::move(value);
    return;
  }
  Value* slot = place.kind == ir::Place::Kind::global ? frame.linked.globals[static_cast<std::size_t>(place.index)]
                                                      : &frame.cells[static_cast<std::size_t>(place.index)]->value;
  if (slot != &variable)
    raise(ErrorKind::TypeError, "cannot assign into '{}', which is built in",
          frame.linked.program->globals[static_cast<std::size_t>(place.index)]);
  if (in.undoable) keep_old(slot, frame);
  const bool is_beside =
      slot->is(Value::Tag::tensor) && !is_short(slot->tensor_size(), bytes_of(*slot)) && takes_long(*slot);
  if (!is_beside) {
    if (slot->is(Value::Tag::tensor)) detach_parts(*slot, frame);
    return change(*slot);
  }
  // Too long for one that cannot be stopped: it is made beside the old value.
  Value changed = *slot;
  {
    const ScratchScope scope(*state.context_owner);
    change(changed);
  }
  *slot = std::move(changed);
}

static std::vector<WriteStep> evaluate_steps(Machine& machine, const ir::Instruction& in, const ir::PathShape& path,
                                             std::size_t& at, Frame& frame) {
  std::vector<WriteStep> steps;
  steps.reserve(path.steps.size());
  for (const auto& shape : path.steps) {
    WriteStep step;
    step.shape = &shape;
    if (shape.kind == ir::PathStepShape::Kind::subscript) {
      step.index = machine.subscript_index(in, at, shape.subscript, frame);
    } else if (shape.kind == ir::PathStepShape::Kind::method) {
      Arguments arguments = machine.arguments(in, shape.call, at, frame);
      step.arguments = std::move(arguments.positional);
      step.keywords = std::move(arguments.keywords);
    }
    at += static_cast<std::size_t>(shape.operand_count());
    steps.push_back(std::move(step));
  }
  return steps;
}

namespace {

Value take_front(std::vector<Value>& values) {
  Value first = std::move(values.front());
  values.erase(values.begin());
  return first;
}

/// Writes at the end of a path inside a tensor.
void update_part(Tensor& tensor, std::span<const PathStep> parts, std::optional<ast::BinaryOp> op, Value& value) {
  const bool is_nested = !value.is_tensor() && !value.is_number();
  // Of an augmented assignment a list has a dtype of its own, which promotes.
  if (op && is_nested) value = Value::of(as_tensor(value));
  Update update{taken_operand(value, dtype_at(tensor, parts)), std::nullopt, is_nested};
  if (op == ast::BinaryOp::matmul) {
    Value old = Value::of(path_get(tensor, parts));
    Value right = Value::of(to_tensor(update.value));
    const Value product = binary_operation(*op, old, right);
    check_product(old, right, product);
    update.value = product.tensor();
  } else if (op) {
    update.op = elementwise_of(*op);
  }
  path_update(tensor, parts, std::move(update));
}

}  // namespace

/// The two commonest updates, without the machinery of paths: `name op= v`, and one subscript of a tensor.
bool Machine::update_simply(const ir::Instruction& in, const ir::PathShape& path, std::optional<ast::BinaryOp> op,
                            Frame& frame) {
  if (path.steps.empty() && op) {
    Value value = take(in, 1, frame);
    rebind(
        in, frame,
        [&](Value& target) { augment(target, *op, value, &frame.linked.plans[static_cast<std::size_t>(in.cache)]); },
        [&](const Value& tensor) { return takes_long(layout_of(tensor.tensor()), op); });
    return true;
  }
  if (!path.is_item() || !read(in.operands[0], frame).is(Value::Tag::tensor)) return false;
  if (state.recording != 0 && tracking_level(read(in.operands[2], frame)) > 0) return false;
  PathStep step;
  step.items = to_index_items(read(in.operands[1], frame));
  Value value = take(in, 2, frame);
  const auto write = [&](Tensor& tensor) { update_part(tensor, {&step, 1}, op, value); };
  rebind(
      in, frame, [&](Value& target) { write_tensor(target, write); },
      [&](const Value& tensor) { return takes_long(tensor, step.items, op); });
  return true;
}

void Machine::update(const ir::Instruction& in, Frame& frame) {
  const ir::PathShape& path = frame.linked.program->paths[static_cast<std::size_t>(in.attribute)];
  if (update_quickly(in, path, frame)) return;
  const std::optional<ast::BinaryOp> op =
      in.detail == 0xff ? std::nullopt : std::optional(static_cast<ast::BinaryOp>(in.detail));
  if (update_simply(in, path, op, frame)) return;
  std::size_t at = 1;
  read(in.operands[0], frame);
  const std::vector<WriteStep> steps = evaluate_steps(*this, in, path, at, frame);
  Value value = take(in, at, frame);
  ElementwisePlan* plan = &frame.linked.plans[static_cast<std::size_t>(in.cache)];
  Write write;
  write.reads = op.has_value();
  write.whole = [&](Value& target) {
    if (op)
      augment(target, *op, value, plan);
    else
      target = value;
  };
  write.part = [&](Tensor& tensor, std::span<const PathStep> parts) { update_part(tensor, parts, op, value); };
  write.is_tracked = state.recording != 0 && tracking_level(value) > 0;
  write.tracked = [&](Value& target, std::vector<PathStep> parts) {
    if (op && augment_chosen(evaluator, target, parts, *op, value)) return;
    const Value place = path_value(std::move(parts));
    if (op) {
      const Value old = call_core(evaluator, "_read_path", {target, place});
      value = augment_tracked(old, *op, value);
    }
    write_tracked(evaluator, target, place, value);
  };
  rebind(
      in, frame, [&](Value& target) { update_value(target, steps, write); },
      [&](const Value& tensor) {
        const bool is_part = steps.size() == 1 && steps[0].shape->kind == ir::PathStepShape::Kind::subscript;
        return !is_part || takes_long(tensor, to_index_items(steps[0].index), op);
      });
}

void Machine::store_where(const ir::Instruction& in, Frame& frame) {
  const Tensor mask = read(in.operands[0], frame).tensor();
  Value value = take(in, 1, frame);
  if (state.recording != 0 && (is_tracked(read(in.operands[2], frame)) || is_tracked(value)))
    return rebind(in, frame, [&](Value& target) { target = tracked_where(evaluator, mask, value, target); });
  rebind(in, frame, [&](Value& target) {
    const DType dtype = target.tensor_dtype();
    if (in.detail != 0xff && value.is_tensor())
      check_output_cast(elementwise_of(static_cast<ast::BinaryOp>(in.detail)), value.tensor_dtype(), dtype);
    const Operand operand =
        value.is_tensor() ? Operand(cast_for_assignment(value.tensor(), dtype)) : Operand(value.number());
    if (operand.is_number()) (void)to_tensor(operand.number, dtype);
    write_tensor(target, [&](Tensor& tensor) { where_assign(tensor, mask, operand); });
  });
}

namespace {

/// What single items, or slices of lists, lead to; undefined where there is something else on the way.
Value value_behind(Value value, std::span<const WriteStep> steps) {
  for (const WriteStep& step : steps) {
    if (step.shape->kind != ir::PathStepShape::Kind::subscript) return {};
    if (!value.is_sequence() && !value.is(Value::Tag::dict)) return {};
    value = subscript(value, step.index);
  }
  return value;
}

bool has_same_elements(const Value& list, const Value& other) {
  return list.is(Value::Tag::list) && std::ranges::equal(list.elements(), other.elements(), &Value::identical);
}

}  // namespace

void Machine::mutate(const ir::Instruction& in, Frame& frame) {
  const ir::MutationShape& shape = frame.linked.program->mutations[static_cast<std::size_t>(in.attribute)];
  if (mutate_quickly(in, shape, frame)) return;
  std::size_t at = 1;
  const Value& root = read(in.operands[0], frame);
  const std::vector<WriteStep> steps = evaluate_steps(*this, in, shape.path, at, frame);
  Arguments arguments = this->arguments(in, shape.call, at, frame);
  const Value receiver = shape.shuffling ? take_front(arguments.positional) : Value();
  // What the name means depends on the value: a module's function or a host object's method changes nothing here.
  if (!shape.function && steps.empty() && (root.is(Value::Tag::module) || root.is(Value::Tag::host))) {
    Value self = root;
    store(in.results[1], apply_method(self, shape.call.name, std::move(arguments)), frame);
    if (in.results[0].kind == ir::Place::Kind::reg) store(in.results[0], std::move(self), frame);
    return;
  }
  std::vector<std::string> names;
  std::vector<Value> keywords;
  for (auto& [key, value] : arguments.keywords) names.push_back(key), keywords.push_back(value);
  MutatorCall call{evaluator, shape.call.name, arguments.positional, names, keywords, shape.ufunc};
  // What sort(key=…) calls may do anything to the list, and so is called before that is entered.
  const Value before = call.name == "sort" && !names.empty() ? value_behind(root, steps) : Value();
  Value sorted = before;
  if (before.is(Value::Tag::list)) mutate_by_method(sorted, call);
  Value returned = Value::none();
  Write write;
  write.enters = write.reads = true;
  const auto mutate_whole = [&](Value& target) {
    if (before.is(Value::Tag::list)) {
      if (!has_same_elements(target, before)) raise(ErrorKind::ValueError, "list modified during sort");
      target = sorted;
      return;
    }
    if (is_tracked(target) || (write.is_tracked && target.is_tensor())) return mutate_tracked(target, call);
    if (shape.shuffling)
      returned = mutate_by_shuffling(target, receiver, call);
    else
      returned = shape.function ? mutate_by_function(target, call) : mutate_by_method(target, call);
  };
  write.whole = mutate_whole;
  write.part = [&](Tensor& tensor, std::span<const PathStep> parts) {
    Value part = Value::of(path_get(tensor, parts).copy());
    call.is_part = true;
    mutate_whole(part);
    path_update(tensor, parts, {part.tensor(), std::nullopt});
  };
  write.is_tracked = state.recording != 0 && std::any_of(arguments.positional.begin(), arguments.positional.end(),
                                                         [](const Value& each) { return tracking_level(each) > 0; });
  write.tracked = [&](Value& target, std::vector<PathStep> parts) {
    call.is_part = !parts.empty();
    const Value place = path_value(std::move(parts));
    Value part = call_core(evaluator, "_read_path", {target, place});
    mutate_whole(part);
    write_tracked(evaluator, target, place, part);
  };
  rebind(in, frame, [&](Value& target) { update_value(target, steps, write); });
  store(in.results[1], std::move(returned), frame);
}

void Machine::remove(const ir::Instruction& in, Frame& frame) {
  const ir::PathShape& path = frame.linked.program->paths[static_cast<std::size_t>(in.attribute)];
  std::size_t at = 1;
  read(in.operands[0], frame);
  const std::vector<WriteStep> steps = evaluate_steps(*this, in, path, at, frame);
  const WriteStep& last = steps.back();
  if (last.shape->kind != ir::PathStepShape::Kind::subscript)
    raise(ErrorKind::AttributeError, "cannot delete attribute '{}'", last.shape->name);
  Write write;
  write.enters = true;
  write.part = [](Tensor&, std::span<const PathStep>) { raise(ErrorKind::ValueError, "cannot delete array elements"); };
  write.whole = [&](Value& container) {
    if (container.is(Value::Tag::dict)) {
      if (!container.mutable_dictionary().erase(last.index))
        raise(ErrorKind::KeyError, "{}", to_short_repr(last.index));
    } else if (container.is(Value::Tag::list) && last.index.is(Value::Tag::slice)) {
      delete_list_slice(container, last.index);
    } else if (container.is(Value::Tag::list)) {
      const std::size_t position = list_position(container, last.index);
      auto& elements = container.mutable_elements();
      context().charge(elements.size() - position - 1, 0);
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(position));
    } else if (container.is_tensor()) {
      raise(ErrorKind::ValueError, "cannot delete array elements");
    } else {
      raise(ErrorKind::TypeError, "'{}' object doesn't support item deletion", type_name(container));
    }
  };
  rebind(in, frame, [&](Value& target) { update_value(target, std::span(steps).first(steps.size() - 1), write); });
}

}  // namespace inlay
