// entry_reader.cpp - see entry_reader.h.
#include "repl/entry_reader.h"

#include <utility>

#include "inlay/inlay.hpp"
#include "repl/commands.h"
#include "repl/entry_text.h"
#include "repl/paint.h"

namespace inlay::program {
namespace {

constexpr const char* kPrompt = ">>> ";
constexpr const char* kMore = "... ";

/// The statement that a command is about; of a request without one nothing.
std::string_view statement_of(std::string_view request) {
  const std::string_view text = trimmed(request);
  if (!text.starts_with(':')) return {};
  const std::size_t space = text.find(' ');
  const Command* command = find_command(text.substr(1, space == std::string_view::npos ? space : space - 1));
  const bool has_statement = command != nullptr && command->argument == Argument::statement;
  return has_statement && space != std::string_view::npos ? request.substr(request.find(' ', request.find(':')) + 1)
                                                          : std::string_view();
}

bool is_complete(std::string_view entry) {
  if (!is_request(entry)) return Interpreter::is_complete(entry);
  const std::string_view statement = statement_of(entry);
  return statement.empty() || Interpreter::is_complete(statement);
}

}  // namespace

/// A blank line that has others waiting behind it, in a pasted block, closes a block only if the next line is not
/// indented; that one then opens the next entry.
LineReader::Event EntryReader::read(std::string& entry) {
  entry = std::exchange(ahead_, {});
  std::string line;
  while (entry.empty() || !is_complete(entry)) {
    output_.flush();
    const LineReader::Event event =
        reader_.read(entry.empty() ? kPrompt : kMore, entry.empty() ? "" : offered_indentation(entry), line);
    if (event == LineReader::Event::interrupted) entry += line;
    if (event != LineReader::Event::line) return event;
    if (entry.empty() && is_blank(line)) continue;
    const bool is_closing = is_blank(line) && is_complete(entry + line);
    entry += line;
    if (is_closing && reader_.is_pending() && !continues(entry)) break;
  }
  return LineReader::Event::line;
}

/// Whether the line that is waiting belongs to the block; it is taken up either way.
bool EntryReader::continues(std::string& entry) {
  std::string line;
  if (reader_.read(kMore, "", line) != LineReader::Event::line) return false;
  const bool is_inside = is_indented(line) || is_blank(line);
  (is_inside ? entry : ahead_) += line;
  return is_inside;
}

}  // namespace inlay::program
