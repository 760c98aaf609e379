// folder_files.cpp - the FileSystem of a host that lends a script some of its folders.
// Paths are walked folder by folder, each opened inside the one before without following links: between checking a name
// and using it there is nothing that another process could change.
// Invariant: nothing outside the folders is opened, made, or even looked at.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "interpreter/files/array_files.h"
#include "interpreter/files/system_files.h"
#include "interpreter/texts/quote.h"
#include "runtime/memory/error.h"

namespace inlay {
namespace {

namespace fs = std::filesystem;
using Contents = std::function<void(FileOutput&)>;

/// A folder that is lent, and a path inside it.
struct Place {
  fs::path folder, rest;
};

/// The path from the root on. There may be no current folder.
fs::path absolute(const std::string& path) {
  std::error_code error;
  fs::path out = fs::absolute(path, error);
  if (error == std::errc::not_enough_memory) throw std::bad_alloc();
  if (error) raise_errno(error.value(), path);
  return out.lexically_normal();
}

/// The folders as they are meant now: from here on the process may go to another one.
std::vector<fs::path> resolved(const std::vector<std::string>& folders) {
  std::vector<fs::path> out;
  for (const std::string& each : folders) {
    if (each.empty()) raise(ErrorKind::ValueError, "a folder that is lent to scripts has no name");
    out.push_back(absolute(each + "/").parent_path());
  }
  return out;
}

/// Where the path leads, by its names alone. Without `..` and `.`: nothing but names is left to walk.
std::optional<Place> place_of(const std::vector<fs::path>& folders, const std::string& path) {
  const fs::path wanted = absolute(path);
  for (const fs::path& folder : folders) {
    const auto [end, at] = std::mismatch(folder.begin(), folder.end(), wanted.begin(), wanted.end());
    if (end != folder.end() || at == wanted.end()) continue;
    fs::path rest;
    for (auto name = at; name != wanted.end(); ++name) rest /= *name;
    return Place{folder, rest};
  }
  return std::nullopt;
}

Place require_place(const std::vector<fs::path>& folders, const std::string& path, std::string_view verb) {
  const bool is_odd = path.empty() || path.find('\0') != std::string::npos;
  if (auto place = is_odd ? std::nullopt : place_of(folders, path)) return *std::move(place);
  raise(ErrorKind::RuntimeError, "this host does not let scripts {} this file: {}", verb, short_quote(path));
}

/// The folder that holds the file at the end of the place.
Descriptor open_parent(const Place& place, const std::string& path) {
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  Descriptor at(open(place.folder.c_str(), kFlags));
  if (!at) raise_errno(errno, path);
  for (const fs::path& name : place.rest.parent_path()) {
    Descriptor next(openat(at.get(), name.c_str(), kFlags | O_NOFOLLOW));
    if (!next) raise_errno(errno, path);
    at = std::move(next);
  }
  return at;
}

/// Only of regular files: a pipe could keep the script waiting for ever.
void require_regular(const Descriptor& file, const std::string& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) raise_errno(errno, path);
  if (S_ISDIR(status.st_mode)) raise_errno(EISDIR, path);
  if (!S_ISREG(status.st_mode)) raise(ErrorKind::RuntimeError, "not a regular file: {}", short_quote(path));
}

std::string read_file(const Place& place, const std::string& path) {
  const Descriptor folder = open_parent(place, path);
  const Descriptor file(
      openat(folder.get(), place.rest.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) raise_errno(errno, path);
  require_regular(file, path);
  return read_whole(file, path);
}

void write_file(const Place& place, const std::string& path, const Contents& contents) {
  const Descriptor folder = open_parent(place, path);
  replace_file(folder.get(), place.rest.filename().string(), path, contents);
}

}  // namespace

FileSystem folder_files(const std::vector<std::string>& read, const std::vector<std::string>& write) {
  const auto check = [to = resolved(write)](const std::string& path) { return require_place(to, path, "write"); };
  const auto write_parts = [check](const std::string& path, const Contents& contents) {
    write_file(check(path), path, contents);
  };
  return {
      [from = resolved(read)](const std::string& path) { return read_file(require_place(from, path, "read"), path); },
      [write_parts](const std::string& path, std::string_view bytes) {
        write_parts(path, [&](FileOutput& out) { out.add(bytes); });
      },
      [check](const std::string& path) { check(path); }, write_parts};
}

}  // namespace inlay
