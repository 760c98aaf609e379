// construct.cpp - Python's types as functions, one row each.
#include "interpreter/methods/construct.h"

#include <cmath>
#include <limits>

#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/signature.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/values/compare.h"

namespace inlay {
namespace {

using Arguments = std::span<const Value>;

/// The number in a value that is a plain number or a 0-d tensor.
Scalar scalar_argument(const Value& value, std::string_view refusal) {
  if (const std::optional<Scalar> number = number_of(value)) return *number;
  if (value.is_tensor()) {
    raise(ErrorKind::TypeError, "only 0-dimensional arrays can be converted to Python scalars");
  }
  raise(ErrorKind::TypeError, "{}, not '{}'", refusal, type_name(value));
}

constexpr const char* kNoInteger = "int() argument must be a string, a bytes-like object or a real number";
constexpr const char* kNoFloat = "float() argument must be a string or a real number";
constexpr const char* kNoComplex = "complex() first argument must be a string or a number";

Value integer_from_text(const Value& text, std::int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) raise(ErrorKind::ValueError, "int() base must be >= 2 and <= 36, or 0");
  std::int64_t out = 0;
  switch (parse_int(text.string(), static_cast<int>(base), out)) {
    case ParseResult::ok:
      return Value::of(out);
    case ParseResult::out_of_range:
      raise_integer_overflow();
    case ParseResult::invalid:
      break;
  }
  raise(ErrorKind::ValueError, "invalid literal for int() with base {}: {}", base, to_short_repr(text));
}

Value make_integer(Arguments arguments) {
  const Value& x = arguments[0];
  if (x.is_string()) return integer_from_text(x, arguments[1].is_none() ? 10 : as_index(arguments[1]));
  if (!arguments[1].is_none()) raise(ErrorKind::TypeError, "int() can't convert non-string with explicit base");
  if (x.is(Value::Tag::integer)) return x;
  const Scalar number = scalar_argument(x, kNoInteger);
  switch (number.kind) {
    case Scalar::Kind::floating:
      return whole_number(std::trunc(number.real));
    case Scalar::Kind::complex:
      raise(ErrorKind::TypeError, "{}, not 'complex'", kNoInteger);
    case Scalar::Kind::wide:
      raise_integer_overflow();
    default:
      return Value::of(static_cast<std::int64_t>(number.integer));
  }
}

Value make_float(Arguments arguments) {
  const Value& x = arguments[0];
  if (x.is_string()) {
    double out = 0;
    if (parse_float(x.string(), out)) return Value::of(out);
    raise(ErrorKind::ValueError, "could not convert string to float: {}", to_short_repr(x));
  }
  if (scalar_argument(x, kNoFloat).kind == Scalar::Kind::complex) {
    raise(ErrorKind::TypeError, "{}, not 'complex'", kNoFloat);
  }
  return Value::of(as_float(x));
}

complex128 complex_part(const Value& value) {
  const Scalar number = scalar_argument(value, kNoComplex);
  if (number.kind == Scalar::Kind::complex) return {number.real, number.imaginary};
  return as_float(value);
}

/// real + 1j * imaginary, with the signs of zeros kept where nothing is added to them.
complex128 join_complex(complex128 real, complex128 imaginary) {
  const double first = imaginary.imag() == 0 ? real.real() : real.real() - imaginary.imag();
  return {first, real.imag() == 0 ? imaginary.real() : imaginary.real() + real.imag()};
}

Value make_complex(Arguments arguments) {
  const Value &real = arguments[0], &imaginary = arguments[1];
  if (!real.is_string()) {
    if (imaginary.is_none()) return Value::of(complex_part(real));
    return Value::of(join_complex(complex_part(real), complex_part(imaginary)));
  }
  if (!imaginary.is_none()) raise(ErrorKind::TypeError, "complex() can't take second arg if first is a string");
  complex128 out;
  if (parse_complex(real.string(), out)) return Value::of(out);
  raise(ErrorKind::ValueError, "complex() arg is a malformed string");
}

Value make_boolean(Arguments arguments) { return Value::of(truth(arguments[0])); }
Value make_string(Arguments arguments) {
  if (!arguments[0].is(Value::Tag::integer)) return Value::of(std::string_view(to_str(arguments[0])));
  const fmt::format_int digits(arguments[0].integer());
  return Value::of(std::string_view(digits.data(), digits.size()));
}
Value make_list(Arguments arguments) { return Value::list(elements_of(arguments[0])); }
Value make_dtype(Arguments arguments) {
  return Value::of(arguments[0].is_none() ? DType::float64 : as_dtype(arguments[0]));
}

Value make_tuple(Arguments arguments) {
  const bool is_plain = arguments[0].is(Value::Tag::tuple) && arguments[0].object<TupleObject>().type == nullptr;
  return is_plain ? arguments[0] : Value::tuple(elements_of(arguments[0]));
}

/// One number is the stop; two or three are start, stop and step.
Value make_range(Arguments arguments) {
  if (arguments[1].is_none()) return Value::range(0, as_index(arguments[0]), 1);
  const std::int64_t step = as_index(arguments[2]);
  if (step == 0) raise(ErrorKind::ValueError, "range() arg 3 must not be zero");
  const std::int64_t start = as_index(arguments[0]), stop = as_index(arguments[1]);
  // Python makes such a range, and refuses to say its length.
  if ((int128{stop} - start - (step > 0 ? 1 : -1)) / step >= std::numeric_limits<std::int64_t>::max())
    raise(ErrorKind::OverflowError, "a range of more than {} elements", std::numeric_limits<std::int64_t>::max());
  return Value::range(start, stop, step);
}

Value make_slice(Arguments arguments) {
  // The default is told apart from None: slice(2, None) starts at 2.
  if (arguments[1].is(Value::Tag::ellipsis)) return Value::slice(Value::none(), arguments[0], Value::none());
  return Value::slice(arguments[0], arguments[1], arguments[2]);
}

Value make_dict(Arguments arguments) {
  if (arguments[0].is(Value::Tag::dict)) return arguments[0];
  Value out = Value::dict();
  add_items(out.mutable_dictionary(), arguments[0]);
  return out;
}

struct TypeRow {
  TypeId type;
  std::string_view signature;
  Value (*make)(Arguments);
};
constexpr TypeRow kRows[] = {
    {TypeId::integer, "x=0, base=None", make_integer},
    {TypeId::floating, "x=0.0", make_float},
    {TypeId::complex, "real=0, imag=None", make_complex},
    {TypeId::boolean, "x=False", make_boolean},
    {TypeId::string, "object=''", make_string},
    {TypeId::list, "iterable=()", make_list},
    {TypeId::tuple, "iterable=()", make_tuple},
    {TypeId::dict, "iterable=()", make_dict},
    {TypeId::range, "start, stop=None, step=1", make_range},
    {TypeId::slice, "start, stop=..., step=None", make_slice},
    {TypeId::dtype, "dtype", make_dtype},
};

const Signature& signature_of(const TypeRow& row) {
  static const std::vector<Signature> parsed = [] {
    std::vector<Signature> out;
    for (const TypeRow& each : kRows) out.push_back(parse_signature(each.signature));
    return out;
  }();
  return parsed[static_cast<std::size_t>(&row - kRows)];
}

const TypeRow& row_of(TypeId type) {
  for (const TypeRow& row : kRows) {
    if (row.type == type) return row;
  }
  if (type == TypeId::tensor) raise(ErrorKind::TypeError, "a tensor is made by array(…), zeros(shape) or empty(shape)");
  raise(ErrorKind::TypeError, "cannot create '{}' instances", type_name(type));
}

/// dict(pairs, a=1): the one type that takes any keyword.
Value make_dict_of(Arguments arguments, std::span<const std::pair<std::string, Value>> keywords) {
  if (arguments.size() > 1) raise(ErrorKind::TypeError, "dict expected at most 1 argument, got {}", arguments.size());
  Value out = arguments.empty() ? Value::dict() : make_dict(arguments);
  for (const auto& [name, value] : keywords) out.mutable_dictionary().set(Value::of(std::string_view(name)), value);
  return out;
}

}  // namespace

