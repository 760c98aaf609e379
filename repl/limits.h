// limits.h - the limits of the program: what it sets by itself, and what `--limit NAME=VALUE` says.
// Invariant: without --limit and --sandbox no script is stopped that the machine could run.
#pragma once

#include <string>
#include <string_view>

#include "inlay/limits.hpp"

namespace inlay::program {

/// Three quarters of the memory that the process may have; nothing else is bounded but the depth of recursion.
Limits machine_limits();

/// Sets what "NAME=VALUE" says: memory=2G, seconds=0.5, fuel=none. Gives what is wrong with it; empty: nothing.
std::string set_limit(Limits& limits, std::string_view text);

}  // namespace inlay::program
