// reduce_kernels.h - building kernels for run_reduction from an operation on single elements, and the table of
// reduce's. Invariant: which elements meet in which order depends on n alone, so that strided and contiguous input give
// the same bits. What is left over behind the vectors of a loop over columns stays a loop (unroll 1): it is much code
// otherwise, and no faster.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/kernel_target.h"
#include "runtime/reductions/reduce.h"
#include "runtime/reductions/reduction.h"

namespace inlay {

/// Kernels that reduce in accumulators of `acc`, which elements become as they are read; without functions
/// (row == nullptr) if there are none: sums and products of integers have 64 bits, and nothing is a 16-bit float or a
/// bool (truth_kernels.h). `op` is not mean (a sum).
const ReduceKernels& reduce_kernels(ReduceOp op, DType acc);

inline namespace INLAY_TARGET {
/// The kernels of one instruction set.
const ReduceKernels& target_reduce_kernels(ReduceOp op, DType acc);

namespace kernels {

/// Independent chains, which the compiler turns into vectors. TRIED: 16 for 8-byte types - selections (min, max) are
/// then unrolled into branches, 1.5 ns an element.
template <class Acc>
inline constexpr int kLanes = sizeof(Acc) <= 8 ? 32 : 8;
inline constexpr int kFewLanes = 8;
/// Elements each lane takes one after the other before leaves are combined pairwise.
inline constexpr std::int64_t kLaneLength = 16;

/// Op has: Acc; join(Acc, Acc) -> Acc, associative but for rounding. `at(i)` is element i as an Acc.
template <class Op, class At>
typename Op::Acc join_few(const At& at, std::int64_t n) {
  typename Op::Acc acc = at(0);
  for (std::int64_t i = 1; i < n; ++i) acc = Op::join(acc, at(i));
  return acc;
}

/// Joins the upper half of the lanes to the lower one, until `to` of `from` are left.
template <class Op, int from, int to>
void fold_lanes(typename Op::Acc* acc) {
  if constexpr (from > to) {
#pragma GCC unroll 1
    for (int lane = 0; lane < from / 2; ++lane) acc[lane] = Op::join(acc[lane], acc[lane + from / 2]);
    fold_lanes<Op, from / 2, to>(acc);
  }
}

/// A leaf of the tree. What does not fill all lanes twice goes through few lanes, and what does not fill these one by
/// one. What is left behind the last full lanes goes to few of them: one by one each would wait for the one before.
template <class Op, int lanes, class At>
[[gnu::noinline]] typename Op::Acc join_block(const At& at, std::int64_t n) {
  using Acc = typename Op::Acc;
  if constexpr (lanes > kFewLanes)
    if (n < 2 * lanes) return join_block<Op, kFewLanes>(at, n);
  if (n < 2 * lanes) return join_few<Op>(at, n);
  Acc acc[lanes];
#pragma GCC unroll 1
  for (int lane = 0; lane < lanes; ++lane) acc[lane] = Op::join(at(lane), at(lanes + lane));
  std::int64_t i = 2 * lanes;
  for (; i + lanes <= n; i += lanes)
    for (int lane = 0; lane < lanes; ++lane) acc[lane] = Op::join(acc[lane], at(i + lane));
  fold_lanes<Op, lanes, kFewLanes>(acc);
  for (; i + kFewLanes <= n; i += kFewLanes)
#pragma GCC unroll 1
    for (int lane = 0; lane < kFewLanes; ++lane) acc[lane] = Op::join(acc[lane], at(i + lane));
  fold_lanes<Op, kFewLanes, 1>(acc);
  return i < n ? Op::join(acc[0], join_few<Op>([&](std::int64_t k) { return at(i + k); }, n - i)) : acc[0];
}

/// The pairwise tree over n elements, cut by their number alone. `block(begin, n)` does a leaf.
template <class Op, class Block>
typename Op::Acc join_tree(const Block& block, std::int64_t begin, std::int64_t n) {
  constexpr int lanes = kLanes<typename Op::Acc>;
  if (n <= lanes * kLaneLength) return block(begin, n);
  const std::int64_t half = (n / 2 + lanes - 1) / lanes * lanes;
  const auto first = join_tree<Op>(block, begin, half);
  return Op::join(first, join_tree<Op>(block, begin + half, n - half));
}

/// The tree over x[0] … x[n - 1], each of which becomes an Acc by `load`.
template <class Op, class Load>
typename Op::Acc join_row(const typename Op::Acc* x, std::int64_t n, const Load& load) {
  const auto block = [x, load](std::int64_t begin, std::int64_t count) {
    return join_block<Op, kLanes<typename Op::Acc>>([from = x + begin, load](std::int64_t i) { return load(from[i]); },
                                                    count);
  };
  return join_tree<Op>(block, 0, n);
}

/// An Op may have `dense`, which does a row by itself.
template <class Op>
void row(const std::byte* in, std::int64_t n, std::int64_t, std::byte* acc) {
  using Acc = typename Op::Acc;
  const Acc* x = reinterpret_cast<const Acc*>(in);
  if constexpr (requires { Op::dense(x, n); })
    *reinterpret_cast<Acc*>(acc) = Op::dense(x, n);
  else
    *reinterpret_cast<Acc*>(acc) = join_row<Op>(x, n, [](Acc each) { return each; });
}

/// Four rows a step: the accumulators are read and written a quarter as often. Not for an Op that has `selects`:
/// selections within selections become branches. `at(row, column)` is an element as an Acc.
template <class Op, class At>
void join_columns(const At& at, std::int64_t n, std::int64_t width, typename Op::Acc* __restrict acc) {
#pragma GCC unroll 1
  for (std::int64_t column = 0; column < width; ++column) acc[column] = at(0, column);
  std::int64_t r = 1;
  constexpr bool four = !requires { Op::selects; };
  for (; four && r + 4 <= n; r += 4)
#pragma GCC unroll 1
    for (std::int64_t column = 0; column < width; ++column) {
      const auto first = Op::join(at(r, column), at(r + 1, column));
      const auto second = Op::join(at(r + 2, column), at(r + 3, column));
      acc[column] = Op::join(acc[column], Op::join(first, second));
    }
  for (; r < n; ++r)
#pragma GCC unroll 1
    for (std::int64_t column = 0; column < width; ++column) acc[column] = Op::join(acc[column], at(r, column));
}

template <class Op>
void columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t width,
             std::byte* acc) {
  using Acc = typename Op::Acc;
  const auto at = [=](std::int64_t r, std::int64_t column) {
    return reinterpret_cast<const Acc*>(in + r * row_stride)[column];
  };
  join_columns<Op>(at, n, width, reinterpret_cast<Acc*>(acc));
}

template <class Op>
void combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* out = reinterpret_cast<typename Op::Acc*>(acc);
  const auto* in = reinterpret_cast<const typename Op::Acc*>(later);
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < width; ++i) out[i] = Op::join(out[i], in[i]);
}

/// Over elements of `load`, which are accumulators as they are.
template <class Op, DType load>
inline constexpr ReduceKernels kernels_of{sizeof(typename Op::Acc), load, row<Op>, columns<Op>, combine<Op>};

}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
