// elementwise_dispatch.h - which dtypes and kernels an elementwise op uses for its operands: NumPy's ufunc type
// resolution.
// Knows nothing of shapes or elements.
// Invariant: what resolve() gives depends on the op and the operands' dtypes and weakness alone.
#pragma once

#include <string_view>

#include "runtime/elementwise/elementwise.h"
#include "runtime/elementwise/elementwise_kernels.h"

namespace inlay {

/// A row of elementwise.def.
struct OpInfo {
  std::string_view name;
  int arity;
  std::string_view loops;
  ResultRule rule;
  ValueCheck check;
  int cost;
};
const OpInfo& info(ElementwiseOp op);

inline bool is_comparison(ElementwiseOp op) { return op >= ElementwiseOp::equal && op <= ElementwiseOp::greater_equal; }

inline bool is_logical(ElementwiseOp op) {
  return op >= ElementwiseOp::logical_and && op <= ElementwiseOp::logical_xor;
}

/// What promotion sees of an operand: a dtype, or the kind of a plain number.
struct OperandType {
  bool weak = false;
  DType dtype{};
  Scalar::Kind number{};

  OperandType(DType tensor) : dtype(tensor) {}  // NOLINT: implicit on purpose
  explicit OperandType(Scalar::Kind kind) : weak(true), number(kind) {}
  explicit OperandType(const Operand& operand)
      : weak(operand.is_number()),
        dtype(operand.is_number() ? DType{} : operand.tensor.dtype()),
        number(operand.number.kind) {}
};

/// Finds dtypes and kernels. Throws TypeError in NumPy's words where there is no loop.
ElementwisePlan resolve(ElementwiseOp op, DType x);
/// Of two operands, at least one of them a tensor.
ElementwisePlan resolve(ElementwiseOp op, const OperandType& a, const OperandType& b);

/// The plan of the call site if it is for these operands, else a fresh one, which the call site keeps.
ElementwisePlan planned(ElementwiseOp op, const OperandType& a, const OperandType& b, ElementwisePlan* plan);

inline const KernelRow& kernel_row(const ElementwisePlan& plan) { return *static_cast<const KernelRow*>(plan.kernels); }

/// Whether `x op= v` reads and writes elements of x's dtype alone, so that kernels may run over them where they lie.
bool keeps_dtype(const OpInfo& op, const ElementwisePlan& plan, DType dtype);
/// x op v for `n` elements that lie one after the other, with one value or as many; `out` may be x.
inline void run_update(const KernelRow& row, const std::byte* x, const std::byte* v, bool is_one, std::byte* out,
                       std::int64_t n) {
  if (row.mirrored)
    (is_one ? row.sv : row.vv)(v, x, out, n);
  else
    (is_one ? row.vs : row.vv)(x, v, out, n);
}

}  // namespace inlay
