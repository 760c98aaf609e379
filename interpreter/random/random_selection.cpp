// random_selection.cpp - whole numbers of a range, choices from a population, and random orders.
// Invariant: what is drawn does not depend on the dtype that it is stored in.
#include <algorithm>
#include <cmath>
#include <optional>

#include "interpreter/random/random_draws.h"
#include "interpreter/random/random_rows.h"
#include "interpreter/subscripts/index_plan.h"
#include "runtime/dtypes/cast.h"
#include "runtime/memory/poller.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// ---- whole numbers --------------------------------------------------------------------------------------------------

/// One bound of ranges: a number, or one for each element.
class Bound {
 public:
  explicit Bound(int128 number) : number_(number) {}
  /// int64 or uint64.
  explicit Bound(const Tensor& numbers) : numbers_(numbers.contiguous()) {}

  [[nodiscard]] Shape shape() const { return numbers_ ? numbers_->shape() : Shape{}; }
  [[nodiscard]] bool is_number() const { return !numbers_; }
  [[nodiscard]] std::int64_t size() const { return numbers_ ? numbers_->size() : 1; }
  [[nodiscard]] int128 operator[](std::int64_t at) const {
    if (!numbers_) return number_;
    const bool is_wide = numbers_->dtype() == DType::uint64;
    return number_ + (is_wide ? int128{numbers_->data<std::uint64_t>()[at]} : numbers_->data<std::int64_t>()[at]);
  }
  /// The same bound for each element of a shape.
  [[nodiscard]] Bound over(const Shape& shape) const {
    Bound out = *this;
    if (numbers_) out.numbers_ = broadcast_to(*numbers_, shape).contiguous();
    return out;
  }
  /// One less.
  void make_inclusive() { --number_; }

  template <class Test>
  [[nodiscard]] bool any(Test test) const {
    Poller poll;
    for (std::int64_t at = 0; at < size(); ++at) {
      poll();
      if (test((*this)[at])) return true;
    }
    return false;
  }

 private:
  std::optional<Tensor> numbers_;
  int128 number_ = 0;  // added to each of them
};

int128 whole(const Scalar& number) {
  switch (number.kind) {
    case Scalar::Kind::floating:
      if (std::abs(number.real) < 0x1p64) return static_cast<int128>(number.real);
      raise(ErrorKind::OverflowError, "cannot convert {} to integer", number.real);
    case Scalar::Kind::complex:
      raise(ErrorKind::TypeError, "int() argument must be a string or a real number, not 'complex'");
    default:
      return number.integer;
  }
}

Bound bound_argument(Value& value) {
  const Operand given = operand_argument(value);
  if (given.is_number()) return Bound(whole(given.number));
  return Bound(cast(given.tensor, given.tensor.dtype() == DType::uint64 ? DType::uint64 : DType::int64));
}

/// Ranges low <= n <= last.
struct Ranges {
  Bound low{0}, last{0};
  bool from_zero = false;  // only one bound was given
  bool inclusive = false;
};

Ranges ranges_argument(const DrawCall& call, bool inclusive) {
  Ranges out;
  out.from_zero = call[1].is_none();
  out.inclusive = inclusive;
  if (!out.from_zero) out.low = bound_argument(call[0]);
  out.last = bound_argument(call[out.from_zero ? 0 : 1]);
  if (!inclusive) out.last.make_inclusive();
  return out;
}

struct Limits {
  int128 low, high;
};

Limits limits_of(const Value& dtype, DType wanted, std::string_view function) {
  if (wanted == DType::boolean) return {0, 1};
  if (!is_integer(wanted)) {
    raise(ErrorKind::TypeError, "Unsupported dtype dtype('{}') for {}", dtype.is_none() ? "int64" : name(wanted),
          function);
  }
  const std::int64_t bits = 8 * itemsize(wanted);
  const int128 one = 1;
  if (kind(wanted) == Kind::unsigned_integer) return {0, (one << bits) - 1};
  return {-(one << (bits - 1)), (one << (bits - 1)) - 1};
}

void check_order(const Ranges& ranges, const Shape& shape) {
  const Bound low = ranges.low.over(shape), last = ranges.last.over(shape);
  Poller poll;
  for (std::int64_t at = 0, count = low.is_number() ? last.size() : low.size(); at < count; ++at) {
    poll();
    if (low[at] <= last[at]) continue;
    raise(ErrorKind::ValueError, "{} {} {}", ranges.from_zero ? "high" : "low",
          ranges.from_zero ? (ranges.inclusive ? "<" : "<=") : (ranges.inclusive ? ">" : ">="),
          ranges.from_zero ? "0" : "high");
  }
}

