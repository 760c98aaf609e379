// output.cpp - see output.h. Writes by write(2): the streams of C and C++ cost start-up time and hide errors.
#include "repl/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "repl/command_line.h"
#include "repl/fold.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

constexpr std::size_t kBufferSize = 1 << 16;

/// False where the other end is gone or the device is full.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Output::Output() : is_terminal_(isatty(STDOUT_FILENO) != 0) {}

void Output::write(std::string_view text) {
  buffer_ += text;
  if (is_terminal_ || buffer_.size() >= kBufferSize) flush();
}

void Output::write_folded(std::string_view text) {
  constexpr int kHang = 4;
  write(folded(text, line_width(), kHang));
}

void Output::flush() {
  if (is_terminal_ && !buffer_.empty()) drop_status();
  const bool is_written = write_all(STDOUT_FILENO, buffer_);
  buffer_.clear();
  if (is_written) return;
  if (errno == EPIPE) std::_Exit(kClosedPipe);
  write_all(STDERR_FILENO, "inlay: standard output cannot be written\n");
  std::_Exit(kScriptError);
}

void Output::write_error(std::string_view text) {
  flush();
  drop_status();
  write_all(STDERR_FILENO, text);
}

void Output::show_status(std::string_view line) {
  if (!can_redraw(STDERR_FILENO)) return;
  flush();
  write_all(STDERR_FILENO, "\r" + std::string(line) + "\x1b[K");
  has_status_ = true;
}

void Output::keep_status() {
  if (has_status_) write_all(STDERR_FILENO, "\n");
  has_status_ = false;
}

void Output::drop_status() {
  if (has_status_) write_all(STDERR_FILENO, "\r\x1b[K");
  has_status_ = false;
}

}  // namespace inlay::program
