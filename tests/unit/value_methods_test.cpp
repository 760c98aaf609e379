// value_methods_test.cpp - methods and attributes of strings, lists, tuples, dicts and plain numbers.
#include "interpreter/methods/value_methods.h"

#include <doctest/doctest.h>

#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Keywords = std::vector<std::pair<std::string, Value>>;

struct Fixture {
  Evaluator evaluator{Host{}};

  std::string call(const Value& self, std::string_view name, std::vector<Value> arguments = {},
                   const Keywords& keywords = {}) {
    std::string out;
    const std::string message =
        message_of([&] { out = to_repr(call_value_method(evaluator, self, name, arguments, keywords)); });
    return message == "no error" ? out : message;
  }
  std::string text(const char* self, std::string_view name, std::vector<Value> arguments = {},
                   const Keywords& keywords = {}) {
    return call(Value::of(self), name, std::move(arguments), keywords);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "letters") {
  CHECK(text("aBc ä", "upper") == "'ABC ä'");
  CHECK(text("aBc", "lower") == "'abc'");
  CHECK(text("hello wORLD it's", "title") == "\"Hello World It'S\"");
  CHECK(text("hELLO", "capitalize") == "'Hello'");
  CHECK(text("ab1", "isalpha") == "False");
  CHECK(text("12", "isdigit") == "True");
  CHECK(text("", "isspace") == "False");
  CHECK(text("aB", "islower") == "False");
}

TEST_CASE_FIXTURE(Fixture, "ends") {
  CHECK(text("  a \n", "strip") == "'a'");
  CHECK(text("xxaxyx", "strip", {Value::of("xy")}) == "'a'");
  CHECK(text("äaä", "lstrip", {Value::of("ä")}) == "'aä'");
  CHECK(text("äaä", "rstrip", {Value::of("ä")}) == "'äa'");
  CHECK(text("a.py", "removesuffix", {Value::of(".py")}) == "'a'");
  CHECK(text("abc", "startswith", {tuple("x", "ab")}) == "True");
  CHECK(text("abc", "endswith", {Value::of("bc"), Value::of(2)}) == "False");
  CHECK(text("abc", "startswith", {Value::of(1)}) == "TypeError: startswith() argument must be str, not int");
}

TEST_CASE_FIXTURE(Fixture, "searching counts characters") {
  CHECK(text("äbcb", "find", {Value::of("b")}) == "1");
  CHECK(text("äbcb", "rfind", {Value::of("b")}) == "3");
  CHECK(text("äbcb", "find", {Value::of("b"), Value::of(2)}) == "3");
  CHECK(text("äbcb", "find", {Value::of("b"), Value::of(0), Value::of(-3)}) == "-1");
  CHECK(text("abc", "find", {Value::of(""), Value::of(3)}) == "3");
  CHECK(text("abc", "find", {Value::of(""), Value::of(4)}) == "-1");
  CHECK(text("abc", "index", {Value::of("x")}) == "ValueError: substring not found");
  CHECK(text("aaaa", "count", {Value::of("aa")}) == "2");
  CHECK(text("äb", "count", {Value::of("")}) == "3");
}

TEST_CASE_FIXTURE(Fixture, "splitting and joining") {
  CHECK(text("  a b  c ", "split") == "['a', 'b', 'c']");
  CHECK(text("  a b  c ", "split", {}, {{"maxsplit", Value::of(1)}}) == "['a', 'b  c ']");
  CHECK(text("a,,b", "split", {Value::of(",")}) == "['a', '', 'b']");
  CHECK(text("a,b,c", "split", {Value::of(","), Value::of(1)}) == "['a', 'b,c']");
  CHECK(text("a,b,c", "rsplit", {Value::of(","), Value::of(1)}) == "['a,b', 'c']");
  CHECK(text("", "split") == "[]");
  CHECK(text("", "split", {Value::of(",")}) == "['']");
  CHECK(text("a", "split", {Value::of("")}) == "ValueError: empty separator");
  CHECK(text("a\nb\r\nc\n", "splitlines") == "['a', 'b', 'c']");
  CHECK(text("a\r\nb", "splitlines", {Value::of(true)}) == "['a\\r\\n', 'b']");
  CHECK(text(", ", "join", {list("a", "b")}) == "'a, b'");
  CHECK(text(",", "join", {list("a", 1)}) == "TypeError: sequence item 1: expected str instance, int found");
  CHECK(text("aaa", "replace", {Value::of("a"), Value::of("b"), Value::of(2)}) == "'bba'");
  CHECK(text("äb", "replace", {Value::of(""), Value::of("-")}) == "'-ä-b-'");
  CHECK(text("äb", "replace", {Value::of(""), Value::of("-"), Value::of(1)}) == "'-äb'");
}

TEST_CASE_FIXTURE(Fixture, "padding") {
  CHECK(text("ä", "ljust", {Value::of(3), Value::of("*")}) == "'ä**'");
  CHECK(text("a", "rjust", {Value::of(3)}) == "'  a'");
  CHECK(text("a", "center", {Value::of(4)}) == "' a  '");
  CHECK(text("ab", "center", {Value::of(5)}) == "'  ab '");
  CHECK(text("-7", "zfill", {Value::of(4)}) == "'-007'");
  CHECK(text("a", "ljust", {Value::of(3), Value::of("**")}) ==
        "TypeError: The fill character must be exactly one character long");
}

TEST_CASE_FIXTURE(Fixture, "format") {
  CHECK(text("{} {}", "format", {Value::of(1), Value::of("a")}) == "'1 a'");
  CHECK(text("{1}{0}", "format", {Value::of(1), Value::of(2)}) == "'21'");
  CHECK(text("{x:>5.1f}|{y!r}", "format", {}, {{"x", Value::of(2.25)}, {"y", Value::of("a")}}) == "\"  2.2|'a'\"");
  CHECK(text("{:{}}|", "format", {Value::of(7), Value::of(3)}) == "'  7|'");
  CHECK(text("{{}}", "format") == "'{}'");
  CHECK(text("{}", "format") == "IndexError: Replacement index 0 out of range for positional args tuple");
  CHECK(text("{x}", "format") == "KeyError: 'x'");
  CHECK(text("{", "format") == "ValueError: Single '{' encountered in format string");
  CHECK(text("}", "format") == "ValueError: Single '}' encountered in format string");
}

TEST_CASE_FIXTURE(Fixture, "lists, tuples and dicts") {
  CHECK(call(list(1, 2, 1), "index", {Value::of(1.0), Value::of(1)}) == "2");
  CHECK(call(list(1), "index", {Value::of(5)}) == "ValueError: 5 is not in list");
  CHECK(call(tuple(1, 2, 1), "count", {Value::of(true)}) == "2");
  CHECK(call(dict("a", 1, "b", 2), "keys") == "['a', 'b']");
  CHECK(call(dict("a", 1, "b", 2), "items") == "[('a', 1), ('b', 2)]");
  CHECK(call(dict("a", 1), "get", {Value::of("a")}) == "1");
  CHECK(call(dict("a", 1), "get", {Value::of("b"), Value::of(0)}) == "0");
  CHECK(call(dict("a", 1), "get", {list()}) == "TypeError: unhashable type: 'list'");
  CHECK(call(Value::range(2, 10, 3), "index", {Value::of(8)}) == "2");
  CHECK(call(Value::range(2, 10, 3), "index", {Value::of(3)}) == "ValueError: 3 is not in range");
  CHECK(call(Value::of(2.0), "is_integer") == "True");
  CHECK(call(Value::of(complex128(1, 2)), "conjugate") == "(1-2j)");
  CHECK(call(Value::of(255), "bit_length") == "8");
}

TEST_CASE_FIXTURE(Fixture, "only the type's own methods exist") {
  CHECK(has_value_method(Value::of("a"), "upper"));
  CHECK_FALSE(has_value_method(list(), "upper"));
  CHECK_FALSE(has_value_method(list(), "append"));
  CHECK_FALSE(has_value_method(Value::of(Tensor::scalar(1.0)), "conjugate"));
  CHECK(call_value_method(evaluator, list(), "upper", {}, {}).is_undefined());
  CHECK(call(list(), "count") == "TypeError: count() missing required argument: 'value'");
}

TEST_CASE("attributes") {
  CHECK(value_attribute(Value::range(1, 9, 2), "step").integer() == 2);
  CHECK(value_attribute(Value::slice(Value::none(), Value::of(3), Value::none()), "stop").integer() == 3);
  CHECK(value_attribute(Value::of(complex128(1, 2)), "imag").floating() == 2);
  CHECK(value_attribute(Value::of(3), "imag").integer() == 0);
  CHECK(value_attribute(Value::of("a"), "real").is_undefined());
}
