// keep_going.h - a script whose statements are run one by one, past errors (--keep-going).
// Knows where statements end by their indentation and by the grammar. Invariant: every line belongs to one statement.
#pragma once

#include <string_view>
#include <vector>

#include "repl/session.h"

namespace inlay::program {

/// The statements of the top level of a text, each with the blank lines and comments behind it.
std::vector<std::string_view> statements_of(std::string_view text);

/// Runs them all, as entries at a prompt, and reports each error. The status is the first error's; what stops a script
/// from outside stops this too.
Session::Result keep_going(Session& session, const SourceText& source);

}  // namespace inlay::program
