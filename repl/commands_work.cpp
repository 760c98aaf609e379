// commands_work.cpp - commands that work on the session: undoing, snapshots, files, the editor, folders.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "repl/commands.h"
#include "repl/entry_text.h"
#include "repl/paint.h"

extern char** environ;  // NOLINT: POSIX's name

namespace inlay::program {
namespace {

constexpr std::string_view kSnapshot = "last";  // a snapshot without a name

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// The first line of an entry; three points for the others.
std::string shortened(const std::string& entry) {
  const std::size_t end = entry.find('\n');
  return end == std::string::npos ? entry : entry.substr(0, end) + " ...";
}

Outcome say_moved(Workspace& workspace, std::string_view what, const std::optional<Undo::Result>& result) {
  if (!result) {
    workspace.output().write(fmt::format("there is nothing to {}\n", what));
    return std::nullopt;
  }
  std::string text = fmt::format("{}: {}\n", what, paint(Style::bold, shortened(result->entry)));
  if (!result->names.empty()) text += fmt::format("  {} as before\n", joined(result->names));
  if (!result->lost.empty())
    text += paint(Style::bad, fmt::format("  not kept, and as it is: {}\n", joined(result->lost))) +
            "  (a tensor above 1 MB is not copied to be kept; :snapshot keeps all of them)\n";
  workspace.output().write(text);
  return std::nullopt;
}

Outcome say_failed(Workspace& workspace, std::string_view what, std::string_view path) {
  workspace.output().write_error(fmt::format("cannot {} '{}': {}\n", what, path, std::strerror(errno)));
  return std::nullopt;
}

bool write_text(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  bool is_written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) is_written = std::fclose(file) == 0 && is_written;
  return is_written;
}

/// Runs $VISUAL or $EDITOR, which may be several words, on a file. False if it failed.
bool edit(const std::string& path) {
  const char* editor = std::getenv("VISUAL");
  if (editor == nullptr || *editor == '\0') editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == '\0') editor = "vi";
  const std::string command = std::string(editor) + " \"$1\"";
  const char* words[] = {"sh", "-c", command.c_str(), "sh", path.c_str(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "sh", nullptr, nullptr, const_cast<char**>(words), environ) != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A file of our own with a text in it; empty if there can be none.
std::string temporary_file(std::string_view text) {
  std::string path = (std::filesystem::temp_directory_path() / "inlay-XXXXXX.inlay").string();
  const int descriptor = mkstemps(path.data(), 6);
  if (descriptor < 0) return {};
  close(descriptor);
  return write_text(path, text) ? path : std::string();
}

}  // namespace

Outcome undo_entry(Workspace& workspace, std::string_view) {
  return say_moved(workspace, "undo", workspace.undo().undo());
}

Outcome redo_entry(Workspace& workspace, std::string_view) {
  return say_moved(workspace, "redo", workspace.undo().redo());
}

Outcome take_snapshot(Workspace& workspace, std::string_view name) {
  const std::string key(name.empty() ? kSnapshot : name);
  const auto& kept = workspace.snapshots()[key] = workspace.variables();
  workspace.output().write(
      fmt::format("snapshot '{}' of {} variable{}\n", key, kept.size(), kept.size() == 1 ? "" : "s"));
  return std::nullopt;
}

Outcome restore_snapshot(Workspace& workspace, std::string_view name) {
  const std::string key(name.empty() ? kSnapshot : name);
  const auto found = workspace.snapshots().find(key);
  if (found == workspace.snapshots().end()) {
    std::vector<std::string> names;
    for (const auto& each : workspace.snapshots()) names.push_back(each.first);
    workspace.output().write_error(
        fmt::format("there is no snapshot '{}'{}\n", key, names.empty() ? "" : "; there is " + joined(names)));
    return std::nullopt;
  }
  workspace.set_variables(found->second);
  workspace.output().write(fmt::format("restored '{}'\n", key));
  return std::nullopt;
}

Outcome load_file(Workspace& workspace, std::string_view file) {
  const std::string path(file);
  const auto text = read_text(path);
  if (!text) return say_failed(workspace, "read", path);
  return workspace.enter(*text, path, false);
}

Outcome save_entries(Workspace& workspace, std::string_view file) {
  const std::string path(file);
  std::string text;
  for (const std::string& entry : workspace.entries()) text += entry + "\n";
  if (!write_text(path, text)) return say_failed(workspace, "write", path);
  workspace.output().write(fmt::format("{} entries in '{}'\n", workspace.entries().size(), path));
  return std::nullopt;
}

Outcome edit_entry(Workspace& workspace, std::string_view file) {
  const auto& entries = workspace.entries();
  const bool is_own = file.empty();
  const std::string path =
      is_own ? temporary_file(entries.empty() ? std::string() : entries.back() + "\n") : std::string(file);
  if (path.empty()) return say_failed(workspace, "write", std::filesystem::temp_directory_path().string());
  const bool is_edited = edit(path);
  const auto text = is_edited ? read_text(path) : std::nullopt;
  if (is_own) std::remove(path.c_str());
  if (!is_edited) {
    workspace.output().write_error("the editor failed; nothing was run\n");
    return std::nullopt;
  }
  if (!text) return say_failed(workspace, "read", path);
  if (!is_own) return workspace.enter(*text, path, false);
  workspace.output().write(paint(Style::dim, *text));
  return is_blank(*text) ? std::nullopt : workspace.enter(*text);
}

Outcome change_folder(Workspace& workspace, std::string_view folder) {
  std::string path(folder);
  const char* home = std::getenv("HOME");
  if (home != nullptr && (path == "~" || path.starts_with("~/"))) path.replace(0, 1, home);
  if (!path.empty() && chdir(path.c_str()) != 0) return say_failed(workspace, "enter", path);
  std::error_code ignored;
  workspace.output().write(std::filesystem::current_path(ignored).string() + "\n");
  return std::nullopt;
}

Outcome reset_workspace(Workspace& workspace, std::string_view) {
  workspace.reset();
  return std::nullopt;
}

}  // namespace inlay::program
