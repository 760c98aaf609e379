// library.h - the functions said in the language itself, as texts compiled into the binary, parsed on first use; and
// the help texts of every public name. The folder of a file names the module its functions belong to:
// library/numpy/statistics.inlay defines numpy.var. Texts are deflated, since few of them are read in a run.
// Invariant: names starting with `_` belong to their file alone. All of it is constant, so any thread may read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace inlay {

/// A name or a signature: half of what a string_view takes, and nothing that is relocated when the library is loaded.
struct Piece {
  std::uint32_t begin, size;  // in a string of embed.py's
  operator std::string_view() const;
  friend bool operator==(const Piece& piece, std::string_view text) { return std::string_view(piece) == text; }
};

/// Where a text stands among deflated_texts(), and how long it is when inflated, in bytes.
struct DeflatedText {
  std::uint32_t begin, deflated_size, size;
};

struct LibraryFile {
  std::string_view path;    // "numpy/statistics.inlay"
  std::string_view module;  // "numpy"
  DeflatedText text;        // without the docstrings that are help
};

/// A public name and the file that defines it, sorted by module and name.
struct LibraryName {
  Piece module;
  Piece name;
  std::uint16_t file;
  bool method;  // listed in the file's `# methods:` line: also a method of tensors
};

std::span<const LibraryFile> library_files();
std::span<const LibraryName> library_names();
/// Null if the module has no such name.
const LibraryName* find_library_name(std::string_view module, std::string_view name);
/// The source of a file, inflated anew. Throws std::bad_alloc.
std::string source_text(const LibraryFile& file);

/// What explains the names that belong together: "statistics".
struct HelpPage {
  std::string_view name;
  DeflatedText text;  // of all entries
};

/// What `help(name)` says of a name, sorted by name.
struct HelpEntry {
  Piece name;       // as a user types it: "sum", "linalg.norm", "tf.constant", "str.upper"
  Piece signature;  // "(a, axis=None)"; empty for what is written in C++, whose table has it
  std::uint16_t page_number;
  std::uint32_t begin;  // in the page's text
  std::uint32_t size;   // 0 if nobody has written a text

  std::string_view page() const;
};

std::span<const HelpPage> help_pages();
std::span<const HelpEntry> help_entries();
/// Null if there is none.
const HelpEntry* find_help(std::string_view name);
/// The text of an entry: its page is inflated for it. Throws std::bad_alloc.
std::string help_text(const HelpEntry& entry);

/// The bytes that DeflatedText points into.
std::span<const unsigned char> deflated_texts();

}  // namespace inlay
