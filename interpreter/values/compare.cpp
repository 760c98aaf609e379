// compare.cpp - equality, order and hashes of values.
// Knows nothing of operators: tensors with elements to compare are the evaluator's business, except inside containers.
// Invariant: equal values have equal hashes; containers recurse at most kNestingLimit deep.
#include "interpreter/values/compare.h"

#include <bit>
#include <cmath>

#include "interpreter/gradients/tracked.h"
#include "interpreter/texts/long_text.h"
#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/memory/stack.h"

namespace inlay {
namespace {

void check_depth(int depth) {
  if (depth > 1) require_stack("in comparison");
  if (depth > kNestingLimit) raise(ErrorKind::RecursionError, "maximum recursion depth exceeded in comparison");
}

template <class T>
Scalar scalar_of(T v) {
  if constexpr (std::is_same_v<T, bool>)
    return Scalar::of(v);
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return v >> 63 ? Scalar::of_wide(v) : Scalar::of(static_cast<std::int64_t>(v));
  else if constexpr (std::is_integral_v<T>)
    return Scalar::of(static_cast<std::int64_t>(v));
  else if constexpr (std::is_floating_point_v<T>)
    return Scalar::of(static_cast<double>(v));
  else if constexpr (std::is_same_v<T, complex64> || std::is_same_v<T, complex128>)
    return Scalar::of(complex128(v));
  else {
    double wide = 0;
    cast_kernel(dtype_v<T>, DType::float64)(&v, &wide, 1);
    return Scalar::of(wide);
  }
}

Scalar load(DType dtype, const void* element) {
  return visit(dtype, [&]<class T>(Type<T>) { return scalar_of(*static_cast<const T*>(element)); });
}

bool holds_integer(const Scalar& number) { return number.is_integer() || number.kind == Scalar::Kind::boolean; }

// Below this every double converts to an int128 exactly; plain integers are saturated below it.
constexpr double kInt128Bound = 0x1p126;

/// -1, 0 or 1 as `integer` is before, at or behind `real`, which is no NaN.
int compare_exact(const Scalar& integer, double real) {
  if (std::fabs(real) >= kInt128Bound) {
    const double value = integer.kind == Scalar::Kind::wide ? integer.real : 0;
    return value < real ? -1 : value > real;
  }
  const auto whole = static_cast<int128>(real);
  if (integer.integer != whole) return integer.integer < whole ? -1 : 1;
  const double rest = real - std::trunc(real);
  return rest > 0 ? -1 : rest < 0;
}

int compare_integers(const Scalar& a, const Scalar& b) {
  if (a.integer != b.integer) return a.integer < b.integer ? -1 : 1;
  return a.real < b.real ? -1 : a.real > b.real;  // beyond saturation only this tells
}

/// Nothing where a NaN is involved. Real numbers only.
std::optional<int> compare_numbers(const Scalar& a, const Scalar& b) {
  if (holds_integer(a) && holds_integer(b)) return compare_integers(a, b);
  if ((!holds_integer(a) && std::isnan(a.real)) || (!holds_integer(b) && std::isnan(b.real))) return std::nullopt;
  if (holds_integer(a)) return compare_exact(a, b.real);
  if (holds_integer(b)) return -compare_exact(b, a.real);
  return a.real < b.real ? -1 : a.real > b.real;
}

bool is_complex(const Scalar& number) { return number.kind == Scalar::Kind::complex; }

bool equal_numbers(const Scalar& a, const Scalar& b) {
  if ((is_complex(a) ? a.imaginary : 0) != (is_complex(b) ? b.imaginary : 0)) return false;
  return compare_numbers(a, b) == 0;
}

/// Python compares identical elements as equal without looking.
bool equal_within(const Value& a, const Value& b, int depth);
bool equal_elements(const std::vector<Value>& a, const std::vector<Value>& b, int depth) {
  check_depth(depth);
  if (a.size() != b.size()) return false;
  for (std::size_t at = 0; at < a.size(); ++at) {
    context().charge(1, 0);
    if (!a[at].identical(b[at]) && !equal_within(a[at], b[at], depth)) return false;
  }
  return true;
}

bool equal_dicts(const DictObject& a, const DictObject& b, int depth) {
  check_depth(depth);
  if (a.items.size() != b.items.size()) return false;
  for (const auto& [key, value] : a.items) {
    context().charge(1, 0);
    const Value* other = b.find(key);
    if (!other || (!value.identical(*other) && !equal_within(value, *other, depth))) return false;
  }
  return true;
}

bool equal_ranges(const RangeObject& a, const RangeObject& b) {
  if (a.size() != b.size() || a.size() == 0) return a.size() == b.size();
  return a.start == b.start && (a.size() == 1 || a.step == b.step);
}

/// A tensor against anything: NumPy's elementwise ==, then the truth of it.
bool equal_tensors(const Value& a, const Value& b) {
  const auto is_operand = [](const Value& v) { return v.is_tensor() || v.is_number() || v.is_sequence(); };
  if (!is_operand(a) || !is_operand(b)) return false;
  return truth(Value::of(binary(ElementwiseOp::equal, as_tensor(a), as_tensor(b))));
}

bool equal_objects(const Value& a, const Value& b, int depth) {
  using Tag = Value::Tag;
  switch (a.tag()) {
    case Tag::string:
      return same_text(a.string(), b.string());
    case Tag::tuple:
    case Tag::list:
      return equal_elements(a.elements(), b.elements(), depth + 1);
    case Tag::dict:
      return equal_dicts(a.dictionary(), b.dictionary(), depth + 1);
    case Tag::range:
      return equal_ranges(a.object<RangeObject>(), b.object<RangeObject>());
    case Tag::slice: {
      const auto &x = a.object<SliceObject>(), &y = b.object<SliceObject>();
      return equal_within(x.start, y.start, depth) && equal_within(x.stop, y.stop, depth) &&
             equal_within(x.step, y.step, depth);
    }
    case Tag::method: {
      const auto &x = a.object<MethodObject>(), &y = b.object<MethodObject>();
      return x.name == y.name && x.self.identical(y.self);
    }
    default:
      return a.identical(b);
  }
}

bool equal_within(const Value& a, const Value& b, int depth) {
  if (is_tracked(a) || is_tracked(b)) return equal_within(primal_of(a), primal_of(b), depth);
  const std::optional<Scalar> x = number_of(a), y = number_of(b);
  if (x && y) return equal_numbers(*x, *y);
  if (a.is_tensor() || b.is_tensor()) return equal_tensors(a, b);
  if (a.is(Value::Tag::dtype) || b.is(Value::Tag::dtype)) {
    const std::optional<DType> left = dtype_meant(a), right = dtype_meant(b);
    return left && left == right;
  }
  return a.tag() == b.tag() && equal_objects(a, b, depth);
}

// ---- order ----

[[noreturn]] void refuse_order(const Value& a, const Value& b) {
  raise(ErrorKind::TypeError, "'<' not supported between instances of '{}' and '{}'", type_name(a), type_name(b));
}

bool less_within(const Value& a, const Value& b, int depth);
bool less_elements(const std::vector<Value>& a, const std::vector<Value>& b, int depth) {
  check_depth(depth);
  const std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t at = 0; at < shared; ++at) {
    context().charge(1, 0);
    if (!a[at].identical(b[at]) && !equal_within(a[at], b[at], depth)) return less_within(a[at], b[at], depth);
  }
  return a.size() < b.size();
}

bool less_within(const Value& a, const Value& b, int depth) {
  if (is_tracked(a) || is_tracked(b)) return less_within(primal_of(a), primal_of(b), depth);
  const std::optional<Scalar> x = number_of(a), y = number_of(b);
  if (x && y) {
    if (is_complex(*x) || is_complex(*y)) {
      if (!a.is_tensor() && !b.is_tensor()) refuse_order(a, b);
      return truth(Value::of(binary(ElementwiseOp::less, to_operand(a), to_operand(b))));
    }
    return compare_numbers(*x, *y).value_or(0) < 0;
  }
  if (a.is_tensor() && b.is_tensor()) return truth(Value::of(binary(ElementwiseOp::less, a.tensor(), b.tensor())));
  if (a.is_string() && b.is_string()) return text_before(a.string(), b.string());
  if (a.is_sequence() && a.tag() == b.tag()) return less_elements(a.elements(), b.elements(), depth + 1);
  refuse_order(a, b);
}

// ---- hashes ----

std::size_t mix(std::size_t seed, std::size_t more) {
  return (seed ^ (more + 0x9E3779B97F4A7C15ULL + (seed << 6) + (seed >> 2))) * 0xFF51AFD7ED558CCDULL;
}

std::size_t hash_real(double real) {
  if (std::isnan(real)) return 0x7FF8;
  if (std::fabs(real) < kInt128Bound && std::trunc(real) == real) {
    return static_cast<std::size_t>(static_cast<int128>(real));
  }
  return std::bit_cast<std::uint64_t>(real);
}

std::size_t hash_number(const Scalar& number) {
  // A wide integer beyond saturation may equal a double: both hash by the double.
  if (number.kind == Scalar::Kind::wide && std::fabs(number.real) >= kInt128Bound) return hash_real(number.real);
  if (holds_integer(number)) return static_cast<std::size_t>(number.integer);
  const std::size_t real = hash_real(number.real);
  return is_complex(number) && number.imaginary != 0 ? mix(real, hash_real(number.imaginary)) : real;
}

std::size_t hash_within(const Value& value, int depth) {
  using Tag = Value::Tag;
  if (depth > kNestingLimit) raise(ErrorKind::RecursionError, "maximum recursion depth exceeded while hashing");
  if (depth > 1) require_stack("while hashing");
  if (is_tracked(value)) return hash_within(primal_of(value), depth);
  if (const std::optional<Scalar> number = number_of(value)) return hash_number(*number);
  switch (value.tag()) {
    case Tag::string:
      return text_hash(value);
    case Tag::tuple: {
      std::size_t out = value.elements().size();
      for (const Value& element : value.elements()) {
        context().charge(1, 0);
        out = mix(out, hash_within(element, depth + 1));
      }
      return out;
    }
    case Tag::range:
      return static_cast<std::size_t>(value.object<RangeObject>().size());
    case Tag::dtype:
      return mix(static_cast<std::size_t>(value.tag()), static_cast<std::size_t>(value.dtype()));
    case Tag::type:
      return mix(static_cast<std::size_t>(value.tag()), static_cast<std::size_t>(value.type()));
    case Tag::op:
      return std::hash<const void*>()(value.op());
    case Tag::function:
    case Tag::indexer:
    case Tag::module:
    case Tag::host:
      return std::hash<const void*>()(&value.object<Object>());
    case Tag::none:
    case Tag::ellipsis:
      return mix(static_cast<std::size_t>(value.tag()), 0);
    case Tag::method:
      return std::hash<std::string_view>()(value.object<MethodObject>().name);
    case Tag::tensor:
      raise(ErrorKind::TypeError, "unhashable type: 'numpy.ndarray'");
    default:
      raise(ErrorKind::TypeError, "unhashable type: '{}'", type_name(value));
  }
}

}  // namespace

