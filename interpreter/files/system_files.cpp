// system_files.cpp - see system_files.h.
#include "interpreter/files/system_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "runtime/memory/context.h"

namespace inlay {
namespace {

constexpr std::size_t kChunk = 1 << 16;    // that is read at once
constexpr std::size_t kWritten = 1 << 20;  // between two looks at whether to stop: 10 ms of a slow disk

}  // namespace

std::string read_whole(const Descriptor& file, const std::string& path) {
  std::string bytes;
  for (;;) {
    context().charge(0, bytes.size() + kChunk);
    context().budget.poll();
    const std::size_t before = bytes.size();
    bytes.resize(before + kChunk);
    const ssize_t got = read(file.get(), bytes.data() + before, kChunk);
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) raise_errno(errno, path);
    if (got == 0) return bytes;
  }
}

void SystemOutput::add(std::string_view bytes) {
  if (bytes.size() > buffer_.size() - size_) flush();
  if (bytes.size() > buffer_.size()) return write(bytes);
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void SystemOutput::set(std::uint64_t at, std::string_view bytes) {
  if (at >= written_) {
    std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(at - written_));
    return;
  }
  flush();
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno != EINTR) raise_errno(errno, path_);
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
    at += static_cast<std::uint64_t>(std::max<ssize_t>(done, 0));
  }
}

void SystemOutput::close() {
  flush();
  if (!file_.close()) raise_errno(errno, path_);
}

void SystemOutput::flush() {
  const std::size_t size = std::exchange(size_, 0);
  write({buffer_.data(), size});
}

/// Waiting for a slow disk can be stopped between two pieces.
void SystemOutput::write(std::string_view bytes) {
  while (!bytes.empty()) {
    context().budget.poll();
    const ssize_t done = ::write(file_.get(), bytes.data(), std::min(bytes.size(), kWritten));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) raise_errno(errno, path_);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    written_ += static_cast<std::uint64_t>(done);
  }
}

namespace {

/// Permission bits of the file that is to be replaced; nothing if the name is free.
std::optional<mode_t> permissions(int folder, const std::string& name, const std::string& path) {
  struct stat status {};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    raise_errno(errno, path);
  }
  if (!S_ISREG(status.st_mode)) raise_errno(S_ISDIR(status.st_mode) ? EISDIR : ELOOP, path);
  return status.st_mode & 0777;
}

/// Temporary file `number` of a file; every name that a file may have leaves room for what is added.
std::string temporary_name(std::string_view path, int number) {
  constexpr std::size_t kMostNameBytes = 240;
  const std::size_t folder = path.rfind('/') + 1;  // 0 without one
  return std::string(path.substr(0, folder + kMostNameBytes)) + ".part" + std::to_string(number);
}

/// A new file beside `name`, and its own name.
Descriptor open_temporary(int folder, const std::string& name, mode_t mode, std::string& temporary) {
  // Leftovers of that many crashed writers would have to be in the way before a name is refused.
  constexpr int kTemporaryNames = 1000;
  for (int number = 0; number < kTemporaryNames; ++number) {
    temporary = temporary_name(name, number);
    Descriptor file(openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file || errno != EEXIST) return file;
  }
  return Descriptor(-1);
}

}  // namespace

void replace_file(int folder, const std::string& name, const std::string& path,
                  const std::function<void(FileOutput&)>& contents) {
  const std::optional<mode_t> kept = permissions(folder, name, path);
  std::string temporary;
  Descriptor file = open_temporary(folder, name, kept.value_or(0666), temporary);
  if (!file) raise_errno(errno, path);
  try {
    // Bits that the process's mask took. Where that fails the file is less open than it was, never more.
    if (kept) (void)fchmod(file.get(), *kept);
    SystemOutput out(std::move(file), path);
    contents(out);
    out.close();
    if (renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) raise_errno(errno, path);
  } catch (...) {
    unlinkat(folder, temporary.c_str(), 0);
    throw;
  }
}

}  // namespace inlay