/// The numbers as int64, those beyond it wrapped: the bits of every dtype.
Tensor draw_each(RandomState& state, const Ranges& ranges, const Shape& shape) {
  Tensor out = draw_integers(state, 0, 0, shape);
  const Bound low = ranges.low.over(shape), last = ranges.last.over(shape);
  auto* word = out.mutable_data<std::int64_t>();
  Poller poll;
  for (std::int64_t at = 0; at < out.size(); ++at) {
    poll();
    const int128 from = low[at], to = last[at];
    word[at] = whole_below(static_cast<std::uint64_t>(word[at]), static_cast<std::int64_t>(from),
                           static_cast<std::uint64_t>(to - from + 1));
  }
  return out;
}

Value draw_ranges(const DrawCall& call, bool inclusive) {
  const DType wanted = dtype_argument(call[3]).value_or(DType::int64);
  const Limits limits = limits_of(call[3], wanted, call.name);
  const Ranges ranges = ranges_argument(call, inclusive);
  if (ranges.low.any([&](int128 value) { return value < limits.low; })) {
    raise(ErrorKind::ValueError, "low is out of bounds for {}", name(wanted));
  }
  if (ranges.last.any([&](int128 value) { return value > limits.high; })) {
    raise(ErrorKind::ValueError, "high is out of bounds for {}", name(wanted));
  }
  const Tensor bounds[] = {Tensor::empty(DType::boolean, ranges.low.shape()),
                           Tensor::empty(DType::boolean, ranges.last.shape())};
  check_order(ranges, broadcast_shapes(ranges.low.shape(), ranges.last.shape()));
  const Shape shape = drawn_shape(call[2], bounds);
  if (ranges.low.size() != 1 || ranges.last.size() != 1) {
    return Value::of(cast(draw_each(call.state, ranges, shape), wanted));
  }
  const int128 low = ranges.low[0], count = ranges.last[0] - low + 1;
  return Value::of(cast(
      draw_integers(call.state, static_cast<std::int64_t>(low), static_cast<std::uint64_t>(count), shape), wanted));
}

Value integers(const DrawCall& call) { return draw_ranges(call, bool_argument(call[4])); }
Value randint(const DrawCall& call) { return draw_ranges(call, false); }

/// low … high, both included; high given alone is the end of a range from 1.
Value random_integers(const DrawCall& call) {
  Value arguments[] = {call[1].is_none() ? Value::of(1) : call[0], call[1].is_none() ? call[0] : call[1], call[2],
                       Value::none()};
  return draw_ranges({call.evaluator, call.state, arguments, call.name}, true);
}

// ---- orders ---------------------------------------------------------------------------------------------------------

Tensor take(const Tensor& x, const Tensor& positions, int axis) {
  IndexItems items(static_cast<std::size_t>(axis), SliceItem{});
  items.emplace_back(positions);
  return index_get(x, items);
}

Tensor in_random_order(RandomState& state, const Tensor& x, int axis) {
  return take(x, draw_permutation(state, x.dim(static_cast<std::size_t>(axis))), axis);
}

Value permutation(const DrawCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const bool is_generator = call.arguments.size() > 1;
  if (x.rank() == 0 && is_integer(x.dtype())) {
    return Value::of(draw_permutation(call.state, std::max<std::int64_t>(0, int_argument(call[0]))));
  }
  if (x.rank() == 0 && !is_generator) raise(ErrorKind::IndexError, "x must be an integer or at least 1-dimensional");
  const int axis = normalize_axis(is_generator ? int_argument(call[1]) : 0, x.rank());
  return Value::of(in_random_order(call.state, x, axis));
}

// ---- choices --------------------------------------------------------------------------------------------------------

