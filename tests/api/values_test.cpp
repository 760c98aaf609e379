// values_test.cpp - plain values between a host and its scripts.
#include <doctest/doctest.h>

#include <limits>
#include <thread>

#include "inlay/inlay.hpp"

using namespace inlay;

namespace {

template <class T>
ErrorKind refusal(const Expected<T>& result) {
  return result ? ErrorKind{} : result.error().kind();
}

Value list_of(std::initializer_list<Value> elements) {
  return Value::list(std::span(elements.begin(), elements.end()));
}
Value tuple_of(std::initializer_list<Value> elements) {
  return Value::tuple(std::span(elements.begin(), elements.end()));
}

}  // namespace

TEST_CASE("a text that no memory holds is not made") {
  Interpreter in;
  const Value wide = in.eval("broadcast_to(1.0, (2,) * 30)").value();
  const std::string refusal = "<ndarray: its text is longer than 64.0 MiB>";
  CHECK(wide.to_string() == refusal);
  CHECK(wide.repr() == refusal);
  REQUIRE(in.run("l = ['text']\nfor i in range(40):\n    l = [l, l]\n"));
  CHECK(in.get("l")->repr() == "<list: its text is longer than 64.0 MiB>");
  CHECK(in.eval("broadcast_to(1, (2,) * 10)")->repr().size() > 1024);
}

TEST_CASE("wrapping a value, and unwrapping it, look at one container each") {
  constexpr int kDeep = 300000;  // minutes, if each looked at all that is inside
  Interpreter one, other;
  for (const bool is_of_two : {false, true}) {
    REQUIRE(one.run("x = 1"));
    REQUIRE(other.run("x = 2"));
    Value deep = is_of_two ? list_of({one.get("x").value(), other.get("x").value()}) : list_of({Value(1)});
    for (int level = 0; level < kDeep; ++level)
      deep = level % 2 == 0 ? list_of({deep}) : tuple_of({deep, Value("text")});
    Value inner = deep;
    for (int level = 0; level < kDeep; ++level) inner = inner[0].value();
    CHECK(inner.size() == (is_of_two ? 2 : 1));
    REQUIRE(one.bind("deep", deep));
    REQUIRE(other.bind("deep", deep));
    REQUIRE(one.run("for i in range(10): deep = deep[0]\ndeep = 0"));
    CHECK(deep[0].value().kind() == Kind::list);
  }
}

TEST_CASE("what is put into a marked container later is marked too") {
  Interpreter one, other;
  const Value inner = list_of({Value("a text that is longer than a short string")});
  const Value outer = tuple_of({inner, list_of({inner})});
  REQUIRE(one.bind("x", outer));
  REQUIRE(other.bind("x", outer[1].value()));
  std::thread thread([&] { REQUIRE(one.run("y = x\nfor i in range(10000): y = [y[0], x]")); });
  REQUIRE(other.run("for i in range(10000): z = [x[0], x]"));
  thread.join();
}

TEST_CASE("what is for any thread is used by several at once, and so are its parts and copies") {
  Interpreter in;
  REQUIRE(in.run("x = {'rows': arange(12.0).reshape(3, 4).T, 'names': ['a text that is not short', (1, 2)]}"));
  const Value lent = in.get("x")->for_any_thread().value(), rows = lent.item("rows").value();
  const Value row = rows[1].value(), pair = lent[1].value(), copy = rows.copy();
  const Value nobodys = list_of({rows, row, pair, copy});
  std::vector<std::thread> threads;
  for (int at = 0; at < 3; ++at)
    threads.emplace_back([&] {
      Interpreter own;
      REQUIRE(own.define("lent", 0, [&](auto) { return nobodys[0].value(); }));
      for (int round = 0; round < 200; ++round) {
        REQUIRE(rows.span<double>().value()[1] == 4);
        for (const auto& [name, value] : {std::pair("rows", rows), {"row", row}, {"pair", pair}, {"copy", copy}})
          REQUIRE(own.bind(name, list_of({value, value})));
        REQUIRE(own.run("y = [rows, row, pair, copy, lent()] * 3; y[0][0][0] = 5; z = y[1][0] + y[3][1][1]"));
        REQUIRE(pair[1].value()[0].value().as<std::string>().value().size() == 24);
      }
    });
  REQUIRE(in.run("for i in range(2000): y = [x['rows'], x]; y[0][0] = 1"));
  for (std::thread& thread : threads) thread.join();
  CHECK(rows.span<double>().value()[0] == 0);
}

