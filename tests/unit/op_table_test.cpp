// op_table_test.cpp - the table of ops, signatures, reading arguments, index items and constants.
#include "interpreter/operations/op_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "interpreter/lowering/constants.h"
#include "interpreter/subscripts/index_items.h"
#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

TEST_CASE("names are unique where they are visible, and found there") {
  std::set<std::pair<std::string_view, int>> seen;
  for (const OpRow* row : op_rows()) {
    for (int bit = 0; bit < 8; ++bit) {
      if ((row->visibility >> bit & 1) == 0) continue;
      INFO(row->name);
      CHECK(seen.insert({row->name, bit}).second);
      CHECK(find_op(row->name, static_cast<std::uint16_t>(1 << bit)) == row);
    }
  }
  CHECK(find_op("sorted", kPython) != nullptr);
  CHECK(find_op("sorted", kMath) == nullptr);
  CHECK(find_op("isqrt", kMath | kPython) != nullptr);
  CHECK(find_op("no such op", 0xffff) == nullptr);
}

TEST_CASE("every signature parses, once") {
  for (const OpRow* row : op_rows()) {
    INFO(row->name);
    const Signature& signature = signature_of(*row);
    CHECK(&signature == &signature_of(*row));
    for (const OpParameter& parameter : signature.parameters) CHECK_FALSE(parameter.name.empty());
  }
}

TEST_CASE("parameter lists") {
  const Signature signature = parse_signature("a, axis=None, *rest, sep=', ', scale=-1.5, keepdims=False");
  REQUIRE(signature.parameters.size() == 6);
  CHECK(signature.star == 2);
  CHECK(signature.parameters[0].default_value.is_undefined());
  CHECK(signature.parameters[1].default_value.is_none());
  CHECK(signature.parameters[3].default_value.string() == ", ");
  CHECK(signature.parameters[3].keyword_only);
  CHECK(signature.parameters[4].default_value.floating() == -1.5);
  CHECK(parse_signature("").parameters.empty());
  CHECK(parse_signature("a, *, b=1").parameters[1].keyword_only);
}

TEST_CASE("binding arguments") {
  const Signature signature = parse_signature("a, b=2, *, c=3");
  const auto bound = [&](std::vector<Value> positional, std::vector<std::pair<std::string, Value>> keywords) {
    return to_repr(Value::tuple(bind_arguments("f", signature, positional, keywords)));
  };
  const auto refusal = [&](std::vector<Value> positional, std::vector<std::pair<std::string, Value>> keywords) {
    return message_of([&] { (void)bound(positional, keywords); });
  };
  const Value one = Value::of(1);
  CHECK(bound({one}, {}) == "(1, 2, 3)");
  CHECK(bound({one, one}, {{"c", one}}) == "(1, 1, 1)");
  CHECK(bound({}, {{"b", one}, {"a", one}}) == "(1, 1, 3)");
  CHECK(refusal({}, {}) == "TypeError: f() missing required argument: 'a'");
  CHECK(refusal({one, one, one}, {}) == "TypeError: f() takes at most 2 arguments (3 given)");
  CHECK(refusal({one}, {{"a", one}}) == "TypeError: f() got multiple values for argument 'a'");
  CHECK(refusal({one}, {{"d", one}}) == "TypeError: f() got an unexpected keyword argument 'd'");
}

