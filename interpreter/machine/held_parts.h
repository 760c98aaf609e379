// held_parts.h - small parts of a tensor that other names hold when it is updated.
#pragma once

#include "interpreter/machine/machine.h"

namespace inlay {

/// Where names of the running function, or variables of its module, hold parts of `whole`, a tensor about to be
/// updated, gives each a copy of its part, so that the update need not copy the whole. The copies are counted with
/// their reason. Does nothing if the parts have more than a quarter of the elements, or the whole is so small that
/// looking for them takes longer. Holders elsewhere stay, and the update copies. Throws before anything is changed.
void detach_parts(const Value& whole, Frame& frame);

}  // namespace inlay
