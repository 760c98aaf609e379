// at_view.h - x.at[index].add(v): updates that give a new tensor, under JAX's names.
// An index out of range is an error unless mode= says otherwise; duplicates all count.
#pragma once

#include <span>
#include <string_view>

#include "interpreter/machine/evaluator.h"

namespace inlay {

/// `x.at[index].name(…)` for set, add, subtract, multiply, mul, min, max, get and apply's kin; AttributeError with the
/// list otherwise.
Value at_method(Evaluator& evaluator, const AtObject& at, std::string_view name, std::span<const Value> arguments,
                std::span<const std::pair<std::string, Value>> keywords);

}  // namespace inlay