void add_items(DictObject& dict, const Value& items) {
  if (items.is(Value::Tag::dict)) {
    for (const auto& [key, value] : items.dictionary().items) {
      context().charge(1, 0);
      dict.set(key, value);
    }
    return;
  }
  std::size_t at = 0;
  for (const Value& pair : elements_of(items)) {
    const std::vector<Value> parts = elements_of(pair);
    if (parts.size() != 2) {
      raise(ErrorKind::ValueError, "dictionary update sequence element #{} has length {}; 2 is required", at,
            parts.size());
    }
    dict.set(parts[0], parts[1]);
    ++at;
  }
}

Value construct(Evaluator&, TypeId type, std::span<const Value> arguments,
                std::span<const std::pair<std::string, Value>> keywords) {
  if (type == TypeId::dict) return make_dict_of(arguments, keywords);
  const TypeRow& row = row_of(type);
  const bool has_one_parameter = signature_of(row).parameters.size() == 1;
  if (has_one_parameter && arguments.size() == 1 && keywords.empty()) return row.make(arguments);
  const std::vector<Value> bound = bind_arguments(type_name(type), signature_of(row), arguments, keywords);
  return row.make(bound);
}

Value construct(DType dtype, const Value& value) { return Value::of(as_tensor(value, &dtype)); }

Value whole_number(double value) {
  if (std::isnan(value)) raise(ErrorKind::ValueError, "cannot convert float NaN to integer");
  if (std::isinf(value)) raise(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  if (value < -0x1p63 || value >= 0x1p63) raise_integer_overflow();
  return Value::of(static_cast<std::int64_t>(value));
}

void raise_integer_overflow() {
  raise(ErrorKind::OverflowError, "integer overflow: the result does not fit a 64-bit int");
}

}  // namespace inlay
