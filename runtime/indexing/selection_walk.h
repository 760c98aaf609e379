// selection_walk.h - the one loop nest over a selection and a second operand, shared by reading, writing and combining.
// Knows elements only through a kernel's two loops.
// Invariant: entries are visited in row-major order of the selection, except where the caller allows threads.
#pragma once

#include <algorithm>

#include "runtime/indexing/selection.h"

namespace inlay {

/// What happens between selected elements `x` and another operand, for a row of `n` of them.
struct SelectionKernel {
  /// Elements of x at a stride.
  void (*strided)(std::byte* x, std::int64_t x_stride, std::byte* other, std::int64_t other_stride, std::int64_t n);
  /// Elements of x at offsets, skipping those dropped.
  void (*listed)(std::byte* x, const Entries& entries, std::byte* other, std::int64_t other_stride, std::int64_t n);
};

/// Beyond this reach elements are asked for ahead of time: they are rarely in a core's cache.
inline constexpr std::int64_t kNearBytes = 1 << 20;
/// How many entries ahead: as many as memory serves in the time that it takes for one. Of 10^6 in 40 MB, 64 took 3.1 ns
/// each, 128 took 2.1, 192 took 1.8 and 384 took 2.2.
inline constexpr std::int64_t kEntriesAhead = 192;

/// How many bytes the entries are known to lie in; 0: nothing is known.
inline std::int64_t reach(const Entries& entries) {
  return entries.size * (entries.step < 0 ? -entries.step : entries.step);
}

/// Asks for the elements of the first `n` entries.
inline void ask_for(const std::byte* x, const Entries& entries, std::int64_t n) {
  for (std::int64_t at = 0; at < n; ++at) __builtin_prefetch(x + entries.byte(at));
}

/// Calls `f(x + byte, at)` for each of `n` entries, none dropped, the first of which have been asked for, and asks for
/// those that come later, `known` entries in all.
template <class F>
void for_each_asked(std::byte* x, const Entries& entries, std::int64_t n, std::int64_t known, const F& f) {
  std::int64_t at = 0;
  for (const std::int64_t last = std::min(n, known - kEntriesAhead); at < last; ++at) {
    __builtin_prefetch(x + entries.byte(at + kEntriesAhead));
    f(x + entries.byte(at), at);
  }
  for (; at < n; ++at) f(x + entries.byte(at), at);
}

/// Calls `f(x + byte, at)` for each of `n` entries, none dropped.
template <class F>
void for_each_kept(std::byte* x, const Entries& entries, std::int64_t n, const F& f) {
  const bool is_far = reach(entries) > kNearBytes;
  if (is_far) ask_for(x, entries, std::min(n, kEntriesAhead));
  for_each_asked(x, entries, n, is_far ? n : 0, f);
}

/// Calls `f(x + byte, at)` for the first `n` entries but those dropped, as loops of their own for the frequent steps.
template <std::int64_t item, class F>
void for_each_entry(std::byte* x, const Entries& entries, std::int64_t n, const F& f) {
  if (entries.step == 1) {  // only bytes can be dropped
    for (std::int64_t at = 0; at < n; ++at) {
      if (entries.offsets[at] != kDropped) f(x + entries.byte(at), at);
    }
  } else if (entries.step == item) {
    for_each_kept(x, Entries{entries.offsets, item, entries.size}, n, f);
  } else {
    for_each_kept(x, entries, n, f);
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
