// single_values.cpp - see single_values.h.
#include "interpreter/machine/single_values.h"

#include <cstring>

#include "interpreter/machine/operators.h"
#include "runtime/elementwise/single_elements.h"

namespace inlay {
namespace {

SingleOperand single_operand(const Value& value) {
  if (value.is(Value::Tag::scalar)) return {value.dtype(), value.scalar_bytes()};
  const bool is_float = value.is(Value::Tag::floating);
  return {OperandType(is_float ? Scalar::Kind::floating : Scalar::Kind::integer), value.scalar_bytes()};
}

bool operate(ElementwiseOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out) {
  std::byte result[8];
  if (!binary_single(op, single_operand(a), single_operand(b), plan, result)) return false;
  out = Value::scalar(plan.result, result);
  return true;
}

/// Whether an element of the commonest dtypes still has its own after `op= value`.
bool keeps_dtype(ast::BinaryOp op, DType dtype, const Value& value) {
  const bool is_float = dtype == DType::float64 || dtype == DType::float32;
  if (!is_float && (dtype != DType::int64 || op == ast::BinaryOp::divide)) return false;
  if (value.is(Value::Tag::scalar)) return value.dtype() == dtype;
  return value.is(Value::Tag::integer) || (is_float && value.is(Value::Tag::floating));
}

}  // namespace

bool single_binary(ast::BinaryOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out) {
  return op != ast::BinaryOp::matmul && operate(elementwise_of(op), a, b, plan, out);
}

bool single_compare(ast::CompareOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out) {
  return operate(elementwise_of(op), a, b, plan, out);
}

bool single_augment(ast::BinaryOp op, DType dtype, std::byte* element, const Value& value, ElementwisePlan& plan) {
  if (!keeps_dtype(op, dtype, value)) return false;
  const Value old = Value::scalar(dtype, element);
  Value fresh;
  if (!single_binary(op, old, value, plan, fresh)) return false;
  std::memcpy(element, fresh.scalar_bytes(), static_cast<std::size_t>(itemsize(dtype)));
  return true;
}

}  // namespace inlay
