// arguments.cpp - reading the arguments of ops, with NumPy's messages.
// Knows nothing of any particular op.
// Invariant: arguments are only read: a call that fails must still have them.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/texts/quote.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"

namespace inlay {
namespace {

bool is_several(const Value& value) {
  return value.is_sequence() || value.is(Value::Tag::range) || (value.is_tensor() && value.tensor_rank() > 0);
}

Dims dims_of_tensor(const Tensor& x) {
  if (x.rank() != 1 || !is_integer(x.dtype())) {
    raise(ErrorKind::TypeError, "only integer scalar arrays can be converted to a scalar index");
  }
  const DType wanted = DType::int64;
  const Tensor integers = as_tensor(Value::of(x), &wanted).contiguous();
  return Dims(std::span(integers.data<std::int64_t>(), static_cast<std::size_t>(integers.size())));
}

Dims dims_of_elements(const std::vector<Value>& elements) {
  Dims out;
  for (const Value& element : elements) out.push_back(as_index(element));
  return out;
}

std::vector<int> all_axes(std::size_t rank) {
  std::vector<int> out(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) out[axis] = static_cast<int>(axis);
  return out;
}

/// A bool counts as an index, but not as a size.
void refuse_bools(const Value& shape) {
  const auto is_bool = [](const Value& size) { return size.is(Value::Tag::boolean); };
  if (is_bool(shape)) {
    raise(ErrorKind::TypeError, "expected a sequence of integers or a single integer, got '{}'", to_short_repr(shape));
  }
  const bool has_bool = shape.is_sequence() && std::any_of(shape.elements().begin(), shape.elements().end(), is_bool);
  if (has_bool) raise(ErrorKind::TypeError, "an integer is required");
}

}  // namespace

Tensor tensor_argument(Value& value) { return as_tensor(value); }

Operand operand_argument(Value& value) {
  if (value.is_number()) return value.number();
  return as_tensor(value);
}

Operand number_operand(Value& value) {
  Operand operand = operand_argument(value);
  if (!operand.is_number() && operand.tensor.rank() > 0)
    raise(ErrorKind::ValueError, "setting an array element with a sequence.");
  return operand;
}

std::optional<DType> dtype_argument(const Value& value) {
  if (value.is_none()) return std::nullopt;
  return as_dtype(value);
}

std::int64_t axis_number(const Value& value) {
  const bool is_bool = value.is(Value::Tag::boolean) || (value.is_tensor() && value.tensor_dtype() == DType::boolean);
  if (is_bool) raise(ErrorKind::TypeError, "an integer is required for the axis");
  return as_index(value);
}

std::vector<int> axes_argument(const Value& value, std::size_t rank) {
  if (value.is_none()) return all_axes(rank);
  if (!is_several(value)) return {normalize_axis(axis_number(value), rank)};
  refuse_bools(value);
  std::vector<int> out;
  for (const std::int64_t axis : dims_argument(value)) {
    const int normalised = normalize_axis(axis, rank);
    if (std::find(out.begin(), out.end(), normalised) != out.end()) {
      raise(ErrorKind::ValueError, "duplicate value in 'axis'");
    }
    out.push_back(normalised);
  }
  return out;
}

std::optional<int> axis_argument(const Value& value, std::size_t rank) {
  if (value.is_none()) return std::nullopt;
  return normalize_axis(axis_number(value), rank);
}

Shape shape_argument(const Value& value) {
  if (value.is(Value::Tag::floating)) {
    raise(ErrorKind::TypeError, "expected a sequence of integers or a single integer, got '{}'", to_short_repr(value));
  }
  refuse_bools(value);
  Shape out = dims_argument(value);
  for (const std::int64_t size : out) {
    if (size < 0) raise(ErrorKind::ValueError, "negative dimensions are not allowed");
  }
  return out;
}

Dims dims_argument(const Value& value) {
  if (value.is_sequence()) return dims_of_elements(value.elements());
  if (is_several(value)) return dims_of_tensor(as_tensor(value));
  return {as_index(value)};
}

std::int64_t int_argument(const Value& value) { return as_index(value); }
bool bool_argument(const Value& value) { return truth(value); }

Tensor whole_numbers_argument(Value& value, std::string_view casting) {
  const DType wanted = DType::int64;
  if (!value.is_tensor()) return as_tensor(value, &wanted);
  const DType from = value.tensor_dtype();
  if (can_cast(from, wanted, casting)) return cast(value.tensor(), wanted);
  raise(ErrorKind::TypeError, "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule '{}'",
        name(from), casting);
}

bool can_cast(DType from, DType to, std::string_view casting) {
  if (casting == "no" || casting == "equiv") return from == to;
  if (casting == "safe") return can_cast_safe(from, to);
  if (casting == "same_kind") return can_cast_same_kind(from, to);
  if (casting == "unsafe") return true;
  raise(ErrorKind::ValueError, "casting must be one of 'no', 'equiv', 'safe', 'same_kind', 'unsafe' (got {})",
        short_quote(casting));
}

bool is_column_order(const Value& value) {
  if (value.is_none()) return false;
  const std::string_view order = string_argument(value, "order");
  if (order == "F" || order == "f") return true;
  const bool is_known = order.size() == 1 && std::string_view("CAKcak").find(order[0]) != std::string_view::npos;
  if (!is_known) raise(ErrorKind::ValueError, "order must be one of 'C', 'F', 'A', or 'K' (got '{}')", order);
  return false;
}

std::string path_argument(const Value& value, std::string_view parameter) {
  const std::string_view path = string_argument(value, parameter);
  // The system would take what stands before it.
  if (path.find('\0') != std::string_view::npos) raise(ErrorKind::ValueError, "embedded null byte");
  if (path.size() > PATH_MAX)
    raise(ErrorKind::RuntimeError, "[Errno {}] {}: {}", ENAMETOOLONG, std::strerror(ENAMETOOLONG), short_quote(path));
  return std::string(path);
}

std::string_view string_argument(const Value& value, std::string_view parameter) {
  if (value.is_string()) return value.string();
  raise(ErrorKind::TypeError, "{} must be a str, not {}", parameter, type_name(value));
}

}  // namespace inlay
