// single_values_test.cpp - operators on 0-d tensors by the short way are those of the general way, bit by bit.
#include "interpreter/machine/single_values.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "interpreter/machine/operators.h"
#include "runtime/dtypes/cast.h"
#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

constexpr DType kDtypes[] = {DType::boolean, DType::int8,    DType::uint8,   DType::int32,   DType::int64,
                             DType::uint64,  DType::float16, DType::float32, DType::float64, DType::complex64};
constexpr auto kBinary = {ast::BinaryOp::add,          ast::BinaryOp::subtract,    ast::BinaryOp::multiply,
                          ast::BinaryOp::divide,       ast::BinaryOp::remainder,   ast::BinaryOp::power,
                          ast::BinaryOp::floor_divide, ast::BinaryOp::bitwise_xor, ast::BinaryOp::left_shift};
constexpr auto kCompare = {ast::CompareOp::equal,      ast::CompareOp::not_equal, ast::CompareOp::less,
                           ast::CompareOp::less_equal, ast::CompareOp::greater,   ast::CompareOp::greater_equal};

std::vector<Value> operands() {
  const double inf = std::numeric_limits<double>::infinity();
  std::vector<Value> out = {Value::of(0),    Value::of(3),   Value::of(-2),   Value::of(INT64_MAX), Value::of(16777217),
                            Value::of(-0.0), Value::of(0.1), Value::of(1e39), Value::of(inf),       Value::of(-inf)};
  out.push_back(Value::of(std::nan("")));
  for (const DType dtype : kDtypes)
    for (const double number : {0.0, 1.0, 5.0, 100.0}) out.push_back(Value::of(cast(Tensor::scalar(number), dtype)));
  for (const DType dtype : {DType::float32, DType::float64})
    for (const double number : {-0.0, -2.5, inf, std::nan("")})
      out.push_back(Value::of(cast(Tensor::scalar(number), dtype)));
  return out;
}

bool same(const Value& a, const Value& b) {
  return a.is(Value::Tag::scalar) && b.is(Value::Tag::scalar) && a.dtype() == b.dtype() &&
         std::memcmp(a.scalar_bytes(), b.scalar_bytes(), static_cast<std::size_t>(itemsize(a.dtype()))) == 0;
}

/// Calls `check` for each two operands that the short way is asked about; gives the number of them.
template <class Check>
int for_each_pair(const Check& check) {
  int done = 0;
  for (const Value& a : operands())
    for (const Value& b : operands()) done += are_single(a, b) && check(a, b);
  return done;
}

}  // namespace

TEST_CASE("arithmetic of single elements is that of tensors") {
  for (const ast::BinaryOp op : kBinary) {
    const int done = for_each_pair([&](const Value& a, const Value& b) {
      ElementwisePlan plan;
      Value left = a, right = b, quick, whole;
      bool is_done = false;
      const std::string refusal = message_of([&] { is_done = single_binary(op, a, b, plan, quick); });
      const std::string general = message_of([&] { whole = binary_operation(op, left, right); });
      const bool agrees = is_done ? same(quick, whole) : refusal == "no error" || refusal == general;
      CHECK_MESSAGE(agrees, spelling(op), " ", refusal, " ", general);
      return is_done;
    });
    CHECK(done > 0);
  }
}

TEST_CASE("comparisons of single elements are those of tensors") {
  for (const ast::CompareOp op : kCompare) {
    const int done = for_each_pair([&](const Value& a, const Value& b) {
      ElementwisePlan plan;
      Value quick;
      const bool is_done = single_compare(op, a, b, plan, quick);
      if (is_done) CHECK_MESSAGE(same(quick, compare_operation(op, a, b)), spelling(op));
      return is_done;
    });
    CHECK(done > 0);
  }
}

TEST_CASE("an element that would change its dtype is left alone") {
  ElementwisePlan plan;
  std::int64_t element = 7;
  auto* const bytes = reinterpret_cast<std::byte*>(&element);
  CHECK_FALSE(single_augment(ast::BinaryOp::add, DType::int64, bytes, Value::of(0.5), plan));
  CHECK_FALSE(single_augment(ast::BinaryOp::divide, DType::int64, bytes, Value::of(2), plan));
  CHECK(element == 7);
  CHECK(single_augment(ast::BinaryOp::multiply, DType::int64, bytes, Value::of(INT64_MAX), plan));
  CHECK(element == INT64_MAX - 6);
}
