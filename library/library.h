// library.h - the functions said in the language itself, as texts compiled into the binary. Parsed on first use.
// The folder of a file names the module its functions belong to: library/numpy/statistics.inlay defines numpy.var.
// Invariant: names starting with `_` belong to their file alone.
#pragma once

#include <span>
#include <string_view>

namespace inlay {

struct LibraryFile {
  std::string_view path;     // "numpy/statistics.inlay"
  std::string_view module;   // "numpy"
  std::string_view text;
};

/// A public name and the file that defines it, sorted by module and name.
struct LibraryName {
  std::string_view module;
  std::string_view name;
  int file;
  bool method;               // listed in the file's `# methods:` line: also a method of tensors
};

std::span<const LibraryFile> library_files();
std::span<const LibraryName> library_names();
/// Null if the module has no such name.
const LibraryName* find_library_name(std::string_view module, std::string_view name);

}  // namespace inlay
