// host_files.cpp - the FileSystem of a host that lets scripts use its files.
// Invariant: a regular file is replaced by renaming a complete one over it; what is no regular file (a pipe, a device)
// is written to.
#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "interpreter/files/array_files.h"
#include "interpreter/files/system_files.h"
#include "runtime/memory/context.h"

namespace inlay {
namespace {

namespace fs = std::filesystem;
using Contents = std::function<void(FileOutput&)>;

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

Descriptor open_to_write(const std::string& path, int flags) {
  return Descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666));
}

/// A new file beside `path`, and its name.
Descriptor open_temporary(const std::string& path, std::string& name) {
  for (int number = 0; number < kTemporaryNames; ++number) {
    name = temporary_name(path, number);
    Descriptor file = open_to_write(name, O_EXCL);
    if (file) return file;
    if (errno != EEXIST) break;
  }
  raise_errno(errno, path);
}

void replace_file(const std::string& path, const Contents& contents) {
  std::string temporary;
  Descriptor file = open_temporary(path, temporary);
  try {
    SystemOutput out(std::move(file), path);
    contents(out);
    out.close();
    if (std::rename(temporary.c_str(), path.c_str()) != 0) raise_errno(errno, path);
  } catch (...) {
    std::remove(temporary.c_str());
    throw;
  }
}

/// What cannot be replaced gets the whole at its end: nothing of a file that cannot be made, and no pipe goes back.
void write_device(const std::string& path, const Contents& contents) {
  MemoryOutput whole;
  contents(whole);
  Descriptor file = open_to_write(path, O_TRUNC);
  if (!file) raise_errno(errno, path);
  SystemOutput out(std::move(file), path);
  out.add(whole.text());
  out.close();
}

void write_parts(const std::string& path, const Contents& contents) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_device(path, contents);
  // Behind a symbolic link the file is replaced, not the link.
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  replace_file(target.empty() ? path : target.string(), contents);
}

void write_file(const std::string& path, std::string_view bytes) {
  write_parts(path, [&](FileOutput& out) { out.add(bytes); });
}

}  // namespace

FileSystem host_files() { return {read_file, write_file, {}, write_parts}; }

}  // namespace inlay
