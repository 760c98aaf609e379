// rough_tokens.cpp - names, numbers, operators, quotes and comments, without any of the rules' exactness.
#include "grammar/rough_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace inlay::grammar {
namespace {

constexpr std::array<std::string_view, 24> kOperators = {"**=", "//=", ">>=", "<<=", "...", "**", "//", ">>",
                                                         "<<",  "==",  "!=",  "<=",  ">=",  ":=", "->", "+=",
                                                         "-=",  "*=",  "/=",  "%=",  "@=",  "&=", "|=", "^="};

/// Sorted. The same words as `hard_keyword` in rules.h.
constexpr std::array<std::string_view, 35> kKeywords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
constexpr std::array<std::string_view, 5> kOperandKeywords = {"False", "None", "True", "lambda", "not"};

bool is_quote(char byte) { return byte == '"' || byte == '\''; }

std::uint32_t number_end(std::string_view text, std::uint32_t at) {
  while (at < text.size() && (is_word(text[at]) || text[at] == '.')) ++at;
  return at;
}

bool starts_number(std::string_view text, std::uint32_t at) {
  const auto is_digit = [&](std::uint32_t place) {
    return place < text.size() && text[place] >= '0' && text[place] <= '9';
  };
  return is_digit(at) || (text[at] == '.' && is_digit(at + 1));
}

/// Behind the string literal whose quote is at `at`; the end of the text if it is not terminated.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const std::string_view triple = text.substr(at, 3);
  const bool is_triple = triple == "\"\"\"" || triple == "'''";
  const std::string_view quote = text.substr(at, is_triple ? 3 : 1);
  for (at += quote.size(); at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text.substr(at).starts_with(quote)) {
      return at + quote.size();
    } else if (text[at] == '\n' && !is_triple) {
      return at;
    }
  }
  return text.size();
}

}  // namespace

bool is_word(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || (byte & 0x80) != 0;
}
bool is_closing(char byte) { return byte == ')' || byte == ']' || byte == '}'; }
char closing_of(char opening) { return opening == '(' ? ')' : opening == '[' ? ']' : '}'; }

std::uint32_t word_end(std::string_view text, std::uint32_t at) {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

Span token_at(std::string_view text, std::uint32_t at) {
  if (at >= text.size() || text[at] == '\n' || text[at] == '\r' || text[at] == '#') return {at, at};
  if (starts_number(text, at)) return {at, number_end(text, at)};
  if (is_word(text[at])) return {at, word_end(text, at)};
  for (const std::string_view op : kOperators) {
    if (text.substr(at).starts_with(op)) return {at, at + static_cast<std::uint32_t>(op.size())};
  }
  return {at, at + 1};
}

std::uint32_t line_of(std::string_view text, std::uint32_t at) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + at, '\n')) + 1;
}

bool closes_later(std::string_view text, std::size_t at, std::size_t depth) {
  while (at < text.size() && depth > 0) {
    const char byte = text[at];
    if (is_quote(byte)) {
      at = skip_string(text, at);
      continue;
    }
    if (byte == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (byte == '(' || byte == '[' || byte == '{') ++depth;
    if (is_closing(byte)) --depth;
    ++at;
  }
  return depth == 0;
}

std::size_t unterminated_string(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '\n' && text[at] != '#') {
    if (!is_quote(text[at])) {
      ++at;
      continue;
    }
    const bool is_triple = text.size() - at > 2 && text[at + 1] == text[at] && text[at + 2] == text[at];
    const std::size_t end = skip_string(text, at);
    const bool is_ended = end > at + 1 && end <= text.size() && text[end - 1] == text[at];
    if (!is_ended && !is_triple) return at;
    at = end;
  }
  return text.npos;
}

bool is_keyword(std::string_view word) { return std::binary_search(kKeywords.begin(), kKeywords.end(), word); }

bool starts_operand(std::string_view token) {
  if (token.empty()) return false;
  if (is_keyword(token))
    return std::find(kOperandKeywords.begin(), kOperandKeywords.end(), token) != kOperandKeywords.end();
  return is_word(token[0]) || std::string_view("\"'([{~").find(token[0]) != std::string_view::npos;
}

std::string shown(std::string_view text, Span token) {
  constexpr std::size_t kLongest = 40;
  const std::string_view word = text.substr(token.begin, token.end - token.begin);
  if (word.empty()) return "the end of the line";
  if (is_quote(word.back()) || (is_word(word[0]) && token.end < text.size() && is_quote(text[token.end]))) {
    return "a string";
  }
  if (word.size() <= kLongest) return fmt::format("'{}'", word);
  std::size_t cut = kLongest;
  while (cut > 0 && (word[cut] & 0xC0) == 0x80) --cut;
  return fmt::format("'{}...'", word.substr(0, cut));
}

}  // namespace inlay::grammar
