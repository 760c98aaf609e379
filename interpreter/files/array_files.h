// array_files.h - tensors in files: .npy, .npz and text tables, as NumPy reads and writes them.
// Knows nothing of scripts. Bytes come and go through a FileSystem, so that a host can refuse, redirect or keep them in
// memory. Invariant: no file can do more than raise an Error: sizes are believed only as far as there are bytes behind
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/tensors/tensor.h"

namespace inlay {

class FileOutput;

/// Takes the pieces of a file, one after the other.
using AddBytes = std::function<void(std::string_view)>;

/// Where files live. All throw an Error when they cannot or may not.
struct FileSystem {
  std::function<std::string(const std::string& path)> read;  // the whole file
  std::function<void(const std::string& path, std::string_view bytes)>
      write;  // all or nothing: readers see the old file or the new one
  /// Throws what `write` would where the path may never be written, before anything is made for it; may be absent.
  std::function<void(const std::string& path)> check_write = {};
  /// `write` of what `contents` puts into the file; nothing has changed if that throws. May be absent: `write` is
  /// given the whole then, which is put together in memory.
  std::function<void(const std::string& path, const std::function<void(FileOutput&)>& contents)> write_parts = {};
};

/// The host's own files. What cannot be opened is a RuntimeError in Python's words: "[Errno 2] No such file or
/// directory: 'x'".
FileSystem host_files();
/// Files in these folders and below, and no others: a path that leads elsewhere is a RuntimeError, and so is one with a
/// symbolic link or `..` behind the folder.
FileSystem folder_files(const std::vector<std::string>& read, const std::vector<std::string>& write);

/// The elements in C order, from where they stand or copied a piece at a time.
void add_elements(const Tensor& x, const AddBytes& add);
/// A .npy file of version 1.0 in C order, the same that np.save writes. bfloat16 is stored as '<V2', as NumPy's
/// extension does.
void write_npy(const Tensor& tensor, const AddBytes& add);
/// Reads versions 1.0 to 3.0, either byte order, C or Fortran order. Throws ValueError for anything that is not a whole
/// array of our dtypes.
Tensor read_npy(std::string_view bytes);

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
/// Whether the bytes begin as a zip archive does.
bool is_npz(std::string_view bytes);
/// An archive of one .npy per name, stored as np.savez does, or deflated as np.savez_compressed does.
void write_npz(const NamedTensors& tensors, bool compressed, FileOutput& out);
/// The arrays in the archive's order; entries that are no .npy are passed over.
NamedTensors read_npz(std::string_view bytes);

/// np.loadtxt's arguments, of texts that somebody holds; `unpack` is the caller's transpose.
struct LoadTextOptions {
  DType dtype = DType::float64;
  std::vector<std::string_view> comments = {"#"};         // what follows one of them on a line is ignored
  std::string_view delimiter = {};                        // one character; empty: any white space
  std::int64_t skiprows = 0;                              // lines, comments included
  std::optional<std::vector<std::int64_t>> usecols = {};  // negative ones count from the row's end
  std::int64_t ndmin = 0;
  std::optional<std::int64_t> max_rows = {};  // of data
  std::string_view quote = {};                // one character; inside a pair of it everything is a field's text
  /// The text that a column's field is read as instead; absent: the field itself.
  std::function<std::string(std::int64_t column, std::string_view field)> convert = {};
};
Tensor load_text(std::string_view text, const LoadTextOptions& options);

/// Texts as numbers of a dtype, and which of them are any, by Python's int(), float() and complex(); "true" and "false"
/// in any case are bools. OverflowError for whole numbers that the dtype does not hold.
struct ParsedTexts {
  Tensor numbers;
  Tensor valid;
};
ParsedTexts parse_texts(const std::vector<std::string_view>& texts, DType dtype);

/// np.savetxt's arguments, of texts that somebody holds.
struct SaveTextOptions {
  /// One for all columns or for the whole row; with `is_sequence`, one per column.
  std::vector<std::string_view> formats = {"%.18e"};
  bool is_sequence = false;
  std::string_view delimiter = " ";
  std::string_view newline = "\n";
  std::string_view header = {};
  std::string_view footer = {};
  std::string_view comments = "# ";
};
void save_text(const Tensor& tensor, const SaveTextOptions& options, const AddBytes& add);

}  // namespace inlay
