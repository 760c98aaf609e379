// session.h - one interpreter as the program sets it up: output, modules beside the script, files, Ctrl-C.
// Knows the public header only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "inlay/inlay.hpp"
#include "repl/command_line.h"
#include "repl/output.h"

namespace inlay::program {

/// The whole text of a file ("-": of standard input). Nothing if it cannot be read; errno says why.
std::optional<std::string> read_text(const std::string& path);

class Session {
 public:
  /// `echo` takes the values of expressions alone on a line: at a prompt.
  Session(const CommandLine& command, Output& output, std::function<void(const Value&)> echo = {});

  /// Runs a text; reports an error. Ctrl-C interrupts it. Gives the exit status, and whether the text called exit().
  struct Result {
    int status = 0;
    bool exited = false;
  };
  Result run(std::string_view text, std::string_view name);
  /// The same, and afterwards prints what the interpreter did.
  Result explain(std::string_view text, std::string_view name);

  Interpreter& interpreter() { return interpreter_; }
  Output& output() { return output_; }

 private:
  template <class Run>
  Result interruptible(const Run& run);

  Output& output_;
  Interpreter interpreter_;
};

/// Reports an error on standard error, and gives the exit status for it.
int report(const Error& error, Output& output);

}  // namespace inlay::program
