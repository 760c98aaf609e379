// entry_text.h - what the prompt knows of the text of an entry without reading it as a program: blank lines,
// indentation, requests for help, prompts in pasted text.
// Invariant: plain functions of texts; nothing here reads or writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inlay::program {

bool is_blank(std::string_view text);
bool is_indented(std::string_view line);
/// Without white space at the end, or at both.
std::string_view without_end(std::string_view text);
std::string_view trimmed(std::string_view text);

/// What is asked for by `?name`, `name?` or `help(name)`; empty if the entry is no such request.
std::string_view help_request(std::string_view entry);
/// Whether an entry goes to the prompt instead of the language: `:command`, `?name`, `name?`, `help(name)`.
bool is_request(std::string_view entry);

/// The spaces that the next line of an unfinished entry probably begins with: those of the last line, four more behind
/// a colon, four less behind what leaves a block; none inside brackets.
std::string offered_indentation(std::string_view entry);

/// Pasted text as it was typed once: of a session's transcript (its first line begins with ">>> ") only the entries,
/// without their prompts.
std::string without_prompts(std::string_view pasted);

/// The lines of a text, each with its line feed.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace inlay::program
