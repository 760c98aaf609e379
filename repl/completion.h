// completion.h - what Tab offers: commands, file names inside strings and behind commands that take one, and what the
// interpreter knows. Invariant: runs nothing, and writes nothing.
#pragma once

#include <string_view>

#include "inlay/inlay.hpp"
#include "repl/line_reader.h"

namespace inlay::program {

/// Completions at the end of a line's text.
Completions complete(const Interpreter& interpreter, std::string_view before);

}  // namespace inlay::program