std::optional<Scalar> number_of(const Value& value) {
  if (value.is_number()) return value.number();
  if (value.is(Value::Tag::scalar)) return load(value.dtype(), value.scalar_bytes());
  if (value.is(Value::Tag::tensor) && value.tensor_rank() == 0) return element_of(value.tensor());
  return std::nullopt;
}

std::optional<std::int64_t> place_in(const RangeObject& range, const Scalar& number) {
  int128 integer = number.integer;
  if (number.kind >= Scalar::Kind::floating) {
    const bool is_integer = number.imaginary == 0 && std::abs(number.real) <= 0x1p63;  // no NaN
    if (!is_integer || number.real != std::trunc(number.real)) return std::nullopt;
    integer = static_cast<int128>(number.real);
  }
  const int128 offset = integer - range.start, place = offset / range.step;
  if (offset % range.step != 0 || place < 0 || place >= range.size()) return std::nullopt;
  return static_cast<std::int64_t>(place);
}

Scalar element_of(const Tensor& tensor) { return load(tensor.dtype(), tensor.bytes()); }

bool equal(const Value& a, const Value& b) {
  if (a.is(Value::Tag::integer) && b.is(Value::Tag::integer)) return a.integer() == b.integer();
  if (a.is_string() && b.is_string()) return same_text(a.string(), b.string());
  return equal_within(a, b, 0);
}
bool less_than(const Value& a, const Value& b) {
  context().charge(1, 0);
  return less_within(a, b, 0);
}
std::size_t hash(const Value& value) { return hash_within(value, 0); }

}  // namespace inlay
