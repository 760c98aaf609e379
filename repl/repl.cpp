// repl.cpp - see repl.h. Reads an entry, hands it to the workspace or to a command, until the end.
// Invariant: an entry that fails or is interrupted leaves every variable as the language says, and the prompt alive.
#include "repl/repl.h"

#include <unistd.h>

#include <clocale>

#include "repl/commands.h"
#include "repl/completion.h"
#include "repl/entry_reader.h"
#include "repl/entry_text.h"
#include "repl/line_reader.h"
#include "repl/workspace.h"

namespace inlay::program {
namespace {

class Prompt {
 public:
  Prompt(Workspace& workspace, Output& output)
      : output_(output),
        workspace_(workspace),
        reader_(history_file(),
                [&workspace](std::string_view before) { return complete(workspace.interpreter(), before); }),
        entries_(reader_, output) {}

  int loop() {
    std::string entry;
    while (true) {
      const LineReader::Event event = entries_.read(entry);
      if (event == LineReader::Event::interrupted) {
        output_.write(is_blank(entry) ? "^C  (Ctrl-D leaves)\n" : "^C\n");
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
  /// The exit status if the entry asked to leave.
  std::optional<int> run(const std::string& entry) {
    const std::string_view text = without_end(entry);
    reader_.remember(text);
    if (text == "exit" || text == "quit") return kDone;
    return is_request(text) ? run_request(workspace_, text) : workspace_.enter(entry);
  }

  Output& output_;
  Workspace& workspace_;
  LineReader reader_;
  EntryReader entries_;
};

/// Runs the user's own beginning, if there is one. Gives the exit status if that asks to leave.
std::optional<int> run_init(Workspace& workspace) {
  const std::string path = init_file();
  const auto text = path.empty() ? std::nullopt : read_text(path);
  return text ? workspace.enter(*text, path, false) : std::nullopt;
}

}  // namespace

int prompt(const CommandLine& command, const std::optional<SourceText>& script, Output& output) {
  std::setlocale(LC_CTYPE, "");
  Workspace workspace(command, output);
  if (command.init)
    if (const auto status = run_init(workspace)) return *status;
  if (script)
    if (const auto status = workspace.enter(script->text, script->name, false)) return *status;
  if (!command.quiet)
    output.write("Inlay " + std::string(version()) + ". Tab completes, ?name and :help explain, Ctrl-D leaves.\n");
  return Prompt(workspace, output).loop();
}

}  // namespace inlay::program