TEST_CASE("plain numbers and text go in and out") {
  Interpreter in;
  REQUIRE(in.bind("flag", true));
  REQUIRE(in.bind("count", 7));
  REQUIRE(in.bind("large", std::int64_t{1} << 60));
  REQUIRE(in.bind("ratio", 0.5));
  REQUIRE(in.bind("z", std::complex<double>(1, -2)));
  REQUIRE(in.bind("text", "naïve"));
  REQUIRE(in.bind("nothing", Value()));
  CHECK(in.eval("flag")->as<bool>().value());
  CHECK(in.eval("count + 1")->as<int>().value() == 8);
  CHECK(in.eval("large")->as<std::int64_t>().value() == std::int64_t{1} << 60);
  CHECK(in.eval("ratio / 2")->as<double>().value() == 0.25);
  CHECK(in.eval("z * 1j")->as<std::complex<double>>().value() == std::complex<double>(2, 1));
  CHECK(in.eval("text + '!'")->as<std::string>().value() == "naïve!");
  CHECK(in.get("text")->size() == 5);
  CHECK(in.get("nothing")->is_none());
  CHECK(in.eval("x = 1")->is_none());
}

TEST_CASE("a plain number is weak: it takes the tensor's dtype") {
  Interpreter in;
  REQUIRE(in.bind("k", 2));
  CHECK(*in.eval("array([1, 2], dtype=uint8) * k")->dtype() == DType::uint8);
  CHECK(refusal(in.eval("array([1, 2], dtype=uint8) * (k * 200)")) == ErrorKind::OverflowError);
}

TEST_CASE("tensors of one element are numbers to the host") {
  Interpreter in;
  CHECK(in.eval("sum(arange(4))")->as<int>().value() == 6);
  CHECK(in.eval("mean(arange(4))")->as<double>().value() == 1.5);
  CHECK(in.eval("any(arange(4) > 2)")->as<bool>().value());
  CHECK(in.eval("float32(0.5)")->as<float>().value() == 0.5F);
  CHECK(in.eval("array(2**64 - 1, dtype=uint64)")->as<double>().value() == 0x1p64);
}

TEST_CASE("conversions that lose something are refused") {
  Interpreter in;
  CHECK(refusal(in.eval("1.5")->as<int>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("1")->as<bool>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("1j")->as<double>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("'1'")->as<int>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("1")->as<std::string>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("300")->as<std::uint8_t>()) == ErrorKind::OverflowError);
  CHECK(refusal(in.eval("-1")->as<unsigned>()) == ErrorKind::OverflowError);
  CHECK(refusal(in.eval("array(2**64 - 1, dtype=uint64)")->as<std::int64_t>()) == ErrorKind::OverflowError);
  CHECK(refusal(in.eval("arange(3)")->as<int>()) == ErrorKind::TypeError);
  CHECK(in.eval("arange(3)")->span<double>().error().message() ==
        "expected a float64 tensor, got int64 tensor of shape (3,)");
  CHECK(refusal(in.eval("[1, 2]")->span<double>()) == ErrorKind::TypeError);
  CHECK(refusal(in.eval("[1, 2]")->dtype()) == ErrorKind::TypeError);
}

TEST_CASE("unsigned numbers beyond int64 are 0-d tensors") {
  Interpreter in;
  REQUIRE(in.bind("x", std::numeric_limits<std::uint64_t>::max()));
  CHECK(in.eval("x.dtype == uint64")->as<bool>().value());
  CHECK(in.eval("x")->to_string() == "18446744073709551615");
}

