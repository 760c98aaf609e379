// ops_random.cpp - numpy.random: the functions that draw from the evaluator's generator, and the methods of generators
// of one's own. Both are rows of one table. Invariant: arguments are checked before the first draw: a call that fails
// does not advance the stream.
#include <algorithm>
#include <array>
#include <cmath>

#include "interpreter/evaluator.h"
#include "interpreter/index_plan.h"
#include "interpreter/op_operands.h"
#include "interpreter/random_draws.h"
#include "interpreter/signature.h"
#include "runtime/cast.h"
#include "runtime/elementwise.h"
#include "runtime/reduce.h"

namespace inlay {
namespace {

using Arguments = std::span<Value>;

// ---- arguments ------------------------------------------------------------------------------------------------------

Shape size_argument(const Value& value) { return value.is_none() ? Shape() : shape_argument(value); }

/// The shape of a distribution's result: size=, or what its parameters broadcast to.
Shape drawn_shape(const Value& size, const Operand& a, const Operand& b) {
  if (!size.is_none()) return shape_argument(size);
  const Shape none;
  return broadcast_shapes(a.is_number() ? none : a.tensor.shape(), b.is_number() ? none : b.tensor.shape());
}

bool any_negative(const Operand& x) {
  const Tensor negative = binary(ElementwiseOp::less, x, Scalar::of(std::int64_t{0}));
  std::vector<int> axes(negative.rank());
  for (std::size_t axis = 0; axis < axes.size(); ++axis) axes[axis] = static_cast<int>(axis);
  return reduce(ReduceOp::any, negative, axes, false).item<bool>();
}

Operand scale_argument(Value& value) {
  const Operand scale = operand_argument(value);
  if (any_negative(scale)) raise(ErrorKind::ValueError, "scale < 0");
  return scale;
}

Value stretched(const Tensor& drawn, const Operand& scale, const Operand& offset) {
  return Value::of(binary(ElementwiseOp::add, binary(ElementwiseOp::multiply, drawn, scale), offset));
}

Value in_dtype(const Tensor& drawn, const Value& dtype) {
  return Value::of(cast(drawn, dtype_argument(dtype).value_or(drawn.dtype())));
}

// ---- distributions --------------------------------------------------------------------------------------------------

Value random(RandomState& state, Arguments given) {
  return in_dtype(draw_uniform(state, size_argument(given[0])), given[1]);
}
Value standard_normal(RandomState& state, Arguments given) {
  return in_dtype(draw_normal(state, size_argument(given[0])), given[1]);
}

Value rand(RandomState& state, Arguments given) { return Value::of(draw_uniform(state, shape_argument(given[0]))); }
Value randn(RandomState& state, Arguments given) { return Value::of(draw_normal(state, shape_argument(given[0]))); }

Value uniform(RandomState& state, Arguments given) {
  const Operand low = operand_argument(given[0]), high = operand_argument(given[1]);
  const Tensor width = binary(ElementwiseOp::subtract, high, low);
  return stretched(draw_uniform(state, drawn_shape(given[2], low, high)), width, low);
}

Value normal(RandomState& state, Arguments given) {
  const Operand mean = operand_argument(given[0]), deviation = scale_argument(given[1]);
  return stretched(draw_normal(state, drawn_shape(given[2], mean, deviation)), deviation, mean);
}

Value exponential(RandomState& state, Arguments given) {
  const Operand scale = scale_argument(given[0]);
  const Tensor drawn = draw_exponential(state, drawn_shape(given[1], scale, scale));
  return Value::of(binary(ElementwiseOp::multiply, drawn, scale));
}

/// Whole numbers low <= n <= last of a dtype that holds both.
Value integers_between(RandomState& state, std::int64_t low, std::int64_t last, const Value& size, const Value& dtype) {
  const DType wanted = dtype_argument(dtype).value_or(DType::int64);
  if (last < low) raise(ErrorKind::ValueError, "low >= high");
  for (const std::int64_t bound : {low, last}) {
    const Tensor exact = Tensor::scalar(bound), stored = cast(exact, wanted);
    const bool fits = binary(ElementwiseOp::equal, stored, exact).item<bool>();
    if (!fits) raise(ErrorKind::ValueError, "{} is out of bounds for {}", bound == low ? "low" : "high", name(wanted));
  }
  const std::uint64_t count = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(low) + 1;
  return Value::of(cast(draw_integers(state, low, count, size_argument(size)), wanted));
}

/// `high` given alone is the end of a range from 0.
Value integers_below(RandomState& state, const Value& low, const Value& high, bool inclusive, const Value& size,
                     const Value& dtype) {
  const std::int64_t from = high.is_none() ? 0 : int_argument(low);
  const std::int64_t end = int_argument(high.is_none() ? low : high);
  if (!inclusive && end <= from) raise(ErrorKind::ValueError, "low >= high");
  return integers_between(state, from, inclusive ? end : end - 1, size, dtype);
}

Value integers(RandomState& state, Arguments given) {
  return integers_below(state, given[0], given[1], bool_argument(given[4]), given[2], given[3]);
}
Value randint(RandomState& state, Arguments given) {
  return integers_below(state, given[0], given[1], false, given[2], given[3]);
}

// ---- orders and choices ---------------------------------------------------------------------------------------------

Tensor take(const Tensor& x, const Tensor& positions, int axis) {
  IndexItems items(static_cast<std::size_t>(axis), SliceItem{});
  items.emplace_back(positions);
  return index_get(x, items);
}

Value permutation(RandomState& state, Arguments given) {
  if (given[0].is(Value::Tag::integer))
    return Value::of(draw_permutation(state, std::max<std::int64_t>(0, given[0].integer())));
  const Tensor x = tensor_argument(given[0]);
  if (x.rank() == 0) return Value::of(draw_permutation(state, int_argument(given[0])));
  return Value::of(permuted(state, x, normalize_axis(int_argument(given[1]), x.rank())));
}

/// Running totals of the probabilities of choices, checked.
std::vector<double> cumulated(const Tensor& p, std::int64_t population) {
  if (p.rank() != 1 || p.size() != population) raise(ErrorKind::ValueError, "'a' and 'p' must have same size");
  const Tensor weights = cast(p, DType::float64).contiguous();
  std::vector<double> out;
  double total = 0;
  for (std::int64_t at = 0; at < population; ++at) {
    const double weight = weights.data<double>()[at];
    if (!(weight >= 0)) raise(ErrorKind::ValueError, "Probabilities are not non-negative");
    out.push_back(total += weight);
  }
  constexpr double kTolerance = 1.5e-8;  // NumPy's: the square root of float64's eps
  if (std::abs(total - 1) > kTolerance) raise(ErrorKind::ValueError, "Probabilities do not sum to 1");
  return out;
}

/// Positions drawn with replacement by their probabilities.
Tensor weighted_positions(RandomState& state, const std::vector<double>& totals, const Shape& shape) {
  const Tensor drawn = draw_uniform(state, shape);
  Tensor out = Tensor::empty(DType::int64, shape);
  for (std::int64_t at = 0; at < out.size(); ++at) {
    const auto place = std::upper_bound(totals.begin(), totals.end(), drawn.data<double>()[at] * totals.back());
    out.mutable_data<std::int64_t>()[at] = std::min(place, totals.end() - 1) - totals.begin();
  }
  return out;
}

/// Positions without replacement: the order in which waiting times with rates p end (Efraimidis, Spirakis 2006).
Tensor weighted_order(RandomState& state, const std::vector<double>& totals, std::int64_t count) {
  const auto weight = [&](std::size_t at) { return totals[at] - (at == 0 ? 0 : totals[at - 1]); };
  std::vector<std::int64_t> order;
  for (std::size_t at = 0; at < totals.size(); ++at) {
    if (weight(at) > 0) order.push_back(static_cast<std::int64_t>(at));
  }
  if (static_cast<std::int64_t>(order.size()) < count)
    raise(ErrorKind::ValueError, "Fewer non-zero entries in p than size");
  const Tensor drawn = draw_exponential(state, {static_cast<std::int64_t>(totals.size())});
  const auto waits = [&](std::int64_t at) { return drawn.data<double>()[at] / weight(static_cast<std::size_t>(at)); };
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return waits(a) < waits(b); });
  Tensor out = Tensor::empty(DType::int64, {count});
  std::copy_n(order.begin(), count, out.mutable_data<std::int64_t>());
  return out;
}

