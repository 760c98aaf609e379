// timeit.h - how long a statement takes. Knows the public header only.
#pragma once

#include <string>
#include <string_view>

#include "inlay/inlay.hpp"
#include "repl/command_line.h"
#include "repl/output.h"

namespace inlay::program {

/// Runs the setup once and then the statement until the budget is spent; reports on standard output. Gives the exit
/// status.
int timeit(const CommandLine& command, Output& output);

/// What a prompt waits for a timing.
inline constexpr double kTimingSeconds = 1.0;

/// Times a statement over an interpreter's variables for `budget` seconds: a line for people.
Expected<std::string> time_statement(Interpreter& interpreter, std::string_view statement, double budget);

}  // namespace inlay::program
