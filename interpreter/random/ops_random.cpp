// ops_random.cpp - numpy.random: the functions that draw from the evaluator's generator, and the methods of generators
// of one's own. Both are found in the tables of random_*.cpp, then in library/numpy.random/, whose functions draw by
// the names of the module.
// Invariant: while a method of a generator runs, it is the evaluator's: `rng.f()` is `random.f()` over another stream.
#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/signature.h"
#include "interpreter/random/random_rows.h"
#include "library/library.h"

namespace inlay {
namespace {

constexpr std::string_view kModuleName = "numpy.random";

// ---- seeds ----------------------------------------------------------------------------------------------------------

std::uint64_t seed_number(const Value& seed) {
  if (seed.is(Value::Tag::floating) || seed.is_string()) {
    raise(ErrorKind::TypeError, "a seed is an int or a sequence of ints, not {}", to_short_repr(seed));
  }
  const std::int64_t number = int_argument(seed);
  if (number < 0) raise(ErrorKind::ValueError, "expected non-negative integer");
  return static_cast<std::uint64_t>(number);
}

RandomState seeded(Evaluator& evaluator, const Value& seed) {
  if (seed.is_none()) return evaluator.unseeded();
  const bool is_one = !seed.is_sequence() && !(seed.is_tensor() && seed.tensor_rank() > 0);
  if (is_one) return RandomState(seed_number(seed));
  std::vector<std::uint64_t> seeds;
  for (const Value& each : elements_of(seed)) seeds.push_back(seed_number(each));
  return RandomState(seeds);
}

Value seed(const DrawCall& call) {
  call.state = seeded(call.evaluator, call[0]);
  return Value::none();
}

Value spawn(const DrawCall& call) {
  std::vector<Value> out;
  for (std::int64_t count = int_argument(call[0]); count > 0; --count) {
    out.push_back(call.evaluator.new_generator(call.state.spawn(), false));
  }
  return Value::list(std::move(out));
}

constexpr Drawing kSeeding[] = {
    {"seed", "seed=None", kModule, seed},
    {"spawn", "n_children", kGenerator, spawn},
};

Value op_default_rng(OpCall& call) {
  if (generator_of(call[0])) return call[0];
  return call.evaluator.new_generator(seeded(call.evaluator, call[0]), false);
}

/// NumPy's generators of old: the functions of the module as methods.
Value op_random_state(OpCall& call) { return call.evaluator.new_generator(seeded(call.evaluator, call[0]), true); }

// ---- for library/ ---------------------------------------------------------------------------------------------------

// Parameters: x, name, constraint.
Value op_parameter(OpCall& call) {
  const Constraint constraint = constraint_named(string_argument(call[2], "constraint"));
  return Value::of(parameter_argument(call[0], string_argument(call[1], "name"), constraint));
}

// Parameters: size, *parameters.
Value op_drawn_shape(OpCall& call) {
  std::vector<Tensor> parameters;
  for (Value each : call[1].elements()) parameters.push_back(tensor_argument(each));
  std::vector<Value> sizes;
  for (const std::int64_t size : drawn_shape(call[0], parameters)) sizes.push_back(Value::of(size));
  return Value::tuple(std::move(sizes));
}

// ---- finding them ---------------------------------------------------------------------------------------------------

const std::vector<Drawing>& drawings() {
  static const std::vector<Drawing> all = [] {
    std::vector<Drawing> out;
    for (const auto& family : {distribution_drawings(), selection_drawings(), std::span<const Drawing>(kSeeding)}) {
      out.insert(out.end(), family.begin(), family.end());
    }
    return out;
  }();
  return all;
}

Value op_draw(OpCall& call) {
  const Drawing& row = drawings()[static_cast<std::size_t>(call.row.data)];
  return row.draw({call.evaluator, call.evaluator.random(), call.arguments, row.name, row.data});
}

std::vector<OpRow> rows() {
  std::vector<OpRow> out = {
      {"RandomState", "seed=None", kRandom, ResultKind::any, op_random_state},
      {"default_rng", "seed=None", kRandom, ResultKind::any, op_default_rng},
      {"_drawn_shape", "size, *parameters", kInternal, ResultKind::any, op_drawn_shape},
      {"_parameter", "x, name, constraint='any'", kInternal, ResultKind::any, op_parameter},
  };
  for (std::size_t at = 0; at < drawings().size(); ++at) {
    const Drawing& row = drawings()[at];
    if ((row.drawn_by & kModule) == 0) continue;
    out.push_back({row.name, row.signature, kRandom, ResultKind::any, op_draw, static_cast<int>(at)});
  }
  return out;
}

/// Makes a generator the evaluator's for a scope.
class DrawingFrom {
 public:
  DrawingFrom(Evaluator& evaluator, RandomState& state) : usual_(evaluator.random()), state_(state) {
    std::swap(usual_, state_);
  }
  ~DrawingFrom() { std::swap(usual_, state_); }
  DrawingFrom(const DrawingFrom&) = delete;
  DrawingFrom& operator=(const DrawingFrom&) = delete;

 private:
  RandomState& usual_;
  RandomState& state_;
};

Value call_library(Evaluator& evaluator, RandomState& state, std::string_view name, std::span<const Value> arguments,
                   std::span<const std::pair<std::string, Value>> keywords) {
  const Value function = evaluator.attribute(evaluator.import(kModuleName), name);
  const DrawingFrom scope(evaluator, state);
  return evaluator.call(function, {arguments.begin(), arguments.end()}, {keywords.begin(), keywords.end()});
}

}  // namespace

Value generator_method(Evaluator& evaluator, const Value& self, std::string_view name, std::span<const Value> arguments,
                       std::span<const std::pair<std::string, Value>> keywords) {
  GeneratorObject* generator = generator_of(self);
  if (!generator) return {};
  const std::uint8_t methods = generator->is_legacy ? kModule : kGenerator;
  for (const Drawing& row : drawings()) {
    if (row.name != name || (row.drawn_by & methods) == 0) continue;
    std::vector<Value> bound = bind_arguments(name, parse_signature(row.signature), arguments, keywords);
    return row.draw({evaluator, generator->state, bound, row.name, row.data});
  }
  if (find_library_name(kModuleName, name) == nullptr) return {};
  return call_library(evaluator, generator->state, name, arguments, keywords);
}

std::vector<GeneratorMethod> generator_methods() {
  std::vector<GeneratorMethod> out{{"shuffle", "x, axis=0"}};
  for (const Drawing& row : drawings()) {
    if ((row.drawn_by & kGenerator) != 0) out.push_back({row.name, row.signature});
  }
  return out;
}

std::span<const OpRow> random_ops() {
  static const std::vector<OpRow> all = rows();
  return all;
}

}  // namespace inlay
