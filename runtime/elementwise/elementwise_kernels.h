// elementwise_kernels.h - the tables through which the op layer finds kernels: [op][dtype] -> row -> loop.
// Knows nothing of tensors, shapes or promotion.
// Invariant: kernels see contiguous rows of one type; the output is disjoint from an input or the very same row.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/dtypes/dtype.h"
#include "runtime/kernels/kernel_target.h"

namespace inlay {

using UnaryKernel = void (*)(const void* x, void* out, std::int64_t n);
using BinaryKernel = void (*)(const void* a, const void* b, void* out, std::int64_t n);

/// The loops of an op for one dtype.
struct KernelRow {
  union {
    UnaryKernel v;              // of an op of one operand
    BinaryKernel vv = nullptr;  // both operands are rows
  };
  BinaryKernel vs = nullptr;  // the second is one element
  BinaryKernel sv = nullptr;  // the first is one element
  DType load[2] = {};         // what the kernels read …
  DType store = {};           // … and write; other than the row's where it borrows loops
  bool mirrored = false;      // call with the operands exchanged
  bool has_loop = false;      // otherwise all else is without meaning
};
/// The rows of an op, ORDER DTYPE.
using KernelRows = std::array<KernelRow, kDTypeCount>;

/// How the dtype of a result follows from the dtype of the computation; see elementwise.def.
enum class ResultRule : std::uint8_t { same, predicate, magnitude, count, quotient, scaled };
/// What is looked at before the first write.
enum class ValueCheck : std::uint8_t { none, zero_divisor, negative_exponent };

/// Kernels of int64 with uint64, and of uint64 with int64.
struct MixedRows {
  KernelRow signed_first, unsigned_first;
};

inline namespace INLAY_TARGET {

namespace kernels {
#define ELEMENTWISE(name, arity, loops, rule, check, cost, functor) struct functor;
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE
}  // namespace kernels

/// The kernels of a functor; each kernel file instantiates this for its own.
template <class F>
const KernelRows& kernel_rows();
/// Comparisons of integers that no common dtype holds, ORDER ELEMENTWISE from `equal` to `greater_equal`.
const std::array<MixedRows, 6>& mixed_comparison_rows();

}  // namespace INLAY_TARGET

}  // namespace inlay
