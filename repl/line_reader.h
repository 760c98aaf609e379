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

/// What could stand where the text from `begin` to the cursor is.
struct Completions {
  std::size_t begin = 0;
  std::vector<std::string> words;  // sorted
};

class LineReader {
 public:
  /// Completions at the end of the text before the cursor.
  using Complete = std::function<Completions(std::string_view before)>;

  /// Takes up the history in `history_file`, if that can be read; an empty name is no file.
  LineReader(std::string history_file, Complete complete);
  /// Leaves the history in the file, readable by its owner alone, if that can be written.
  ~LineReader();

  enum class Event { line, interrupted, end };
  /// Reads one line (or several, recalled from the history), with its line feed. `offered` is there already, to be
  /// edited, unless the line is waiting. After an interrupt `line` is what had been typed.
  Event read(const std::string& prompt, const std::string& offered, std::string& line);
  /// Whether the next line is waiting already: pasted, or piped in.
  [[nodiscard]] bool is_pending() const;
  /// Keeps an entry, one of several lines too, to be recalled.
  void remember(std::string_view entry);

 private:
  struct Editor;
  Event read_pasted(const std::string& prompt, std::string& line);
  Event read_piped(const std::string& prompt, std::string& line);
  std::unique_ptr<Editor> editor_;  // null: standard input is no terminal
};

/// Where the prompt keeps its history: $XDG_STATE_HOME/inlay/history, its folder made. Empty if there is no home.
std::string history_file();
/// What the prompt runs first: $XDG_CONFIG_HOME/inlay/init.inlay. Empty if there is no home.
std::string init_file();

}  // namespace inlay::program
