// layout.h - what a position-only grammar cannot know of Python's text: open brackets, open quotes, indentation.
// Knows nothing of PEGTL, of the rules, or of error messages; the custom rules in rules.h ask and tell it.
// Invariant: the parser commits before it tells the layout anything, so the layout is never rolled back.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "grammar/source.h"

namespace inlay::grammar {

/// Brackets, blocks, lambdas and `else` branches may nest this deep, as many as CPython's brackets. Each level costs
/// the recursive-descent parser less than 3 KiB of stack when optimised and 20 KiB under AddressSanitizer: a thread's
/// stack holds 200 everywhere.
inline constexpr int kMaxNesting = 200;

/// How a line's indentation compares with that of the block around it.
enum class Indentation { same, deeper, shallower, unmatched, inconsistent };

class Layout {
 public:
  struct Bracket {
    char opening;
    std::uint32_t at;
  };
  struct Quote {
    std::uint32_t at;
    bool triple;
    bool formatted;
  };

  /// `poll` is called once in a while, and may throw; may be null.
  explicit Layout(std::string_view text, int most_nesting = kMaxNesting, const std::function<void()>* poll = nullptr)
      : text_(text), most_nesting_(most_nesting), poll_(poll) {}

  [[nodiscard]] std::string_view text() const { return text_; }

  // Nesting. `enter` says whether one more level is allowed.
  [[nodiscard]] bool enter() { return ++nesting_ <= most_nesting_; }
  void leave() { --nesting_; }

  // Brackets: line ends are white space while one is open.
  void open_bracket(char opening, std::uint32_t at) { brackets_.push_back({opening, at}); }
  void close_bracket() { brackets_.pop_back(); }
  [[nodiscard]] const std::vector<Bracket>& brackets() const { return brackets_; }

  // String literals: they nest, inside the fields of f-strings.
  void open_quote(Quote quote) { quotes_.push_back(quote); }
  void close_quote() { quotes_.pop_back(); }
  [[nodiscard]] const std::vector<Quote>& quotes() const { return quotes_; }

  // Blocks.
  void open_block(std::uint32_t line_begin) { blocks_.push_back(width_at(line_begin)); }
  void close_block() { blocks_.pop_back(); }
  /// Compares the line that begins at `line_begin` with the innermost block.
  [[nodiscard]] Indentation compare(std::uint32_t line_begin) const;

  /// The latest token: nodes end with it, not with the white space that follows.
  void note_token(Span token) {
    last_token_ = token;
    if (poll_ != nullptr && ++tokens_ % kTokensPerPoll == 0) (*poll_)();
  }
  [[nodiscard]] Span last_token() const { return last_token_; }
  /// The keyword of the latest statement that needs a block.
  void note_header(Span keyword) { header_ = keyword; }
  [[nodiscard]] Span header() const { return header_; }
  /// Where the latest simple statement begins.
  void note_statement(std::uint32_t at) { statement_ = at; }
  [[nodiscard]] std::uint32_t statement() const { return statement_; }

 private:
  /// Columns with tabs to multiples of 8, and with tabs as one: both must agree on every comparison, as in CPython.
  struct Width {
    int wide = 0;
    int narrow = 0;
  };

  [[nodiscard]] Width width_at(std::uint32_t line_begin) const;

  static constexpr std::uint32_t kTokensPerPoll = 1024;  // some 0.1 ms

  std::string_view text_;
  int most_nesting_;
  const std::function<void()>* poll_;
  std::uint32_t tokens_ = 0;
  int nesting_ = 0;
  std::vector<Bracket> brackets_;
  std::vector<Quote> quotes_;
  std::vector<Width> blocks_{Width{}};
  Span last_token_;
  Span header_;
  std::uint32_t statement_ = 0;
};

}  // namespace inlay::grammar
