// system_files.h - what both file systems share: descriptors, files that are read and written through them and take
// another's place, errors of the system.
// For folder_files.cpp and host_files.cpp alone. Invariant: a file is replaced by renaming a complete one over it.
#pragma once

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/files/file_output.h"
#include "interpreter/texts/quote.h"
#include "runtime/memory/error.h"

namespace inlay {

/// RuntimeError "[Errno 2] No such file or directory: 'a.npy'"
[[noreturn]] inline void raise_errno(int number, const std::string& path) {
  raise(ErrorKind::RuntimeError, "[Errno {}] {}: {}", number, std::strerror(number), short_quote(path));
}

/// An open file, closed at the end; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// False with errno set if what was written is not safe.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// All bytes of a file that `path` led to.
std::string read_whole(const Descriptor& file, const std::string& path);

/// A new file that is written through a buffer. Where the system refuses, errors name `path`, which may be another one.
class SystemOutput final : public FileOutput {
 public:
  SystemOutput(Descriptor file, const std::string& path) : file_(std::move(file)), path_(path) {}

  void add(std::string_view bytes) override;
  void set(std::uint64_t at, std::string_view bytes) override;
  /// Writes what is left and closes the file.
  void close();

 private:
  void flush();
  void write(std::string_view bytes);

  Descriptor file_;
  const std::string& path_;
  std::uint64_t written_ = 0;  // bytes of the file in front of the buffer
  std::array<char, 1 << 14> buffer_;
  std::size_t size_ = 0;
};

/// Puts what `contents` gives in the place of the file `name`, from `folder` on (AT_FDCWD: from the current one), which
/// keeps its permission bits. Errors name `path`; links and what else is no regular file are not replaced.
void replace_file(int folder, const std::string& name, const std::string& path,
                  const std::function<void(FileOutput&)>& contents);

}  // namespace inlay