TEST_CASE("containers, by position and by key") {
  Interpreter in;
  const auto list = in.eval("[1, (2.5, 'a'), {'k': arange(3), 2: None}]");
  REQUIRE(list);
  CHECK(list->kind() == Kind::list);
  CHECK(list->size() == 3);
  const Value pair = (*list)[1].value();
  CHECK(pair.kind() == Kind::tuple);
  CHECK(pair[1]->as<std::string>().value() == "a");
  const Value dict = (*list)[2].value();
  CHECK(dict.size() == 2);
  CHECK(dict.item("k")->size() == 3);
  CHECK(dict.item(2)->is_none());
  CHECK(dict[0]->repr() == "('k', array([0, 1, 2]))");
  CHECK(refusal(dict.item("missing")) == ErrorKind::KeyError);
  CHECK(refusal(dict[2]) == ErrorKind::IndexError);
  CHECK(refusal((*list)[3]) == ErrorKind::IndexError);
  CHECK(refusal(Value(1)[0]) == ErrorKind::TypeError);
  CHECK(in.eval("arange(6).reshape(2, 3)").value()[1]->to_string() == "[3 4 5]");
}

TEST_CASE("containers made by the host") {
  Interpreter in;
  const Value parts[] = {1, "b", std::vector<float>{1, 2}};
  REQUIRE(in.bind("l", Value::list(parts)));
  REQUIRE(in.bind("t", Value::tuple(parts)));
  CHECK(in.eval("l[1]")->repr() == "'b'");
  CHECK(in.eval("t[2].dtype")->to_string() == "float32");
  REQUIRE(in.run("l.append(3)"));
  CHECK(in.eval("len(l), len(t)")->to_string() == "(4, 3)");
}

TEST_CASE("str and repr") {
  Interpreter in;
  CHECK(in.eval("'a'")->to_string() == "a");
  CHECK(in.eval("'a'")->repr() == "'a'");
  CHECK(in.eval("ones(2)")->repr() == "array([1., 1.])");
  CHECK(in.eval("len")->kind() == Kind::function);
  CHECK(in.eval("float32")->kind() == Kind::dtype);
  CHECK(in.eval("slice(1, 2)")->kind() == Kind::slice);
  CHECK(in.eval("range(3)")->size() == 3);
}

TEST_CASE("a value stays as it was, whatever the script does next") {
  Interpreter in;
  REQUIRE(in.run("x = arange(3)"));
  const Value before = in.get("x").value();
  REQUIRE(in.run("x[:] = 9"));
  CHECK(before.to_string() == "[0 1 2]");
}

TEST_CASE("a value outlives its interpreter") {
  Value tensor, function;
  {
    Interpreter in;
    REQUIRE(in.run("x = arange(3)\ndef f():\n    return g()\ndef g():\n    return x\n"));
    tensor = in.get("x").value();
    function = in.get("f").value();
  }
  CHECK(tensor.to_string() == "[0 1 2]");
  CHECK(function.repr() == "<function f>");
}

TEST_CASE("what a host asks about values nested beyond all stack, or doubled beyond all time, is answered at once") {
  Interpreter in;
  REQUIRE(
      in.run("t = ones(1000)\ndeep = t\nfor i in range(100000): deep = [{1: (deep,)}]\n"
             "doubled = [t]\nfor i in range(60): doubled = [doubled, doubled]\nlast = 1\n"));
  const Value tensor = in.get("t").value(), deep = in.get("deep").value(), doubled = in.get("doubled").value();
  CHECK(deep.nbytes() == 8000);
  CHECK(doubled.nbytes() == std::numeric_limits<std::uint64_t>::max());
  CHECK(in.holders(tensor.memory()) == std::vector<std::string>{"t", "deep", "doubled"});
  const std::vector<VariableInfo> rows = in.describe();
  REQUIRE(rows.size() == 5);
  CHECK(rows[1].shared_with == std::vector<std::string>{"t", "doubled"});
  CHECK(rows[1].bytes == 8000);
  const std::string json = in.variables_json();
  CHECK(json.find("\n{\"deep\": {\"left_out\": \"list\"}}\n") != std::string::npos);
  CHECK(json.ends_with("\n{\"doubled\": {\"left_out\": \"list\"}}\n{\"last\": {\"py\": 1}}\n"));
}