/// What choice draws from: positions, each as likely as its p.
struct Choice {
  std::int64_t population;
  Shape shape;
  bool replace;
  std::optional<std::vector<double>> totals;

  Tensor positions(RandomState& state) const {
    if (replace && totals) return weighted_positions(state, *totals, shape);
    if (replace) return draw_integers(state, 0, static_cast<std::uint64_t>(population), shape);
    const std::int64_t count = element_count(shape);
    const Tensor order = totals ? weighted_order(state, *totals, count) : draw_permutation(state, population);
    const IndexItem first[] = {SliceItem{{}, count, {}}};
    return reshape(index_get(order, first), shape);
  }
};

Choice choice_of(std::int64_t population, Arguments given) {
  Choice out{population, size_argument(given[1]), bool_argument(given[2]), {}};
  const std::int64_t count = element_count(out.shape);
  if (population <= 0 && count > 0) {
    raise(ErrorKind::ValueError, "a must be a positive integer unless no samples are taken");
  }
  if (!out.replace && count > population) {
    raise(ErrorKind::ValueError, "Cannot take a larger sample than population when replace is False");
  }
  if (!given[3].is_none()) out.totals = cumulated(tensor_argument(given[3]), population);
  return out;
}

// Parameters: a, size, replace, p, axis.
Value choice(RandomState& state, Arguments given) {
  const Tensor a = tensor_argument(given[0]);
  if (a.rank() == 0) return Value::of(choice_of(int_argument(given[0]), given).positions(state));
  const int axis = normalize_axis(int_argument(given[4]), a.rank());
  const Choice choice = choice_of(a.dim(static_cast<std::size_t>(axis)), given);
  return Value::of(take(a, choice.positions(state), axis));
}

