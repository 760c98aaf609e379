// value_test.cpp - values: what they hold, how they compare, hash, print and become tensors.
#include "interpreter/values/value.h"

#include <doctest/doctest.h>

#include <limits>

#include "interpreter/values/compare.h"
#include "tests/unit/sanitized.h"
#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

std::string text_of(const Value& nested, const DType* dtype = nullptr) {
  const Tensor tensor = as_tensor(nested, dtype);
  return fmt::format("{} {} {}", name(tensor.dtype()), to_string(tensor.shape()), to_str(Value::of(tensor)));
}

Value nested_list(int depth) {
  Value out = list();
  for (int level = 1; level < depth; ++level) out = list(std::move(out));
  return out;
}

}  // namespace

TEST_CASE("a 0-d tensor of up to 8 bytes lives inside the value") {
  const Value small = Value::of(Tensor::scalar(1.5));
  CHECK(small.is(Value::Tag::scalar));
  CHECK(small.tensor().item<double>() == 1.5);
  CHECK(small.tensor_shape().empty());
  const Value large = Value::of(Tensor::scalar(complex128(1, 2)));
  CHECK(large.is(Value::Tag::tensor));
  CHECK(large.tensor_rank() == 0);
}

TEST_CASE("taking a tensor leaves its only holder") {
  Value value = Value::of(Tensor::of<double>({1, 2}));
  Tensor tensor = value.take_tensor();
  CHECK(value.is_undefined());
  CHECK(tensor.unique());
}

TEST_CASE("writers copy what somebody else holds") {
  Value a = list(1, 2);
  const Value b = a;
  a.mutable_elements().push_back(Value::of(3));
  CHECK(to_repr(a) == "[1, 2, 3]");
  CHECK(to_repr(b) == "[1, 2]");
  const std::vector<Value>* before = &a.elements();
  a.mutable_elements().push_back(Value::of(4));
  CHECK(&a.elements() == before);
}

