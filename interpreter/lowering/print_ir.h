// print_ir.h - single instructions of the functional core as text; whole programs are printed by ir.h's print().
#pragma once

#include "interpreter/lowering/ir.h"

namespace inlay::ir {

/// One instruction on one line; of one with blocks, its head.
std::string print(const Program& program, const Function& function, const Instruction& instruction);

}  // namespace inlay::ir
