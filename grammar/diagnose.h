// diagnose.h - from the place where the grammar gave up to the error that helps most.
// Knows the text and the Layout, nothing of PEGTL or of the rules.
// Invariant: what is said depends on the text alone; looking ahead costs at most one pass over the rest of it.
#pragma once

#include <string_view>

#include "grammar/layout.h"
#include "grammar/parse.h"

namespace inlay::grammar {

/// Where an error is shown, and what is made of its text.
enum class At {
  here,        // the next token, whatever it is
  next_token,  // what should have been something else
  colon,       // likewise, behind a complete expression or clause
  field,       // likewise, at the beginning of a field of an f-string

  // The text says what was expected; "expected ... after 'a', not 'b'" is made around it, at the next token.
  operand,
  bound_value,      // behind `name =`
  annotation,       // behind the ':' of a statement
  target,           // what can be assigned to
  name,             // a keyword is none
  delimiter,        // behind something complete: the text says behind what
  statement,        // at the beginning of a line
  inner_statement,  // behind a ':' or ';', so that it must be a simple one
  statement_end,
  closing_bracket,  // a closing bracket, or else another item: the text says of what kind
  closing_call,     // likewise, of a call
  closing_names,    // likewise, of names: parameters, imports

  last_token,      // what was just read
  last_character,  // likewise, inside a string
  word,            // the number or prefix that was being read
  bracket,         // the innermost open bracket
  quote,           // the innermost open quote
  block,           // the line after the header of a block
  line_join,       // behind a backslash
};

struct Message {
  std::string_view text;
  At at = At::here;
};

/// Where the parse cannot go on, and whether a character stands there that no token begins with.
struct Place {
  std::uint32_t offset;
  bool at_sign;
};

/// The error for a parse that cannot go on at `place`.
SyntaxError diagnose(const Layout& layout, Place place, Message message);

}  // namespace inlay::grammar
