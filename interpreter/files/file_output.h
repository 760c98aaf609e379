// file_output.h - a file that is being written, piece by piece, and the one that is put together in memory instead.
// Must not know what is written. Invariant: nothing that was lent is seen to change before all pieces are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/memory/budget.h"

namespace inlay {

class FileOutput {
 public:
  FileOutput() = default;
  virtual ~FileOutput() = default;
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  /// Puts bytes behind all others. It looks now and then whether to stop. Throws an Error of the file system's.
  virtual void add(std::string_view bytes) = 0;
  /// Puts other bytes where some of those that were added stand.
  virtual void set(std::uint64_t at, std::string_view bytes) = 0;
};

/// The whole file as one text, charged while it is held.
class MemoryOutput final : public FileOutput {
 public:
  void add(std::string_view bytes) override;
  void set(std::uint64_t at, std::string_view bytes) override;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  Charge charge_{std::uint64_t{0}};
};

}  // namespace inlay
