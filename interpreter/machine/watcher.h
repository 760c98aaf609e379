// watcher.h - somebody who looks on while a program runs, instruction by instruction. Knows nothing of what for.
// Invariant: before() and after() nest like the instructions; after() is not called for one that threw.
#pragma once

#include "interpreter/lowering/ir.h"

namespace inlay {

struct Frame;

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void before(const ir::Instruction& instruction, Frame& frame) = 0;
  virtual void after(const ir::Instruction& instruction, Frame& frame) = 0;
};

}  // namespace inlay
