// repl.cpp - see repl.h. Reads, runs and shows; the parser says when an entry is complete.
// Invariant: an entry that fails or is interrupted leaves every variable as the language says, and the prompt alive.
#include "repl/repl.h"

#include <clocale>

#include "repl/display.h"
#include "repl/line_reader.h"
#include "repl/session.h"

namespace inlay::program {
namespace {

constexpr const char* kPrompt = ">>> ";
constexpr const char* kMore = "... ";

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }
bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

std::string_view trimmed(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

class Prompt {
 public:
  Prompt(const CommandLine& command, Output& output)
      : output_(output),
        session_(command, output, [this](const Value& value) { show(value); }),
        reader_(history_file(),
                [this](std::string_view line, std::size_t at) { return session_.interpreter().complete(line, at); }) {}

  Session& session() { return session_; }

  int loop() {
    std::string entry;
    while (true) {
      const LineReader::Event event = read_entry(entry);
      if (event == LineReader::Event::interrupted) {
        output_.write("^C\n");
        continue;
      }
      const std::optional<int> status = is_blank(entry) ? std::nullopt : run(entry);
      if (status) return *status;
      if (event == LineReader::Event::end) {
        output_.write("\n");
        return kDone;
      }
    }
  }

 private:
  /// Reads lines until they are an entry. A blank line that has others waiting behind it, in a pasted block, closes a
  /// block only if the next line is not indented; that one then opens the next entry.
  LineReader::Event read_entry(std::string& entry) {
    entry = std::exchange(ahead_, {});
    std::string line;
    while (entry.empty() || !Interpreter::is_complete(entry)) {
      output_.flush();
      const LineReader::Event event = reader_.read(entry.empty() ? kPrompt : kMore, line);
      if (event != LineReader::Event::line) return event;
      if (entry.empty() && is_blank(line)) continue;
      const bool is_closing = is_blank(line) && Interpreter::is_complete(entry + line);
      entry += line;
      if (is_closing && reader_.is_pending() && !continues(entry)) break;
    }
    return LineReader::Event::line;
  }

  /// Whether the line that is waiting belongs to the block; it is taken up either way.
  bool continues(std::string& entry) {
    std::string line;
    if (reader_.read(kMore, line) != LineReader::Event::line) return false;
    const bool is_inside = is_indented(line) || is_blank(line);
    (is_inside ? entry : ahead_) += line;
    return is_inside;
  }

  /// The exit status if the entry asked to leave.
  std::optional<int> run(const std::string& entry) {
    const std::string_view text = trimmed(entry);
    reader_.remember(text);
    if (text == "exit" || text == "quit") return kDone;
    last_.reset();
    const Session::Result result = session_.run(entry, "<input " + std::to_string(++entries_) + ">");
    if (last_) session_.interpreter().bind("_", *last_).value();
    return result.exited ? std::optional(result.status) : std::nullopt;
  }

  void show(const Value& value) {
    output_.write(display(value));
    last_ = value;
  }

  Output& output_;
  Session session_;
  LineReader reader_;
  std::string ahead_;          // a line read too early
  std::optional<Value> last_;  // what the entry showed
  int entries_ = 0;
};

}  // namespace

int prompt(const CommandLine& command, const std::optional<SourceText>& script, Output& output) {
  std::setlocale(LC_CTYPE, "");
  Prompt prompt(command, output);
  if (script) {
    const Session::Result result = prompt.session().run(script->text, script->name);
    if (result.exited) return result.status;
  }
  if (!command.quiet)
    output.write("Inlay " + std::string(version()) + ". Tab completes, _ is the last value, Ctrl-D leaves.\n");
  return prompt.loop();
}

}  // namespace inlay::program
