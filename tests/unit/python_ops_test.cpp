// python_ops_test.cpp - Python's built-in functions, its types as functions, and its math module.
#include <doctest/doctest.h>

#include <cmath>

#include "interpreter/methods/construct.h"
#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Keywords = std::vector<std::pair<std::string, Value>>;

struct Fixture {
  std::string printed;
  Evaluator evaluator{[this] {
    Host host;
    host.print = [this](std::string_view text) { printed += text; };
    return host;
  }()};

  std::string call(std::string_view name, std::vector<Value> arguments, const Keywords& keywords = {}) {
    return message_or([&] { return call_op(evaluator, name, kPython, std::move(arguments), keywords); });
  }
  std::string math(std::string_view name, std::vector<Value> arguments) {
    return message_or([&] { return call_op(evaluator, name, kMath, std::move(arguments)); });
  }
  std::string make(TypeId type, std::vector<Value> arguments, const Keywords& keywords = {}) {
    return message_or([&] { return construct(evaluator, type, arguments, keywords); });
  }

 private:
  template <class F>
  static std::string message_or(const F& f) {
    std::string out;
    const std::string message = message_of([&] { out = to_repr(f()); });
    return message == "no error" ? out : message;
  }
};

Value tensor(std::initializer_list<std::int64_t> values) { return Value::of(Tensor::of<std::int64_t>(values)); }

/// A host's function of one value.
Value function(std::function<Value(std::vector<Value>)> body) {
  auto host = std::make_unique<HostObject>();
  host->name = "f";
  host->function = std::move(body);
  return Value::adopt(Value::Tag::host, host.release());
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "len") {
  CHECK(call("len", {Value::of("äö")}) == "2");
  CHECK(call("len", {tensor({1, 2, 3})}) == "3");
  CHECK(call("len", {dict("a", 1)}) == "1");
  CHECK(call("len", {Value::of(5)}) == "TypeError: object of type 'int' has no len()");
  CHECK(call("len", {Value::of(Tensor::scalar(1.0))}) == "TypeError: len() of unsized object");
}

TEST_CASE_FIXTURE(Fixture, "enumerate, zip, map and filter are lists") {
  CHECK(call("enumerate", {Value::of("ab"), Value::of(1)}) == "[(1, 'a'), (2, 'b')]");
  CHECK(call("zip", {list(1, 2, 3), Value::of("ab")}) == "[(1, 'a'), (2, 'b')]");
  CHECK(call("zip", {}) == "[]");
  const Keywords strict{{"strict", Value::of(true)}};
  CHECK(call("zip", {list(1, 2), list(1)}, strict) == "ValueError: zip() argument 2 is shorter than argument 1");
  CHECK(call("zip", {list(1), list(1, 2)}, strict) == "ValueError: zip() argument 2 is longer than argument 1");
  const Value negate = function([](std::vector<Value> arguments) { return Value::of(-arguments[0].integer()); });
  CHECK(call("map", {negate, list(1, 2)}) == "[-1, -2]");
  CHECK(call("filter", {Value::none(), list(0, 1, "", "a")}) == "[1, 'a']");
}

TEST_CASE_FIXTURE(Fixture, "print writes once, with Python's separators") {
  call("print", {Value::of(1), Value::of("a"), tensor({1, 2})});
  CHECK(printed == "1 a [1 2]\n");
  printed.clear();
  call("print", {Value::of(1), Value::of(2)}, {{"sep", Value::of(", ")}, {"end", Value::of("")}});
  CHECK(printed == "1, 2");
  CHECK(call("print", {}, {{"sep", Value::of(1)}}) == "TypeError: sep must be None or a string, not int");
}

TEST_CASE_FIXTURE(Fixture, "isinstance knows types, tuples of them, and dtypes of 0-d tensors") {
  const Value integer = Value::of(TypeId::integer), element = Value::of(Tensor::scalar(std::int64_t{1}));
  CHECK(call("isinstance", {Value::of(true), integer}) == "True");
  CHECK(call("isinstance", {Value::of(1.0), integer}) == "False");
  CHECK(call("isinstance", {element, integer}) == "False");
  CHECK(call("isinstance", {element, Value::of(DType::int64)}) == "True");
  CHECK(call("isinstance", {element, Value::of(DType::int32)}) == "False");
  CHECK(call("isinstance", {tensor({1}), Value::of(TypeId::tensor)}) == "True");
  CHECK(call("isinstance", {Value::of("a"), tuple(integer, Value::of(TypeId::string))}) == "True");
  CHECK(call("isinstance", {Value::of(1), Value::of(1)}) ==
        "TypeError: isinstance() arg 2 must be a type or a tuple of types");
}

