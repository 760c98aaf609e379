// parse.h - text to syntax tree.
// Knows PEGTL only behind this header. Parsing never evaluates, never reads anything but the text, and takes time
// linear in it.
#pragma once

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include "grammar/ast.h"

namespace inlay {

/// The text is not a program. `span` is where; `message` says what was expected or what is not in the language and what
/// to write instead. `incomplete` is true if more text could make it one (an open bracket, a block without its body, an
/// open triple quote): a REPL then reads another line.
struct SyntaxError : std::runtime_error {
  SyntaxError(const std::string& message, Span where, bool more = false)
      : std::runtime_error(message), span(where), incomplete(more) {}
  Span span;
  bool incomplete;
};

/// How a text is parsed.
struct ParseOptions {
  /// Levels of brackets and blocks; more than the grammar's own bound (layout.h) counts as that.
  int nesting = std::numeric_limits<int>::max();
  /// Nodes from the root of the tree to a leaf; at most ast::kMaxDepth. Whoever walks the tree needs stack for so many.
  int depth = ast::kMaxDepth;
  /// Called once in a while; what it throws ends the parsing.
  std::function<void()> poll = {};
};

/// Parses a whole source text. Throws SyntaxError. Thread-safe.
ast::Module parse(SourcePtr source, const ParseOptions& options = {});

/// Whether text typed at a prompt is a finished entry: complete statements, and if the last one is a block, closed by a
/// blank line. `text` holds the lines typed so far, each with its line feed: `if x: y` is closed by a second one, an
/// empty line. Text with a syntax error that no further line can mend counts as finished, so that the error is shown.
bool is_complete(std::string_view text);

}  // namespace inlay
