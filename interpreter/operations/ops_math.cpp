// ops_math.cpp - Python's math module: plain numbers in, plain numbers out. 0-d tensors are read by their value.
// Invariant: a NaN or an infinity that the arguments did not bring is an error, as in Python: "math domain error" where
// the function has no value, "math range error" where the value is too large.
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/operators.h"
#include "interpreter/methods/construct.h"
#include "interpreter/values/compare.h"

namespace inlay {
namespace {

[[noreturn]] void domain_error() { raise(ErrorKind::ValueError, "math domain error"); }
[[noreturn]] void range_error() { raise(ErrorKind::OverflowError, "math range error"); }

/// How a function of finite arguments can be infinite.
enum class Infinity : std::uint8_t { pole, overflow };

double checked(double result, bool has_nan, bool all_finite, Infinity meaning) {
  if (std::isnan(result) && !has_nan) domain_error();
  if (std::isinf(result) && all_finite) {
    if (meaning == Infinity::overflow) range_error();
    domain_error();
  }
  return result;
}

// ---- functions of one number ----

double degrees(double x) { return x * (180.0 / std::numbers::pi); }
double radians(double x) { return x * (std::numbers::pi / 180.0); }

/// Poles at 0 and the negative integers, which the C library does not all report alike.
double gamma(double x) {
  if (x <= 0 && std::floor(x) == x) domain_error();
  return std::tgamma(x);
}
double log_gamma(double x) {
  if (x <= 0 && std::isfinite(x) && std::floor(x) == x) domain_error();
  return std::lgamma(x);
}
double ulp(double x) {
  const double magnitude = std::fabs(x);
  if (!std::isfinite(magnitude)) return magnitude;
  const double next = std::nextafter(magnitude, std::numeric_limits<double>::infinity());
  return std::isinf(next) ? magnitude - std::nextafter(magnitude, 0.0) : next - magnitude;
}

struct Unary {
  std::string_view name;
  double (*function)(double);
  Infinity infinity = Infinity::pole;
};
constexpr Unary kUnary[] = {
    {"sqrt", std::sqrt},
    {"cbrt", std::cbrt},
    {"exp", std::exp, Infinity::overflow},
    {"exp2", std::exp2, Infinity::overflow},
    {"expm1", std::expm1, Infinity::overflow},
    {"log2", std::log2},
    {"log10", std::log10},
    {"log1p", std::log1p},
    {"sin", std::sin},
    {"cos", std::cos},
    {"tan", std::tan},
    {"asin", std::asin},
    {"acos", std::acos},
    {"atan", std::atan},
    {"sinh", std::sinh, Infinity::overflow},
    {"cosh", std::cosh, Infinity::overflow},
    {"tanh", std::tanh},
    {"asinh", std::asinh},
    {"acosh", std::acosh},
    {"atanh", std::atanh},
    {"fabs", std::fabs},
    {"degrees", degrees, Infinity::overflow},
    {"radians", radians},
    {"erf", std::erf},
    {"erfc", std::erfc},
    {"gamma", gamma, Infinity::overflow},
    {"lgamma", log_gamma, Infinity::overflow},
    {"ulp", ulp},
};

Value op_unary(OpCall& call) {
  const Unary& row = kUnary[call.row.data];
  const double x = as_float(call[0]);
  return Value::of(checked(row.function(x), std::isnan(x), std::isfinite(x), row.infinity));
}

constexpr int unary_index(std::string_view name) {
  int at = 0;
  while (kUnary[at].name != name) ++at;
  return at;
}

// ---- functions of two numbers ----

struct Binary {
  std::string_view name;
  double (*function)(double, double);
  Infinity infinity = Infinity::pole;
};
constexpr Binary kBinary[] = {
    {"pow", std::pow, Infinity::overflow}, {"fmod", std::fmod}, {"remainder", std::remainder}, {"atan2", std::atan2},
    {"copysign", std::copysign},
};

constexpr int binary_index(std::string_view name) {
  int at = 0;
  while (kBinary[at].name != name) ++at;
  return at;
}

Value op_binary(OpCall& call) {
  const Binary& row = kBinary[call.row.data];
  const double x = as_float(call[0]), y = as_float(call[1]);
  const double result = row.function(x, y);
  return Value::of(checked(result, std::isnan(x) || std::isnan(y), std::isfinite(x) && std::isfinite(y), row.infinity));
}

/// 0 to a negative power is a pole, not an overflow.
Value op_pow(OpCall& call) {
  if (as_float(call[0]) == 0 && as_float(call[1]) < 0 && std::isfinite(as_float(call[1]))) domain_error();
  return op_binary(call);
}

Value op_nextafter(OpCall& call) { return Value::of(std::nextafter(as_float(call[0]), as_float(call[1]))); }

Value op_log(OpCall& call) {
  const auto log_of = [](const Value& value) {
    const double x = as_float(value);
    if (x <= 0) domain_error();
    return std::log(x);
  };
  const double result = log_of(call[0]);
  if (call[1].is_none()) return Value::of(result);
  const double base = log_of(call[1]);
  if (base == 0) raise(ErrorKind::ZeroDivisionError, "division by zero");
  return Value::of(result / base);
}

Value op_ldexp(OpCall& call) {
  const double x = as_float(call[0]);
  const std::int64_t exponent = std::clamp<std::int64_t>(as_index(call[1]), -100000, 100000);
  return Value::of(
      checked(std::ldexp(x, static_cast<int>(exponent)), std::isnan(x), std::isfinite(x), Infinity::overflow));
}

// ---- predicates ----

enum class Test : std::uint8_t { nan, infinite, finite };

Value op_test(OpCall& call) {
  const double x = as_float(call[0]);
  switch (static_cast<Test>(call.row.data)) {
    case Test::nan:
      return Value::of(std::isnan(x));
    case Test::infinite:
      return Value::of(std::isinf(x));
    case Test::finite:
      break;
  }
  return Value::of(std::isfinite(x));
}

Value op_isclose(OpCall& call) {
  const double a = as_float(call[0]), b = as_float(call[1]);
  const double relative = as_float(call[2]), absolute = as_float(call[3]);
  if (relative < 0 || absolute < 0) raise(ErrorKind::ValueError, "tolerances must be non-negative");
  if (a == b) return Value::of(true);
  if (std::isinf(a) || std::isinf(b)) return Value::of(false);
  const double difference = std::fabs(a - b);
  return Value::of(difference <= relative * std::max(std::fabs(a), std::fabs(b)) || difference <= absolute);
}

// ---- to integers ----

enum class Rounding : std::uint8_t { floor, ceil, trunc };

Value op_round(OpCall& call) {
  if (call[0].is(Value::Tag::integer)) return call[0];
  const std::optional<Scalar> number = number_of(call[0]);
  if (number && number->kind == Scalar::Kind::wide) raise_integer_overflow();
  if (number && number->kind < Scalar::Kind::wide) return Value::of(static_cast<std::int64_t>(number->integer));
  const double x = as_float(call[0]);
  switch (static_cast<Rounding>(call.row.data)) {
    case Rounding::floor:
      return whole_number(std::floor(x));
    case Rounding::ceil:
      return whole_number(std::ceil(x));
    case Rounding::trunc:
      break;
  }
  return whole_number(std::trunc(x));
}

Value op_modf(OpCall& call) {
  double whole = 0;
  const double fraction = std::modf(as_float(call[0]), &whole);
  return Value::tuple({Value::of(fraction), Value::of(whole)});
}

Value op_frexp(OpCall& call) {
  const double x = as_float(call[0]);
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  return Value::tuple({Value::of(fraction), Value::of(std::isfinite(x) ? exponent : 0)});
}

// ---- integers ----

/// A result within 64 bits.
Value integer_value(int128 value) {
  if (value != static_cast<std::int64_t>(value)) raise_integer_overflow();
  return Value::of(static_cast<std::int64_t>(value));
}

std::uint64_t magnitude(const Value& value) {
  const std::int64_t x = as_index(value);
  return x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
}

Value op_gcd(OpCall& call) {
  std::uint64_t out = 0;
  for (const Value& each : call[0].elements()) out = std::gcd(out, magnitude(each));
  return integer_value(out);
}

Value op_lcm(OpCall& call) {
  int128 out = 1;
  for (const Value& each : call[0].elements()) {
    const std::uint64_t next = magnitude(each);
    if (next == 0) out = 0;
    if (out == 0) continue;
    out = out / static_cast<int128>(std::gcd(static_cast<std::uint64_t>(out), next)) * static_cast<int128>(next);
    if (out > std::numeric_limits<std::int64_t>::max()) raise_integer_overflow();
  }
  return integer_value(out);
}

Value op_factorial(OpCall& call) {
  const std::int64_t n = as_index(call[0]);
  if (n < 0) raise(ErrorKind::ValueError, "factorial() not defined for negative values");
  constexpr std::int64_t kLargest = 20;  // 21! has more than 63 bits
  if (n > kLargest) raise_integer_overflow();
  std::int64_t out = 1;
  for (std::int64_t factor = 2; factor <= n; ++factor) out *= factor;
  return Value::of(out);
}

struct Choice {
  std::int64_t n, k;
};

Choice choice_of(const Value& n, const Value& k) {
  const Choice out{as_index(n), k.is_none() ? as_index(n) : as_index(k)};
  if (out.n < 0) raise(ErrorKind::ValueError, "n must be a non-negative integer");
  if (out.k < 0) raise(ErrorKind::ValueError, "k must be a non-negative integer");
  return out;
}

Value op_comb(OpCall& call) {
  Choice choice = choice_of(call[0], call[1]);
  if (choice.k > choice.n) return Value::of(0);
  choice.k = std::min(choice.k, choice.n - choice.k);
  int128 out = 1;
  for (std::int64_t at = 1; at <= choice.k; ++at) {
    out = out * (choice.n - choice.k + at) / at;
    if (out > std::numeric_limits<std::int64_t>::max()) raise_integer_overflow();
  }
  return integer_value(out);
}

Value op_perm(OpCall& call) {
  const Choice choice = choice_of(call[0], call[1]);
  if (choice.k > choice.n) return Value::of(0);
  int128 out = 1;
  for (std::int64_t at = 0; at < choice.k; ++at) {
    out *= choice.n - at;
    if (out > std::numeric_limits<std::int64_t>::max()) raise_integer_overflow();
  }
  return integer_value(out);
}

Value op_isqrt(OpCall& call) {
  const std::int64_t n = as_index(call[0]);
  if (n < 0) raise(ErrorKind::ValueError, "isqrt() argument must be nonnegative");
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
  while (static_cast<int128>(root) * root > n) --root;
  while (static_cast<int128>(root + 1) * (root + 1) <= n) ++root;
  return Value::of(root);
}

// ---- of many numbers ----

Value op_prod(OpCall& call) {
  Value out = call[1];
  Iteration iteration(call[0]);
  for (Value item; iteration.next(item);) {
    context().charge(1, 0);
    out = binary_operation(ast::BinaryOp::multiply, out, item);
  }
  return out;
}

/// Partial sums that do not overlap: together they are the exact sum of what was added (Shewchuk).
class ExactSum {
 public:
  void add(double x) {
    std::size_t kept = 0;
    for (double partial : partials_) {
      if (std::fabs(x) < std::fabs(partial)) std::swap(x, partial);
      const double sum = x + partial;
      const double lost = partial - (sum - x);
      if (lost != 0) partials_[kept++] = lost;
      x = sum;
    }
    partials_.resize(kept);
    partials_.push_back(x);
  }

