// tracked_updates.cpp - updates while a gradient is recorded: each is an op of the core with a new tensor for a result.
// Knows no instruction: machine_updates.cpp calls it where it meets a tracked value.
// Invariant: an update that throws has left its target as it was.
#include <algorithm>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/operators.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/operations/signature.h"
#include "interpreter/subscripts/index_items.h"

namespace inlay {

namespace {

/// The steps of a path, seen by nobody but the ops that read and write through it.
struct PathObject final : Object {
  std::vector<PathStep> steps;
};

/// A call that only moves values into a tensor, and which of its arguments they are.
struct Mover {
  std::string_view name;
  std::size_t values;
};
constexpr Mover kMovers[] = {{"put", 1},    {"putmask", 1},       {"place", 1},
                             {"copyto", 0}, {"fill_diagonal", 0}, {"put_along_axis", 1}};

/// A call that is a function of the core with the target for its first argument.
struct Functional {
  std::string_view name, row;
};
constexpr Functional kFunctional[] = {
    {"sort", "sort"},
    {"partition", "partition"},
    {"assign_add", "add"},
    {"assign_sub", "subtract"},
    {"scatter_nd_update", "tensor_scatter_nd_update"},
    {"scatter_nd_add", "tensor_scatter_nd_add"},
    {"scatter_nd_sub", "tensor_scatter_nd_sub"},
    {"scatter_nd_min", "tensor_scatter_nd_min"},
    {"scatter_nd_max", "tensor_scatter_nd_max"},
};
/// x.at[…] and ufunc.at that say the same.
constexpr Functional kCounting[] = {
    {"add", "add"}, {"subtract", "subtract"}, {"multiply", "multiply"}, {"minimum", "min"}, {"maximum", "max"}};

template <class Row, std::size_t n>
const Row* row_named(const Row (&rows)[n], std::string_view name) {
  const auto it = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
  return it == std::end(rows) ? nullptr : it;
}

std::vector<std::pair<std::string, Value>> keywords_of(const MutatorCall& call) {
  std::vector<std::pair<std::string, Value>> out;
  for (std::size_t at = 0; at < call.keywords.size(); ++at) out.emplace_back(call.keyword_names[at], call.keywords[at]);
  return out;
}

std::vector<Value> bound_arguments(const MutatorCall& call) {
  for (const MutatingCall& each : mutating_calls())
    if (each.name == call.name && each.type == TypeId::tensor)
      return bind_arguments(call.name, parse_signature(each.signature), call.positional, keywords_of(call));
  raise(ErrorKind::AttributeError, "'numpy.ndarray' object has no attribute '{}'", call.name);
}

Value everything() {
  PathStep step;
  step.items = {EllipsisItem{}};
  return path_value({std::move(step)});
}

Value moved_into(const Value& target, const Mover& mover, const MutatorCall& call) {
  std::vector<Value> others = bound_arguments(call);
  const Value values = others[mover.values];
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(mover.values));
  return call_core(call.evaluator, "_mutated", {target, values, Value::of(call.name), Value::tuple(std::move(others))});
}

/// target = row(target, place, value), in place where nobody else holds the target; on throw it is what it was.
void update_taking(Evaluator& evaluator, std::string_view row, Value& target, const Value& place, const Value& value) {
  std::vector<Value> arguments{std::move(target), place, value};
  try {
    target = call_core_taking(evaluator, row, arguments, 1);
  } catch (...) {
    target = std::move(arguments[0]);
    throw;
  }
}

Value counted_into(const Value& target, const MutatorCall& call) {
  const Functional* row = row_named(kCounting, call.ufunc->name);
  if (row == nullptr || call.positional.size() != 2)
    raise(ErrorKind::TypeError, "{}.at has no gradient; add, subtract, multiply, minimum and maximum have one",
          call.ufunc->name);
  return call_core(
      call.evaluator, "_at",
      {target, call.positional[0], call.positional[1], Value::of(row->row), Value::of("raise"), Value::of("last")});
}

}  // namespace

Value path_value(std::vector<PathStep> steps) {
  auto object = std::make_unique<PathObject>();
  object->steps = std::move(steps);
  return Value::adopt(Value::Tag::host, object.release());
}

const std::vector<PathStep>& steps_of(const Value& path) { return path.object<PathObject>().steps; }

void write_tracked(Evaluator& evaluator, Value& target, const Value& path, const Value& value) {
  update_taking(evaluator, "_write_path", target, path, value);
}

void mutate_tracked(Value& target, const MutatorCall& call) {
  if (primal_of(target).is_tensor() && (call.name == "fill" || call.name.starts_with("assign"))) {
    const Value value = without_tracking(bound_arguments(call)[0]);
    const Tensor given = value.is_number() ? Tensor::scalar(0.0) : as_tensor(value);
    check_given_shape(call, primal_of(target).tensor_shape(), given.shape());
  }
  if (call.ufunc != nullptr && call.ufunc->name == "add" && call.positional.size() == 2) {
    update_taking(call.evaluator, "_add_at", target, call.positional[0], call.positional[1]);
  } else if (call.ufunc != nullptr) {
    target = counted_into(target, call);
  } else if (const Mover* mover = row_named(kMovers, call.name)) {
    target = moved_into(target, *mover, call);
  } else if (const Functional* row = row_named(kFunctional, call.name)) {
    std::vector<Value> arguments{target};
    arguments.insert(arguments.end(), call.positional.begin(), call.positional.end());
    target = call.evaluator.call(Value::of(find_op(row->row, kNumpy)), std::move(arguments), keywords_of(call));
  } else if (call.name == "fill" || call.name == "assign") {
    write_tracked(call.evaluator, target, everything(), bound_arguments(call)[0]);
  } else {
    raise(ErrorKind::TypeError,
          "{} has no gradient; if its target is to count as a constant, write x = "
          "stop_gradient(x) before it",
          call.name);
  }
}

}  // namespace inlay
