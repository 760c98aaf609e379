// mutators_test.cpp - calls that change what is at a path: their results, their refusals, and that a refusal changes
// nothing.
#include "interpreter/methods/mutators.h"

#include <doctest/doctest.h>

#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Keywords = std::vector<std::pair<std::string, Value>>;

struct Fixture {
  Evaluator evaluator{Host{}};
  Value target;

  void start(Value value) { target = std::move(value); }

  /// "what it returned -> target", or the error; after an error the target must be what it was.
  template <class Mutate>
  std::string outcome(std::string_view name, std::vector<Value> arguments, const Keywords& keywords, const OpRow* ufunc,
                      const Mutate& mutate) {
    std::vector<std::string> names;
    std::vector<Value> values;
    for (const auto& [key, value] : keywords) names.push_back(key), values.push_back(value);
    const std::string before = to_repr(target);
    std::string returned;
    const std::string message = message_of([&] {
      returned = to_repr(mutate(target, MutatorCall{evaluator, name, arguments, names, values, ufunc}));
    });
    if (message == "no error") return returned == "None" ? to_repr(target) : returned + " -> " + to_repr(target);
    CHECK(to_repr(target) == before);
    return message;
  }

  std::string method(std::string_view name, std::vector<Value> arguments = {}, const Keywords& keywords = {}) {
    CHECK(is_mutating_method(name));
    return outcome(name, std::move(arguments), keywords, nullptr, mutate_by_method);
  }
  std::string function(std::string_view name, std::vector<Value> arguments, const Keywords& keywords = {}) {
    CHECK(is_mutating_function(name));
    return outcome(name, std::move(arguments), keywords, nullptr, mutate_by_function);
  }
  std::string at(std::string_view ufunc, std::vector<Value> arguments) {
    return outcome("at", std::move(arguments), {}, find_op(ufunc, kNumpy), mutate_by_function);
  }
};

Value ints(std::initializer_list<std::int64_t> values) { return Value::of(Tensor::of<std::int64_t>(values)); }
Value floats(std::initializer_list<double> values) { return Value::of(Tensor::of<double>(values)); }
Value zeros(DType dtype, Shape shape) { return Value::of(Tensor::zeros(dtype, std::move(shape))); }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "list methods") {
  start(list(3, 1, 2));
  const Value before = target;
  CHECK(method("append", {Value::of(0)}) == "[3, 1, 2, 0]");
  CHECK(to_repr(before) == "[3, 1, 2]");
  CHECK(method("insert", {Value::of(-100), Value::of("a")}) == "['a', 3, 1, 2, 0]");
  CHECK(method("pop", {Value::of(0)}) == "'a' -> [3, 1, 2, 0]");
  CHECK(method("pop") == "0 -> [3, 1, 2]");
  CHECK(method("extend", {ints({7, 8})}) == "[3, 1, 2, 7, 8]");
  CHECK(method("extend", {Value::of(1)}) == "TypeError: 'int' object is not iterable");
  CHECK(method("remove", {Value::of(7.0)}) == "[3, 1, 2, 8]");
  CHECK(method("remove", {Value::of(7)}) == "ValueError: list.remove(x): x not in list");
  CHECK(method("sort", {}, {{"reverse", Value::of(true)}}) == "[8, 3, 2, 1]");
  CHECK(method("reverse") == "[1, 2, 3, 8]");
  CHECK(method("pop", {Value::of(9)}).starts_with("IndexError: pop index out of range"));
  CHECK(method("clear") == "[]");
  CHECK(method("pop") == "IndexError: pop from empty list");
  start(list(2, "a"));
  CHECK(method("sort").starts_with("TypeError: '<' not supported"));
}