TEST_CASE_FIXTURE(Fixture, "sorted is stable, both ways") {
  const Value first = function([](std::vector<Value> arguments) { return arguments[0].elements()[0]; });
  const Value pairs = list(tuple(1, "b"), tuple(0, "x"), tuple(1, "a"));
  CHECK(call("sorted", {list(3, 1.5, true)}) == "[True, 1.5, 3]");
  CHECK(call("sorted", {pairs}, {{"key", first}}) == "[(0, 'x'), (1, 'b'), (1, 'a')]");
  CHECK(call("sorted", {pairs}, {{"key", first}, {"reverse", Value::of(true)}}) == "[(1, 'b'), (1, 'a'), (0, 'x')]");
  CHECK(call("sorted", {tensor({3, 1, 2})}) == "[1, 2, 3]");
  CHECK(call("sorted", {list(1, "a")}) == "TypeError: '<' not supported between instances of 'str' and 'int'");
}

TEST_CASE_FIXTURE(Fixture, "characters, digits, and the rest") {
  CHECK(call("reversed", {Value::range(0, 3, 1)}) == "[2, 1, 0]");
  CHECK(call("reversed", {dict("a", 1)}) == "['a']");
  CHECK(call("chr", {Value::of(0xe4)}) == "'ä'");
  CHECK(call("ord", {Value::of("ä")}) == "228");
  CHECK(call("ord", {Value::of("ab")}) == "TypeError: ord() expected a character, but string of length 2 found");
  CHECK(call("hex", {Value::of(-255)}) == "'-0xff'");
  CHECK(call("bin", {Value::of(5)}) == "'0b101'");
  CHECK(call("oct", {Value::of(std::numeric_limits<std::int64_t>::min())}) == "'-0o1000000000000000000000'");
  CHECK(call("type", {Value::of(1)}) == "<class 'int'>");
  CHECK(call("callable", {Value::of(TypeId::integer)}) == "True");
  CHECK_THROWS_AS(call("exit", {Value::of(3)}), ExitRequest);
}

TEST_CASE_FIXTURE(Fixture, "int") {
  CHECK(make(TypeId::integer, {}) == "0");
  CHECK(make(TypeId::integer, {Value::of(" 12 ")}) == "12");
  CHECK(make(TypeId::integer, {Value::of("ff"), Value::of(16)}) == "255");
  CHECK(make(TypeId::integer, {Value::of("0b11")}, {{"base", Value::of(0)}}) == "3");
  CHECK(make(TypeId::integer, {Value::of(-2.9)}) == "-2");
  CHECK(make(TypeId::integer, {Value::of(Tensor::scalar(7.9F))}) == "7");
  CHECK(make(TypeId::integer, {tensor({1})}) ==
        "TypeError: only 0-dimensional arrays can be converted to Python scalars");
  CHECK(make(TypeId::integer, {Value::of("x")}) == "ValueError: invalid literal for int() with base 10: 'x'");
  CHECK(make(TypeId::integer, {Value::of(1.5), Value::of(2)}) ==
        "TypeError: int() can't convert non-string with explicit base");
  CHECK(make(TypeId::integer, {Value::of(HUGE_VAL)}) == "OverflowError: cannot convert float infinity to integer");
  CHECK(make(TypeId::integer, {Value::of(std::nan(""))}) == "ValueError: cannot convert float NaN to integer");
  CHECK(make(TypeId::integer, {Value::of(1e30)}).starts_with("OverflowError: "));
  CHECK(make(TypeId::integer, {Value::of("99999999999999999999")}).starts_with("OverflowError: "));
  CHECK(make(TypeId::integer, {Value::of(Tensor::scalar(std::uint64_t{1} << 63))}).starts_with("OverflowError: "));
  CHECK(make(TypeId::integer, {Value::none()}) ==
        "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'");
}

TEST_CASE_FIXTURE(Fixture, "the other types") {
  CHECK(make(TypeId::floating, {Value::of("1e3")}) == "1000.0");
  CHECK(make(TypeId::floating, {Value::of("x")}) == "ValueError: could not convert string to float: 'x'");
  CHECK(make(TypeId::floating, {Value::of(complex128(1, 0))}) ==
        "TypeError: float() argument must be a string or a real number, not 'complex'");
  CHECK(make(TypeId::complex, {Value::of(1), Value::of(2)}) == "(1+2j)");
  CHECK(make(TypeId::complex, {Value::of("1+2j")}) == "(1+2j)");
  CHECK(make(TypeId::boolean, {list()}) == "False");
  CHECK(make(TypeId::string, {tensor({1, 2})}) == "'[1 2]'");
  CHECK(make(TypeId::list, {tensor({1, 2})}) == "[1, 2]");
  CHECK(make(TypeId::tuple, {Value::of("ab")}) == "('a', 'b')");
  CHECK(make(TypeId::dict, {list(tuple("a", 1), list("b", 2))}) == "{'a': 1, 'b': 2}");
  CHECK(make(TypeId::dict, {}, {{"a", Value::of(1)}}) == "{'a': 1}");
  CHECK(make(TypeId::dict, {list(tuple(1, 2, 3))}) ==
        "ValueError: dictionary update sequence element #0 has length 3; 2 is required");
  CHECK(make(TypeId::range, {Value::of(3)}) == "range(0, 3)");
  CHECK(make(TypeId::range, {Value::of(1), Value::of(2), Value::of(0)}) ==
        "ValueError: range() arg 3 must not be zero");
  CHECK(make(TypeId::slice, {Value::of(3)}) == "slice(None, 3, None)");
  CHECK(make(TypeId::slice, {Value::of(3), Value::none()}) == "slice(3, None, None)");
  CHECK(make(TypeId::none, {}) == "TypeError: cannot create 'NoneType' instances");
  CHECK(to_repr(construct(DType::float32, list(1, 2))) == "array([1., 2.], dtype=float32)");
  CHECK(message_of([] { (void)construct(DType::uint8, Value::of(300)); }) ==
        "OverflowError: Python integer 300 out of bounds for uint8");
}

