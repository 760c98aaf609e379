// system_files.h - what both file systems share: sizes of pieces, names of temporary files, errors of the system.
// For folder_files.cpp and host_files.cpp alone. Invariant: a temporary file lies beside the one that it will replace.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "interpreter/quote.h"
#include "runtime/error.h"

namespace inlay {

inline constexpr std::size_t kChunk = 1 << 16;    // that is read at once
inline constexpr std::size_t kWritten = 1 << 20;  // between two looks at whether to stop: 10 ms of a slow disk
/// Leftovers of that many crashed writers would have to be in the way before a name is refused.
inline constexpr int kTemporaryNames = 1000;

/// Temporary file `number` of a file; every name that a file may have leaves room for what is added.
inline std::string temporary_name(std::string_view path, int number) {
  constexpr std::size_t kMostNameBytes = 240;
  const std::size_t folder = path.rfind('/') + 1;  // 0 without one
  return std::string(path.substr(0, folder + kMostNameBytes)) + ".part" + std::to_string(number);
}

/// RuntimeError "[Errno 2] No such file or directory: 'a.npy'"
[[noreturn]] inline void raise_errno(int number, const std::string& path) {
  raise(ErrorKind::RuntimeError, "[Errno {}] {}: {}", number, std::strerror(number), short_quote(path));
}

}  // namespace inlay
