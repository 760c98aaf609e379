// format_template.h - str.format: "{} and {name:>8.3f}".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/value.h"

namespace inlay {

/// The text with its fields filled in: {}, {0}, {name}, each with !r or !s and a spec that may hold fields itself.
/// ValueError, IndexError and KeyError in Python's words. Attributes and subscripts inside a field are refused.
std::string format_template(std::string_view text, std::span<const Value> positional,
                            std::span<const std::pair<std::string, Value>> keywords);

}  // namespace inlay
