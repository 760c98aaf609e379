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

inline const KernelRow& kernel_row(const ElementwisePlan& plan) { return *static_cast<const KernelRow*>(plan.kernels); }

}  // namespace inlay
