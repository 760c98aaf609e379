// elementwise.h - functions of one, two or three elements, over broadcast tensors of any layout.
// Knows nothing of subscripts or names. op (promote, broadcast, check) -> plan -> kernel.
// Invariant: kernels see equal dtypes and contiguous rows; every check has passed before the first element is written.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/dtypes/scalar.h"

namespace inlay {

/// One enumerator per row of elementwise.def (ORDER ELEMENTWISE): ElementwiseOp::add, ::sin, ::less, …
enum class ElementwiseOp : std::uint8_t {
#define ELEMENTWISE(name, ...) name,
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE
  count_
};

/// NumPy's name of the function.
std::string_view name(ElementwiseOp op);
/// Number of operands: 1 or 2.
int arity(ElementwiseOp op);
/// Finds a function by NumPy's name; false if there is none.
bool find_elementwise(std::string_view name, ElementwiseOp& out);
/// Whether the op can refuse a value (integer power) instead of giving a result for every element.
bool is_total(ElementwiseOp op);

/// What dtype dispatch found, kept at a call site: valid while dtypes and weakness of the operands are the same.
struct ElementwisePlan {
  std::uint64_t signature = 0;  // 0: empty
  DType compute{};              // operands are converted to this
  DType result{};
  const void* kernels = nullptr;  // the row of kernels for `compute`
};

/// Which operands the op may take over: their last use. Only a tensor that is unique, row-major and of the result's
/// dtype and shape is written in place.
struct Reuse {
  bool first = false;
  bool second = false;
};

/// Applies a function of one operand. Integers go to floats where NumPy's ufunc does. Throws TypeError for dtypes the
/// ufunc has no loop for, in NumPy's words ("ufunc 'bitwise_and' not supported for the input types, …").
Tensor unary(ElementwiseOp op, const Operand& x, Reuse reuse = {}, ElementwisePlan* plan = nullptr);
/// Applies a function of two operands after promotion and broadcasting. Comparisons with plain integers out of range
/// are exact, other out-of-range plain integers are an OverflowError; int ** negative int is a ValueError; integer
/// division by zero gives 0 and one warning. A Reuse operand is taken over by writing into its tensor, whose handle the
/// caller then drops.
Tensor binary(ElementwiseOp op, const Operand& a, const Operand& b, Reuse reuse = {}, ElementwisePlan* plan = nullptr);
/// The dtype `binary` would give, without computing: for casting rules of augmented assignment.
DType binary_result_type(ElementwiseOp op, const Operand& a, const Operand& b);

/// Throws that error for what an op gives where it is stored, unless the rule allows it.
void check_output_cast(ElementwiseOp op, DType from, DType to);

/// `a op= b` on a whole tensor: result cast same_kind to a's dtype, shape unchanged; in place when unique. Throws
/// UFuncTypeError-like TypeError "Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64') with casting
/// rule 'same_kind'" and ValueError "non-broadcastable output operand …". On throw `a` is unchanged.
void binary_assign(ElementwiseOp op, Tensor& a, const Operand& b, ElementwisePlan* plan = nullptr);

/// condition ? x : y, broadcast together; the condition by truth; x and y promote. `reuse_y`: y may be taken over
/// (`x[m] = s` in place).
Tensor where(const Tensor& condition, const Operand& x, const Operand& y, bool reuse_y = false);
/// Like where with both sides of y's dtype and m of y's shape or broadcast to it: overwrites y where m is true. In
/// place when unique.
void where_assign(Tensor& y, const Tensor& mask, const Operand& value);
/// minimum(maximum(x, low), high); either bound may be absent.
Tensor clip(const Operand& x, const Operand* low, const Operand* high);

}  // namespace inlay
