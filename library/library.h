// library.h - the functions said in the language itself, as texts compiled into the binary, parsed on first use; and
// the help texts of every public name. The folder of a file names the module its functions belong to:
// library/numpy/statistics.inlay defines numpy.var. Invariant: names starting with `_` belong to their file alone.
#pragma once

#include <span>
#include <string_view>

namespace inlay {

struct LibraryFile {
  std::string_view path;    // "numpy/statistics.inlay"
  std::string_view module;  // "numpy"
  std::string_view text;
};

/// A public name and the file that defines it, sorted by module and name.
struct LibraryName {
  std::string_view module;
  std::string_view name;
  int file;
  bool method;  // listed in the file's `# methods:` line: also a method of tensors
};

std::span<const LibraryFile> library_files();
std::span<const LibraryName> library_names();
/// Null if the module has no such name.
const LibraryName* find_library_name(std::string_view module, std::string_view name);

/// What `help(name)` says of a name, sorted by name.
struct HelpEntry {
  std::string_view name;       // as a user types it: "sum", "linalg.norm", "tf.constant", "str.upper"
  std::string_view signature;  // "(a, axis=None)"; empty for what is written in C++, whose table has it
  std::string_view page;       // the file it stands in
  std::string_view text;       // empty if nobody has written one
};
std::span<const HelpEntry> help_entries();
/// Null if there is none.
const HelpEntry* find_help(std::string_view name);

}  // namespace inlay
