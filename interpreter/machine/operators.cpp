// operators.cpp - Python's operators on values: plain numbers by Python's rules, tensors by NumPy's, sequences and text
// by Python's. Knows nothing of instructions.
#include <bit>
#include <cmath>
#include <limits>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/operators.h"
#include "interpreter/machine/plain_numbers.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/texts/format_percent.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "runtime/matrices/linear_algebra.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {

namespace {

using ast::BinaryOp;

constexpr ElementwiseOp kElementwise[] = {  // ORDER of ast::BinaryOp
    ElementwiseOp::add,          ElementwiseOp::subtract,
    ElementwiseOp::multiply,     ElementwiseOp::divide,
    ElementwiseOp::floor_divide, ElementwiseOp::remainder,
    ElementwiseOp::power,        ElementwiseOp::add /* matmul: not elementwise */,
    ElementwiseOp::left_shift,   ElementwiseOp::right_shift,
    ElementwiseOp::bitwise_and,  ElementwiseOp::bitwise_or,
    ElementwiseOp::bitwise_xor};
constexpr ElementwiseOp kComparison[] = {ElementwiseOp::equal,   ElementwiseOp::not_equal,
                                         ElementwiseOp::less,    ElementwiseOp::less_equal,
                                         ElementwiseOp::greater, ElementwiseOp::greater_equal};

[[noreturn]] void unsupported(BinaryOp op, const Value& a, const Value& b) {
  raise(ErrorKind::TypeError, "unsupported operand type(s) for {}: '{}' and '{}'", spelling(op), type_name(a),
        type_name(b));
}

[[noreturn]] void too_large() {
  raise(ErrorKind::OverflowError, "integer overflow: the result does not fit a 64-bit int");
}

// ---- plain integers ----

Value integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) raise(ErrorKind::ZeroDivisionError, "0.0 cannot be raised to a negative power");
    return Value::of(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  std::int64_t result = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) too_large();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) too_large();
  }
  return Value::of(result);
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  if (b == 0) raise(ErrorKind::ZeroDivisionError, "integer division or modulo by zero");
  if (b == -1 && a == std::numeric_limits<std::int64_t>::min()) too_large();
  const std::int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) {
  if (b == 0) raise(ErrorKind::ZeroDivisionError, "integer modulo by zero");
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::int64_t shift_left(std::int64_t a, std::int64_t count) {
  if (count < 0) raise(ErrorKind::ValueError, "negative shift count");
  if (a == 0) return 0;
  std::int64_t result = 0;
  if (count > 62 || __builtin_mul_overflow(a, std::int64_t(1) << count, &result)) too_large();
  return result;
}

std::int64_t shift_right(std::int64_t a, std::int64_t count) {
  if (count < 0) raise(ErrorKind::ValueError, "negative shift count");
  return a >> std::min<std::int64_t>(count, 63);
}

/// a / b, rounded once.
double true_divide(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const auto is_exact = [](std::int64_t x) { return x >= -kExact && x <= kExact; };
  if (is_exact(a) && is_exact(b)) return static_cast<double>(a) / static_cast<double>(b);
  const auto magnitude = [](std::int64_t x) {
    return x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
  };
  // So many bits that the last one lies far behind those of a double, and says whether there are more.
  const int shift = 127 - static_cast<int>(std::bit_width(magnitude(a)));
  const int128 dividend = int128{magnitude(a)} << shift, divisor = magnitude(b), quotient = dividend / divisor;
  const int128 has_rest = quotient * divisor != dividend;
  const double result = std::ldexp(static_cast<double>(quotient | has_rest), -shift);
  return (a < 0) != (b < 0) ? -result : result;
}

Value integer_binary(BinaryOp op, std::int64_t a, std::int64_t b, bool booleans) {
  if (Value simple; plain_binary(op, a, b, simple)) return simple;
  std::int64_t result = 0;
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::subtract:
    case BinaryOp::multiply:
      too_large();
    case BinaryOp::divide:
      if (b == 0) raise(ErrorKind::ZeroDivisionError, "division by zero");
      return Value::of(true_divide(a, b));
    case BinaryOp::floor_divide:
      result = floor_divide(a, b);
      break;
    case BinaryOp::remainder:
      result = floor_remainder(a, b);
      break;
    case BinaryOp::power:
      return integer_power(a, b);
    case BinaryOp::left_shift:
      result = shift_left(a, b);
      break;
    case BinaryOp::right_shift:
      result = shift_right(a, b);
      break;
    case BinaryOp::bitwise_and:
      result = a & b;
      break;
    case BinaryOp::bitwise_or:
      result = a | b;
      break;
    case BinaryOp::bitwise_xor:
      result = a ^ b;
      break;
    case BinaryOp::matmul:
      unsupported(op, Value::of(a), Value::of(b));
  }
  const bool bits = op >= BinaryOp::bitwise_and;
  return booleans && bits ? Value::of(result != 0) : Value::of(result);
}

