// value_convert.cpp - values as what an operation asks for: truth, an index, a float, a dtype, an operand; and the
// names of types. Knows nothing of nested lists: those become tensors in as_tensor.cpp.
#include <iterator>

#include "grammar/nearest_name.h"
#include "interpreter/checking/unknown_name.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/values/compare.h"

namespace inlay {
namespace {

struct TypeRow {
  TypeId type;
  std::string_view name;
};
/// ORDER TypeId
constexpr TypeRow kTypes[] = {
    {TypeId::none, "NoneType"},
    {TypeId::boolean, "bool"},
    {TypeId::integer, "int"},
    {TypeId::floating, "float"},
    {TypeId::complex, "complex"},
    {TypeId::string, "str"},
    {TypeId::tuple, "tuple"},
    {TypeId::list, "list"},
    {TypeId::dict, "dict"},
    {TypeId::range, "range"},
    {TypeId::slice, "slice"},
    {TypeId::tensor, "ndarray"},
    {TypeId::dtype, "dtype"},
    {TypeId::function, "function"},
    {TypeId::module, "module"},
    {TypeId::ellipsis, "ellipsis"},
    {TypeId::type, "type"},
    {TypeId::generator, "Generator"},
    {TypeId::progress, "progress"},
    {TypeId::generic, "generic"},
    {TypeId::number, "number"},
    {TypeId::any_integer, "integer"},
    {TypeId::signed_integer, "signedinteger"},
    {TypeId::unsigned_integer, "unsignedinteger"},
    {TypeId::inexact, "inexact"},
    {TypeId::any_floating, "floating"},
    {TypeId::any_complex, "complexfloating"},
};

constexpr bool is_in_order() {
  for (std::size_t at = 0; at < std::size(kTypes); ++at) {
    if (static_cast<std::size_t>(kTypes[at].type) != at) return false;
  }
  return true;
}
static_assert(is_in_order());

[[noreturn]] void refuse_index(const Value& value) {
  raise(ErrorKind::TypeError, "'{}' object cannot be interpreted as an integer", type_name(value));
}

std::int64_t index_of_tensor(const Value& value) {
  if (value.tensor_rank() > 0) {
    raise(ErrorKind::TypeError, "only integer scalar arrays can be converted to a scalar index");
  }
  if (!is_integer(value.tensor_dtype())) {
    raise(ErrorKind::TypeError, "'numpy.{}' object cannot be interpreted as an integer", name(value.tensor_dtype()));
  }
  const Scalar number = *number_of(value);
  if (number.kind == Scalar::Kind::wide) raise(ErrorKind::OverflowError, "Python int too large to convert to C long");
  return static_cast<std::int64_t>(number.integer);
}

bool truth_of_tensor(const Value& value) {
  if (value.tensor_size() == 0) {
    raise(ErrorKind::ValueError,
          "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.");
  }
  if (value.tensor_size() > 1) {
    raise(ErrorKind::ValueError,
          "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all(), and & or | in "
          "place of and or or");
  }
  if (value.is(Value::Tag::scalar) && value.dtype() == DType::boolean)
    return *static_cast<const bool*>(value.scalar_bytes());
  const Scalar number = element_of(value.tensor());
  return number.integer != 0 || number.real != 0 || number.imaginary != 0;
}

double real_of(const Scalar& number) {
  switch (number.kind) {
    case Scalar::Kind::complex:
      raise(ErrorKind::TypeError, "must be real number, not complex");
    case Scalar::Kind::floating:
      return number.real;
    case Scalar::Kind::wide: {
      const Tensor converted = to_tensor(number, DType::float64);  // refuses what no float can hold
      return converted.item<double>();
    }
    default:
      return static_cast<double>(number.integer);
  }
}

}  // namespace

std::string_view type_name(TypeId type) { return kTypes[static_cast<std::size_t>(type)].name; }

TypeId type_of(const Value& value) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::tracked:
      return type_of(primal_of(value));
    case Tag::undefined:
    case Tag::none:
      return TypeId::none;
    case Tag::boolean:
      return TypeId::boolean;
    case Tag::integer:
    case Tag::wide:
      return TypeId::integer;
    case Tag::floating:
      return TypeId::floating;
    case Tag::ellipsis:
      return TypeId::ellipsis;
    case Tag::dtype:
      return TypeId::dtype;
    case Tag::type:
      return TypeId::type;
    case Tag::scalar:
    case Tag::tensor:
    case Tag::at:
      return TypeId::tensor;
    case Tag::complex:
      return TypeId::complex;
    case Tag::string:
      return TypeId::string;
    case Tag::tuple:
      return TypeId::tuple;
    case Tag::list:
      return TypeId::list;
    case Tag::dict:
      return TypeId::dict;
    case Tag::range:
      return TypeId::range;
    case Tag::slice:
      return TypeId::slice;
    case Tag::op:
    case Tag::function:
    case Tag::method:
    case Tag::indexer:
      return TypeId::function;
    case Tag::module:
      return TypeId::module;
    case Tag::progress:
      return TypeId::progress;
    case Tag::host:
    case Tag::iteration:
      break;
  }
  return dynamic_cast<const HostObject*>(&value.object<Object>()) ? TypeId::function : TypeId::generator;
}

