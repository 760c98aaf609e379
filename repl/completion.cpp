// completion.cpp - see completion.h.
#include "repl/completion.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "repl/commands.h"
#include "repl/entry_text.h"

namespace inlay::program {
namespace {

namespace fs = std::filesystem;

bool is_word(char c) { return c == '_' || c < 0 || std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::size_t word_begin(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && is_word(text[at - 1])) --at;
  return at;
}

/// Where the string begins in which the text ends; npos if it ends in none.
std::size_t open_string(std::string_view text) {
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (begin == std::string_view::npos) {
      if (c == '#') return begin;
      if (c == '"' || c == '\'') begin = at + 1;
    } else if (c == '\\') {
      ++at;
    } else if (c == text[begin - 1]) {
      begin = std::string_view::npos;
    }
  }
  return begin;
}

/// Names of files that begin with the text from `begin`; folders end in a slash.
Completions files(std::string_view before, std::size_t begin) {
  const std::string typed(before.substr(begin));
  const std::size_t slash = typed.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  const std::string start = typed.substr(folder.size());
  Completions found{begin + folder.size(), {}};
  std::error_code error;
  for (fs::directory_iterator at(folder.empty() ? fs::path(".") : fs::path(folder), error), end; !error && at != end;
       at.increment(error)) {
    std::string name = at->path().filename().string();
    if (!name.starts_with(start) || (start.empty() && name.starts_with('.'))) continue;
    std::error_code ignored;
    if (at->is_directory(ignored)) name += '/';
    found.words.push_back(std::move(name));
  }
  std::sort(found.words.begin(), found.words.end());
  return found;
}

/// Before anything is typed of an argument every name would do: parameters and variables say most.
void keep_likely(const Interpreter& interpreter, std::vector<std::string>& words) {
  const auto is_parameter = [](const std::string& word) { return word.ends_with('='); };
  if (std::none_of(words.begin(), words.end(), is_parameter)) return;
  std::erase_if(words, [&](const std::string& word) { return !is_parameter(word) && !interpreter.has_variable(word); });
  std::stable_partition(words.begin(), words.end(), is_parameter);
}

Completions names(const Interpreter& interpreter, std::string_view before) {
  Completions found{word_begin(before), interpreter.complete(before, before.size())};
  if (found.begin == before.size()) keep_likely(interpreter, found.words);
  return found;
}

Completions command_names(std::string_view before, std::size_t begin) {
  Completions found{begin, {}};
  for (const Command& command : commands())
    if (command.name.starts_with(before.substr(begin)))
      found.words.push_back(std::string(command.name) + (command.parameters.empty() ? "" : " "));
  std::sort(found.words.begin(), found.words.end());
  return found;
}

Completions after_command(const Interpreter& interpreter, std::string_view before, std::size_t argument) {
  const std::string_view typed = before.substr(0, argument);
  const Command* command = find_command(trimmed(typed.substr(typed.find(':') + 1)));
  if (command == nullptr) return {};
  switch (command->argument) {
    case Argument::file:
      return files(before, argument);
    case Argument::statement:
    case Argument::name:
      break;
    case Argument::none:
    case Argument::word:
      return {};
  }
  const std::size_t begin = open_string(before);
  return begin == std::string_view::npos ? names(interpreter, before) : files(before, begin);
}

}  // namespace

Completions complete(const Interpreter& interpreter, std::string_view before) {
  const std::size_t first = before.find_first_not_of(' ');
  if (first != std::string_view::npos && before[first] == ':') {
    const std::size_t space = before.find(' ', first);
    if (space == std::string_view::npos) return command_names(before, first + 1);
    return after_command(interpreter, before, space + 1);
  }
  const std::size_t begin = open_string(before);
  return begin == std::string_view::npos ? names(interpreter, before) : files(before, begin);
}

}  // namespace inlay::program
