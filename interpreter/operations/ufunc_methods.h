// ufunc_methods.h - ufuncs as objects: add.reduce, maximum.accumulate, multiply.outer, hypot.identity.
// Knows nothing of how calls are written.
// Invariant: reducing and accumulating go strictly from the first element to the last where no reduction of the runtime
// does the same.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/operations/op_table.h"

namespace inlay {

/// A function that NumPy counts among its ufuncs.
struct Ufunc {
  int inputs;
  int outputs;
  std::optional<ElementwiseOp> op;  // nothing if it has several outputs
};

/// The ufunc a row stands for; nothing if it is none.
std::optional<Ufunc> ufunc_of(const OpRow& row);

/// Calls reduce, accumulate, outer or reduceat of a ufunc. Undefined if the row is no ufunc or has no such method.
Value ufunc_method(Evaluator& evaluator, const OpRow& ufunc, std::string_view method, std::span<const Value> arguments,
                   std::span<const std::pair<std::string, Value>> keywords);
/// nin, nout, nargs, identity, signature or __name__ of a ufunc. Undefined if the row is no ufunc or has no such
/// attribute.
Value ufunc_attribute(const OpRow& ufunc, std::string_view name);

// ---- ufunc_fold.cpp ----

/// The element that changes nothing, and the result over no elements; nothing if the function has none.
std::optional<Scalar> identity_of(ElementwiseOp op);

/// What reduce() is told besides the array and where its axes lie.
struct FoldOptions {
  std::optional<DType> dtype;
  std::optional<Operand> initial;
  std::optional<Tensor> mask;  // bools that broadcast to the array
  bool keepdims = false;
  bool from_identity = true;  // false: initial=None, so that it starts from the first element
};

/// The dtype that a function of two operands folds elements of `from` in, which is that of its result. Throws TypeError
/// in NumPy's words if it has none.
DType fold_dtype(ElementwiseOp op, DType from, std::optional<DType> dtype);
/// Combines the elements along the axes, from the first to the last.
Tensor fold(ElementwiseOp op, const Tensor& x, std::vector<int> axes, const FoldOptions& options);
/// What fold() has in hand after each element along the axis.
Tensor running_fold(ElementwiseOp op, const Tensor& x, int axis, std::optional<DType> dtype);

}  // namespace inlay