// ---- plain floats and complex numbers ----

double float_remainder(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double float_floor_divide(double a, double b) {
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1 : floored;
}

Value float_power(double a, double b) {
  if (a == 0 && b < 0 && std::isfinite(b))
    raise(ErrorKind::ZeroDivisionError, "0.0 cannot be raised to a negative power");
  if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) return Value::of(std::pow(complex128(a), b));
  const double result = std::pow(a, b);
  if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
    raise(ErrorKind::OverflowError, "(34, 'Numerical result out of range')");
  return Value::of(result);
}

Value float_binary(BinaryOp op, double a, double b, const Value& left, const Value& right) {
  if (Value simple; plain_binary(op, a, b, simple)) return simple;
  switch (op) {
    case BinaryOp::divide:
      raise(ErrorKind::ZeroDivisionError, "float division by zero");
    case BinaryOp::floor_divide:
      if (b == 0) raise(ErrorKind::ZeroDivisionError, "float floor division by zero");
      return Value::of(float_floor_divide(a, b));
    case BinaryOp::remainder:
      if (b == 0) raise(ErrorKind::ZeroDivisionError, "float modulo by zero");
      return Value::of(float_remainder(a, b));
    case BinaryOp::power:
      return float_power(a, b);
    default:
      unsupported(op, left, right);
  }
}

complex128 to_complex(const Value& value) {
  const Scalar number = value.number();
  if (number.kind == Scalar::Kind::complex) return {number.real, number.imaginary};
  return as_float(value);
}

[[noreturn]] void refuse_zero_base() { raise(ErrorKind::ZeroDivisionError, "0.0 to a negative or complex power"); }

/// Whole exponents up to 100 by squaring, which keeps whole parts whole.
complex128 unchecked_power(complex128 base, complex128 exponent) {
  constexpr double kMostSquared = 100;
  const double whole = exponent.real();
  if (exponent.imag() != 0 || whole != std::floor(whole) || std::fabs(whole) > kMostSquared)
    return std::pow(base, exponent);
  complex128 product = 1, square = base;
  for (int rest = static_cast<int>(std::fabs(whole)); rest > 0; rest >>= 1, square *= square) {
    if ((rest & 1) != 0) product *= square;
  }
  if (whole < 0 && product == complex128(0)) refuse_zero_base();
  return whole < 0 ? 1.0 / product : product;
}

/// Python's.
complex128 complex_power(complex128 base, complex128 exponent) {
  if (base == complex128(0) && (exponent.real() < 0 || exponent.imag() != 0)) refuse_zero_base();
  if (base == complex128(0) && exponent.real() > 0) return 0;
  const complex128 power = unchecked_power(base, exponent);
  if (std::isfinite(base.real()) && std::isfinite(base.imag()) &&
      (std::isinf(power.real()) || std::isinf(power.imag())))
    raise(ErrorKind::OverflowError, "complex exponentiation");
  return power;
}

Value complex_binary(BinaryOp op, const Value& left, const Value& right) {
  const complex128 a = to_complex(left), b = to_complex(right);
  switch (op) {
    case BinaryOp::add:
      return Value::of(a + b);
    case BinaryOp::subtract:
      return Value::of(a - b);
    case BinaryOp::multiply:
      return Value::of(a * b);
    case BinaryOp::divide:
      if (b == complex128(0)) raise(ErrorKind::ZeroDivisionError, "complex division by zero");
      return Value::of(a / b);
    case BinaryOp::power:
      return Value::of(complex_power(a, b));
    default:
      unsupported(op, left, right);
  }
}

