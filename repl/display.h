// display.h - values as a prompt shows them.
#pragma once

#include <string>

#include "inlay/inlay.hpp"

namespace inlay::program {

/// A value as lines: of a tensor dtype and shape, then what print() shows; of anything else its repr.
std::string display(const Value& value);

/// "float32[3, 4]"
std::string header(const Value& tensor);

}  // namespace inlay::program
