// diagnose.h - from the place where the grammar gave up to the error that helps most.
// Knows the text and the Layout, nothing of PEGTL or of the rules.
// Invariant: what is said depends on the text alone; looking ahead costs at most one pass over the rest of it.
#pragma once

#include <string_view>

#include "grammar/layout.h"
#include "grammar/parse.h"

namespace inlay::grammar {

/// Where an error is shown, and which better message the surroundings may suggest.
enum class At {
  here,             // the next token, whatever it is
  next_token,       // what should have been something else
  closing_bracket,  // likewise, inside a bracket that could have been closed here
  closing_call,     // likewise, inside the parentheses of a call
  annotation,       // likewise, after the ':' of a statement
  last_token,       // what was just read
  last_character,   // likewise, inside a string
  word,             // the number or prefix that was being read
  bracket,          // the innermost open bracket
  quote,            // the innermost open quote
  block,            // the line after the header of a block
  line_join,        // behind a backslash
};

struct Message {
  std::string_view text;
  At at;
};

/// The error for a parse that cannot go on at `offset`.
SyntaxError diagnose(const Layout& layout, std::uint32_t offset, Message message);

}  // namespace inlay::grammar