TEST_CASE_FIXTURE(Fixture, "dict methods") {
  start(dict("a", 1));
  CHECK(method("update", {dict("b", 2)}, {{"c", Value::of(3)}}) == "{'a': 1, 'b': 2, 'c': 3}");
  CHECK(method("update", {list(tuple("x", 1), tuple("y"))})
            .starts_with("ValueError: dictionary update sequence element #1"));
  CHECK(method("pop", {Value::of("b")}) == "2 -> {'a': 1, 'c': 3}");
  CHECK(method("pop", {Value::of("b")}) == "KeyError: 'b'");
  CHECK(method("pop", {Value::of("b"), Value::none()}) == "{'a': 1, 'c': 3}");
  CHECK(method("setdefault", {Value::of("a"), Value::of(9)}) == "1 -> {'a': 1, 'c': 3}");
  CHECK(method("setdefault", {Value::of("d"), Value::of(9)}) == "9 -> {'a': 1, 'c': 3, 'd': 9}");
  CHECK(method("popitem") == "('d', 9) -> {'a': 1, 'c': 3}");
  CHECK(method("clear") == "{}");
  CHECK(method("popitem") == "KeyError: 'popitem(): dictionary is empty'");
}

TEST_CASE_FIXTURE(Fixture, "a method the type does not have") {
  start(Value::of(1));
  CHECK(method("append", {Value::of(1)}) == "AttributeError: 'int' object has no attribute 'append'");
  start(ints({1}));
  CHECK(method("append", {Value::of(1)}) == "AttributeError: 'ndarray' object has no attribute 'append'");
  CHECK(function("put", {Value::of(0)}) == "TypeError: put() missing required argument: 'v'");
  start(list(1));
  CHECK(function("put", {Value::of(0), Value::of(1)}) == "TypeError: put() argument 1 must be numpy.ndarray, not list");
}

TEST_CASE_FIXTURE(Fixture, "tensor methods") {
  start(ints({3, 1, 2}));
  CHECK(method("sort") == "array([1, 2, 3])");
  CHECK(method("sort", {Value::of(4)}) == "ValueError: axis 4 is out of bounds for array of dimension 1");
  CHECK(method("partition", {Value::of(5)}) == "ValueError: kth(=5) out of bounds (3)");
  CHECK(method("fill", {Value::of(7.9)}) == "array([7, 7, 7])");
  CHECK(method("fill", {list(1, 2)}).starts_with("TypeError: int() argument must be"));
  start(zeros(DType::uint8, {2}));
  CHECK(method("fill", {Value::of(300)}) == "OverflowError: Python integer 300 out of bounds for uint8");
  start(Value::of(Tensor::scalar(1.5)));
  CHECK(method("fill", {Value::of(2)}) == "2.0");
}

TEST_CASE_FIXTURE(Fixture, "methods of TensorFlow's variables") {
  start(floats({1, 2, 3}));
  CHECK(method("assign", {list(4, 5, 6)}) == "array([4., 5., 6.])");
  CHECK(method("assign", {list(4, 5)}) ==
        "ValueError: Cannot assign value to variable ' Variable:0': Shape mismatch. The variable shape (3,), and the "
        "assigned value shape (2,) are incompatible.");
  CHECK(method("assign", {Value::of(1)}).starts_with("ValueError: Cannot assign value to variable"));
  CHECK(method("assign_add", {list(1, 1, 1)}) == "array([5., 6., 7.])");
  CHECK(method("assign_sub", {floats({1, 2, 3})}) == "array([4., 4., 4.])");
  CHECK(method("scatter_nd_update", {list(list(0), list(2)), list(7, 9)}) == "array([7., 4., 9.])");
  CHECK(method("scatter_nd_add", {list(list(0), list(0)), list(1, 1)}) == "array([9., 4., 9.])");
  CHECK(method("scatter_nd_max", {list(list(1)), list(8)}) == "array([9., 8., 9.])");
  CHECK(method("scatter_nd_sub", {list(list(3)), list(1)}) ==
        "IndexError: indices[0] = [3] does not index into shape [3]");
  start(ints({1}));
  CHECK(method("assign_add", {list(0.5)}).starts_with("TypeError: Cannot cast ufunc 'add' output"));
  CHECK(method("scatter_nd_add", {list(list(0)), list(0.5)}).starts_with("TypeError: updates of dtype float64"));
  start(zeros(DType::uint8, {1}));
  CHECK(method("assign_add", {list(200)}) == "array([200], dtype=uint8)");
}

