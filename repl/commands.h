// commands.h - what a line that begins with a colon does at the prompt: one row per command.
// Knows the workspace; reads no keys. Invariant: a command that fails says why and changes nothing.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "repl/workspace.h"

namespace inlay::program {

/// What stands behind a command, for completion.
enum class Argument { none, word, name, file, statement };

struct Command {
  std::string_view name;
  std::string_view parameters;  // as :help shows them
  std::string_view summary;
  Argument argument;
  /// Runs it; gives the exit status if it asks to leave. `argument` is trimmed.
  std::optional<int> (*run)(Workspace& workspace, std::string_view argument);
};

/// All of them, as :help lists them.
std::span<const Command> commands();
/// By its name, or by the beginning of it if only one begins so; null if there is none.
const Command* find_command(std::string_view name);
/// Runs a line that is_request(); says what is wrong with one that is no command.
std::optional<int> run_request(Workspace& workspace, std::string_view line);

// ---- the rows' functions: commands_show.cpp and commands_work.cpp ----

using Outcome = std::optional<int>;
Outcome show_variables(Workspace& workspace, std::string_view argument);
Outcome show_sharing(Workspace& workspace, std::string_view name);
Outcome show_core(Workspace& workspace, std::string_view statement);
Outcome show_explanation(Workspace& workspace, std::string_view statement);
Outcome show_time(Workspace& workspace, std::string_view statement);
Outcome show_timing(Workspace& workspace, std::string_view statement);
Outcome set_option(Workspace& workspace, std::string_view argument);
Outcome undo_entry(Workspace& workspace, std::string_view argument);
Outcome redo_entry(Workspace& workspace, std::string_view argument);
Outcome take_snapshot(Workspace& workspace, std::string_view name);
Outcome restore_snapshot(Workspace& workspace, std::string_view name);
Outcome load_file(Workspace& workspace, std::string_view file);
Outcome save_entries(Workspace& workspace, std::string_view file);
Outcome edit_entry(Workspace& workspace, std::string_view file);
Outcome change_folder(Workspace& workspace, std::string_view folder);
Outcome reset_workspace(Workspace& workspace, std::string_view argument);

}  // namespace inlay::program
