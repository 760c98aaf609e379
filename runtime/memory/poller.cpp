// poller.cpp - see poller.h. Apart, since it stands in many loops and is seldom reached.
#include "runtime/memory/poller.h"

namespace inlay {

void Poller::look() { context().budget.poll(); }

}  // namespace inlay