TEST_CASE_FIXTURE(Fixture, "put takes flat indices and cycles values") {
  start(zeros(DType::int64, {2, 3}));
  CHECK(function("put", {list(0, -1, 2), list(1, 2)}) == "array([[1, 0, 1],\n       [0, 0, 2]])");
  CHECK(function("put", {list(6), Value::of(1)}) == "IndexError: index 6 is out of bounds for axis 0 with size 6");
  CHECK(function("put", {list(7, -1), Value::of(5)}, {{"mode", Value::of("wrap")}}) ==
        "array([[1, 5, 1],\n       [0, 0, 5]])");
  CHECK(function("put", {list(-9), Value::of(8)}, {{"mode", Value::of("clip")}}) ==
        "array([[8, 5, 1],\n       [0, 0, 5]])");
  CHECK(function("put", {list(0), list()}) == "array([[8, 5, 1],\n       [0, 0, 5]])");
  CHECK(function("put", {Value::of(Tensor::of<double>({1.5})), Value::of(1)})
            .starts_with("TypeError: Cannot cast array data"));
  CHECK(function("put", {list(0), Value::of(1), Value::of("foo")}) ==
        "ValueError: clipmode must be one of 'clip', 'raise', or 'wrap' (got 'foo')");
  CHECK(method("put", {Value::of(1), Value::of(3)}) == "array([[8, 3, 1],\n       [0, 0, 5]])");
  start(zeros(DType::float64, {0}));
  CHECK(function("put", {list(0), Value::of(1)}) == "IndexError: cannot replace elements of an empty array");
}

TEST_CASE_FIXTURE(Fixture, "putmask repeats by position, place by rank") {
  const Value mask = Value::of(Tensor::of<bool>({false, false, false, true, true, true}));
  start(ints({0, 1, 2, 3, 4, 5}));
  CHECK(function("putmask", {mask, list(10, 20)}) == "array([ 0,  1,  2, 20, 10, 20])");
  start(ints({0, 1, 2, 3, 4, 5}));
  CHECK(function("place", {mask, list(10, 20)}) == "array([ 0,  1,  2, 10, 20, 10])");
  CHECK(function("putmask", {list(true), Value::of(1)}) == "ValueError: putmask: mask and data must be the same size");
  CHECK(function("place", {list(true), Value::of(1)}) == "ValueError: place: mask and data must be the same size");
  CHECK(function("place", {mask, list()}) == "ValueError: Cannot insert from an empty array!");
  CHECK(function("putmask", {mask, list()}) == "array([ 0,  1,  2, 10, 20, 10])");
  CHECK(function("putmask", {mask, floats({1.5})}) ==
        "TypeError: Cannot cast array data from dtype('float64') to dtype('int64') according to the rule 'safe'");
  start(zeros(DType::int64, {2, 2}));
  CHECK(function("place", {list(1, 0, 0, 1), list(5, 6)}) == "array([[5, 0],\n       [0, 6]])");
}

TEST_CASE_FIXTURE(Fixture, "copyto") {
  start(zeros(DType::int64, {3}));
  CHECK(function("copyto", {list(1, 2, 3)}) == "array([1, 2, 3])");
  CHECK(function("copyto", {Value::of(9)}, {{"where", list(1, 0, 1)}}) == "array([9, 2, 9])");
  CHECK(function("copyto", {Value::of(1.5)}) ==
        "TypeError: Cannot cast scalar from dtype('float64') to dtype('int64') according to the rule 'same_kind'");
  CHECK(function("copyto", {floats({1.5})}) ==
        "TypeError: Cannot cast array data from dtype('float64') to dtype('int64') according to the rule 'same_kind'");
  CHECK(function("copyto", {Value::of(1.5), Value::of("unsafe")}) == "array([1, 1, 1])");
  CHECK(function("copyto", {ints({1, 2})}) ==
        "ValueError: could not broadcast input array from shape (2,) into shape (3,)");
  CHECK(function("copyto", {Value::of(1)}, {{"where", list(true, false)}}) ==
        "ValueError: could not broadcast where mask from shape (2,) into shape (3,)");
  start(zeros(DType::boolean, {1}));
  CHECK(function("copyto", {Value::of(1)})
            .starts_with("TypeError: Cannot cast scalar from dtype('int64') to dtype('bool')"));
}

