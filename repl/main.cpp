// main.cpp - the program: what was asked for, done, and an exit status.
// Knows the public header only.
// Invariant: standard output is what scripts print; all that is said about them goes to standard error.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "repl/command_line.h"
#include "repl/did_you_mean.h"
#include "repl/keep_going.h"
#include "repl/output.h"
#include "repl/paint.h"
#include "repl/repl.h"
#include "repl/session.h"
#include "repl/timeit.h"

namespace inlay::program {
namespace {

/// The text that a command is about, and what errors call it.
std::optional<SourceText> source_of(const CommandLine& command) {
  if (command.code) return SourceText{"<code>", *command.code};
  auto text = read_text(command.file);
  if (!text) {
    const std::string reason = std::strerror(errno) + did_you_mean(command.file, command_names());
    std::fprintf(stderr, "inlay: cannot read '%s': %s\n", command.file.c_str(), reason.c_str());
    return std::nullopt;
  }
  return SourceText{command.file == "-" ? "<stdin>" : command.file, *std::move(text)};
}

/// False if the file cannot be written.
bool write_variables(const Interpreter& interpreter, const std::string& path) {
  const std::string text = interpreter.variables_json();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  bool is_written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) is_written = std::fclose(file) == 0 && is_written;
  if (!is_written) std::fprintf(stderr, "inlay: cannot write '%s': %s\n", path.c_str(), std::strerror(errno));
  return is_written;
}

int run(const CommandLine& command, const SourceText& source, Output& output) {
  // An echo that nobody takes: statements are entries then, whose functions may name what comes later.
  Session session(command, output,
                  {command.keep_going ? [](const Value&) {} : std::function<void(const Value&)>(), {}, {}});
  const Session::Result result =
      command.keep_going ? keep_going(session, source) : session.run(source.text, source.name);
  if (!command.variables_file.empty() && !write_variables(session.interpreter(), command.variables_file)) return kUsage;
  return result.status;
}

int check(const CommandLine& command, const SourceText& source, Output& output) {
  Session session(command, output);
  const std::vector<Error> errors = session.interpreter().check(source.text, source.name);
  int status = kDone;
  for (const Error& error : errors) status = report(error, output, command.json_errors);  // a limit's comes last
  return status;
}

int lower(const CommandLine& command, const SourceText& source, Output& output) {
  Session session(command, output);
  const auto text =
      session.interpreter().lower(source.text, command.stage == "ast" ? Stage::ast : Stage::ir, source.name);
  if (!text) return report(text.error(), output);
  output.write(paint_core(*text));
  return kDone;
}

int explain(const CommandLine& command, const SourceText& source, Output& output) {
  Session session(command, output);
  return session.explain(source.text, source.name).status;
}

/// What is said of a name that there is no help on has no place: nobody wrote the call.
int help(const CommandLine& command, Output& output) {
  if (command.json) return output.write(Interpreter::reference_json()), kDone;
  Session session(command, output);
  const auto ending = session.interpreter().run(*command.code, "<code>");
  if (!ending) output.write_error("inlay: " + std::string(ending.error().message()) + "\n");
  return ending ? kDone : kScriptError;
}

int execute(const CommandLine& command) {
  Output output;
  if (command.action == Action::timeit) return timeit(command, output);
  if (command.action == Action::help) return help(command, output);
  if (command.action == Action::prompt) return prompt(command, std::nullopt, output);
  const auto source = source_of(command);
  if (!source) return kUsage;
  if (command.action == Action::check) return check(command, *source, output);
  if (command.action == Action::lower) return lower(command, *source, output);
  if (command.action == Action::explain) return explain(command, *source, output);
  return command.interactive ? prompt(command, source, output) : run(command, *source, output);
}

}  // namespace
}  // namespace inlay::program

int main(int argc, char** argv) {
  using namespace inlay::program;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is noticed where it is written to
  const Parsed parsed = parse_command_line(argc, argv);
  return parsed.status ? *parsed.status : execute(parsed.command);
}
