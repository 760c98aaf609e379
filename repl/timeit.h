// timeit.h - how long a statement takes. Knows the public header only.
#pragma once

#include "repl/command_line.h"
#include "repl/output.h"

namespace inlay::program {

/// Runs the setup once and then the statement until the budget is spent; reports on standard output. Gives the exit
/// status.
int timeit(const CommandLine& command, Output& output);

}  // namespace inlay::program