  /// The sum, correctly rounded.
  [[nodiscard]] double total() const {
    std::size_t left = partials_.size();
    if (left == 0) return 0;
    double high = partials_[--left], low = 0;
    while (left > 0 && low == 0) {
      const double x = high, y = partials_[--left];
      high = x + y;
      low = y - (high - x);
    }
    // Half-way cases round by what lies below.
    const bool same_sign = left > 0 && low != 0 && std::signbit(low) == std::signbit(partials_[left - 1]);
    if (same_sign && partials_[left - 1] != 0) {
      const double twice = 2 * low, up = high + twice;
      if (twice == up - high) high = up;
    }
    return high;
  }

 private:
  std::vector<double> partials_;
};

Value op_fsum(OpCall& call) {
  ExactSum sum;
  double special = 0;
  bool has_special = false;
  bool has_nan = false;
  Iteration iteration(call[0]);
  for (Value item; iteration.next(item);) {
    context().charge(1, 0);
    const double x = as_float(item);
    if (std::isfinite(x)) {
      sum.add(x);
      continue;
    }
    special += x;
    has_special = true;
    has_nan |= std::isnan(x);
  }
  if (!has_special) {
    const double total = sum.total();
    if (!std::isfinite(total)) raise(ErrorKind::OverflowError, "intermediate overflow in fsum");
    return Value::of(total);
  }
  if (std::isnan(special) && !has_nan) raise(ErrorKind::ValueError, "-inf + inf in fsum");
  return Value::of(special);
}

/// The length of a vector, scaled so that squares neither overflow nor vanish.
double length(const std::vector<double>& coordinates) {
  double largest = 0;
  bool has_nan = false;
  for (const double x : coordinates) {
    if (std::isinf(x)) return std::numeric_limits<double>::infinity();
    has_nan |= std::isnan(x);
    largest = std::max(largest, std::fabs(x));
  }
  if (has_nan) return std::numeric_limits<double>::quiet_NaN();
  if (largest == 0) return 0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  ExactSum squares;
  for (const double x : coordinates) {
    const double scaled = std::ldexp(x, -exponent), square = scaled * scaled;
    squares.add(square);
    squares.add(std::fma(scaled, scaled, -square));
  }
  return std::ldexp(std::sqrt(squares.total()), exponent);
}

Value op_hypot(OpCall& call) {
  std::vector<double> coordinates;
  for (const Value& each : call[0].elements()) coordinates.push_back(as_float(each));
  return Value::of(length(coordinates));
}

Value op_dist(OpCall& call) {
  const std::vector<Value> p = elements_of(call[0]), q = elements_of(call[1]);
  if (p.size() != q.size()) raise(ErrorKind::ValueError, "both points must have the same number of dimensions");
  std::vector<double> coordinates;
  for (std::size_t at = 0; at < p.size(); ++at) coordinates.push_back(as_float(p[at]) - as_float(q[at]));
  return Value::of(length(coordinates));
}

constexpr OpRow unary_row(std::string_view name) {
  return {name, "x", kMath, ResultKind::any, op_unary, unary_index(name)};
}
constexpr OpRow binary_row(std::string_view name, Value (*evaluate)(OpCall&) = op_binary) {
  return {name, "x, y", kMath, ResultKind::any, evaluate, binary_index(name)};
}
constexpr OpRow row(std::string_view name, std::string_view signature, Value (*evaluate)(OpCall&), int data = 0) {
  return {name, signature, kMath, ResultKind::any, evaluate, data};
}

constexpr OpRow kRows[] = {
    unary_row("sqrt"),
    unary_row("cbrt"),
    unary_row("exp"),
    unary_row("exp2"),
    unary_row("expm1"),
    row("log", "x, base=None", op_log),
    unary_row("log2"),
    unary_row("log10"),
    unary_row("log1p"),
    binary_row("pow", op_pow),
    unary_row("sin"),
    unary_row("cos"),
    unary_row("tan"),
    unary_row("asin"),
    unary_row("acos"),
    unary_row("atan"),
    binary_row("atan2"),
    unary_row("sinh"),
    unary_row("cosh"),
    unary_row("tanh"),
    unary_row("asinh"),
    unary_row("acosh"),
    unary_row("atanh"),
    row("hypot", "*coordinates", op_hypot),
    row("dist", "p, q", op_dist),
    row("floor", "x", op_round, static_cast<int>(Rounding::floor)),
    row("ceil", "x", op_round, static_cast<int>(Rounding::ceil)),
    row("trunc", "x", op_round, static_cast<int>(Rounding::trunc)),
    unary_row("fabs"),
    binary_row("fmod"),
    binary_row("remainder"),
    row("modf", "x", op_modf),
    row("frexp", "x", op_frexp),
    row("ldexp", "x, i", op_ldexp),
    binary_row("copysign"),
    row("nextafter", "x, y", op_nextafter),
    unary_row("ulp"),
    row("isnan", "x", op_test, static_cast<int>(Test::nan)),
    row("isinf", "x", op_test, static_cast<int>(Test::infinite)),
    row("isfinite", "x", op_test, static_cast<int>(Test::finite)),
    row("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", op_isclose),
    row("gcd", "*integers", op_gcd),
    row("lcm", "*integers", op_lcm),
    row("factorial", "n", op_factorial),
    row("comb", "n, k", op_comb),
    row("perm", "n, k=None", op_perm),
    row("isqrt", "n", op_isqrt),
    row("prod", "iterable, *, start=1", op_prod),
    row("fsum", "seq", op_fsum),
    unary_row("degrees"),
    unary_row("radians"),
    unary_row("erf"),
    unary_row("erfc"),
    unary_row("gamma"),
    unary_row("lgamma"),
};

}  // namespace

std::span<const OpRow> math_ops() { return kRows; }

}  // namespace inlay
