// paint.cpp - see paint.h.
#include "repl/paint.h"

#include <unistd.h>

#include <cctype>
#include <utility>

#include "repl/entry_text.h"
#include "repl/fold.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

constexpr const char* kCodes[] = {"1", "2", "32", "1;31", "36", "33"};  // ORDER Style

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

/// Paints one line of core: `%3` and `#2` dim, `@x` as a name, what is called bold.
std::string paint_core_line(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const char first = line.front();
    const bool has_sign = first == '%' || first == '@' || first == '^';
    std::size_t size = has_sign ? 1 : 0;
    while (size < line.size() && is_name(line[size])) ++size;
    const std::string_view word = line.substr(0, std::max<std::size_t>(size, 1));
    line.remove_prefix(word.size());
    if (has_sign)
      out += paint(first == '%' ? Style::dim : Style::name, word);
    else if (line.starts_with('(') && std::isalpha(static_cast<unsigned char>(first)) != 0)
      out += paint(Style::bold, word);
    else
      out += word;
  }
  return out;
}

template <class Paint>
std::string each_line(std::string_view text, const Paint& painted) {
  if (!wants_color(STDOUT_FILENO)) return std::string(text);
  std::string out;
  for (const std::string_view line : lines_of(text)) {
    const std::string_view body = without_end(line);
    out += painted(body);
    out += line.substr(body.size());
  }
  return out;
}

bool is_entry(std::string_view words) { return words.starts_with(">>> ") || words.starts_with("... "); }

/// Where the label of a line of help ends, as of "    axis: an int"; 0 if it has none.
std::size_t label_end(std::string_view line) {
  const std::string_view words = trimmed(line);
  const std::size_t colon = words.find(": ");
  const bool has_label = colon != std::string_view::npos && line.starts_with("    ") &&
                         words.substr(0, colon).find_first_of(" >") == std::string_view::npos;
  return has_label ? line.size() - words.size() + colon + 1 : 0;
}

/// Examples stay as they are, up to the next blank line.
std::string fold_help(std::string_view text, int columns) {
  std::string out;
  bool is_example = false;
  for (const std::string_view line : lines_of(text)) {
    const std::string_view words = trimmed(line);
    is_example = is_entry(words) || (is_example && !words.empty());
    const bool hangs = label_end(line) > 0 || !line.starts_with(' ');
    out += is_example ? std::string(line) : folded(line, columns, hangs ? 4 : 0);
  }
  return out;
}

}  // namespace

std::string paint(Style style, std::string_view text) {
  if (text.empty() || !wants_color(STDOUT_FILENO)) return std::string(text);
  return "\x1b[" + std::string(kCodes[static_cast<int>(style)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string paint_help(std::string_view text, int columns) {
  bool is_signature = true;
  return each_line(fold_help(text, columns), [&](std::string_view line) {
    const std::string_view words = trimmed(line);
    if (words.empty()) is_signature = false;
    if (is_signature) return paint(Style::bold, line);
    if (is_entry(words)) return paint(Style::name, line);
    const std::size_t end = label_end(line);
    return paint(Style::number, line.substr(0, end)) + std::string(line.substr(end));
  });
}

std::string paint_core(std::string_view text) { return each_line(text, paint_core_line); }

std::string paint_report(std::string_view text) {
  bool is_first = true;
  return each_line(text, [&](std::string_view line) {
    if (std::exchange(is_first, false)) return paint(Style::dim, line);
    const std::string_view words = trimmed(line);
    if (words.starts_with("# in place")) return paint(Style::good, line);
    if (words.starts_with("#")) return paint(Style::bad, line);
    const bool is_core = line.starts_with("          ");
    return is_core ? paint_core_line(line) : paint(Style::bold, line);
  });
}

}  // namespace inlay::program
