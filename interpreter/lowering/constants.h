// constants.h - built-in names that are values rather than functions: types, dtypes, pi, newaxis.
// Invariant: one table; nothing here is computed.
#pragma once

#include <string_view>
#include <vector>

#include "interpreter/values/value.h"

namespace inlay {

/// The value of a bare name: `int`, `float32`, `pi`, `newaxis`. Undefined if it is none.
Value builtin_constant(std::string_view name);
/// The value of `module.name` for "numpy", "math" and "tensorflow". Undefined if the module has no such constant.
Value module_constant(std::string_view module, std::string_view name);
/// The bare names, and those of a module.
std::vector<std::string_view> builtin_constant_names();
std::vector<std::string_view> module_constant_names(std::string_view module);

}  // namespace inlay
