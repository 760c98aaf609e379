// repl.h - the prompt: reads until an entry is complete, runs it, shows its value.
#pragma once

#include <optional>

#include "inlay/inlay.hpp"
#include "repl/command_line.h"
#include "repl/output.h"

namespace inlay::program {

/// Runs `script` first, if there is one, then what is typed until its end. Gives the exit status.
int prompt(const CommandLine& command, const std::optional<SourceText>& script, Output& output);

}  // namespace inlay::program