TEST_CASE("no memory has room for more holders of a value than are counted") {
  CHECK(std::numeric_limits<Counted::Count>::max() / static_cast<Counted::Count>(sizeof(Value)) >
        std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("dicts keep their order and compare keys by value") {
  Value dict = Value::dict();
  DictObject& items = dict.mutable_dictionary();
  for (int key = 0; key < 1000; ++key) items.set(Value::of(key), Value::of(2 * key));
  CHECK(items.items.size() == 1000);
  CHECK(items.find(Value::of(500.0))->integer() == 1000);
  CHECK(items.find(Value::of(Tensor::scalar(std::int64_t{999})))->integer() == 1998);
  CHECK(items.find(Value::of(0.5)) == nullptr);
  items.set(Value::of(true), Value::of(7));
  CHECK(items.items.size() == 1000);
  CHECK(items.find(Value::of(1))->integer() == 7);
  CHECK(items.erase(Value::of(0)));
  CHECK_FALSE(items.erase(Value::of(0)));
  CHECK(items.size() == 999);
  items.settle();
  CHECK(items.items.size() == 999);
  CHECK(items.items.front().first.integer() == 1);
  CHECK(items.find(Value::of(999))->integer() == 1998);
  CHECK(message_of([&] { items.set(list(1), Value::none()); }) == "TypeError: unhashable type: 'list'");
}

TEST_CASE("a dict that shrinks and grows at its end finds every key") {
  Value dict = Value::dict();
  DictObject& items = dict.mutable_dictionary();
  for (int round = 0; round < 50; ++round) {
    for (int key = 0; key < 40; ++key) items.set(Value::of(round * 40 + key), Value::of(key));
    for (int key = 39; key >= 2; --key) REQUIRE(items.erase(Value::of(round * 40 + key)));
  }
  CHECK(items.items.size() == 100);
  for (int round = 0; round < 50; ++round) {
    CHECK(items.find(Value::of(round * 40 + 1)) != nullptr);
    CHECK(items.find(Value::of(round * 40 + 2)) == nullptr);
  }
}

TEST_CASE("a dict that loses items anywhere keeps the others in order") {
  Value dict = Value::dict();
  DictObject& items = dict.mutable_dictionary();
  for (int key = 0; key < 1000; ++key) items.set(Value::of(key), Value::of(key));
  for (int key = 0; key < 1000; ++key) {
    if (key % 100 != 7) REQUIRE(items.erase(Value::of(key)));
    if (key % 3 == 0) items.set(Value::of(1000 + key), Value::of(key));
  }
  CHECK(items.size() == 10 + 334);
  CHECK(items.find(Value::of(107))->integer() == 107);
  CHECK(items.find(Value::of(108)) == nullptr);
  const Value copy = dict;
  CHECK(dict.dictionary().items.size() == items.size());
  CHECK(dict.dictionary().items.front().first.integer() == 7);
  CHECK(dict.dictionary().items.back().first.integer() == 1999);
  for (const auto& [key, value] : copy.dictionary().items) CHECK(copy.dictionary().find(key) == &value);
}

TEST_CASE("a dict from whose front items are taken stays small") {
  Value dict = Value::dict();
  DictObject& items = dict.mutable_dictionary();
  for (int key = 0; key < 100; ++key) items.set(Value::of(key), Value::none());
  for (int key = 100; key < 100000; ++key) {
    items.set(Value::of(key), Value::none());
    REQUIRE(items.erase(Value::of(key - 100)));
  }
  CHECK(items.size() == 100);
  CHECK(items.items.capacity() < 1000);
}

TEST_CASE("deep values are destroyed without recursion") {
  { const Value deep = nested_list(kIsSanitized ? 200000 : 1000000); }
  const Value shared = nested_list(kIsSanitized ? 50000 : 100000);
  const Value other = list(shared, shared);
  CHECK(other.elements().size() == 2);
}

TEST_CASE("what is nested too deeply is refused, not followed") {
  const Value a = nested_list(2000), b = nested_list(2000);
  CHECK(message_of([&] { (void)to_repr(a); }) ==
        "RecursionError: maximum recursion depth exceeded while getting the repr of an object");
  CHECK(message_of([&] { (void)equal(a, b); }) == "RecursionError: maximum recursion depth exceeded in comparison");
  CHECK(message_of([&] { (void)less_than(a, b); }) == "RecursionError: maximum recursion depth exceeded in comparison");
  CHECK(to_repr(nested_list(100)).size() == 200);
  Value keys = Value::tuple({});
  for (int level = 0; level < 2000; ++level) keys = Value::tuple({keys});
  CHECK(message_of([&] { (void)hash(keys); }) == "RecursionError: maximum recursion depth exceeded while hashing");
}

TEST_CASE("equality is Python's") {
  const auto tensor = [](double v) { return Value::of(Tensor::scalar(v)); };
  CHECK(equal(Value::of(1), Value::of(1.0)));
  CHECK(equal(Value::of(1), Value::of(true)));
  CHECK(equal(Value::of(complex128(2, 0)), Value::of(2)));
  CHECK_FALSE(equal(Value::of(complex128(2, 1)), Value::of(2)));
  CHECK_FALSE(equal(Value::of((std::int64_t{1} << 53) + 1), Value::of(0x1p53)));
  CHECK_FALSE(equal(Value::of(std::numeric_limits<std::int64_t>::max()), Value::of(0x1p63)));
  CHECK_FALSE(equal(Value::of(std::nan("")), Value::of(std::nan(""))));
  CHECK_FALSE(equal(list(1, 2), tuple(1, 2)));
  CHECK(equal(list(1, tuple(2, "x")), list(1.0, tuple(2, "x"))));
  CHECK(equal(dict("a", 1, "b", 2), dict("b", 2, "a", 1.0)));
  CHECK_FALSE(equal(dict("a", 1), dict("a", 2)));
  CHECK(equal(tensor(3), Value::of(3)));
  CHECK(equal(list(tensor(3)), list(3)));
  CHECK(equal(Value::range(0, 3, 1), Value::range(0, 3, 1)));
  CHECK(equal(Value::range(0, 3, 5), Value::range(0, 1, 1)));
  CHECK_FALSE(equal(Value::none(), Value::of(0)));
  CHECK(equal(Value::of(DType::float32), Value::of("float32")));
  CHECK(equal(Value::of(DType::float64), Value::of(TypeId::floating)));
}

TEST_CASE("tensors inside containers must have one truth") {
  const Value x = Value::of(Tensor::of<double>({1, 2})), y = Value::of(Tensor::of<double>({1, 2}));
  CHECK(equal(list(x), list(x)));
  CHECK(message_of([&] {
          (void)equal(list(x), list(y));
        }).starts_with("ValueError: The truth value of an array with more"));
  CHECK(equal(list(Value::of(Tensor::of<double>({1}))), list(Value::of(Tensor::of<double>({1})))));
}

TEST_CASE("equal values have equal hashes") {
  const Value ones[] = {Value::of(1),
                        Value::of(1.0),
                        Value::of(true),
                        Value::of(complex128(1, 0)),
                        Value::of(Tensor::scalar(std::int8_t{1})),
                        Value::of(Tensor::scalar(1.0F)),
                        Value::of(Tensor::scalar(complex128(1, 0)))};
  for (const Value& a : ones) {
    for (const Value& b : ones) {
      CHECK(equal(a, b));
      CHECK(hash(a) == hash(b));
    }
  }
  CHECK(hash(Value::of_wide(int128{1} << 70)) == hash(Value::of(0x1p70)));
  CHECK(hash(Value::of(-0.0)) == hash(Value::of(0)));
  CHECK(hash(tuple(1, "a")) == hash(tuple(1.0, "a")));
  CHECK(message_of([] {
          (void)hash(Value::of(Tensor::of<double>({1, 2})));
        }) == "TypeError: unhashable type: 'numpy.ndarray'");
}

TEST_CASE("order is Python's") {
  CHECK(less_than(Value::of(1), Value::of(1.5)));
  CHECK(less_than(Value::of((std::int64_t{1} << 53)), Value::of((std::int64_t{1} << 53) + 1)));
  CHECK(less_than(Value::of(0x1p53), Value::of((std::int64_t{1} << 53) + 1)));
  CHECK_FALSE(less_than(Value::of(std::nan("")), Value::of(1)));
  CHECK(less_than(Value::of("a"), Value::of("b")));
  CHECK(less_than(list(1, 2), list(1, 3)));
  CHECK(less_than(tuple(1), tuple(1, 0)));
  CHECK(less_than(Value::of(Tensor::scalar(1.0)), Value::of(2)));
  CHECK(message_of([] { (void)less_than(Value::of("a"), Value::of(1)); }) ==
        "TypeError: '<' not supported between instances of 'str' and 'int'");
  CHECK(message_of([] { (void)less_than(list(1), tuple(1)); }) ==
        "TypeError: '<' not supported between instances of 'list' and 'tuple'");
}

TEST_CASE("repr and str") {
  CHECK(to_repr(list(1, 2.5, true, "it's", Value::none())) == "[1, 2.5, True, \"it's\", None]");
  CHECK(to_repr(tuple(1)) == "(1,)");
  CHECK(to_repr(Value::tuple({})) == "()");
  CHECK(to_repr(dict("a", 1, 2, list())) == "{'a': 1, 2: []}");
  CHECK(to_repr(Value::range(0, 3, 1)) == "range(0, 3)");
  CHECK(to_repr(Value::range(0, 9, 2)) == "range(0, 9, 2)");
  CHECK(to_repr(Value::slice(Value::of(1), Value::none(), Value::none())) == "slice(1, None, None)");
  CHECK(to_repr(Value::ellipsis()) == "Ellipsis");
  CHECK(to_repr(Value::of(TypeId::integer)) == "<class 'int'>");
  CHECK(to_str(Value::of(DType::float32)) == "float32");
  CHECK(to_repr(Value::of(DType::float32)) == "dtype('float32')");
  CHECK(to_str(Value::of("a\n")) == "a\n");
  CHECK(to_repr(Value::of_wide(int128{1} << 64)) == "18446744073709551616");
  CHECK(to_repr(Value::of_wide(-(int128{1} << 64))) == "-18446744073709551616");
  CHECK(to_repr(list(Value::of(Tensor::scalar(std::int64_t{3})))) == "[3]");
  CHECK(to_repr(tuple(1.5, Value::of(Tensor::scalar(true)))) == "(1.5, True)");
  CHECK(to_repr(list(Value::of(Tensor::of<std::int64_t>({1, 2})))) == "[array([1, 2])]");
  CHECK(to_str(Value::of(Tensor::of<std::int64_t>({1, 2}))) == "[1 2]");
}

TEST_CASE("nested lists become tensors") {
  CHECK(text_of(list()) == "float64 (0,) []");
  CHECK(text_of(list(1, 2)) == "int64 (2,) [1 2]");
  CHECK(text_of(list(1, 2.5)) == "float64 (2,) [1.  2.5]");
  CHECK(text_of(list(true, 2)) == "int64 (2,) [1 2]");
  CHECK(text_of(list(1, complex128(0, 1))) == "complex128 (2,) [1.+0.j 0.+1.j]");
  CHECK(text_of(list(list(1, 2), tuple(3, 4))) == "int64 (2, 2) [[1 2]\n [3 4]]");
  CHECK(text_of(list(list(), list())) == "float64 (2, 0) []");
  CHECK(text_of(list(Value::of(Tensor::scalar(1.5F)), Value::of(Tensor::scalar(2.5F)))) == "float32 (2,) [1.5 2.5]");
  CHECK(text_of(list(Value::of(Tensor::scalar(1.5F)), 2)) == "float64 (2,) [1.5 2. ]");
  CHECK(text_of(list(Value::of(Tensor::of<std::int8_t>({1, 2})), list(3, 4))) == "int64 (2, 2) [[1 2]\n [3 4]]");
  CHECK(text_of(Value::range(1, 7, 2)) == "int64 (3,) [1 3 5]");
  CHECK(text_of(list(Value::range(0, 2, 1), list(5, 6))) == "int64 (2, 2) [[0 1]\n [5 6]]");
  CHECK(text_of(list(Value::of_wide(int128{1} << 63))) == "uint64 (1,) [9223372036854775808]");
  const DType uint8 = DType::uint8, float32 = DType::float32, boolean = DType::boolean;
  CHECK(text_of(list(1, 2.9), &uint8) == "uint8 (2,) [1 2]");
  CHECK(text_of(list(1, 2), &float32) == "float32 (2,) [1. 2.]");
  CHECK(text_of(list(0, 2.5, true), &boolean) == "bool (3,) [False  True  True]");
}

TEST_CASE("what makes no tensor is refused in NumPy's words") {
  const std::string ragged =
      "ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape after ";
  const auto refusal = [](const Value& value, std::optional<DType> dtype = {}) {
    return message_of([&] { (void)as_tensor(value, dtype ? &*dtype : nullptr); });
  };
  CHECK(refusal(list(list(1, 2), list(3))) ==
        ragged + "1 dimensions. The detected shape was (2,) + inhomogeneous part.");
  CHECK(refusal(list(1, list(2, 3))) == ragged + "1 dimensions. The detected shape was (2,) + inhomogeneous part.");
  CHECK(refusal(list(list(1), 2)) == ragged + "1 dimensions. The detected shape was (2,) + inhomogeneous part.");
  CHECK(refusal(list(list(), list(1))) == ragged + "1 dimensions. The detected shape was (2,) + inhomogeneous part.");
  CHECK(refusal(list(list(list(1), list(2)), list(list(3), list(4, 5)))) ==
        ragged + "2 dimensions. The detected shape was (2, 2) + inhomogeneous part.");
  CHECK(refusal(
            list(Value::of(Tensor::zeros(DType::float64, {2, 2})), Value::of(Tensor::zeros(DType::float64, {2, 3})))) ==
        ragged + "2 dimensions. The detected shape was (2, 2) + inhomogeneous part.");
  CHECK(refusal(list("a")) == "ValueError: could not convert string to float: 'a'");
  CHECK(refusal(Value::of("a"), DType::int64) == "ValueError: invalid literal for int() with base 10: 'a'");
  CHECK(refusal(list(Value::none())) ==
        "TypeError: float() argument must be a string or a real number, not 'NoneType'");
  CHECK(refusal(list(300), DType::uint8) == "OverflowError: Python integer 300 out of bounds for uint8");
  CHECK(refusal(list(Value::of_wide(int128{1} << 70))) == "OverflowError: Python int too large to convert to C long");
  CHECK(refusal(nested_list(100))
            .starts_with("ValueError: setting an array element with a sequence. The requested array would exceed"));
}

TEST_CASE("truth") {
  CHECK_FALSE(truth(Value::none()));
  CHECK_FALSE(truth(Value::of(0.0)));
  CHECK(truth(Value::of(std::nan(""))));
  CHECK_FALSE(truth(Value::of("")));
  CHECK(truth(list(0)));
  CHECK_FALSE(truth(Value::range(3, 3, 1)));
  CHECK(truth(Value::of(Tensor::of<double>({2}))));
  CHECK_FALSE(truth(Value::of(Tensor::scalar(complex128(0, 0)))));
  CHECK(message_of([] {
          (void)truth(Value::of(Tensor::of<bool>({true, false})));
        }).find("Use a.any() or a.all()") != std::string::npos);
  CHECK(message_of([] {
          (void)truth(Value::of(Tensor::zeros(DType::float64, {0})));
        }).starts_with("ValueError: The truth value of an empty array"));
}

TEST_CASE("indices, floats and dtypes") {
  CHECK(as_index(Value::of(true)) == 1);
  CHECK(as_index(Value::of(Tensor::scalar(std::uint8_t{7}))) == 7);
  CHECK(message_of([] { (void)as_index(Value::of(1.5)); }) ==
        "TypeError: 'float' object cannot be interpreted as an integer");
  CHECK(message_of([] { (void)as_index(Value::of(Tensor::of<std::int64_t>({1}))); }) ==
        "TypeError: only integer scalar arrays can be converted to a scalar index");
  CHECK(message_of([] { (void)as_index(Value::of(Tensor::scalar(1.0))); }) ==
        "TypeError: 'numpy.float64' object cannot be interpreted as an integer");
  CHECK(as_float(Value::of(Tensor::scalar(0.5F))) == 0.5);
  CHECK(message_of([] { (void)as_float(Value::of("1")); }) == "TypeError: must be real number, not str");
  CHECK(message_of([] { (void)as_float(Value::of(complex128(1, 0))); }) ==
        "TypeError: must be real number, not complex");
  CHECK(as_dtype(Value::of(TypeId::boolean)) == DType::boolean);
  CHECK(as_dtype(Value::of("f4")) == DType::float32);
  CHECK(message_of([] { (void)as_dtype(Value::of("foo")); }) == "TypeError: data type 'foo' not understood");
  CHECK(message_of([] { (void)as_dtype(Value::of(3)); }) == "TypeError: Cannot interpret '3' as a data type");
}

TEST_CASE("sizes of ranges do not overflow") {
  const auto size = [](std::int64_t start, std::int64_t stop, std::int64_t step) {
    return Value::range(start, stop, step).object<RangeObject>().size();
  };
  using Limits = std::numeric_limits<std::int64_t>;
  CHECK(size(0, 10, 3) == 4);
  CHECK(size(10, 0, -3) == 4);
  CHECK(size(0, 10, -1) == 0);
  CHECK(size(Limits::min(), Limits::max(), 1) == Limits::max());
  CHECK(size(Limits::max(), Limits::min(), Limits::min()) == 2);
}

TEST_CASE("a dict that several threads may hold loses an item, or is as it was") {
  const auto key = [](int at) { return Value::tuple({Value::of(at), Value::of(std::string_view("text"))}); };
  Value dict = Value::dict();
  DictObject& items = dict.mutable_dictionary();
  for (int at = 0; at < 30; ++at) items.set(key(at), Value::of(at));
  items.forbid_holes();
  Context context;
  const ContextScope scope(context);
  Limits limits = Limits::none();
  for (limits.fuel = 0;; ++limits.fuel) {
    context.budget.limit(limits);
    context.budget.begin_run();
    const std::string refusal = message_of([&] { (void)items.erase(key(7)); });
    context.budget.limit(Limits::none());
    context.budget.begin_run();
    if (refusal == "no error") break;
    REQUIRE(items.size() == 30);
    for (int at = 0; at < 30; ++at) REQUIRE(items.find(key(at))->integer() == at);
  }
  CHECK(limits.fuel > 10);
  CHECK(items.items.size() == 29);
  CHECK(items.find(key(7)) == nullptr);
  for (int at = 8; at < 30; ++at) CHECK(items.find(key(at))->integer() == at);
  items.set(key(7), Value::of(70));
  CHECK(items.items.back().second.integer() == 70);
}
