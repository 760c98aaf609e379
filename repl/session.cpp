// session.cpp - see session.h.
// Invariant: the handler of SIGINT is in place only while a script runs.
#include "repl/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "repl/progress_bar.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

/// What the signal handler stops.
std::atomic<Interpreter*> running{nullptr};

void on_interrupt(int) {
  if (Interpreter* interpreter = running.load(std::memory_order_relaxed)) interpreter->interrupt();
}

/// Ctrl-C stops the interpreter for the current scope; the second Ctrl-C, if the first is not heeded, ends the program.
class InterruptScope {
 public:
  explicit InterruptScope(Interpreter& interpreter) {
    running = &interpreter;
    struct sigaction action = {};
    action.sa_handler = on_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &previous_);
  }
  ~InterruptScope() {
    sigaction(SIGINT, &previous_, nullptr);
    running = nullptr;
  }
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  struct sigaction previous_ = {};
};

/// Finds `import name` as name.inlay in a folder (with its `/`; empty: where the program was started).
std::optional<SourceText> load_module(const std::string& folder, std::string_view name) {
  std::string path = folder;
  for (const char c : name) path += c == '.' ? '/' : c;
  path += ".inlay";
  auto text = read_text(path);
  if (!text) return std::nullopt;
  return SourceText{std::move(path), *std::move(text)};
}

/// A loop's bar. What was printed in the loop has taken it away, so the last one is drawn again; only that of an
/// outermost loop stays.
void show(const Progress& progress, Output& output) {
  if (progress.is_over && progress.depth > 0) return;
  output.show_status(progress_bar(progress, window_size().columns - 1, shows_utf8()));
  if (progress.is_over && progress.depth == 0) output.keep_status();
}

Options make_options(const CommandLine& command, Output& output, std::function<void(const Value&)> echo) {
  Options options;
  options.print = [&output](std::string_view text) { output.write(text); };
  options.warn = [&output](std::string_view message) { output.write_error("warning: " + std::string(message) + "\n"); };
  options.echo = std::move(echo);
  const std::string folder = command.file.substr(0, command.file.find_last_of('/') + 1);
  if (can_redraw(STDERR_FILENO)) options.progress = [&output](const Progress& progress) { show(progress, output); };
  options.load_module = [folder](std::string_view name) { return load_module(folder, name); };
  options.files = true;
  options.arguments = command.arguments;
  options.threads = command.threads;
  options.fuse = command.fuse;
  return options;
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  const int descriptor = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  char chunk[1 << 14];
  ssize_t count = 0;
  while ((count = read(descriptor, chunk, sizeof chunk)) > 0 || (count < 0 && errno == EINTR))
    if (count > 0) text.append(chunk, static_cast<std::size_t>(count));
  const int reason = errno;
  if (descriptor != STDIN_FILENO) close(descriptor);
  errno = reason;
  return count < 0 ? std::nullopt : std::optional(std::move(text));
}

int report(const Error& error, Output& output) {
  output.write_error(error.render(wants_color(STDERR_FILENO)));
  if (error.kind() == ErrorKind::LimitExceeded) return kLimit;
  return error.kind() == ErrorKind::KeyboardInterrupt ? kInterrupted : kScriptError;
}

Session::Session(const CommandLine& command, Output& output, std::function<void(const Value&)> echo)
    : output_(output), interpreter_(make_options(command, output, std::move(echo))) {}

template <class Run>
Session::Result Session::interruptible(const Run& run) {
  const auto ending = [&] {
    const InterruptScope scope(interpreter_);
    return run();
  }();
  if (!ending) return {report(ending.error(), output_), false};
  return {ending->code & 0xFF, ending->exited};
}

Session::Result Session::run(std::string_view text, std::string_view name) {
  return interruptible([&] { return interpreter_.run(text, name); });
}

Session::Result Session::explain(std::string_view text, std::string_view name) {
  std::string explanation;
  const Result result = interruptible([&] { return interpreter_.explain(text, explanation, name); });
  output_.write(explanation);
  return result;
}

}  // namespace inlay::program