TEST_CASE("a copy of a nested value has memory of its own, once for what is one tensor") {
  Interpreter in;
  REQUIRE(
      in.run("t = ones(1000)\ndeep = (t,)\nfor i in range(100000): deep = [deep]\n"
             "doubled = {1: t}\nfor i in range(60): doubled = [doubled, doubled]\npair = [t, t]\n"));
  const Value pair = in.get("pair")->copy(), deep = in.get("deep")->copy(), doubled = in.get("doubled")->copy();
  CHECK(deep.nbytes() == 8000);
  CHECK(doubled.size() == 2);
  CHECK(in.get("t")->memory() != pair[0]->memory());
  CHECK(pair[0]->memory() == pair[1]->memory());
  CHECK(pair[0]->span<double>().value()[999] == 1.0);
  CHECK(in.holders(pair[0]->memory()).empty());
}

TEST_CASE("a fork of a doubled list of functions") {
  Interpreter in;
  REQUIRE(in.run("l = [lambda x: x]\nfor i in range(60): l = [l, l]\nn = len(l)\n"));
  Interpreter other = in.fork().value();
  CHECK(other.eval("len(l[0][1])")->as<int>().value() == 2);
}

TEST_CASE("variables whose JSON no memory holds are left out") {
  Interpreter in;
  REQUIRE(in.run("a = broadcast_to(1.0, (10**9,))\nb = [1, 'text' * 10**8]\nc = {'a' * 10**8: 1}\nd = [[], {}, ()]\n"));
  CHECK(in.variables_json() ==
        "{\"a\": {\"left_out\": \"ndarray\"}}\n{\"b\": {\"left_out\": \"list\"}}\n"
        "{\"c\": {\"left_out\": \"dict\"}}\n"
        "{\"d\": {\"list\": [{\"list\": []}, {\"dict\": []}, {\"tuple\": []}]}}\n");
}

TEST_CASE("variables as JSON, exactly") {
  Interpreter in;
  REQUIRE(
      in.run("a = 0.1\nb = array([[1, -2]], dtype=int8)\nc = array([nan, -0.0, inf, 5e-324])\nd = 'q\"é😀\\n'\n"
             "e = (True, None, [1j])\nf = {'k': uint8(3)}\n_hidden = 1\ng = len\nh = array([1 + 2j])"));
  CHECK(in.variables_json() ==
        "{\"a\": {\"py_float\": \"0x1.999999999999ap-4\"}}\n"
        "{\"b\": {\"dtype\": \"int8\", \"shape\": [1, 2], \"data\": [1, -2]}}\n"
        "{\"c\": {\"dtype\": \"float64\", \"shape\": [4], \"data\": [\"nan\", \"-0x0.0p+0\", \"inf\", "
        "\"0x0.0000000000001p-1022\"]}}\n"
        "{\"d\": {\"py\": \"q\\\"\\u00e9\\ud83d\\ude00\\u000a\"}}\n"
        "{\"e\": {\"tuple\": [{\"py\": true}, {\"py\": null}, {\"list\": [{\"py_complex\": [\"0x0.0p+0\", "
        "\"0x1.0000000000000p+0\"]}]}]}}\n"
        "{\"f\": {\"dict\": [[{\"py\": \"k\"}, {\"dtype\": \"uint8\", \"shape\": [], \"data\": [3]}]]}}\n"
        "{\"g\": {\"other\": \"builtin_function_or_method\"}}\n"
        "{\"h\": {\"dtype\": \"complex128\", \"shape\": [1], \"data\": [[\"0x1.0000000000000p+0\", "
        "\"0x1.0000000000000p+1\"]]}}\n");
}

