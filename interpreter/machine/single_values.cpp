// single_values.cpp - see single_values.h.
#include "interpreter/machine/single_values.h"

#include <cstring>

#include "interpreter/machine/operators.h"
#include "interpreter/machine/plain_numbers.h"
#include "runtime/elementwise/single_elements.h"
#include "runtime/memory/context.h"

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

// ---- int64 and float64, without a plan: what every processor has instructions for ----

/// The number of a float64 element, or of an int or a float beside one.
bool read(const Value& value, double& out) {
  using Tag = Value::Tag;
  if (value.is(Tag::integer)) return out = static_cast<double>(value.integer()), true;
  if (!value.is(Tag::floating) && !(value.is(Tag::scalar) && value.dtype() == DType::float64)) return false;
  return out = value.floating(), true;
}

/// The number of an int64 element, or of an int beside one.
bool read(const Value& value, std::int64_t& out) {
  using Tag = Value::Tag;
  if (!value.is(Tag::integer) && !(value.is(Tag::scalar) && value.dtype() == DType::int64)) return false;
  return out = value.integer(), true;
}

bool calculate(ast::BinaryOp op, double x, double y, double& out) {
  switch (op) {
    case ast::BinaryOp::add:
      return out = x + y, true;
    case ast::BinaryOp::subtract:
      return out = x - y, true;
    case ast::BinaryOp::multiply:
      return out = x * y, true;
    case ast::BinaryOp::divide:
      return out = x / y, true;
    default:
      return false;
  }
}

/// Sums wrap round.
bool calculate(ast::BinaryOp op, std::int64_t x, std::int64_t y, std::int64_t& out) {
  switch (op) {
    case ast::BinaryOp::add:
      return __builtin_add_overflow(x, y, &out), true;
    case ast::BinaryOp::subtract:
      return __builtin_sub_overflow(x, y, &out), true;
    case ast::BinaryOp::multiply:
      return __builtin_mul_overflow(x, y, &out), true;
    case ast::BinaryOp::floor_divide:
      return y > 0 && (out = x / y - (x % y < 0), true);
    case ast::BinaryOp::remainder:
      return y > 0 && (out = x % y + (x % y < 0 ? y : 0), true);
    default:
      return false;
  }
}

template <class Number>
bool operate_plainly(ast::BinaryOp op, const Value& a, const Value& b, Value& out) {
  Number x = 0, y = 0, result = 0;
  if (!read(a, x) || !read(b, y) || !calculate(op, x, y, result)) return false;
  context().charge(1, 0);
  out.set_element(result);
  return true;
}

template <class Number>
bool compare_plainly(ast::CompareOp op, const Value& a, const Value& b, Value& out) {
  Number x = 0, y = 0;
  bool holds = false;
  if (!read(a, x) || !read(b, y) || !plain_compare(op, x, y, holds)) return false;
  context().charge(1, 0);
  out.set_element(holds);
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
  if (operate_plainly<std::int64_t>(op, a, b, out) || operate_plainly<double>(op, a, b, out)) return true;
  return op != ast::BinaryOp::matmul && operate(elementwise_of(op), a, b, plan, out);
}

bool single_compare(ast::CompareOp op, const Value& a, const Value& b, ElementwisePlan& plan, Value& out) {
  if (compare_plainly<std::int64_t>(op, a, b, out) || compare_plainly<double>(op, a, b, out)) return true;
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
