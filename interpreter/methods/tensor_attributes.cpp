// tensor_attributes.cpp - the table of attributes.
#include "interpreter/methods/tensor_attributes.h"

#include <array>

#include "runtime/tensors/layout.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

Value shape_value(const Value& x) {
  std::vector<Value> sizes;
  if (!x.is(Value::Tag::scalar)) {
    for (const std::int64_t size : x.tensor_shape()) sizes.push_back(Value::of(size));
  }
  return Value::tuple(std::move(sizes));
}

Value dtype_value(const Value& x) { return Value::of(x.tensor_dtype()); }
Value size_value(const Value& x) { return Value::of(x.tensor_size()); }
Value rank_value(const Value& x) { return Value::of(x.tensor_rank()); }
Value itemsize_value(const Value& x) { return Value::of(itemsize(x.tensor_dtype())); }
Value bytes_value(const Value& x) { return Value::of(x.tensor_size() * itemsize(x.tensor_dtype())); }
Value transposed(const Value& x) { return Value::of(transpose(x.tensor())); }
Value real_value(const Value& x) { return Value::of(real(x.tensor())); }
Value imag_value(const Value& x) { return Value::of(imag(x.tensor())); }
Value flat_value(const Value& x) { return Value::of(ravel(x.tensor())); }

Value matrix_transposed_value(const Value& x) {
  const Tensor matrices = x.tensor();
  return Value::of(view_of(matrices, matrix_transposed(layout_of(matrices))));
}

struct Attribute {
  std::string_view name;
  Value (*read)(const Value&);
};
constexpr Attribute kAttributes[] = {
    {"T", transposed},       {"dtype", dtype_value},       {"flat", flat_value},
    {"imag", imag_value},    {"itemsize", itemsize_value}, {"mT", matrix_transposed_value},
    {"nbytes", bytes_value}, {"ndim", rank_value},         {"real", real_value},
    {"shape", shape_value},  {"size", size_value},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kAttributes)> names;
  for (std::size_t at = 0; at < names.size(); ++at) names[at] = kAttributes[at].name;
  return names;
}();

}  // namespace

Value tensor_attribute(const Value& tensor, std::string_view name) {
  for (const Attribute& row : kAttributes) {
    if (row.name == name) return row.read(tensor);
  }
  return {};
}

std::span<const std::string_view> tensor_attribute_names() { return kNames; }

}  // namespace inlay
