// diagnose.cpp - choosing between "invalid syntax" and something better, from the next token and the open brackets.
// Knows tokens only roughly: names, numbers, operators, quotes, comments.
#include "grammar/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "grammar/text.h"

namespace inlay::grammar {
namespace {

constexpr std::string_view kBlanks = " \t\f\r\n";

bool is_word(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || (byte & 0x80) != 0;
}
bool is_closing(char byte) { return byte == ')' || byte == ']' || byte == '}'; }
char closing_of(char opening) { return opening == '(' ? ')' : opening == '[' ? ']' : '}'; }

std::uint32_t word_end(std::string_view text, std::uint32_t at) {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

/// The token at `at`, roughly; empty at the end of a line.
Span token_at(std::string_view text, std::uint32_t at) {
  static constexpr std::array<std::string_view, 16> kOperators = {"**=", "//=", ">>=", "<<=", "...", "**", "//", ">>",
                                                                  "<<",  "==",  "!=",  "<=",  ">=",  ":=", "->", "+="};
  if (at >= text.size() || text[at] == '\n' || text[at] == '\r' || text[at] == '#') return {at, at};
  if (is_word(text[at])) return {at, std::max(word_end(text, at), at + 1)};
  for (const std::string_view op : kOperators) {
    if (text.substr(at).starts_with(op)) return {at, at + static_cast<std::uint32_t>(op.size())};
  }
  return {at, at + 1};
}

std::uint32_t line_of(std::string_view text, std::uint32_t at) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + at, '\n')) + 1;
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

/// Whether `depth` open brackets are closed from `at` on.
bool closes_later(std::string_view text, std::size_t at, std::size_t depth) {
  while (at < text.size() && depth > 0) {
    const char byte = text[at];
    if (byte == '"' || byte == '\'') {
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

class Diagnosis {
 public:
  Diagnosis(const Layout& layout, std::uint32_t offset, Message message)
      : layout_(layout), text_(layout.text()), offset_(offset), message_(message) {}

  SyntaxError error() const {
    switch (message_.at) {
      case At::here:
        return {std::string(message_.text), next()};
      case At::last_token:
        return {std::string(message_.text), layout_.last_token()};
      case At::last_character:
        return {std::string(message_.text), {offset_ - 1, offset_}};
      case At::word:
        return word();
      case At::bracket:
        return {std::string(message_.text), bracket_span()};
      case At::quote:
        return quote();
      case At::block:
        return block();
      case At::line_join:
        return line_join();
      default:
        return next_token();
    }
  }

 private:
  [[nodiscard]] Span bracket_span() const {
    const std::uint32_t at = layout_.brackets().back().at;
    return {at, at + 1};
  }

  [[nodiscard]] bool at_end(std::uint32_t offset) const {
    return text_.find_first_not_of(kBlanks, offset) == text_.npos;
  }

  /// The token that could not be read: behind blanks, and behind line ends too where those are white space.
  [[nodiscard]] Span next() const {
    const std::size_t at = text_.find_first_not_of(" \t\f", offset_);
    const Span token = token_at(text_, static_cast<std::uint32_t>(std::min(at, text_.size())));
    if (token.begin < token.end || layout_.last_token().end == 0) return token;
    return {layout_.last_token().end, layout_.last_token().end};
  }

  [[nodiscard]] SyntaxError word() const {
    std::uint32_t begin = offset_;
    while (begin > 0 && (is_word(text_[begin - 1]) || text_[begin - 1] == '.')) --begin;
    return {std::string(message_.text), {begin, std::max(word_end(text_, offset_), begin + 1)}};
  }

  [[nodiscard]] SyntaxError quote() const {
    const Layout::Quote& quote = layout_.quotes().back();
    const std::string_view last_line = text_.substr(quote.at);
    const bool joined =
        at_end(offset_) && (last_line.ends_with("\\\n") || last_line.ends_with("\\\r\n") || last_line.ends_with("\\"));
    const auto text =
        fmt::format("unterminated {}{} literal (detected at line {})", quote.triple ? "triple-quoted " : "",
                    quote.formatted ? "f-string" : "string", line_of(text_, std::min<std::uint32_t>(offset_, size())));
    return {text, {quote.at, quote.at + (quote.triple ? 3U : 1U)}, quote.triple || joined};
  }

  [[nodiscard]] SyntaxError block() const {
    const Span header = layout_.header();
    const std::string_view keyword = text_.substr(header.begin, header.end - header.begin);
    const std::string what = keyword == "def" ? "function definition" : fmt::format("'{}' statement", keyword);
    return {fmt::format("{} after {} on line {}", message_.text, what, line_of(text_, header.begin)), next(),
            at_end(offset_)};
  }

  [[nodiscard]] SyntaxError line_join() const {
    if (offset_ >= size()) {
      const auto backslash = static_cast<std::uint32_t>(text_.rfind('\\', offset_ - 1));
      return {"unexpected EOF after line continuation character", {backslash, backslash + 1}, true};
    }
    return {std::string(message_.text), {offset_, offset_ + 1}};
  }

  [[nodiscard]] SyntaxError next_token() const {
    const Span token = next();
    if (!layout_.brackets().empty()) {
      if (auto error = bracket_error(token)) return *error;
    } else if (token.begin < token.end && is_closing(text_[token.begin])) {
      return {fmt::format("unmatched '{}'", text_[token.begin]), token};
    }
    if (auto error = token_error(token)) return *error;
    return {std::string(message_.text), token};
  }

  [[nodiscard]] std::optional<SyntaxError> bracket_error(Span token) const {
    const Layout::Bracket& open = layout_.brackets().back();
    if (token.begin < token.end && is_closing(text_[token.begin]) && text_[token.begin] != closing_of(open.opening)) {
      return mismatch(text_[token.begin], open, token);
    }
    if (in_field() || closes_later(text_, offset_, layout_.brackets().size())) return std::nullopt;
    return SyntaxError(fmt::format("'{}' was never closed", open.opening), bracket_span(), at_end(offset_));
  }

  /// Inside a field of an f-string the rest of the text is not in brackets until the quote ends.
  [[nodiscard]] bool in_field() const { return !layout_.quotes().empty() && offset_ < size(); }

  [[nodiscard]] SyntaxError mismatch(char closing, const Layout::Bracket& open, Span token) const {
    const std::uint32_t line = line_of(text_, open.at);
    const std::string where = line == line_of(text_, token.begin) ? "" : fmt::format(" on line {}", line);
    return {
        fmt::format("closing parenthesis '{}' does not match opening parenthesis '{}'{}", closing, open.opening, where),
        token};
  }

  [[nodiscard]] std::optional<SyntaxError> token_error(Span token) const {
    const std::string_view text = text_.substr(token.begin, token.end - token.begin);
    if (text == ":=") return SyntaxError("':=' is not in the language: assign in a statement of its own", token);
    if (text == "=" && message_.at == At::closing_call) {
      return SyntaxError("expression cannot contain assignment, perhaps you meant \"==\"?", token);
    }
    if (text == "=" && expects_delimiter())
      return SyntaxError("invalid syntax. Maybe you meant '==' instead of '='?", token);
    if (!text.empty() && (text[0] & 0x80) != 0) return character_error(token);
    if (is_closing_message() && starts_operand(text)) {
      return SyntaxError("invalid syntax. Perhaps you forgot a comma?", token);
    }
    if (message_.at == At::annotation && is_match()) {
      return SyntaxError("'match' is not in the language: use 'if' and 'elif'",
                         {layout_.statement(), layout_.statement() + 5});
    }
    return std::nullopt;
  }

  [[nodiscard]] SyntaxError character_error(Span token) const {
    const std::string_view rest = text_.substr(token.begin);
    const auto length = static_cast<std::uint32_t>(utf8_length(rest));
    return {fmt::format("invalid character '{}' (U+{:04X})", rest.substr(0, length),
                        static_cast<std::uint32_t>(utf8_decode(rest))),
            {token.begin, token.begin + length}};
  }

  [[nodiscard]] bool is_closing_message() const {
    return message_.at == At::closing_bracket || message_.at == At::closing_call;
  }
  /// Whether an expression is complete and only its end was expected.
  [[nodiscard]] bool expects_delimiter() const { return is_closing_message() || message_.text == "expected ':'"; }

  static bool starts_operand(std::string_view token) {
    static constexpr std::array<std::string_view, 12> kOthers = {"as",   "assert", "break",  "class", "def", "del",
                                                                 "elif", "else",   "except", "for",   "if",  "import"};
    if (token.empty() || std::find(kOthers.begin(), kOthers.end(), token) != kOthers.end()) return false;
    return is_word(token[0]) || std::string_view("\"'([{~").find(token[0]) != std::string_view::npos;
  }

  [[nodiscard]] bool is_match() const { return token_text(layout_.statement()) == "match"; }
  [[nodiscard]] std::string_view token_text(std::uint32_t at) const {
    return text_.substr(at, word_end(text_, at) - at);
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }

  const Layout& layout_;
  std::string_view text_;
  std::uint32_t offset_;
  Message message_;
};

}  // namespace

SyntaxError diagnose(const Layout& layout, std::uint32_t offset, Message message) {
  return Diagnosis(layout, offset, message).error();
}

}  // namespace inlay::grammar
