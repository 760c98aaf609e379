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
  /// What a prompt is told; nothing else wants to know.
  struct Observers {
    std::function<void(const Value&)> echo;  // values of expressions alone on a line
    std::function<void(const CopyNotice&)> copied;
    std::function<void(std::string_view)> hint;
  };
  Session(const CommandLine& command, Output& output, Observers observers = {});

  /// Runs a text; reports an error. Ctrl-C interrupts it. Gives the exit status, and whether the text called exit().
  struct Result {
    int status = 0;
    bool exited = false;
  };
  Result run(std::string_view text, std::string_view name);
  Result run(const Program& program);
  /// The same with the bytes counted that its operations read and write.
  Result run(const Program& program, std::uint64_t& moved_bytes);
  /// What a text prints, instead of printing it; an error if it met one.
  Expected<std::string> printed_by(std::string_view text);
  /// Does something that Ctrl-C is to stop.
  Expected<std::string> interruptibly(const std::function<Expected<std::string>()>& action);
  /// Runs a text, and afterwards prints what the interpreter did.
  Result explain(std::string_view text, std::string_view name);

  Interpreter& interpreter() { return interpreter_; }
  Output& output() { return output_; }

 private:
  template <class Run>
  Result interruptible(const Run& run);

  Options make_options(const CommandLine& command, Observers observers);
  void print(std::string_view text);

  Output& output_;
  bool json_errors_;
  std::string* capture_ = nullptr;  // takes what is printed, while it is there
  Interpreter interpreter_;
};

/// Reports an error on standard error, for people or as a line of JSON, and gives the exit status for it.
int report(const Error& error, Output& output, bool as_json = false);

}  // namespace inlay::program
