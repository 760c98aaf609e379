// plain_numbers.h - operators on two plain ints or two plain floats where the result is one too: most of what loops do.
// Knows nothing of tensors or of errors: whatever would raise is left to operators.cpp, which has all the rules.
// Invariant: a result that is given is the one binary_operation and compare_operation give.
#pragma once

#include <cstdint>

#include "grammar/ast.h"
#include "interpreter/values/value.h"

namespace inlay {

/// a op b of ints; false where it is not this simple: an overflow, a zero or negative divisor, other operators.
inline bool plain_binary(ast::BinaryOp op, std::int64_t a, std::int64_t b, Value& out) {
  using ast::BinaryOp;
  std::int64_t result = 0;
  switch (op) {
    case BinaryOp::add:
      if (__builtin_add_overflow(a, b, &result)) return false;
      break;
    case BinaryOp::subtract:
      if (__builtin_sub_overflow(a, b, &result)) return false;
      break;
    case BinaryOp::multiply:
      if (__builtin_mul_overflow(a, b, &result)) return false;
      break;
    case BinaryOp::floor_divide:
      if (b <= 0) return false;
      result = a / b - (a % b < 0);
      break;
    case BinaryOp::remainder:
      if (b <= 0) return false;
      result = a % b;
      if (result < 0) result += b;
      break;
    default:
      return false;
  }
  out.set(result);
  return true;
}

/// a op b of floats; false for other operators and for a division by zero.
inline bool plain_binary(ast::BinaryOp op, double a, double b, Value& out) {
  using ast::BinaryOp;
  switch (op) {
    case BinaryOp::add:
      out.set(a + b);
      return true;
    case BinaryOp::subtract:
      out.set(a - b);
      return true;
    case BinaryOp::multiply:
      out.set(a * b);
      return true;
    case BinaryOp::divide:
      if (b == 0) return false;
      out.set(a / b);
      return true;
    default:
      return false;
  }
}

/// Comparison of two ints, or of two floats by IEEE's rules (NaN is neither less nor equal); false for `is` and `in`.
template <class Number>
bool plain_compare(ast::CompareOp op, Number a, Number b, bool& out) {
  using ast::CompareOp;
  switch (op) {
    case CompareOp::equal:
      out = a == b;
      return true;
    case CompareOp::not_equal:
      out = a != b;
      return true;
    case CompareOp::less:
      out = a < b;
      return true;
    case CompareOp::less_equal:
      out = a <= b;
      return true;
    case CompareOp::greater:
      out = a > b;
      return true;
    case CompareOp::greater_equal:
      out = a >= b;
      return true;
    default:
      return false;
  }
}

/// Whether both are ints or floats and one at least is a float: their arithmetic is that of floats.
inline bool are_floats(const Value& a, const Value& b) {
  using Tag = Value::Tag;
  return (a.is(Tag::floating) && (b.is(Tag::floating) || b.is(Tag::integer))) ||
         (a.is(Tag::integer) && b.is(Tag::floating));
}
inline double plain_float(const Value& value) {
  return value.is(Value::Tag::floating) ? value.floating() : static_cast<double>(value.integer());
}

/// `out` may be `a` or `b`.
inline bool plain_binary(ast::BinaryOp op, const Value& a, const Value& b, Value& out) {
  using Tag = Value::Tag;
  if (a.is(Tag::integer) && b.is(Tag::integer)) return plain_binary(op, a.integer(), b.integer(), out);
  return are_floats(a, b) && plain_binary(op, plain_float(a), plain_float(b), out);
}
inline bool plain_compare(ast::CompareOp op, const Value& a, const Value& b, bool& out) {
  using Tag = Value::Tag;
  if (a.is(Tag::integer) && b.is(Tag::integer)) return plain_compare(op, a.integer(), b.integer(), out);
  return a.is(Tag::floating) && b.is(Tag::floating) && plain_compare(op, a.floating(), b.floating(), out);
}

}  // namespace inlay