Value number_binary(BinaryOp op, const Value& a, const Value& b) {
  using Tag = Value::Tag;
  if (a.is(Tag::complex) || b.is(Tag::complex)) return complex_binary(op, a, b);
  if (a.is(Tag::floating) || b.is(Tag::floating)) return float_binary(op, as_float(a), as_float(b), a, b);
  if (a.is(Tag::wide) || b.is(Tag::wide)) too_large();
  return integer_binary(op, a.integer(), b.integer(), a.is(Tag::boolean) && b.is(Tag::boolean));
}

// ---- sequences and text ----

/// Of a repeated sequence, between two looks at whether to stop.
constexpr std::size_t kElementsPerPoll = 1 << 20;

/// The length of `length` things `count` times, which must be one that memory can have.
std::size_t repeated_length(std::size_t length, std::int64_t count, std::size_t bytes_each) {
  constexpr auto kMaxBytes = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  const auto times = static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
  if (length != 0 && times > kMaxBytes / bytes_each / length) {
    throw Error(ErrorKind::MemoryError, "the repeated sequence would be too long");
  }
  context().charge(length * times, length * times * bytes_each);
  return length * times;
}

Value repeat(const Value& sequence, std::int64_t count) {
  if (sequence.is_string()) {
    const std::string& text = sequence.string();
    std::string out;
    const std::size_t size = repeated_length(text.size(), count, 1);
    out.reserve(size);
    while (out.size() < size) {
      if (out.size() % kElementsPerPoll < text.size()) context().budget.poll();
      append_text(out, text);
    }
    return Value::of(std::string_view(out));
  }
  const std::vector<Value>& elements = sequence.elements();
  std::vector<Value> out;
  const std::size_t size = repeated_length(elements.size(), count, sizeof(Value));
  out.reserve(size);
  while (out.size() < size) {
    if (out.size() % kElementsPerPoll < elements.size()) context().budget.poll();
    out.insert(out.end(), elements.begin(), elements.end());
  }
  return sequence.is(Value::Tag::list) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

Value join_texts(const std::string& a, const std::string& b) {
  return Value::of(std::string_view(a.size() + b.size() < kTextBytesPerStep ? a + b : joined_text({a, b})));
}

Value join(const Value& a, const Value& b) {
  const std::uint64_t size = a.is_string() ? a.string().size() + b.string().size()
                                           : (a.elements().size() + b.elements().size()) * sizeof(Value);
  context().charge(0, size);
  if (a.is_string()) return join_texts(a.string(), b.string());
  std::vector<Value> out = copied_elements(a.elements(), a.elements().size() + b.elements().size());
  append_elements(out, b.elements());
  return a.is(Value::Tag::list) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

/// The items of both; where both have a key, the right one's value in the left one's place.
Value merged(const DictObject& a, const DictObject& b) {
  Value out = Value::dict();
  DictObject& items = out.mutable_dictionary();
  for (const DictObject* each : {&a, &b}) {
    for (const auto& [key, value] : each->items) {
      context().charge(1, 0);
      items.set(key, value);
    }
  }
  return out;
}

bool is_repeatable(const Value& value) { return value.is_string() || value.is_sequence(); }
bool is_count(const Value& value) {
  return value.is(Value::Tag::integer) || value.is(Value::Tag::boolean) ||
         (value.is_tensor() && value.tensor_rank() == 0 && is_integer(value.tensor_dtype()));
}

// ---- tensors ----

bool is_operand(const Value& value) {
  return value.is_tensor() || value.is_number() || value.is_sequence() || value.is(Value::Tag::range) ||
         is_tracked(value);
}

/// Whether these are operands of a tensor's operator that a gradient is recorded of: one at least is a tensor or
/// tracked, and one at least is tracked or a list of tracked values.
bool are_tracked_operands(const Value& a, const Value& b) {
  const auto is_single = [](const Value& value) { return value.is_tensor() || is_tracked(value); };
  const auto has_tracked = [](const Value& value) {
    return is_tracked(value) || (value.is_sequence() && tracking_level(value) > 0);
  };
  return (is_single(a) || is_single(b)) && (has_tracked(a) || has_tracked(b)) && is_operand(a) && is_operand(b);
}

Operand operand_of(const Value& value) {
  if (value.is_sequence() || value.is(Value::Tag::range)) return as_tensor(value);
  return to_operand(value);
}

/// Takes a consumed operand's tensor out, so that it is uniquely held, and puts it back if the operation fails.
class Borrowed {
 public:
  Borrowed(Value& value, bool take)
      : value_(value),
        taken_(take && value.is(Value::Tag::tensor)),
        operand(taken_ ? Operand(value.take_tensor()) : operand_of(value)) {}
  ~Borrowed() {
    if (taken_ && std::uncaught_exceptions() > exceptions_) value_ = Value::of(std::move(operand.tensor));
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

 private:
  Value& value_;
  bool taken_;
  int exceptions_ = std::uncaught_exceptions();

 public:
  Operand operand;
};

[[noreturn]] void refuse_operands(ElementwiseOp op, const Value& a, const Value& b) {
  raise(ErrorKind::TypeError, "ufunc '{}' did not contain a loop with signature matching types {} and {}", name(op),
        type_name(a), type_name(b));
}

/// The function that `**` becomes for a plain exponent, where NumPy's operator takes a root, square or reciprocal
/// instead of its function `power`; nothing where they agree, and for 0-d tensors, whose operator NumPy has from its
/// scalars.
std::optional<ElementwiseOp> quick_power(const Value& base, const Value& exponent) {
  if (!base.is_tensor() || base.tensor_rank() == 0 || !exponent.is_number()) return std::nullopt;
  const DType dtype = base.tensor_dtype();
  const Scalar number = exponent.number();
  const double power = number.is_integer() ? static_cast<double>(number.integer) : number.real;
  if (dtype == DType::boolean) {
    return exponent.is(Value::Tag::integer) && power == 2 ? std::optional(ElementwiseOp::square) : std::nullopt;
  }
  const bool is_split = is_complex(dtype) || itemsize(dtype) == 2;  // float32 and float64 do the same in both
  if (!is_split || is_integer(dtype) || number.kind == Scalar::Kind::complex) return std::nullopt;
  if (power == 2) return ElementwiseOp::square;
  if (power == 0.5) return ElementwiseOp::sqrt;
  return number.is_integer() && power == -1 ? std::optional(ElementwiseOp::reciprocal) : std::nullopt;
}

/// Whether a matrix, not a small one, lies as the transpose of a row-major one.
bool is_transposed(const Operand& operand) {
  constexpr std::int64_t kSmall = 1024;
  const Tensor& x = operand.tensor;
  return !operand.is_number() && x.rank() == 2 && x.size() > kSmall && !x.is_contiguous() &&
         x.strides()[0] == x.itemsize() && x.strides()[1] == x.itemsize() * x.dim(0);
}

/// Whether the operator may as well be applied to the transposes of both, which are read as they lie.
bool are_transposed(const Operand& a, const Operand& b) {
  const auto is_single = [](const Operand& operand) { return operand.is_number() || operand.tensor.rank() == 0; };
  if (is_transposed(a)) return is_single(b) || (is_transposed(b) && a.tensor.shape() == b.tensor.shape());
  return is_transposed(b) && is_single(a);
}

Operand transposed(const Operand& operand) {
  return operand.is_number() || operand.tensor.rank() == 0 ? operand : Operand(transpose(operand.tensor));
}

Value tensor_binary(BinaryOp op, Value& a, Value& b, std::uint64_t consumed, ElementwisePlan* plan) {
  if (has_text(a) || has_text(b)) refuse_operands(kElementwise[static_cast<int>(op)], a, b);
  const auto quick = op == BinaryOp::power ? quick_power(a, b) : std::nullopt;
  Borrowed left(a, consumed & 1), right(b, consumed & 2);
  if (quick) return Value::of(unary(*quick, left.operand, {(consumed & 1) != 0, false}));
  if (op == BinaryOp::matmul) return Value::of(matmul(to_tensor(left.operand), to_tensor(right.operand)));
  const ElementwiseOp which = kElementwise[static_cast<int>(op)];
  if (are_transposed(left.operand, right.operand))
    return Value::of(transpose(binary(which, transposed(left.operand), transposed(right.operand), {}, plan)));
  return Value::of(binary(which, left.operand, right.operand, {(consumed & 1) != 0, (consumed & 2) != 0}, plan));
}

[[noreturn]] void not_ordered(ast::CompareOp op, const Value& a, const Value& b) {
  raise(ErrorKind::TypeError, "'{}' not supported between instances of '{}' and '{}'", spelling(op), type_name(a),
        type_name(b));
}

bool contains(const Value& container, const Value& item) {
  if (is_tracked(container) || is_tracked(item)) return contains(primal_of(container), primal_of(item));
  if (container.is_string()) {
    if (!item.is_string())
      raise(ErrorKind::TypeError, "'in <string>' requires string as left operand, not {}", type_name(item));
    return find_text(container.string(), item.string()) != std::string_view::npos;
  }
  if (container.is(Value::Tag::dict)) return container.object<DictObject>().find(item) != nullptr;
  if (container.is_tensor()) {
    const Tensor hits = binary(ElementwiseOp::equal, container.tensor(), to_operand(item)).contiguous();
    const bool* data = hits.data<bool>();
    return std::find(data, data + hits.size(), true) != data + hits.size();
  }
  if (container.is(Value::Tag::range)) {
    const std::optional<Scalar> number = number_of(item);
    if (number) return place_in(container.object<RangeObject>(), *number).has_value();
  }
  Iteration iteration(container);
  for (Value element; iteration.next(element); context().charge(1, 0))
    if (element.identical(item) || equal(element, item)) return true;
  return false;
}

Value ordered(ast::CompareOp op, const Value& a, const Value& b) {
  // less_than names the operator it was asked for, which is not always the one that was written.
  if (op >= ast::CompareOp::less && !(a.is_number() && b.is_number()) && type_of(a) != type_of(b))
    not_ordered(op, a, b);
  switch (op) {
    case ast::CompareOp::equal:
      return Value::of(equal(a, b));
    case ast::CompareOp::not_equal:
      return Value::of(!equal(a, b));
    case ast::CompareOp::less:
      return Value::of(less_than(a, b));
    case ast::CompareOp::greater:
      return Value::of(less_than(b, a));
    case ast::CompareOp::less_equal:
      return Value::of(less_than(a, b) || equal(a, b));
    default:
      return Value::of(less_than(b, a) || equal(a, b));
  }
}

/// No element of a tensor equals what is no number: None, text, a function.
Value unequal_to_tensor(ast::CompareOp op, const Tensor& x) {
  return Value::of(broadcast_to(Tensor::scalar(op == ast::CompareOp::not_equal), x.shape()).contiguous());
}

/// Comparisons of plain ints, or of plain floats by IEEE's rules (NaN is neither).
template <class Number>
Value compare_numbers(ast::CompareOp op, Number a, Number b) {
  switch (op) {
    case ast::CompareOp::equal:
      return Value::of(a == b);
    case ast::CompareOp::not_equal:
      return Value::of(a != b);
    case ast::CompareOp::less:
      return Value::of(a < b);
    case ast::CompareOp::less_equal:
      return Value::of(a <= b);
    case ast::CompareOp::greater:
      return Value::of(a > b);
    default:
      return Value::of(a >= b);
  }
}

}  // namespace

ElementwiseOp elementwise_of(ast::BinaryOp op) { return kElementwise[static_cast<int>(op)]; }
ElementwiseOp elementwise_of(ast::CompareOp op) { return kComparison[static_cast<int>(op)]; }

ElementwiseOp elementwise_of(ast::UnaryOp op) {
  if (op == ast::UnaryOp::negative) return ElementwiseOp::negative;
  return op == ast::UnaryOp::positive ? ElementwiseOp::positive : ElementwiseOp::invert;
}

Value binary_operation(BinaryOp op, Value& a, Value& b, std::uint64_t consumed, ElementwisePlan* plan) {
  using Tag = Value::Tag;
  if (a.is(Tag::integer) && b.is(Tag::integer)) return integer_binary(op, a.integer(), b.integer(), false);
  if (a.is(Tag::floating) && b.is(Tag::floating)) return float_binary(op, a.floating(), b.floating(), a, b);
  if (a.is_number() && b.is_number()) return number_binary(op, a, b);
  if (op == BinaryOp::remainder && a.is_string())
    return Value::of(std::string_view(format_percent(a.string(), without_tracking(b))));
  // Before tensors: a 0-d integer beside a sequence is a count.
  if (op == BinaryOp::multiply && is_repeatable(a) && is_count(b)) return repeat(a, as_index(b));
  if (op == BinaryOp::multiply && is_repeatable(b) && is_count(a)) return repeat(b, as_index(a));
  if (are_tracked_operands(a, b)) return tracked_binary(op, a, b);
  if ((a.is_tensor() && is_operand(b)) || (b.is_tensor() && is_operand(a)))
    return tensor_binary(op, a, b, consumed, plan);
  if (op == BinaryOp::add && a.tag() == b.tag() && is_repeatable(a)) return join(a, b);
  if (op == BinaryOp::bitwise_or && a.is(Tag::dict) && b.is(Tag::dict)) return merged(a.dictionary(), b.dictionary());
  if ((a.is_tensor() && b.is_string()) || (b.is_tensor() && a.is_string()))
    refuse_operands(kElementwise[static_cast<int>(op)], a, b);
  unsupported(op, a, b);
}

Value unary_operation(ast::UnaryOp op, Value& a, std::uint64_t consumed, ElementwisePlan* plan) {
  using ast::UnaryOp;
  if (is_tracked(a)) return tracked_unary(op, a);
  if (a.is_tensor()) {
    Borrowed operand(a, consumed & 1);
    return Value::of(unary(elementwise_of(op), operand.operand, {(consumed & 1) != 0, false}, plan));
  }
  if (a.is(Value::Tag::complex) && op != UnaryOp::invert)
    return op == UnaryOp::negative ? Value::of(-to_complex(a)) : a;
  if (a.is(Value::Tag::floating) && op != UnaryOp::invert)
    return Value::of(op == UnaryOp::negative ? -a.floating() : a.floating());
  if (a.is(Value::Tag::wide)) too_large();
  if (a.is(Value::Tag::integer) || a.is(Value::Tag::boolean)) {
    if (op == UnaryOp::invert) return Value::of(~a.integer());
    if (op == UnaryOp::positive) return Value::of(a.integer());
    if (a.integer() == std::numeric_limits<std::int64_t>::min()) too_large();
    return Value::of(-a.integer());
  }
  raise(ErrorKind::TypeError, "bad operand type for unary {}: '{}'", spelling(op), type_name(a));
}

Value compare_operation(ast::CompareOp op, const Value& a, const Value& b, ElementwisePlan* plan) {
  using ast::CompareOp;
  using Tag = Value::Tag;
  if (op == CompareOp::is || op == CompareOp::is_not) return Value::of(a.identical(b) == (op == CompareOp::is));
  if (op == CompareOp::in || op == CompareOp::not_in) return Value::of(contains(b, a) == (op == CompareOp::in));
  if (a.is(Tag::integer) && b.is(Tag::integer)) return compare_numbers(op, a.integer(), b.integer());
  if (a.is(Tag::floating) && b.is(Tag::floating)) return compare_numbers(op, a.floating(), b.floating());
  const bool is_number = b.is(Tag::integer) || b.is(Tag::floating);
  if (a.is(Tag::tensor) && (is_number || b.is(Tag::tensor)))
    return Value::of(
        binary(kComparison[static_cast<int>(op)], a.tensor(), is_number ? Operand(b.number()) : b.tensor(), {}, plan));
  if (are_tracked_operands(a, b)) return tracked_compare(op, a, b);
  if ((a.is_tensor() && is_operand(b)) || (b.is_tensor() && is_operand(a))) {
    return Value::of(binary(kComparison[static_cast<int>(op)], operand_of(a), operand_of(b), {}, plan));
  }
  const bool ordering = op >= CompareOp::less;
  if (!ordering && (a.is_tensor() || b.is_tensor())) return unequal_to_tensor(op, (a.is_tensor() ? a : b).tensor());
  if (ordering && (a.is_tensor() || b.is_tensor())) refuse_operands(kComparison[static_cast<int>(op)], a, b);
  const bool floats = (a.is(Tag::floating) && (b.is(Tag::integer) || b.is(Tag::boolean))) ||
                      (b.is(Tag::floating) && (a.is(Tag::integer) || a.is(Tag::boolean)));
  if (floats && (std::isnan(as_float(a)) || std::isnan(as_float(b)))) return Value::of(op == CompareOp::not_equal);
  if (ordering && (a.is(Tag::complex) || b.is(Tag::complex) || a.is_none() || b.is_none())) not_ordered(op, a, b);
  return ordered(op, a, b);
}

}  // namespace inlay
