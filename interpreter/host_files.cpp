// host_files.cpp - the FileSystem of a host that lets scripts use its files.
// Invariant: a regular file is replaced by renaming a complete one over it; what is no regular file (a pipe, a device)
// is written to.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "interpreter/array_files.h"
#include "interpreter/system_files.h"
#include "runtime/context.h"

namespace inlay {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File open_file(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) raise_errno(errno, path);
  return file;
}

std::string read_file(const std::string& path) {
  const File file = open_file(path, "rb");
  std::string bytes;
  for (;;) {
    context().charge(0, bytes.size() + kChunk);
    context().budget.poll();
    const std::size_t before = bytes.size();
    bytes.resize(before + kChunk);
    const std::size_t got = std::fread(bytes.data() + before, 1, kChunk, file.get());
    bytes.resize(before + got);
    if (got == kChunk) continue;
    if (std::ferror(file.get())) raise_errno(errno, path);
    return bytes;
  }
}

/// Writes and closes; false with errno set if either failed. It can be stopped between two chunks.
bool write_all(File file, std::string_view bytes) {
  bool written = true;
  for (; written && !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kWritten))) {
    context().budget.poll();
    const std::string_view chunk = bytes.substr(0, kWritten);
    written = std::fwrite(chunk.data(), 1, chunk.size(), file.get()) == chunk.size();
  }
  const int error = errno;
  const bool closed = std::fclose(file.release()) == 0;
  if (!written) errno = error;
  return written && closed;
}

/// A new file beside `path`, and its name.
File open_temporary(const std::string& path, std::string& name) {
  for (int number = 0; number < kTemporaryNames; ++number) {
    name = temporary_name(path, number);
    File file(std::fopen(name.c_str(), "wbx"));
    if (file) return file;
    if (errno != EEXIST) break;
  }
  raise_errno(errno, path);
}

void replace_file(const std::string& path, std::string_view bytes) {
  std::string temporary;
  File file = open_temporary(path, temporary);
  try {
    if (write_all(std::move(file), bytes) && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  } catch (...) {
    std::remove(temporary.c_str());
    throw;
  }
  const int error = errno;
  std::remove(temporary.c_str());
  raise_errno(error, path);
}

void write_file(const std::string& path, std::string_view bytes) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (!write_all(open_file(path, "wb"), bytes)) raise_errno(errno, path);
    return;
  }
  // Behind a symbolic link the file is replaced, not the link.
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  replace_file(target.empty() ? path : target.string(), bytes);
}

}  // namespace

FileSystem host_files() { return {read_file, write_file}; }

}  // namespace inlay
