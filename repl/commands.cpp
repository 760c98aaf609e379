// commands.cpp - the table of commands, help on it, and requests for help on names. See commands.h.
#include "repl/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "repl/did_you_mean.h"
#include "repl/entry_text.h"
#include "repl/paint.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

Outcome list_commands(Workspace& workspace, std::string_view argument);
Outcome leave(Workspace&, std::string_view) { return kDone; }

constexpr Command kCommands[] = {
    {"help", "[NAME]", "what there is; help on a function or a command", Argument::name, list_commands},
    {"vars", "[PREFIX]", "variables: dtype, shape, bytes, who shares memory", Argument::name, show_variables},
    {"why", "NAME", "who shares its memory, and which line last copied it", Argument::name, show_sharing},
    {"lower", "STATEMENT", "the core that it becomes", Argument::statement, show_core},
    {"explain", "STATEMENT", "runs it; what was done in place, what copied, and why", Argument::statement,
     show_explanation},
    {"time", "STATEMENT", "runs it once; how long it took, what it copied", Argument::statement, show_time},
    {"timeit", "STATEMENT", "runs it for a second; best and median time", Argument::statement, show_timing},
    {"set", "[OPTION [VALUE]]", "how tensors print, how much can be undone", Argument::word, set_option},
    {"undo", "", "takes back what the last entry did to variables", Argument::none, undo_entry},
    {"redo", "", "brings it again", Argument::none, redo_entry},
    {"snapshot", "[NAME]", "keeps all variables, shared until they are written", Argument::word, take_snapshot},
    {"restore", "[NAME]", "makes the variables those of a snapshot", Argument::word, restore_snapshot},
    {"load", "FILE", "runs a script here", Argument::file, load_file},
    {"save", "FILE", "writes what was entered as a script", Argument::file, save_entries},
    {"edit", "[FILE]", "opens $EDITOR on the last entry or a file; runs it", Argument::file, edit_entry},
    {"cd", "[FOLDER]", "changes the folder where files are, or says it", Argument::file, change_folder},
    {"reset", "", "forgets all variables", Argument::none, reset_workspace},
    {"quit", "", "leaves, as Ctrl-D does", Argument::none, leave},
};

constexpr std::string_view kKeys = R"(
  Tab      completes names, attributes, parameters, commands, files in strings
  Up Down  earlier entries, of those with what is typed; a block is one entry
  Ctrl-R   searches them
  Ctrl-C   clears the line; stops what is running, variables keep their values
  Ctrl-D   leaves
  ?name, name?  help on a name   _  the last value   ; at the end shows nothing
)";

std::string usage(const Command& command) {
  return fmt::format(":{}{}{}", command.name, command.parameters.empty() ? "" : " ", command.parameters);
}

/// help() of the language, in colour: on a variable's value, else on a name.
Outcome help_on(Workspace& workspace, std::string_view name) {
  const bool is_variable = workspace.interpreter().has_variable(name.substr(0, name.find('.')));
  const auto text = workspace.session().printed_by(is_variable || name.empty() ? fmt::format("help({})", name)
                                                                               : fmt::format("help('{}')", name));
  if (text)
    workspace.output().write(paint_help(*text, line_width()));
  else
    workspace.output().write_error(text.error().message() + "\n");
  return std::nullopt;
}

Outcome list_commands(Workspace& workspace, std::string_view argument) {
  if (!argument.empty()) {
    const Command* command = argument.starts_with(':') ? find_command(argument.substr(1)) : nullptr;
    if (command == nullptr) return help_on(workspace, argument);
    workspace.output().write_folded(fmt::format("{}\n    {}\n", paint(Style::bold, usage(*command)), command->summary));
    return std::nullopt;
  }
  std::string text;
  for (const Command& command : kCommands) {
    const std::string form = usage(command);
    const std::size_t gap = form.size() < 24 ? 24 - form.size() : 1;
    text += fmt::format("  {}{}{}\n", paint(Style::name, form), std::string(gap, ' '), command.summary);
  }
  workspace.output().write_folded(text + std::string(kKeys));
  return std::nullopt;
}

void refuse(Workspace& workspace, std::string_view name) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(fmt::format(":{}", command.name));
  const std::string near = did_you_mean(fmt::format(":{}", name), names);
  workspace.output().write_error(
      fmt::format("there is no command :{}{}\n", name, near.empty() ? "; :help lists them" : near));
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const Command* found = nullptr;
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
    if (name.empty() || !command.name.starts_with(name)) continue;
    if (found != nullptr) return nullptr;
    found = &command;
  }
  return found;
}

std::optional<int> run_request(Workspace& workspace, std::string_view line) {
  const std::string_view text = trimmed(line);
  if (!text.starts_with(':')) return help_on(workspace, help_request(text) == "help" ? "" : help_request(text));
  const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
  const std::string_view name = text.substr(1, end - 1), argument = trimmed(text.substr(end));
  const Command* command = find_command(name);
  if (command == nullptr) return refuse(workspace, name), std::nullopt;
  if (argument.empty() && !command->parameters.empty() && !command->parameters.starts_with('[')) {
    workspace.output().write_error(fmt::format("usage: {}\n", usage(*command)));
    return std::nullopt;
  }
  return command->run(workspace, argument);
}

}  // namespace inlay::program
