// watcher.cpp - where instructions are shown to a watcher. See watcher.h.
#include "interpreter/watcher.h"

#include "interpreter/machine.h"

namespace inlay {

Flow Machine::watched(const ir::Instruction& in, Frame& frame, bool& left) {
  state.watcher->before(in, frame);
  const Flow flow = instruction(in, frame, left);
  state.watcher->after(in, frame);
  return flow;
}

}  // namespace inlay
