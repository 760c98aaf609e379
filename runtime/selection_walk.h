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
  void (*listed)(std::byte* x, const Entries& entries, std::byte* other, std::int64_t other_stride, std::int64_t n);
};

/// Calls `f(byte, at)` for the first `n` entries but those dropped, as loops of their own for the frequent steps.
template <std::int64_t item, class F>
void for_each_entry(const Entries& entries, std::int64_t n, const F& f) {
  if (entries.step == 1) {  // only bytes can be dropped
    for (std::int64_t at = 0; at < n; ++at) {
      if (entries.offsets[at] != kDropped) f(entries.byte(at), at);
    }
  } else if (entries.step == item) {
    const Entries fixed{entries.offsets, item, entries.size};
    for (std::int64_t at = 0; at < n; ++at) f(fixed.byte(at), at);
  } else {
    for (std::int64_t at = 0; at < n; ++at) f(entries.byte(at), at);
  }
}

/// Runs the kernel over the selection of `base` and an operand of the same shape at `other`. The operand's axes along
/// the group must form one run (see group_is_one_run).
void walk_selection(const Selection& selection, std::byte* base, std::byte* other, const Strides& other_strides,
                    const SelectionKernel& kernel, bool threads);
/// Whether an operand of the selection's shape goes through the group's axes in even steps.
bool group_is_one_run(const Selection& selection, const Strides& other_strides);
/// The value broadcast to the selection, copied if its group axes are no run.
Tensor value_for(const Selection& selection, const Tensor& value);

}  // namespace inlay
