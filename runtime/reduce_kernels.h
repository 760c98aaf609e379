// reduce_kernels.h - building kernels for run_reduction from an operation on single elements, and the table of
// reduce's. Invariant: which elements meet in which order depends on n alone, so that strided and contiguous input give
// the same bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernel_target.h"
#include "runtime/reduce.h"
#include "runtime/reduction.h"

namespace inlay {

/// Kernels that reduce elements of `in` in accumulators of `acc`; without functions (row == nullptr) if the elements
/// have to be cast to `acc` first. `op` is not mean (a sum), `acc` not a 16-bit float.
const ReduceKernels& reduce_kernels(ReduceOp op, DType in, DType acc);

inline namespace INLAY_TARGET {
/// The kernels of one instruction set.
const ReduceKernels& target_reduce_kernels(ReduceOp op, DType in, DType acc);

namespace kernels {

/// Element `i` of a strided row.
template <class In>
const In& element(const std::byte* in, std::int64_t stride, std::int64_t i) {
  return *reinterpret_cast<const In*>(in + i * stride);
}

/// A row's elements one after the other: where they are, or in `copy`, which has room for kLongestRow. There is a first
/// one, which GCC 12 has to see to believe that the copy holds anything.
template <class T>
const T* dense_row(const std::byte* in, std::int64_t stride, std::int64_t n, T* copy) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(in);
  std::int64_t i = 0;
  do copy[i] = element<T>(in, stride, i);
  while (++i < n);
  return copy;
}

/// Independent chains, which the compiler turns into vectors. TRIED: 16 for 8-byte types - selections (min, max) are
/// then unrolled into branches, 1.5 ns an element.
template <class Acc>
inline constexpr int kLanes = sizeof(Acc) <= 8 ? 32 : 8;
inline constexpr int kFewLanes = 8;
/// Elements each lane takes one after the other before blocks are combined pairwise.
inline constexpr std::int64_t kLaneLength = 16;

/// Op has: Acc; load<In>(In) -> Acc; join(Acc, Acc) -> Acc, associative but for rounding.
template <class Op, class At>
typename Op::Acc join_few(const At& at, std::int64_t n) {
  typename Op::Acc acc = Op::load(at(0));
  for (std::int64_t i = 1; i < n; ++i) acc = Op::join(acc, Op::load(at(i)));
  return acc;
}

/// What does not fill all lanes twice goes through few lanes, and what does not fill these one by one.
template <class Op, int lanes, class At>
typename Op::Acc join_block(const At& at, std::int64_t n) {
  using Acc = typename Op::Acc;
  if constexpr (lanes > kFewLanes)
    if (n < 2 * lanes) return join_block<Op, kFewLanes>(at, n);
  if (n < 2 * lanes) return join_few<Op>(at, n);
  Acc acc[lanes];
  for (int lane = 0; lane < lanes; ++lane) acc[lane] = Op::load(at(lane));
  std::int64_t i = lanes;
  for (; i + lanes <= n; i += lanes)
    for (int lane = 0; lane < lanes; ++lane) acc[lane] = Op::join(acc[lane], Op::load(at(i + lane)));
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int lane = 0; lane < width; ++lane) acc[lane] = Op::join(acc[lane], acc[lane + width]);
  return i < n ? Op::join(acc[0], join_few<Op>([&](std::int64_t k) { return at(i + k); }, n - i)) : acc[0];
}

/// The pairwise tree over elements at(begin) …, cut by their number alone.
template <class Op, class At>
typename Op::Acc join_tree(const At& at, std::int64_t begin, std::int64_t n) {
  constexpr int lanes = kLanes<typename Op::Acc>;
  constexpr std::int64_t block = lanes * kLaneLength;
  if (n > block) {
    const std::int64_t half = (n / 2 + lanes - 1) / lanes * lanes;
    const auto first = join_tree<Op>(at, begin, half);
    return Op::join(first, join_tree<Op>(at, begin + half, n - half));
  }
  return join_block<Op, lanes>([at, begin](std::int64_t i) { return at(begin + i); }, n);
}

template <class Op, class In>
typename Op::Acc join_row(const std::byte* in, std::int64_t stride, std::int64_t n) {
  if (stride == sizeof(In))
    return join_tree<Op>([in](std::int64_t i) { return reinterpret_cast<const In*>(in)[i]; }, 0, n);
  return join_tree<Op>([in, stride](std::int64_t i) { return element<In>(in, stride, i); }, 0, n);
}

/// An Op may have `dense`, which does a contiguous row of its elements by itself.
template <class Op, class In>
void row(const std::byte* in, std::int64_t stride, std::int64_t n, std::int64_t, std::byte* acc) {
  if constexpr (requires(const In* x) { Op::dense(x, n); }) {
    In copy[kLongestRow];
    *reinterpret_cast<typename Op::Acc*>(acc) = Op::dense(dense_row(in, stride, n, copy), n);
  } else {
    *reinterpret_cast<typename Op::Acc*>(acc) = join_row<Op, In>(in, stride, n);
  }
}

/// Four rows a step: the accumulators are read and written a quarter as often. Not for an Op that has `selects`:
/// selections within selections become branches.
template <class Op, class In, class At>
void join_columns(const At& at, std::int64_t n, std::int64_t width, typename Op::Acc* __restrict acc) {
  for (std::int64_t column = 0; column < width; ++column) acc[column] = Op::load(at(0, column));
  std::int64_t r = 1;
  constexpr bool four = !requires { Op::selects; };
  for (; four && r + 4 <= n; r += 4)
    for (std::int64_t column = 0; column < width; ++column) {
      const auto first = Op::join(Op::load(at(r, column)), Op::load(at(r + 1, column)));
      const auto second = Op::join(Op::load(at(r + 2, column)), Op::load(at(r + 3, column)));
      acc[column] = Op::join(acc[column], Op::join(first, second));
    }
  for (; r < n; ++r)
    for (std::int64_t column = 0; column < width; ++column)
      acc[column] = Op::join(acc[column], Op::load(at(r, column)));
}

template <class Op, class In>
void columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t stride,
             std::int64_t width, std::byte* acc) {
  auto* out = reinterpret_cast<typename Op::Acc*>(acc);
  const auto contiguous = [=](std::int64_t r, std::int64_t column) {
    return reinterpret_cast<const In*>(in + r * row_stride)[column];
  };
  const auto strided = [=](std::int64_t r, std::int64_t column) {
    return element<In>(in + r * row_stride, stride, column);
  };
  if (stride == sizeof(In))
    join_columns<Op, In>(contiguous, n, width, out);
  else
    join_columns<Op, In>(strided, n, width, out);
}

template <class Op>
void combine(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* out = reinterpret_cast<typename Op::Acc*>(acc);
  const auto* in = reinterpret_cast<const typename Op::Acc*>(later);
  for (std::int64_t i = 0; i < width; ++i) out[i] = Op::join(out[i], in[i]);
}

template <class Op, class In>
inline constexpr ReduceKernels kernels_of{sizeof(typename Op::Acc), row<Op, In>, columns<Op, In>, combine<Op>};

}  // namespace kernels
}  // namespace INLAY_TARGET
}  // namespace inlay
