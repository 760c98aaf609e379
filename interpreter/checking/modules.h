// modules.h - the modules that exist without a file.
// Knows their names; what they hold, Evaluator finds (modules.cpp).
#pragma once

#include <string_view>

namespace inlay {

/// Whether a module of this dotted name is built in: "numpy.linalg".
bool is_builtin_module(std::string_view name);
/// Whether a bare name is a module without an import: `linalg`.
bool is_bare_module(std::string_view name);

}  // namespace inlay
