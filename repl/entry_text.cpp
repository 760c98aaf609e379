// entry_text.cpp - see entry_text.h.
#include "repl/entry_text.h"

#include <algorithm>
#include <cctype>

namespace inlay::program {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kPrompt = ">>> ", kMore = "... ";
constexpr std::size_t kIndentation = 4;

bool is_path(std::string_view text) {
  const auto belongs = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || c >= 0x80; };
  return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

/// Whether a block ends behind this statement.
bool leaves_block(std::string_view line) {
  constexpr std::string_view kLeaving[] = {"return", "break", "continue", "pass", "raise"};
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r\n;("));
  return std::find(std::begin(kLeaving), std::end(kLeaving), word) != std::end(kLeaving);
}

}  // namespace

bool is_blank(std::string_view text) { return text.find_first_not_of(kSpace) == std::string_view::npos; }
bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

std::string_view without_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kSpace);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view trimmed(std::string_view text) {
  text = without_end(text);
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text;
}

std::string_view help_request(std::string_view entry) {
  constexpr std::string_view kCall = "help(";
  std::string_view text = trimmed(entry);
  if (text == "?" || text == "help()") return "help";
  if (text.starts_with(kCall) && text.ends_with(')'))
    text = text.substr(kCall.size(), text.size() - kCall.size() - 1);
  else if (text.starts_with('?'))
    text.remove_prefix(1);
  else if (text.ends_with('?'))
    text.remove_suffix(1);
  else
    return {};
  text = trimmed(text);
  return is_path(text) ? text : std::string_view();
}

bool is_request(std::string_view entry) { return trimmed(entry).starts_with(':') || !help_request(entry).empty(); }

std::string offered_indentation(std::string_view entry) {
  const std::string_view body = without_end(entry);
  const std::string_view line = body.substr(body.find_last_of('\n') + 1);
  std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view statement = line.substr(spaces);
  if (statement.ends_with(':'))
    spaces += kIndentation;
  else if (leaves_block(statement))
    spaces -= std::min(spaces, kIndentation);
  else if (statement.ends_with(',') || statement.ends_with('(') || statement.ends_with('[') ||
           statement.ends_with('{') || statement.ends_with('\\'))
    spaces = 0;
  return std::string(spaces, ' ');
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::string without_prompts(std::string_view pasted) {
  if (!trimmed(pasted).starts_with(kPrompt)) return std::string(pasted);
  std::string out;
  for (std::string_view line : lines_of(pasted)) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const bool is_entered = line.starts_with(kPrompt) || line.starts_with(kMore);
    if (is_entered)
      out += line.substr(kPrompt.size());
    else if (trimmed(line) == "...")
      out += '\n';
  }
  return out;
}

}  // namespace inlay::program
