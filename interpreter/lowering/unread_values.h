// unread_values.h - takes out of branches and loops what they hand on and nobody reads.
#pragma once

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

/// Removes from each `if`, `while` and `for` the results and carried values that no instruction reads, directly or by
/// way of other results and carried values. What a round binds anew before reading it is then let go within the round:
/// a view `u = x[i]` that lived into the next one would have an update of x copy x. To be called before fuse() and
/// mark_last_uses(); changes the program in place, in time linear in its size.
void drop_unread_values(Program& program);

}  // namespace inlay::ir
