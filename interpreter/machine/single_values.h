// single_values.h - operators on 0-d tensors, as loops over the elements of a tensor use them.
// Knows nothing of errors: whatever is more than kernels on two elements is left to operators.h, which has all the
// rules. Invariant: a result that is given is the one binary_operation and compare_operation give, and charged alike.
#pragma once

#include "grammar/ast.h"
#include "interpreter/values/value.h"
#include "runtime/elementwise/elementwise.h"

namespace inlay {

/// Whether this is a 0-d tensor of at most 8 bytes, an int or a float.
inline bool is_single(const Value& value) {
  using Tag = Value::Tag;
  return value.is(Tag::scalar) || value.is(Tag::floating) || value.is(Tag::integer);
}
/// Whether both are, and one at least is a tensor.
inline bool are_single(const Value& a, const Value& b) {
  return (a.is(Value::Tag::scalar) && is_single(b)) || (b.is(Value::Tag::scalar) && is_single(a));
}

/// a op b where are_single(a, b); `out` may be `a` or `b`, `plan` is the call site's. False, and nothing is done, where
/// this is not all. Throws TypeError for dtypes that the operator has no loop for.
bool single_binary(ast::BinaryOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out);
/// The same for a comparison, which is not `is` or `in`: a 0-d bool.
bool single_compare(ast::CompareOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out);
/// element op= value for an element of one of the commonest dtypes, and a value with which it keeps it; else false, and
/// nothing is done.
bool single_augment(ast::BinaryOp op, DType dtype, std::byte* element, const Value& value, ElementwisePlan& plan);

}  // namespace inlay