TEST_CASE_FIXTURE(Fixture, "math: functions and their errors") {
  CHECK(math("sqrt", {Value::of(16)}) == "4.0");
  CHECK(math("sqrt", {Value::of(-1)}) == "ValueError: math domain error");
  CHECK(math("exp", {Value::of(1000)}) == "OverflowError: math range error");
  CHECK(math("exp", {Value::of(HUGE_VAL)}) == "inf");
  CHECK(math("log", {Value::of(0)}) == "ValueError: math domain error");
  CHECK(math("log", {Value::of(8), Value::of(2)}) == "3.0");
  CHECK(math("log1p", {Value::of(-1)}) == "ValueError: math domain error");
  CHECK(math("atanh", {Value::of(1)}) == "ValueError: math domain error");
  CHECK(math("sin", {Value::of(HUGE_VAL)}) == "ValueError: math domain error");
  CHECK(math("sin", {Value::of(std::nan(""))}) == "nan");
  CHECK(math("pow", {Value::of(0), Value::of(-1)}) == "ValueError: math domain error");
  CHECK(math("pow", {Value::of(10), Value::of(400)}) == "OverflowError: math range error");
  CHECK(math("pow", {Value::of(-8), Value::of(0.5)}) == "ValueError: math domain error");
  CHECK(math("fmod", {Value::of(1), Value::of(0)}) == "ValueError: math domain error");
  CHECK(math("gamma", {Value::of(0)}) == "ValueError: math domain error");
  CHECK(math("gamma", {Value::of(172)}) == "OverflowError: math range error");
  CHECK(math("gamma", {Value::of(5)}) == "24.0");
  CHECK(math("degrees", {Value::of(M_PI)}) == "180.0");
  CHECK(math("ulp", {Value::of(1.0)}) == "2.220446049250313e-16");
  CHECK(math("hypot", {Value::of(3), Value::of(4)}) == "5.0");
  CHECK(math("hypot", {Value::of(3e200), Value::of(4e200)}) == "4.9999999999999995e+200");
  CHECK(math("dist", {list(0, 0), tuple(3, 4)}) == "5.0");
  CHECK(math("ldexp", {Value::of(1), Value::of(5000)}) == "OverflowError: math range error");
  CHECK(math("frexp", {Value::of(8)}) == "(0.5, 4)");
  CHECK(math("modf", {Value::of(-2.5)}) == "(-0.5, -2.0)");
  CHECK(math("isclose", {Value::of(1.0), Value::of(1.0 + 1e-10)}) == "True");
  CHECK(math("fsum", {list(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)}) == "1.0");
  CHECK(math("fsum", {list(HUGE_VAL, -HUGE_VAL)}) == "ValueError: -inf + inf in fsum");
}

TEST_CASE_FIXTURE(Fixture, "math: whole numbers") {
  CHECK(math("floor", {Value::of(-2.5)}) == "-3");
  CHECK(math("ceil", {Value::of(Tensor::scalar(2.5F))}) == "3");
  CHECK(math("trunc", {Value::of(true)}) == "1");
  CHECK(math("floor", {Value::of(1e300)}).starts_with("OverflowError: "));
  CHECK(math("gcd", {Value::of(12), Value::of(-18)}) == "6");
  CHECK(math("gcd", {}) == "0");
  CHECK(math("lcm", {Value::of(4), Value::of(6)}) == "12");
  CHECK(math("lcm", {Value::of(4), Value::of(0)}) == "0");
  CHECK(math("factorial", {Value::of(20)}) == "2432902008176640000");
  CHECK(math("factorial", {Value::of(21)}).starts_with("OverflowError: "));
  CHECK(math("factorial", {Value::of(-1)}) == "ValueError: factorial() not defined for negative values");
  CHECK(math("comb", {Value::of(66), Value::of(33)}) == "7219428434016265740");
  CHECK(math("comb", {Value::of(3), Value::of(5)}) == "0");
  CHECK(math("perm", {Value::of(5), Value::of(2)}) == "20");
  CHECK(math("isqrt", {Value::of(std::numeric_limits<std::int64_t>::max())}) == "3037000499");
  CHECK(math("prod", {list(2, 3.5)}) == "7.0");
}
