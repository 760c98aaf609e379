// system_files.cpp - see system_files.h.
#include "interpreter/files/system_files.h"

#include <algorithm>
#include <cerrno>

#include "runtime/memory/context.h"

namespace inlay {

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

}  // namespace inlay
