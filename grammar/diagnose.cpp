// diagnose.cpp - the sentence around what was expected, or a better one that the tokens at the place suggest.
// Knows tokens only roughly (rough_tokens.h); what is said of single signs and words are the tables below.
#include "grammar/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "grammar/nearest_name.h"
#include "grammar/rough_tokens.h"
#include "grammar/text.h"

namespace inlay::grammar {
namespace {

constexpr std::string_view kBlanks = " \t\f\r\n";

/// Signs of other languages, the longer ones first.
struct ForeignSign {
  std::string_view sign;
  std::string_view advice;
};
constexpr std::array<ForeignSign, 14> kForeignSigns = {{
    {"===", "is not in the language: write '=='"},
    {"!==", "is not in the language: write '!='"},
    {"&&", "is not in the language: use 'and', or '&' of masks"},
    {"||", "is not in the language: use 'or', or '|' of masks"},
    {"<>", "is not in the language: write '!='"},
    {"=>", "is not in the language: write '>=' to compare, 'lambda' for a function"},
    {"=<", "is not in the language: write '<='"},
    {"->", "stands only before the type that a function returns"},
    {"++", "is not in the language: write x += 1"},
    {"--", "is not in the language: write x -= 1"},
    {"!", "is not in the language: use 'not'"},
    {"?", "is not in the language: write 'x if condition else y'"},
    {"$", "means nothing in the language"},
    {"`", "means nothing in the language"},
}};

/// A word that stands where it cannot: `before` is the token before it, or empty for any.
struct MisplacedWord {
  At at;
  std::string_view before;
  std::string_view word;
  std::string_view text;
};
constexpr std::string_view kNotIn = "'not' between two values must be 'not in'";
constexpr std::array<MisplacedWord, 14> kMisplacedWords = {{
    {At::statement, "", "else", "'else' without an 'if', 'for' or 'while' before it"},
    {At::statement, "", "elif", "'elif' without an 'if' before it"},
    {At::inner_statement, "", "if", "'if' must begin a line of its own"},
    {At::inner_statement, "", "while", "'while' must begin a line of its own"},
    {At::inner_statement, "", "for", "'for' must begin a line of its own"},
    {At::inner_statement, "", "def", "'def' must begin a line of its own"},
    {At::colon, "else", "if", "'else if' is not in the language: write 'elif'"},
    {At::operand, "", "not", "'not' after an operator must be parenthesized"},
    {At::operand, "", "lambda", "'lambda' after an operator must be parenthesized"},
    {At::statement_end, "", "not", kNotIn},
    {At::colon, "", "not", kNotIn},
    {At::closing_bracket, "", "not", kNotIn},
    {At::closing_call, "", "not", kNotIn},
    {At::delimiter, "", "not", kNotIn},
}};

/// Words that statements begin with.
constexpr std::array<std::string_view, 15> kStatements = {"if",  "elif",   "else",   "for",   "while",
                                                          "def", "return", "import", "from",  "assert",
                                                          "del", "raise",  "pass",   "break", "continue"};

class Diagnosis {
 public:
  Diagnosis(const Layout& layout, Place place, Message message)
      : layout_(layout), text_(layout.text()), offset_(place.offset), at_sign_(place.at_sign), message_(message) {}

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
        return unexpected();
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

  /// The token before the place: an open bracket is none of the Layout's tokens yet, a closed pair is one as a whole.
  [[nodiscard]] Span previous() const {
    const Span last = layout_.last_token();
    if (!layout_.brackets().empty() && layout_.brackets().back().at >= last.end) return bracket_span();
    return last.begin < last.end && is_closing(text_[last.end - 1]) ? Span{last.end - 1, last.end} : last;
  }

  /// The token that could not be read: behind blanks, and behind line ends too where those are white space.
  [[nodiscard]] Span next() const {
    const std::size_t at = text_.find_first_not_of(" \t\f", offset_);
    const Span token = token_at(text_, static_cast<std::uint32_t>(std::min(at, text_.size())));
    const std::uint32_t end = previous().end;
    return is_empty(token) && end != 0 ? Span{end, end} : token;
  }

