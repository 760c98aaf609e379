// ufunc_methods.h - add.reduce, maximum.accumulate, multiply.outer: methods of elementwise functions.
// Invariant: reducing and accumulating go strictly from the first element to the last where no reduction of the runtime
// does the same.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/op_table.h"

namespace inlay {

/// The elementwise function a row stands for; nothing if it is no ufunc.
std::optional<ElementwiseOp> ufunc_of(const OpRow& row);

/// Calls reduce, accumulate, outer or reduceat of a ufunc. Undefined if the row is no ufunc or has no such method.
Value ufunc_method(Evaluator& evaluator, const OpRow& ufunc, std::string_view method, std::span<const Value> arguments,
                   std::span<const std::pair<std::string, Value>> keywords);

}  // namespace inlay
