// display.h - values as a prompt shows them.
#pragma once

#include <span>
#include <string>

#include "inlay/inlay.hpp"

namespace inlay::program {

/// A value as lines: of a tensor dtype and shape (and bytes, where print() shows only a part), then what print() shows;
/// of anything else its repr.
std::string display(const Value& value);

/// "float32[3, 4]"
std::string header(DType dtype, std::span<const std::int64_t> shape);

}  // namespace inlay::program
