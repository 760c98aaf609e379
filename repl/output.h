// output.h - standard output and standard error of the program.
// Invariant: what was written first is seen first, on both streams together; nothing is written after a reader has
// gone.
#pragma once

#include <string>
#include <string_view>

namespace inlay::program {

/// Buffered standard output. At a terminal every write is shown at once.
class Output {
 public:
  Output();
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text);
  /// The same with lines wider than the window folded at blanks.
  void write_folded(std::string_view text);
  /// Shows what is buffered. Ends the program with status 141 where nobody reads any more.
  void flush();
  /// To standard error, behind everything written before.
  void write_error(std::string_view text);
  /// Shows a line on standard error in place of the one shown before; anything written takes it away. Shows nothing
  /// where no line can be written over.
  void show_status(std::string_view line);
  /// Lets the line shown last stand, and goes to the next.
  void keep_status();
  /// Takes it away.
  void drop_status();

 private:
  std::string buffer_;
  bool is_terminal_;
  bool has_status_ = false;
};

}  // namespace inlay::program