// ---- seeds ----------------------------------------------------------------------------------------------------------

RandomState seeded(const Value& seed) {
  if (seed.is_none()) return RandomState();
  const std::int64_t number = int_argument(seed);
  if (number < 0) raise(ErrorKind::ValueError, "expected non-negative integer");
  return RandomState(static_cast<std::uint64_t>(number));
}

Value seed(RandomState& state, Arguments given) {
  state = seeded(given[0]);
  return Value::none();
}

Value op_default_rng(OpCall& call) {
  if (generator_of(call[0])) return call[0];
  return Value::adopt(Value::Tag::host, std::make_unique<GeneratorObject>(seeded(call[0])).release());
}

// ---- rows -----------------------------------------------------------------------------------------------------------

enum Where : std::uint8_t { kModule = 1, kGenerator = 2, kEither = 3 };

/// A function of numpy.random, or a method of generators.
struct Drawing {
  std::string_view name;
  std::string_view signature;
  std::uint8_t where;
  Value (*draw)(RandomState&, Arguments);
};
constexpr std::string_view kChoiceSignature = "a, size=None, replace=True, p=None, axis=0, shuffle=True";
constexpr Drawing kDrawings[] = {
    {"choice", kChoiceSignature, kEither, choice},
    {"exponential", "scale=1.0, size=None", kEither, exponential},
    {"integers", "low, high=None, size=None, dtype=None, endpoint=False", kGenerator, integers},
    {"normal", "loc=0.0, scale=1.0, size=None", kEither, normal},
    {"permutation", "x, axis=0", kEither, permutation},
    {"rand", "*size", kModule, rand},
    {"randint", "low, high=None, size=None, dtype=None", kModule, randint},
    {"randn", "*size", kModule, randn},
    {"random", "size=None, dtype=None", kEither, random},
    {"random_sample", "size=None, dtype=None", kModule, random},
    {"seed", "seed=None", kModule, seed},
    {"standard_normal", "size=None, dtype=None", kEither, standard_normal},
    {"uniform", "low=0.0, high=1.0, size=None", kEither, uniform},
};

Value op_draw(OpCall& call) { return kDrawings[call.row.data].draw(call.evaluator.random(), call.arguments); }

constexpr std::size_t kFunctions = std::count_if(std::begin(kDrawings), std::end(kDrawings),
                                                 [](const Drawing& row) { return (row.where & kModule) != 0; });

constexpr auto kRows = [] {
  std::array<OpRow, kFunctions + 1> rows{};
  std::size_t out = 0;
  for (std::size_t at = 0; at < std::size(kDrawings); ++at) {
    const Drawing& row = kDrawings[at];
    if (row.where & kModule)
      rows[out++] = {row.name, row.signature, kRandom, ResultKind::any, op_draw, static_cast<int>(at)};
  }
  rows[out] = {"default_rng", "seed=None", kRandom, ResultKind::any, op_default_rng};
  return rows;
}();

}  // namespace

Tensor permuted(RandomState& state, const Tensor& x, int axis) {
  return take(x, draw_permutation(state, x.dim(static_cast<std::size_t>(axis))), axis);
}

Value generator_method(Evaluator&, const Value& self, std::string_view name, std::span<const Value> arguments,
                       std::span<const std::pair<std::string, Value>> keywords) {
  GeneratorObject* generator = generator_of(self);
  if (!generator) return {};
  for (const Drawing& row : kDrawings) {
    if (row.name != name || (row.where & kGenerator) == 0) continue;
    std::vector<Value> bound = bind_arguments(name, parse_signature(row.signature), arguments, keywords);
    return row.draw(generator->state, bound);
  }
  return {};
}

std::span<const OpRow> random_ops() { return kRows; }

}  // namespace inlay
