// keep_going.cpp - see keep_going.h.
#include "repl/keep_going.h"

#include <algorithm>

#include "repl/entry_text.h"

namespace inlay::program {
namespace {

/// Whether a line at the margin goes on with the statement before it.
bool is_branch(std::string_view line) {
  constexpr std::string_view kBranches[] = {"else", "elif"};
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r\n:("));
  return std::find(std::begin(kBranches), std::end(kBranches), word) != std::end(kBranches);
}

/// Whether a line begins a statement of the top level behind the text `before`.
bool begins_statement(std::string_view before, std::string_view line) {
  if (is_blank(line) || is_indented(line) || line.starts_with('#') || is_branch(line)) return false;
  return Interpreter::is_complete(std::string(before) + "\n");
}

}  // namespace

std::vector<std::string_view> statements_of(std::string_view text) {
  std::vector<std::string_view> statements;
  std::size_t begin = 0, at = 0;
  for (const std::string_view line : lines_of(text)) {
    const std::string_view before = text.substr(begin, at - begin);
    if (!is_blank(before) && begins_statement(before, line)) {
      statements.push_back(before);
      begin = at;
    }
    at += line.size();
  }
  statements.push_back(text.substr(begin));
  return statements;
}

Session::Result keep_going(Session& session, const SourceText& source) {
  Session::Result result;
  std::string lines_before;  // so that errors have the script's lines
  for (const std::string_view statement : statements_of(source.text)) {
    const Session::Result one = session.run(lines_before + std::string(statement), source.name);
    if (one.exited || one.status == kInterrupted) return one;
    if (result.status == kDone) result.status = one.status;
    lines_before.append(static_cast<std::size_t>(std::count(statement.begin(), statement.end(), '\n')), '\n');
  }
  return result;
}

}  // namespace inlay::program