TEST_CASE("axes, shapes and dtypes as arguments") {
  CHECK(axes_argument(Value::none(), 3) == std::vector<int>{0, 1, 2});
  CHECK(axes_argument(Value::of(-1), 3) == std::vector<int>{2});
  CHECK(axes_argument(tuple(0, -1), 3) == std::vector<int>{0, 2});
  CHECK(message_of([] { (void)axes_argument(tuple(0, -2), 2); }) == "ValueError: duplicate value in 'axis'");
  CHECK(message_of([] { (void)axes_argument(Value::of(5), 2); }) ==
        "ValueError: axis 5 is out of bounds for array of dimension 2");
  CHECK(message_of([] { (void)axes_argument(Value::of(1.5), 2); }) ==
        "TypeError: 'float' object cannot be interpreted as an integer");
  CHECK_FALSE(axis_argument(Value::none(), 2).has_value());
  CHECK(*axis_argument(Value::of(-2), 2) == 0);
  CHECK(shape_argument(Value::of(3)) == Shape{3});
  CHECK(shape_argument(list(2, Value::of(Tensor::scalar(std::int32_t{3})))) == Shape{2, 3});
  CHECK(shape_argument(Value::of(Tensor::of<std::int64_t>({4, 5}))) == Shape{4, 5});
  CHECK(message_of([] { (void)shape_argument(Value::of(-1)); }) == "ValueError: negative dimensions are not allowed");
  CHECK(message_of([] { (void)shape_argument(tuple(2, 2.0)); }) ==
        "TypeError: 'float' object cannot be interpreted as an integer");
  CHECK(message_of([] { (void)shape_argument(Value::of(2.0)); }) ==
        "TypeError: expected a sequence of integers or a single integer, got '2.0'");
  CHECK_FALSE(dtype_argument(Value::none()).has_value());
  CHECK(*dtype_argument(Value::of(TypeId::integer)) == DType::int64);
  CHECK(message_of([] { (void)string_argument(Value::of(1), "mode"); }) == "TypeError: mode must be a str, not int");
  Value plain = Value::of(3), nested = list(1, 2);
  CHECK(operand_argument(plain).is_number());
  CHECK(operand_argument(nested).tensor.shape() == Shape{2});
  CHECK(tensor_argument(plain).dtype() == DType::int64);
}

TEST_CASE("index items") {
  CHECK(std::get<std::int64_t>(to_index_items(Value::of(-3)).at(0)) == -3);
  const IndexItems items = to_index_items(tuple(Value::ellipsis(), Value::none(), true, list(0, 1), 4));
  REQUIRE(items.size() == 5);
  CHECK(std::holds_alternative<EllipsisItem>(items[0]));
  CHECK(std::holds_alternative<NewAxisItem>(items[1]));
  CHECK(std::get<Tensor>(items[2]).dtype() == DType::boolean);
  CHECK(std::get<Tensor>(items[3]).shape() == Shape{2});
  CHECK(std::get<Tensor>(to_index_items(list()).at(0)).dtype() == DType::int64);
  CHECK(std::get<Tensor>(to_index_items(list(list())).at(0)).shape() == Shape{1, 0});
  CHECK(to_index_items(Value::tuple({})).empty());
  const Value huge = Value::of_wide(int128{1} << 70);
  const auto slice = std::get<SliceItem>(to_index_items(Value::slice(Value::none(), huge, Value::of(-2))).at(0));
  CHECK_FALSE(slice.start.has_value());
  CHECK(*slice.stop == std::numeric_limits<std::int64_t>::max());
  CHECK(*slice.step == -2);
}

TEST_CASE("what is no index") {
  const auto refusal = [](const Value& index) { return message_of([&] { (void)to_index_items(index); }); };
  const std::string invalid =
      "IndexError: only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
      "are valid indices";
  CHECK(refusal(Value::of(1.5)) == invalid);
  CHECK(refusal(Value::of("a")) == invalid);
  CHECK(refusal(dict()) == invalid);
  CHECK(refusal(list("a")) == invalid);
  CHECK(refusal(tuple(0, list(Value::none()))) == invalid);
  CHECK(refusal(Value::of_wide(int128{1} << 70)) == invalid);
  CHECK(refusal(tuple(true, false)).starts_with("IndexError: a tuple of bools is no mask"));
  CHECK(refusal(list(list(1, 2), list(3))).starts_with("ValueError: setting an array element with a sequence."));
  CHECK(refusal(Value::slice(Value::of(1.5), Value::none(), Value::none())) ==
        "TypeError: slice indices must be integers or None or have an __index__ method");
}

TEST_CASE("constants") {
  CHECK(builtin_constant("bool").is(Value::Tag::type));
  CHECK(module_constant("numpy", "bool").is(Value::Tag::dtype));
  CHECK(builtin_constant("float32").dtype() == DType::float32);
  CHECK(builtin_constant("newaxis").is_none());
  CHECK(module_constant("math", "tau").floating() == 2 * module_constant("math", "pi").floating());
  CHECK(std::isnan(builtin_constant("nan").floating()));
  CHECK(module_constant("tensorflow", "Tensor").type() == TypeId::tensor);
  CHECK(module_constant("math", "float32").is_undefined());
  CHECK(module_constant("nothing", "pi").is_undefined());
  for (const std::string_view name : builtin_constant_names()) CHECK_FALSE(builtin_constant(name).is_undefined());
  for (const std::string_view name : module_constant_names("numpy"))
    CHECK_FALSE(module_constant("numpy", name).is_undefined());
}
