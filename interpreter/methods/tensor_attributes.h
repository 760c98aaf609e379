// tensor_attributes.h - x.shape, x.T, x.dtype: what a tensor tells of itself without a call.
#pragma once

#include <span>
#include <string_view>

#include "interpreter/values/value.h"

namespace inlay {

/// `tensor.name`; undefined if tensors have no such attribute. `tensor` is a tensor.
Value tensor_attribute(const Value& tensor, std::string_view name);
/// The names of all attributes.
std::span<const std::string_view> tensor_attribute_names();

}  // namespace inlay
