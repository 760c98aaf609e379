// format_template.h - str.format: "{} and {name:>8.3f}".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/values/value.h"

namespace inlay {

class Evaluator;

/// The text with its fields filled in: {}, {0}, {name}, each with !r, !s or !a and a spec that may hold fields itself.
/// A field may take attributes and subscripts: {x.real}, {0[key]}.
/// ValueError, IndexError and KeyError in Python's words.
std::string format_template(Evaluator& evaluator, std::string_view text, std::span<const Value> positional,
                            std::span<const std::pair<std::string, Value>> keywords);

}  // namespace inlay
