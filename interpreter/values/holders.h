// holders.h - which values hold a tensor's memory, and why an update had to copy it.
// Invariant: looking changes nothing, and holds nothing afterwards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/machine/evaluator.h"

namespace inlay {

/// Whether a value is a tensor over this memory, or a tuple, list or dict that holds one.
bool holds(const Value& value, const Buffer* memory);
/// Names of the variables that hold it.
std::vector<std::string> holders(const Environment& variables, const Buffer* memory);
/// "something else holds the tensor"
std::string_view reason_text(CopyReason reason);

}  // namespace inlay