  static bool is_empty(Span token) { return token.begin == token.end; }
  [[nodiscard]] std::string_view text_of(Span token) const {
    return text_.substr(token.begin, token.end - token.begin);
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

  // ---- what stands where something else was expected ----

  [[nodiscard]] SyntaxError unexpected() const {
    const Span token = next();
    if (auto error = bracket_error(token)) return *error;
    if (text_of(token) == ":=") return {"':=' is not in the language: assign in a statement of its own", token};
    if (at_sign_) return character_error(token);
    if (message_.at == At::next_token) return {std::string(message_.text), token};
    if (message_.at == At::field) return {fmt::format("{} before {}", message_.text, shown(text_, token)), token};
    if (auto error = foreign_sign(token)) return *error;
    if (auto error = equal_sign_error(token)) return *error;
    if (auto error = word_error(token)) return *error;
    if (expects_comma() && starts_operand(text_of(token))) {
      return {"invalid syntax. Perhaps you forgot a comma?", token};
    }
    return {sentence(token), token};
  }

  [[nodiscard]] std::optional<SyntaxError> bracket_error(Span token) const {
    const bool closing = !is_empty(token) && is_closing(text_[token.begin]);
    if (layout_.brackets().empty()) {
      if (closing) return SyntaxError(fmt::format("unmatched '{}'", text_[token.begin]), token);
      return std::nullopt;
    }
    if (const std::size_t quote = unterminated_string(text_, offset_); quote != text_.npos && !in_field())
      return unterminated(quote);
    const Layout::Bracket& open = layout_.brackets().back();
    if (closing && text_[token.begin] != closing_of(open.opening)) return mismatch(text_[token.begin], open, token);
    if (in_field() || is_local(token) || closes_later(text_, offset_, layout_.brackets().size())) return std::nullopt;
    return SyntaxError(fmt::format("'{}' was never closed", open.opening), bracket_span(), at_end(offset_));
  }

  /// `print('it's')`: the quote that is left over opens a string.
  [[nodiscard]] SyntaxError unterminated(std::size_t quote) const {
    const auto at = static_cast<std::uint32_t>(quote);
    return {fmt::format("unterminated string literal (detected at line {})", line_of(text_, at)), {at, at + 1}};
  }

  /// Inside a field of an f-string the rest of the text is not in brackets until the quote ends.
  [[nodiscard]] bool in_field() const { return !layout_.quotes().empty() && offset_ < size(); }

  /// Whether the place itself is the mistake, even if the bracket is never closed: an operand is missing within a line.
  [[nodiscard]] bool is_local(Span token) const {
    const std::string_view between = text_.substr(previous().end, token.begin - previous().end);
    return expects_item() && !is_empty(token) && !is_keyword(text_of(token)) && between.find('\n') == between.npos;
  }

  [[nodiscard]] SyntaxError mismatch(char closing, const Layout::Bracket& open, Span token) const {
    const std::uint32_t line = line_of(text_, open.at);
    const std::string where = line == line_of(text_, token.begin) ? "" : fmt::format(" on line {}", line);
    return {
        fmt::format("closing parenthesis '{}' does not match opening parenthesis '{}'{}", closing, open.opening, where),
        token};
  }

  [[nodiscard]] SyntaxError character_error(Span token) const {
    const std::string_view rest = text_.substr(token.begin);
    const auto length = static_cast<std::uint32_t>(utf8_length(rest));
    return {fmt::format("invalid character '{}' (U+{:04X})", rest.substr(0, length),
                        static_cast<std::uint32_t>(utf8_decode(rest))),
            {token.begin, token.begin + length}};
  }

  /// A sign of another language, all of which but its end may have been read as tokens of this one.
  [[nodiscard]] std::optional<SyntaxError> foreign_sign(Span token) const {
    for (const ForeignSign& row : kForeignSigns) {
      const auto length = static_cast<std::uint32_t>(row.sign.size());
      for (const std::uint32_t begin : {previous().begin - 1, previous().begin, token.begin}) {
        if (!stands_at(row.sign, begin, token)) continue;
        return SyntaxError(fmt::format("'{}' {}", row.sign, row.advice), {begin, begin + length});
      }
    }
    return std::nullopt;
  }

  /// Whether the sign begins at `begin` and is more than the token that was read there.
  [[nodiscard]] bool stands_at(std::string_view sign, std::uint32_t begin, Span token) const {
    const Span before = previous();
    if (begin >= size() || !text_.substr(begin).starts_with(sign)) return false;
    const std::size_t end = begin + sign.size();
    if (begin == token.begin) return end >= token.end;
    return begin < before.begin ? end == before.end && expects_item() : end > before.end;
  }

  [[nodiscard]] std::optional<SyntaxError> equal_sign_error(Span token) const {
    if (text_of(token) != "=") return std::nullopt;
    if (is_keyword(text_of(previous())) && begins_line(previous())) return keyword_as_name(previous());
    if (expects_item()) return std::nullopt;
    if (message_.at == At::closing_call) {
      return SyntaxError("expression cannot contain assignment, perhaps you meant \"==\"?", token);
    }
    if (expects_comma() || message_.at == At::colon) {
      return SyntaxError("invalid syntax. Maybe you meant '==' instead of '='?", token);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<SyntaxError> word_error(Span token) const {
    const std::string_view word = text_of(token);
    const std::string_view before = text_of(previous());
    if (is_keyword(word) && is_assigned(token)) return keyword_as_name(token);
    for (const MisplacedWord& row : kMisplacedWords) {
      if (row.at == message_.at && row.word == word && (row.before.empty() || row.before == before)) {
        return SyntaxError(std::string(row.text), token);
      }
    }
    if (message_.at == At::annotation || message_.at == At::statement_end) return misspelt_keyword();
    return std::nullopt;
  }

  /// `match (x):` and `case [x]:` begin as annotated statements do, `retrun x` and `esle:` as a name does.
  [[nodiscard]] std::optional<SyntaxError> misspelt_keyword() const {
    const Span word{layout_.statement(), word_end(text_, layout_.statement())};
    if (text_of(word) == "match" || text_of(word) == "case")
      return SyntaxError(fmt::format("'{}' is not in the language: use 'if' and 'elif'", text_of(word)), word);
    const std::uint32_t end = message_.at == At::annotation ? previous().begin : previous().end;
    if (word.end != end) return std::nullopt;
    const std::string near = did_you_mean(text_of(word), {kStatements.begin(), kStatements.end()});
    if (near.empty()) return std::nullopt;
    return SyntaxError(fmt::format("invalid syntax{}", near), word);
  }

  [[nodiscard]] SyntaxError keyword_as_name(Span token) const {
    return {fmt::format("'{}' is a keyword and cannot be a name", text_of(token)), token};
  }

  [[nodiscard]] bool begins_line(Span token) const {
    const std::size_t before = text_.substr(0, token.begin).find_last_not_of(" \t\f");
    return before == text_.npos || text_[before] == '\n';
  }

  [[nodiscard]] bool is_assigned(Span token) const {
    const std::size_t at = text_.find_first_not_of(" \t\f", token.end);
    return at != text_.npos && text_of(token_at(text_, static_cast<std::uint32_t>(at))) == "=";
  }

  // ---- what was expected ----

  [[nodiscard]] bool is_closing_message() const {
    return message_.at == At::closing_bracket || message_.at == At::closing_call || message_.at == At::closing_names;
  }
  /// Whether nothing complete stands before the place: an item was expected, not what separates or ends items.
  [[nodiscard]] bool expects_item() const {
    switch (message_.at) {
      case At::operand:
      case At::bound_value:
      case At::annotation:
      case At::target:
      case At::name:
      case At::inner_statement:
        return true;
      default:
        return is_closing_message() && std::string_view("([{,").find(text_[previous().begin]) != std::string_view::npos;
    }
  }
  [[nodiscard]] bool expects_comma() const { return is_closing_message() && !expects_item(); }

  [[nodiscard]] std::string sentence(Span token) const {
    if (message_.at == At::colon) return std::string(message_.text);
    if (expects_item()) return fmt::format("expected {}{}{}", message_.text, after(token), instead(token));
    if (!is_closing_message()) return fmt::format("expected {}{}", message_.text, instead(token));
    const char closing = closing_of(layout_.brackets().back().opening);
    return fmt::format("expected {}'{}'{}", text_of(token) == "," ? "" : "',' or ", closing, instead(token));
  }

  /// Not said where it is the same as what came: "expected an expression, not '='".
  [[nodiscard]] std::string after(Span token) const {
    Span before = previous();
    if (is_empty(before) || text_of(before) == text_of(token)) return "";
    if (message_.at == At::bound_value) before.begin = bound_name(before);
    return fmt::format(" after {}", shown(text_, before));
  }

  /// Where the name begins that stands before a '='.
  [[nodiscard]] std::uint32_t bound_name(Span equal) const {
    std::uint32_t begin = equal.begin;
    while (begin > 0 && text_[begin - 1] == ' ') --begin;
    while (begin > 0 && is_word(text_[begin - 1])) --begin;
    return begin;
  }

  /// Not said where the text, or the bracket, simply ends.
  [[nodiscard]] std::string instead(Span token) const {
    if (is_empty(token) || (expects_item() && is_closing(text_[token.begin]))) return "";
    const bool names = message_.at == At::name || message_.at == At::closing_names;
    return fmt::format(", not {}{}", names && is_keyword(text_of(token)) ? "the keyword " : "", shown(text_, token));
  }

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }

  const Layout& layout_;
  std::string_view text_;
  std::uint32_t offset_;
  bool at_sign_;
  Message message_;
};

}  // namespace

SyntaxError diagnose(const Layout& layout, Place place, Message message) {
  return Diagnosis(layout, place, message).error();
}

}  // namespace inlay::grammar
