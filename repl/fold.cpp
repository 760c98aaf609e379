// fold.cpp - see fold.h.
#include "repl/fold.h"

#include <algorithm>

#include "repl/entry_text.h"

namespace inlay::program {
namespace {

/// Bytes of the code point or the escape that a text begins with.
std::size_t first_size(std::string_view text) {
  std::size_t size = 1;
  if (text.starts_with("\x1b[")) return std::min(text.find_first_not_of("0123456789;", 2), text.size() - 1) + 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return size;
}

int column_of(std::string_view first) { return first.front() == '\x1b' ? 0 : 1; }

/// Bytes of a text that fit.
std::size_t fitting(std::string_view text, int columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view first = text.substr(at, first_size(text.substr(at)));
    columns -= column_of(first);
    if (columns < 0) break;
    at += first.size();
  }
  return at;
}

/// Where a line that does not fit ends: behind a word, unless that would leave less than half of it.
std::size_t break_of(std::string_view line, int columns) {
  const std::size_t most = fitting(line, columns);
  if (line[most] == ' ') return most;
  const std::size_t blank = line.substr(0, most).find_last_of(' ');
  return blank == std::string_view::npos || blank < most / 2 ? most : blank;
}

void fold_line(std::string_view line, int columns, int hang, std::string& out) {
  const auto indentation = std::min(line.find_first_not_of(' '), line.size());
  const int behind = std::min(static_cast<int>(indentation) + hang, columns / 2);
  for (int width = columns; columns_of(line) > width; width = columns - behind) {
    const std::size_t end = break_of(line, width);
    out += without_end(line.substr(0, end));
    out += '\n' + std::string(static_cast<std::size_t>(behind), ' ');
    line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
  }
  out += line;
}

}  // namespace

std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t size = 0; !text.empty(); text.remove_prefix(size)) {
    size = first_size(text);
    if (text.front() != '\x1b') out += text.substr(0, size);
  }
  return out;
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (std::size_t size = 0; !text.empty(); text.remove_prefix(size)) {
    size = first_size(text);
    columns += column_of(text.substr(0, size));
  }
  return columns;
}

std::string cut(std::string_view line, int columns) {
  if (columns_of(line) <= columns) return std::string(line);
  return std::string(line.substr(0, fitting(line, std::max(columns - 3, 0)))) + "...";
}

std::string folded(std::string_view text, int columns, int hang) {
  std::string out;
  for (const std::string_view line : lines_of(text)) {
    const bool has_end = line.ends_with('\n');
    fold_line(has_end ? line.substr(0, line.size() - 1) : line, std::max(columns, 1), hang, out);
    if (has_end) out += '\n';
  }
  return out;
}

}  // namespace inlay::program