TEST_CASE("functions stay with their interpreter, everything else goes to any") {
  Value f, closure, module, generator, data;
  {
    Interpreter gone;
    REQUIRE(
        gone.run("import math\nw = ones(3)\ndef g(z): return z\ndef f(y): return g(y) * w\n"
                 "h = lambda: w\nr = random.default_rng(1)\nl = [w, {'k': 'text'}]"));
    f = gone.get("f").value();
    closure = Value::list(std::vector<Value>{Value(1), gone.get("h").value()});
    module = gone.get("math").value();
    generator = gone.get("r").value();
    data = gone.get("l").value();
  }
  CHECK(f.repr().starts_with("<function f"));
  Interpreter in;
  for (const Value& each : {f, closure, module, generator}) {
    const auto refused = in.bind("v", each);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::TypeError);
    CHECK(refused.error().message().find("belongs to another interpreter") != std::string::npos);
    CHECK_FALSE(each.for_any_thread());
    CHECK_FALSE(in.call(in.get("list").value(), {each}));
  }
  CHECK_FALSE(in.call(f, {Value(1.0)}));
  REQUIRE(in.bind("v", data));
  CHECK(in.eval("v")->repr() == "[array([1., 1., 1.]), {'k': 'text'}]");
  REQUIRE(in.define("give", 0, [&](std::span<const Value>) { return f; }));
  CHECK(in.run("give()").error().kind() == ErrorKind::TypeError);
  CHECK(Value::list(std::vector<Value>{data, in.get("v").value(), Value("x")}).size() == 3);
}

TEST_CASE("a list of functions of two interpreters is of use to neither") {
  Interpreter a, b;
  REQUIRE(a.run("f = lambda: 1\nx = [1]"));
  REQUIRE(b.run("f = lambda: 2\nx = [2]"));
  const Value both = Value::list(std::vector<Value>{a.get("f").value(), b.get("f").value()});
  CHECK_FALSE(a.bind("l", both));
  CHECK_FALSE(b.bind("l", both));
  const Value data = Value::tuple(std::vector<Value>{a.get("x").value(), b.get("x").value()});
  REQUIRE(a.bind("l", data));
  REQUIRE(b.bind("l", data));
}

TEST_CASE("values of one interpreter in another, each on its thread") {
  Interpreter a, b;
  REQUIRE(a.run("x = [[1, 2], ['text', arange(3)]]"));
  const Value made = Value::list(std::vector<Value>{Value("text"), a.get("x").value()});
  const Value part = (*a.get("x"))[1].value();
  REQUIRE(a.bind("made", made));
  REQUIRE(b.bind("x", a.get("x").value()));
  REQUIRE(b.bind("made", made));
  REQUIRE(b.bind("part", part));
  const char* const loop = "for i in range(30000):\n    y = [x, made]\n    z = x[1][1]\n    w = made[0]\n    y = 0";
  std::thread thread([&] { CHECK(a.run(loop)); });
  CHECK(b.run(loop));
  thread.join();
  CHECK(a.get("x")->repr() == b.get("x")->repr());
}

TEST_CASE("a handle for any thread, while its interpreter works on") {
  Interpreter a;
  REQUIRE(a.run("x = [[1, 2], ['text', arange(3)]]"));
  const Value lent = a.get("x")->for_any_thread().value();
  std::thread thread([&lent] {
    Interpreter b;
    REQUIRE(b.bind("x", lent));
    CHECK(b.run("for i in range(30000): y = x; x[0] = i"));
    CHECK(b.eval("x[1]")->repr() == "['text', array([0, 1, 2])]");
  });
  CHECK(a.run("for i in range(30000): y = x; x[0] = i"));
  thread.join();
}

TEST_CASE("release is called once, after an error too") {
  int released = 0;
  double data[3] = {1, 2, 3};
  const auto lent = [&](Shape shape) { return adopt(data, std::move(shape), [&] { ++released; }); };
  Interpreter in;
  CHECK_FALSE(in.bind("no name", lent(3)));
  CHECK(released == 1);
  CHECK_FALSE(in.bind("x", lent(-3)));
  CHECK(released == 2);
  CHECK_FALSE(Value::tensor(lent({-1, 2})));
  CHECK(released == 3);
  REQUIRE(in.bind("x", lent(3)));
  CHECK(released == 3);
  REQUIRE(in.run("del x"));
  CHECK(released == 4);
}
