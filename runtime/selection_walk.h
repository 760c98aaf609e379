// selection_walk.h - the one loop nest over a selection and a second operand, shared by reading, writing and combining.
// Knows elements only through a kernel's two loops.
// Invariant: entries are visited in row-major order of the selection, except where the caller allows threads.
#pragma once

#include "runtime/selection.h"

namespace inlay {

/// What happens between selected elements `x` and another operand, for a row of `n` of them.
struct SelectionKernel {
  /// Elements of x at a stride.
  void (*strided)(std::byte* x, std::int64_t x_stride, std::byte* other, std::int64_t other_stride, std::int64_t n);
  /// Elements of x at offsets, skipping those dropped.
  void (*listed)(std::byte* x, const std::int64_t* offsets, std::byte* other, std::int64_t other_stride,
                 std::int64_t n);
};

/// Runs the kernel over the selection of `base` and an operand of the same shape at `other`. The operand's axes along
/// the group must form one run (see group_is_one_run).
void walk_selection(const Selection& selection, std::byte* base, std::byte* other, const Strides& other_strides,
                    const SelectionKernel& kernel, bool threads);
/// Whether an operand of the selection's shape goes through the group's axes in even steps.
bool group_is_one_run(const Selection& selection, const Strides& other_strides);
/// The value broadcast to the selection, copied if its group axes are no run.
Tensor value_for(const Selection& selection, const Tensor& value);

}  // namespace inlay