TEST_CASE_FIXTURE(Fixture, "fill_diagonal and put_along_axis") {
  start(zeros(DType::int64, {3, 2}));
  CHECK(function("fill_diagonal", {list(1, 2)}) == "array([[1, 0],\n       [0, 2],\n       [0, 0]])");
  start(zeros(DType::int64, {4, 2}));
  CHECK(function("fill_diagonal", {Value::of(1), Value::of(true)}) ==
        "array([[1, 0],\n       [0, 1],\n       [0, 0],\n       [1, 0]])");
  start(zeros(DType::int64, {2, 2, 2}));
  CHECK(function("fill_diagonal", {Value::of(1)}) ==
        "array([[[1, 0],\n        [0, 0]],\n\n       [[0, 0],\n        [0, 1]]])");
  start(zeros(DType::int64, {3}));
  CHECK(function("fill_diagonal", {Value::of(1)}) == "ValueError: array must be at least 2-d");
  start(zeros(DType::int64, {2, 3, 2}));
  CHECK(function("fill_diagonal", {Value::of(1)}) == "ValueError: All dimensions of input must be of equal length");
  start(zeros(DType::int64, {2, 3}));
  CHECK(function("put_along_axis", {list(list(2), list(0)), list(list(7), list(8)), Value::of(1)}) ==
        "array([[0, 0, 7],\n       [8, 0, 0]])");
  CHECK(function("put_along_axis", {list(0, 1), Value::of(9), Value::none()}) ==
        "array([[9, 9, 7],\n       [8, 0, 0]])");
  CHECK(function("put_along_axis", {list(list(5)), Value::of(1), Value::of(0)}) ==
        "IndexError: index 5 is out of bounds for axis 0 with size 2");
  CHECK(function("put_along_axis", {list(0), Value::of(1), Value::of(0)}) ==
        "ValueError: `indices` and `arr` must have the same number of dimensions");
  CHECK(function("put_along_axis", {list(list(0.5)), Value::of(1), Value::of(0)}) ==
        "IndexError: `indices` must be an integer array");
}

TEST_CASE_FIXTURE(Fixture, "ufunc.at counts every occurrence") {
  start(ints({0, 0, 0}));
  CHECK(at("add", {list(0, 0, 2), list(1, 10, 5)}) == "array([11,  0,  5])");
  CHECK(at("maximum", {list(0, 1, 1), list(3, 4, 2)}) == "array([11,  4,  5])");
  CHECK(at("negative", {list(0, 1, 0)}) == "array([11, -4,  5])");
  CHECK(at("floor_divide", {list(0, 0, 0), list(2, 2, 2)}) == "array([ 1, -4,  5])");
  CHECK(at("power", {Value::of(Tensor::of<bool>({false, true, true})), Value::of(2)}) == "array([ 1, 16, 25])");
  CHECK(at("add", {list(3), Value::of(1)}) == "IndexError: index 3 is out of bounds for axis 0 with size 3");
  CHECK(at("add", {list(0), Value::of(1.5)}) == "array([ 2, 16, 25])");  // NumPy casts what comes out
  CHECK(at("sqrt", {list(0)}) == "array([ 1, 16, 25])");
  CHECK(at("floor_divide", {list(0, 1), list(1, 2, 3)}) == "ValueError: array is not broadcastable to correct shape");
  CHECK(at("add", {list(0)}) == "TypeError: add.at() takes 3 arguments: the array, indices and values");
  start(zeros(DType::float64, {2, 2}));
  CHECK(at("add", {tuple(list(0, 0), list(1, 1)), Value::of(1)}) == "array([[0., 2.],\n       [0., 0.]])");
}

TEST_CASE_FIXTURE(Fixture, "what somebody else holds is not changed, what nobody holds is changed in place") {
  start(ints({3, 1, 2}));
  const Value other = target;
  CHECK(method("fill", {Value::of(0)}) == "array([0, 0, 0])");
  CHECK(to_repr(other) == "array([3, 1, 2])");
  const void* before = target.tensor().bytes();
  method("put", {list(1), Value::of(4)});
  CHECK(target.tensor().bytes() == before);
}
