// line_reader.h - lines typed at a terminal, with editing, history, search and completion by libedit; or read from a
// pipe. Knows nothing of the language: completion is a function it is given. Invariant: the terminal is as it was found
// whenever no line is being read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inlay::program {

class LineReader {
 public:
  /// Completions of the word before `position` in `line`.
  using Complete = std::function<std::vector<std::string>(std::string_view line, std::size_t position)>;

  /// Takes up the history in `history_file`, if that can be read; an empty name is no file.
  LineReader(std::string history_file, Complete complete);
  /// Leaves the history in the file, readable by its owner alone, if that can be written.
  ~LineReader();

  enum class Event { line, interrupted, end };
  /// Reads one line (or several, recalled from the history), with its line feed.
  Event read(const std::string& prompt, std::string& line);
  /// Whether the next line is waiting already: pasted, or piped in.
  [[nodiscard]] bool is_pending() const;
  /// Keeps an entry, one of several lines too, to be recalled.
  void remember(std::string_view entry);

 private:
  struct Editor;
  std::unique_ptr<Editor> editor_;  // null: standard input is no terminal
};

/// Where the prompt keeps its history: $XDG_STATE_HOME/inlay/history, its folder made. Empty if there is no home.
std::string history_file();

}  // namespace inlay::program
