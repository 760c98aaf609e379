// operators.h - Python's operators on values of any type.
#pragma once

#include "grammar/ast.h"
#include "interpreter/values/value.h"
#include "runtime/elementwise/elementwise.h"

namespace inlay {

/// The element function of an operator (not of `@`).
ElementwiseOp elementwise_of(ast::BinaryOp op);
/// Of `-x`, `+x` and `~x`.
ElementwiseOp elementwise_of(ast::UnaryOp op);
/// Of the comparisons that go element by element, `==` to `>=`.
ElementwiseOp elementwise_of(ast::CompareOp op);
/// `a op b`: plain numbers by Python's rules, tensors by NumPy's, sequences and text by Python's. Bit i of `consumed`:
/// operand i is not needed afterwards and may be taken over; if the operation throws, both operands are what they were.
Value binary_operation(ast::BinaryOp op, Value& a, Value& b, std::uint64_t consumed = 0,
                       ElementwisePlan* plan = nullptr);
Value unary_operation(ast::UnaryOp op, Value& a, std::uint64_t consumed = 0, ElementwisePlan* plan = nullptr);
/// Comparisons, `in` and `is`. Tensors compare element by element.
Value compare_operation(ast::CompareOp op, const Value& a, const Value& b, ElementwisePlan* plan = nullptr);

}  // namespace inlay