std::string_view type_name(const Value& value) {
  if (value.is(Value::Tag::op) || value.is(Value::Tag::method)) return "builtin_function_or_method";
  return type_name(type_of(value));
}

bool truth(const Value& value) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::tracked:
      return tracked_truth(value);
    case Tag::undefined:
    case Tag::none:
      return false;
    case Tag::boolean:
    case Tag::integer:
      return value.integer() != 0;
    case Tag::floating:
      return value.floating() != 0;
    case Tag::complex:
      return value.object<ComplexObject>().value != complex128(0);
    case Tag::scalar:
    case Tag::tensor:
      return truth_of_tensor(value);
    case Tag::string:
      return !value.string().empty();
    case Tag::tuple:
    case Tag::list:
      return !value.elements().empty();
    case Tag::dict:
      return value.object<DictObject>().size() != 0;
    case Tag::range:
      return value.object<RangeObject>().size() != 0;
    default:
      return true;
  }
}

std::int64_t as_index(const Value& value) {
  switch (value.tag()) {
    case Value::Tag::integer:
      return value.integer();
    case Value::Tag::boolean:
      return value.boolean() ? 1 : 0;
    case Value::Tag::wide:
      raise(ErrorKind::OverflowError, "Python int too large to convert to C long");
    case Value::Tag::scalar:
    case Value::Tag::tensor:
      return index_of_tensor(value);
    default:
      refuse_index(value);
  }
}

double as_float(const Value& value) {
  if (value.is(Value::Tag::floating)) return value.floating();
  if (is_tracked(value)) refuse_to_drop("a plain number");
  if (const std::optional<Scalar> number = number_of(value)) return real_of(*number);
  if (value.is_tensor()) {
    raise(ErrorKind::TypeError, "only 0-dimensional arrays can be converted to Python scalars");
  }
  raise(ErrorKind::TypeError, "must be real number, not {}", type_name(value));
}

std::optional<DType> dtype_meant(const Value& value) {
  if (value.is(Value::Tag::dtype)) return value.dtype();
  DType found{};
  if (value.is_string() && find_dtype(value.string(), found)) return found;
  if (!value.is(Value::Tag::type)) return std::nullopt;
  switch (value.type()) {
    case TypeId::boolean:
      return DType::boolean;
    case TypeId::integer:
      return DType::int64;
    case TypeId::floating:
      return DType::float64;
    case TypeId::complex:
      return DType::complex128;
    default:
      return std::nullopt;
  }
}

DType as_dtype(const Value& value) {
  if (const std::optional<DType> meant = dtype_meant(value)) return *meant;
  if (value.is_string())
    raise(ErrorKind::TypeError, "data type {} not understood{}", to_short_repr(value),
          did_you_mean(value.string(), dtype_names()));
  raise(ErrorKind::TypeError, "Cannot interpret '{}' as a data type", to_str(value));
}

Operand to_operand(const Value& value) {
  if (value.is_number()) return value.number();
  if (value.is_tensor()) return value.tensor();
  raise(ErrorKind::TypeError, "an operand must be a number or a tensor, not {}", type_name(value));
}

}  // namespace inlay