/// Running totals of the probabilities of choices, checked.
std::vector<double> cumulated(Value& p, std::int64_t population) {
  const Tensor weights = parameter_argument(p, "p", Constraint::any);
  if (weights.rank() != 1) raise(ErrorKind::ValueError, "p must be 1-dimensional");
  if (weights.size() != population) raise(ErrorKind::ValueError, "a and p must have same size");
  std::vector<double> out;
  double total = 0;
  Poller poll;
  for (std::int64_t at = 0; at < population; ++at) {
    poll();
    const double weight = weights.data<double>()[at];
    if (std::isnan(weight)) raise(ErrorKind::ValueError, "Probabilities contain NaN");
    if (weight < 0) raise(ErrorKind::ValueError, "Probabilities are not non-negative");
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
  auto* to = out.mutable_data<std::int64_t>();
  const double* from = drawn.data<double>();
  const auto place_of = [&](double x) {
    const auto place = std::upper_bound(totals.begin(), totals.end(), x * totals.back());
    return std::min(place, totals.end() - 1) - totals.begin();
  };
  parallel_for(drawn.size(), kParallelBlock, drawn.size() * 8, [&](std::int64_t begin, std::int64_t end) {
    std::transform(from + begin, from + end, to + begin, place_of);
  });
  return out;
}

/// Positions without replacement: the order in which waiting times with rates p end (Efraimidis, Spirakis: "Weighted
/// random sampling with a reservoir", 2006).
Tensor weighted_order(RandomState& state, const std::vector<double>& totals, std::int64_t count) {
  const auto weight = [&](std::size_t at) { return totals[at] - (at == 0 ? 0 : totals[at - 1]); };
  std::vector<std::int64_t> order;
  for (std::size_t at = 0; at < totals.size(); ++at) {
    if (weight(at) > 0) order.push_back(static_cast<std::int64_t>(at));
  }
  if (static_cast<std::int64_t>(order.size()) < count) {
    raise(ErrorKind::ValueError, "Fewer non-zero entries in p than size");
  }
  const Tensor drawn = draw_exponential(state, {static_cast<std::int64_t>(totals.size())});
  const auto waits = [&](std::int64_t at) { return drawn.data<double>()[at] / weight(static_cast<std::size_t>(at)); };
  Poller poll;
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    poll();
    return waits(a) < waits(b);
  });
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

// Parameters: a, size, replace, p, and of a generator axis, shuffle.
Choice choice_of(std::int64_t population, const DrawCall& call) {
  Choice out{population, size_argument(call[1]), bool_argument(call[2]), {}};
  const std::int64_t count = element_count(out.shape);
  if (population <= 0 && count > 0) {
    raise(ErrorKind::ValueError, "a must be a positive integer unless no samples are taken");
  }
  if (!call[3].is_none()) out.totals = cumulated(call[3], population);
  if (!out.replace && count > population) {
    raise(ErrorKind::ValueError, "Cannot take a larger sample than population when replace is False");
  }
  return out;
}

Value choice(const DrawCall& call) {
  const bool is_generator = call.arguments.size() > 4;
  if (call[0].is_string()) raise(ErrorKind::ValueError, "a must be a sequence or an integer, not <class 'str'>");
  const Tensor a = tensor_argument(call[0]);
  if (a.rank() == 0 && !is_integer(a.dtype())) {
    raise(ErrorKind::ValueError, "a must be a sequence or an integer, not {}", to_short_repr(call[0]));
  }
  if (a.rank() == 0) return Value::of(choice_of(int_argument(call[0]), call).positions(call.state));
  if (a.rank() > 1 && !is_generator) raise(ErrorKind::ValueError, "a must be 1-dimensional");
  const int axis = is_generator ? normalize_axis(int_argument(call[4]), a.rank()) : 0;
  const Choice choice = choice_of(a.dim(static_cast<std::size_t>(axis)), call);
  return Value::of(take(a, choice.positions(call.state), axis));
}

constexpr Drawing kDrawings[] = {
    {"choice", "a, size=None, replace=True, p=None, axis=0, shuffle=True", kGenerator, choice},
    {"choice", "a, size=None, replace=True, p=None", kModule, choice},
    {"integers", "low, high=None, size=None, dtype=None, endpoint=False", kGenerator, integers},
    {"permutation", "x, axis=0", kGenerator, permutation},
    {"permutation", "x", kModule, permutation},
    {"randint", "low, high=None, size=None, dtype=None", kModule, randint},
    {"random_integers", "low, high=None, size=None", kModule, random_integers},
};

}  // namespace

void shuffle(RandomState& state, Value& target, const Value& axis) {
  if (target.is_tensor()) {
    const Tensor x = target.tensor();
    if (x.rank() == 0) raise(ErrorKind::TypeError, "len() of unsized object");
    target = Value::of(in_random_order(state, x, normalize_axis(int_argument(axis), x.rank())));
    return;
  }
  if (!target.is(Value::Tag::list)) {
    raise(ErrorKind::TypeError, "'{}' object does not support item assignment", type_name(target));
  }
  if (int_argument(axis) != 0) raise(ErrorKind::ValueError, "axis is for tensors; a list has only one");
  const Tensor order = draw_permutation(state, static_cast<std::int64_t>(target.elements().size()));
  std::vector<Value> out;
  for (std::int64_t at = 0; at < order.size(); ++at) {
    out.push_back(target.elements()[static_cast<std::size_t>(order.data<std::int64_t>()[at])]);
  }
  target = Value::list(std::move(out));
}

std::span<const Drawing> selection_drawings() { return kDrawings; }

}  // namespace inlay
