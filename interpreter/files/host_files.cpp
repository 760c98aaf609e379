// host_files.cpp - the FileSystem of a host that lets scripts use its files.
// Invariant: a regular file is replaced by a complete one; what is no regular file (a pipe, a device) is written to.
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <filesystem>

#include "interpreter/files/array_files.h"
#include "interpreter/files/system_files.h"

namespace inlay {
namespace {

namespace fs = std::filesystem;
using Contents = std::function<void(FileOutput&)>;

std::string read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) raise_errno(errno, path);
  return read_whole(file, path);
}

/// Where symbolic links lead in the end: what they name need not exist yet.
std::string behind_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux has it
  fs::path file(path);
  char target[PATH_MAX];
  for (int links = 0; links < kMostLinks; ++links) {
    const ssize_t size = readlink(file.c_str(), target, sizeof target);
    if (size < 0) return file.string();  // no link; whatever else is wrong with the path shows in its use
    file = file.parent_path() / std::string_view(target, static_cast<std::size_t>(size));
  }
  raise_errno(ELOOP, path);
}

/// What cannot be replaced gets the whole at its end: nothing of a file that cannot be made, and no pipe goes back.
void write_device(const std::string& path, const Contents& contents) {
  MemoryOutput whole;
  contents(whole);
  Descriptor file(open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file) raise_errno(errno, path);
  SystemOutput out(std::move(file), path);
  out.add(whole.text());
  out.close();
}

/// Behind a symbolic link the file is replaced, not the link.
void write_parts(const std::string& path, const Contents& contents) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) return write_device(path, contents);
  replace_file(AT_FDCWD, behind_links(path), path, contents);
}

void write_file(const std::string& path, std::string_view bytes) {
  write_parts(path, [&](FileOutput& out) { out.add(bytes); });
}

}  // namespace

FileSystem host_files() { return {read_file, write_file, {}, write_parts}; }

}  // namespace inlay
