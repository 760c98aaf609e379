// session.cpp - see session.h.
// Invariant: the handler of SIGINT is in place only while a script runs.
#include "repl/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <random>

#include "repl/drawing.h"
#include "repl/paint.h"
#include "repl/progress_bar.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

constexpr int kWidestReport = 100;

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
/// outermost loop stays. The line of an operation goes with it.
void show(const Progress& progress, Output& output) {
  if (progress.is_over && progress.is_operation) return output.drop_status();
  if (progress.is_over && progress.depth > 0) return;
  output.show_status(progress_bar(progress, window_size().columns - 1, shows_utf8()));
  if (progress.is_over && progress.depth == 0) output.keep_status();
}

std::uint64_t system_entropy() {
  std::random_device system;
  return system() | std::uint64_t{system()} << 32;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out + '"';
}

/// An error as one line of JSON: kind, message, source, line, column (both from 1; 0: no place), calls.
std::string json_of(const Error& error) {
  std::string calls;
  for (const Call& call : error.calls())
    calls += fmt::format("{}{{\"function\": {}, \"source\": {}, \"line\": {}, \"column\": {}}}",
                         calls.empty() ? "" : ", ", quoted(call.function), quoted(call.source), call.line, call.column);
  return fmt::format(
      "{{\"kind\": {}, \"message\": {}, \"source\": {}, \"line\": {}, \"column\": {}, \"calls\": [{}]}}\n",
      quoted(to_string(error.kind())), quoted(error.message()), quoted(error.source_name()), error.line(),
      error.column(), calls);
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

int report(const Error& error, Output& output, bool as_json) {
  output.write_error(as_json ? json_of(error) : error.render(wants_color(STDERR_FILENO)));
  if (error.kind() == ErrorKind::LimitExceeded) return kLimit;
  return error.kind() == ErrorKind::KeyboardInterrupt ? kInterrupted : kScriptError;
}

Options Session::make_options(const CommandLine& command, Observers observers) {
  Options options;
  options.print = [this](std::string_view text) { print(text); };
  options.warn = [this](std::string_view message) { output_.write_error("warning: " + std::string(message) + "\n"); };
  options.echo = std::move(observers.echo);
  options.copied = std::move(observers.copied);
  options.hint = std::move(observers.hint);
  if (!command.sandbox) options.draw = [this](const Drawing& drawing) { draw(drawing, output_); };
  if (can_redraw(STDERR_FILENO)) options.progress = [this](const Progress& progress) { show(progress, output_); };
  const std::string folder = command.file.substr(0, command.file.find_last_of('/') + 1);
  if (!command.sandbox) options.load_module = [folder](std::string_view name) { return load_module(folder, name); };
  options.files = !command.sandbox;
  options.read_folders = command.read_folders;
  options.write_folders = command.write_folders;
  options.limits = command.limits;
  if (!command.sandbox) options.entropy = system_entropy;
  options.arguments = command.arguments;
  options.threads = command.threads;
  options.fuse = command.fuse;
  return options;
}

Session::Session(const CommandLine& command, Output& output, Observers observers)
    : output_(output), json_errors_(command.json_errors), interpreter_(make_options(command, std::move(observers))) {}

void Session::print(std::string_view text) {
  if (capture_ != nullptr)
    *capture_ += text;
  else
    output_.write(text);
}

template <class Run>
Session::Result Session::interruptible(const Run& run) {
  const auto ending = [&] {
    const InterruptScope scope(interpreter_);
    return run();
  }();
  if (!ending) return {report(ending.error(), output_, json_errors_), false};
  return {ending->code & 0xFF, ending->exited};
}

Session::Result Session::run(std::string_view text, std::string_view name) {
  return interruptible([&] { return interpreter_.run(text, name); });
}

Session::Result Session::run(const Program& program) {
  return interruptible([&] { return interpreter_.run(program); });
}

Session::Result Session::run(const Program& program, std::uint64_t& moved_bytes) {
  return interruptible([&] { return interpreter_.run(program, moved_bytes); });
}

Expected<std::string> Session::interruptibly(const std::function<Expected<std::string>()>& action) {
  const InterruptScope scope(interpreter_);
  return action();
}

Expected<std::string> Session::printed_by(std::string_view text) {
  std::string out;
  capture_ = &out;
  const auto ending = interpreter_.run(text, "<prompt>");
  capture_ = nullptr;
  if (!ending) return ending.error();
  return out;
}

Session::Result Session::explain(std::string_view text, std::string_view name) {
  std::string explanation;
  const auto columns = static_cast<std::size_t>(std::min(line_width(), kWidestReport));
  const Result result = interruptible([&] { return interpreter_.explain(text, explanation, name, columns); });
  output_.write_folded(paint_report(explanation));
  return result;
}

}  // namespace inlay::program
