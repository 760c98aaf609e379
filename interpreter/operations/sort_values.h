// sort_values.h - Python's sorted() on values.
#pragma once

#include <vector>

#include "interpreter/values/value.h"

namespace inlay {

class Evaluator;

/// Stable in both directions; `key` is None or called once per value. Throws what comparing and `key` throw.
std::vector<Value> sort_values(Evaluator& evaluator, std::vector<Value> values, const Value& key, bool reverse);

}  // namespace inlay
