// functions_test.cpp - functions of the host's, called by scripts.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "inlay/inlay.hpp"

using namespace inlay;

namespace {

/// The text of the error that a run of `source` ends with.
std::string failure(Interpreter& in, std::string_view source) {
  const auto ending = in.run(source);
  if (ending) return "no error";
  return std::string(to_string(ending.error().kind())) + ": " + ending.error().message();
}

double half(double x) { return x / 2; }

}  // namespace

TEST_CASE("what a list is sorted by may do anything to it") {
  Interpreter in;
  std::string change;
  REQUIRE(in.define("key", 1, [&](std::span<const Value> arguments) {
    REQUIRE(in.run(std::exchange(change, "")));
    return arguments[0];
  }));
  struct Row {
    std::string setup, place;
  };
  for (const auto& [setup, place] : {Row{"l = [3, 1, 2] * 20", "l"}, Row{"l = {'k': [[3, 1, 2] * 20]}", "l['k'][0]"},
                                     Row{"l = [([3, 1, 2] * 20,)]", "l[0][0]"}}) {
    REQUIRE(in.run(setup));
    REQUIRE(in.run(place + "[1:5].sort(key=key, reverse=True)"));
    CHECK(in.eval(place + "[:6]")->repr() == "[3, 3, 2, 1, 1, 2]");
    for (const std::string part : {"", "[5:50]"}) {
      for (const std::string& what :
           {std::string("l = 0"), std::string("l = [[]] * 100"), place + ".clear()", place + "[7] = [1]"}) {
        REQUIRE(in.run(setup));
        change = what;
        CHECK_FALSE(in.run(place + part + ".sort(key=key)"));
        CHECK(change.empty());
      }
    }
  }
  REQUIRE(in.run("l = [3, 1, 2]"));
  change = "l[0] = 5";
  CHECK(failure(in, "l.sort(key=key)") == "ValueError: list modified during sort");
  CHECK(in.eval("l")->repr() == "[5, 1, 2]");
}

TEST_CASE("nothing runs while the host is told of something in the midst of an operation") {
  std::string refused;
  Interpreter* running = nullptr;
  const auto change = [&] {
    refused = running->run("d = 0") ? "" : "run";
    refused += running->bind("d", Value(0)) ? "" : " bind";
  };
  Options options;
  options.warn = [&](std::string_view) { change(); };
  options.copied = [&](const CopyNotice&) { change(); };
  options.hint = [&](std::string_view) { change(); };
  Interpreter in(options);
  running = &in;
  REQUIRE(in.run("d = {'k': [array([1, 2])]}; x = d['k'][0]; y = ones((2, 3, 4))"));
  for (const char* source : {"d['k'][0][0] = 5", "d['k'][0] //= 0", "z = y[0, :, [0, 1]]"}) {
    refused.clear();
    REQUIRE(in.run(source));
    CHECK_MESSAGE(refused == "run bind", source);
  }
  CHECK(in.eval("x")->repr() == "array([1, 2])");
  std::vector<double> memory(3);
  const auto lend = [&] {
    const Value lent = Value::tensor(adopt(memory.data(), {3}, change)).value();
    REQUIRE(in.bind("d", Value::list(std::span(&lent, 1))));
  };
  lend();
  refused.clear();
  REQUIRE(in.run("d[0:1] = [1, 2]"));
  CHECK(refused == "run bind");
  CHECK(in.eval("d")->repr() == "[1, 2]");
}

TEST_CASE("a function of the host may take its own name away while it runs") {
  Interpreter in;
  for (const std::string_view change : {"f = 1", "del f", "l = 0", "l[0] = 0"}) {
    const auto held = std::make_shared<int>(7);
    REQUIRE(in.def("f", [&in, held, change] {
      REQUIRE(in.run(change));
      return *held;
    }));
    for (const char* call :
         {"f() + 1", "l[0]() + 1", "[f][0]() + 1", "list(map(lambda _: f(), [1]))", "sorted([1], key=lambda _: f())"}) {
      REQUIRE(in.bind("g", in.get("f").value()));
      REQUIRE(in.run("l = [f]"));
      CHECK_MESSAGE(in.eval(call), change << " in " << call << ": " << failure(in, call));
      REQUIRE(in.run("f = g"));
    }
  }
}

namespace {

/// Calls back when it is let go of.
struct Caller {
  explicit Caller(std::function<void()> function) : call(std::move(function)) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { call(); }
  std::function<void()> call;
};

/// Runs and binds what needs new variables, cells and registers; gives the refusals.
std::string change(Interpreter& in, int& number) {
  std::string refusals;
  const auto note = [&](const auto& done) {
    if (!done) refusals += done.error().message() + "\n";
  };
  for (int at = 0; at < 200; ++at) {
    const std::string name = "new" + std::to_string(++number);
    note(in.bind(name, Value(1)));
    note(in.def("host_" + name, [] { return 1; }));
    note(in.run("def " + name + "(a):\n    return [lambda: a][0]()\nx = [" + name + "(i) for i in range(9)]\ndel x\n"));
  }
  note(in.get("kept"));
  note(in.eval("kept"));
  note(in.fork());
  note(in.snapshot());
  (void)in.variables();
  (void)in.variables_json();
  (void)in.describe();
  (void)in.usage();
  return refusals;
}

}  // namespace

TEST_CASE("what a function of the host's holds may call back when it is let go of by a script") {
  Interpreter in;
  int calls = 0, number = 0;
  std::string refusals;
  REQUIRE(in.run("kept = 1\ndef call(g, *rest):\n    g = 0\n    return 1\n"));
  for (const char* source :
       {"f = 0", "del f", "l = [f]; f = 0; l.clear()", "l = [f]; f = 0; l[0] = 0", "l = {'k': [f]}; f = 0; del l['k']",
        "y, f = 1, 0", "f, y[5] = 1, 0", "l = [f, f] * 9; f = 0; l = l[:3]; l = 0", "call(f); f = [f]; f.pop()",
        "l = [f]; f = 0\nfor f in l:\n    pass\nf = l = 0", "l = {i: f for i in range(9)}; f = 0; l.clear()"}) {
    const int before = calls;
    refusals.clear();
    {
      const auto caller = std::make_shared<Caller>([&] {
        ++calls;
        refusals += change(in, number);
      });
      REQUIRE(in.def("f", [caller] { return 1; }));
    }
    REQUIRE(in.run("y = [1]"));
    const auto ending = in.run(source);
    if (!ending) CHECK(ending.error().kind() == ErrorKind::IndexError);
    REQUIRE(in.bind("f", Value(0)));
    CHECK_MESSAGE(calls == before + 1, source);
    CHECK_MESSAGE(in.eval("kept")->repr() == "1", source);
  }
}

TEST_CASE("what a function of the host's holds may call back where the host lets go of it") {
  int calls = 0, number = 0;
  std::string refusals;
  const auto define = [&](Interpreter& in) {
    const auto caller = std::make_shared<Caller>([&] {
      ++calls;
      refusals = change(in, number);
    });
    REQUIRE(in.def("f", [caller] { return 1; }));
  };
  Interpreter other;
  {
    Interpreter in;
    REQUIRE(in.run("kept = 1"));
    const Snapshot none = in.snapshot().value();
    define(in);
    REQUIRE(in.bind("f", Value(0)));
    CHECK(calls == 1);
    CHECK(refusals.empty());
    define(in);
    REQUIRE(in.restore(none));
    CHECK(calls == 2);
    CHECK(refusals.find("nothing can run while the host is told of an operation\n") == 0);
    CHECK(in.variables() == std::vector<std::string>{"kept"});
    define(in);
    REQUIRE(in.run("def g():\n    return f\nl = [g, f]\n"));
  }
  CHECK(calls == 3);
  CHECK(refusals.find("nothing can run in an interpreter that is being ended\n") == 0);
  Interpreter in;
  define(in);
  in = Interpreter();
  CHECK(calls == 4);
}

TEST_CASE("what a callback holds may call back at the interpreter's end") {
  int number = 0;
  std::string refusals;
  Interpreter* last = nullptr;
  for (const bool is_hint : {false, true}) {
    std::unique_ptr<Interpreter> in;
    {
      Options options;
      const auto caller = std::make_shared<Caller>([&] { refusals = change(*last, number); });
      (is_hint ? options.hint : options.print) = [caller](std::string_view) {};
      in = std::make_unique<Interpreter>(options);
    }
    last = in.get();
    refusals.clear();
    in.reset();
    CHECK(refusals.find("nothing can run in an interpreter that is being ended\n") == 0);
  }
}

TEST_CASE("an interpreter that is ended from inside itself lasts until what it runs is over") {
  std::unique_ptr<Interpreter> in;
  Interpreter other;
  const std::function<void()> ends[] = {[&] { in.reset(); }, [&] { *in = Interpreter(); },
                                        [&] { other = std::move(*in); }};
  for (const auto& end : ends) {
    const bool is_moved = &end == &ends[2];
    for (const char* source :
         {"x = [leave() for i in range(3)]\nwhile keep: pass", "print(1)\nwhile keep: pass",
          "l = [1, 2]; l.sort(key=lambda i: leave())\nwhile keep: pass", "import m\nwhile keep: pass"}) {
      bool is_first = true;
      const auto leave = [&] {
        if (std::exchange(is_first, false)) end();
        return 1;
      };
      Options options;
      options.print = [&](std::string_view) { leave(); };
      options.load_module = [&](std::string_view) {
        leave();
        return SourceText{"m.inlay", "a = 1\n"};
      };
      in = std::make_unique<Interpreter>(options);
      REQUIRE(in->def("leave", leave));
      REQUIRE(in->bind("keep", Value(!is_moved)));
      Interpreter& running = *in;
      const auto ending = running.run(source);
      CHECK_FALSE(is_first);
      CHECK_MESSAGE(static_cast<bool>(ending) == is_moved, source);
      if (!ending) CHECK(ending.error().kind() == ErrorKind::KeyboardInterrupt);
    }
  }
}

TEST_CASE("arguments and results are converted by their types") {
  Interpreter in;
  REQUIRE(in.def("flag", [](bool b) { return !b; }));
  REQUIRE(in.def("next", [](int n) { return n + 1; }));
  REQUIRE(in.def("wide", [](std::int64_t n) { return n; }));
  REQUIRE(in.def("narrow", [](float x) { return x; }));
  REQUIRE(in.def("half", &half));
  REQUIRE(in.def("shout", [](const std::string& text) { return text + "!"; }));
  REQUIRE(in.def("turn", [](std::complex<double> z) { return z * std::complex<double>(0, 1); }));
  REQUIRE(in.def("same", [](const Value& value) { return value; }));
  REQUIRE(in.def("nothing", [] {}));
  REQUIRE(in.def("steps", [](int n) { return std::vector<double>(static_cast<std::size_t>(n), 1.5); }));
  CHECK(in.eval("flag(False), next(1), wide(2**62), narrow(0.5), half(3), shout('hi'), turn(1), same([1]), nothing(), "
                "steps(2)")
            ->repr() == "(True, 2, 4611686018427387904, 0.5, 1.5, 'hi!', 1j, [1], None, array([1.5, 1.5]))");
}

TEST_CASE("tensors come as typed views with their shape") {
  Interpreter in;
  REQUIRE(in.def("trace", [](View<double> x) {
    double sum = 0;
    for (std::int64_t at = 0; at < x.shape()[0]; ++at) sum += x(at, at);
    return sum;
  }));
  CHECK(in.eval("trace(arange(9.0).reshape(3, 3))")->as<double>().value() == 12);
  CHECK(in.eval("trace(arange(9.0).reshape(3, 3).T[::-1])")->as<double>().value() == 12);
  CHECK(failure(in, "trace(arange(4).reshape(2, 2))") ==
        "TypeError: trace() argument 1: expected a float64 tensor, got int64 tensor of shape (2, 2)");
}

TEST_CASE("what does not fit is a TypeError at the call") {
  Interpreter in;
  bool was_called = false;
  REQUIRE(in.def("f", [&](int, double) { was_called = true; }));
  CHECK(failure(in, "f(1)") == "TypeError: f() takes 2 arguments but 1 was given");
  CHECK(failure(in, "f(1, 2, 3)") == "TypeError: f() takes 2 arguments but 3 were given");
  CHECK(failure(in, "f(1, x=2)") == "TypeError: f() takes no keyword arguments");
  CHECK(failure(in, "f(1, 'x')") == "TypeError: f() argument 2: expected a real number, got str");
  CHECK(failure(in, "f(1.5, 2)") == "TypeError: f() argument 1: expected an integer, got float");
  CHECK(failure(in, "f(2**40, 2)").starts_with("OverflowError: f() argument 1: "));
  CHECK_FALSE(was_called);
  const auto error = in.run("x = 1\ny = f(1, 'x')").error();
  CHECK(error.line() == 2);
  CHECK(error.column() == 5);
}

TEST_CASE("a host's exception is an error of the script, at the call") {
  Interpreter in;
  REQUIRE(in.def("fail", [] { throw std::runtime_error("the device is off"); }));
  REQUIRE(in.def("refuse", [](int n) { throw Exception(ErrorKind::ValueError, "not " + std::to_string(n)); }));
  REQUIRE(in.def("odd", [] { throw 7; }));
  CHECK(failure(in, "fail()") == "RuntimeError: the device is off");
  CHECK(failure(in, "refuse(3)") == "ValueError: not 3");
  CHECK(failure(in, "odd()") == "RuntimeError: the host's function failed");
  const auto error = in.run("def g():\n    fail()\n\ng()", "host.inlay").error();
  CHECK(error.render() ==
        "RuntimeError: the device is off\n  --> host.inlay:2:5\n   |\n 2 |     fail()\n   |     ^^^^^^\n  in g, called "
        "at host.inlay:4:1\n");
}

TEST_CASE("functions of any number of arguments") {
  Interpreter in;
  REQUIRE(in.define("count", -1, [](std::span<const Value> values) { return Value(values.size()); }));
  CHECK(in.eval("count(1, 'a', [])")->as<int>().value() == 3);
  CHECK(in.eval("count()")->as<int>().value() == 0);
}

TEST_CASE("a host calls functions of the script") {
  Interpreter in;
  REQUIRE(in.run("def area(w, h):\n    return w * h\n"));
  CHECK(in.call(in.get("area").value(), {3, 4})->as<int>().value() == 12);
  CHECK(in.call(in.get("sum").value(), {std::vector<double>{1, 2}})->as<double>().value() == 3);
  CHECK(in.call(in.get("area").value(), {}).error().kind() == ErrorKind::TypeError);
  CHECK(in.call(Value(1), {}).error().kind() == ErrorKind::TypeError);
}

TEST_CASE("a function of the host may run a script of the same interpreter") {
  Interpreter in;
  REQUIRE(in.def("twice", [&](int n) { return in.eval(std::to_string(n) + " * 2").value(); }));
  REQUIRE(in.def("broken", [&] { return in.eval("1 +").value(); }));
  CHECK(in.eval("twice(4) + 1")->as<int>().value() == 9);
  CHECK(in.eval("broken()").error().kind() == ErrorKind::SyntaxError);
}

TEST_CASE("only names can be bound") {
  Interpreter in;
  for (const char* name : {"", "1x", "a b", "a.b", "if", "None", "x\n", "f()", "(x)"}) {
    CAPTURE(name);
    const auto bound = in.bind(name, 1);
    REQUIRE_FALSE(bound);
    CHECK(bound.error().kind() == ErrorKind::ValueError);
  }
}

TEST_CASE("views ask for a rank and for sizes") {
  Interpreter in;
  bool was_called = false;
  REQUIRE(in.def("colours", [&](View<float, any, 3> x) { return was_called = true, x.shape()[0]; }));
  CHECK(in.eval("colours(zeros((5, 3), dtype=float32))")->as<int>().value() == 5);
  was_called = false;
  CHECK(failure(in, "colours(zeros((5, 4), dtype=float32))") ==
        "TypeError: colours() argument 1: expected a tensor of shape (any, 3), got float32 tensor of shape (5, 4)");
  CHECK(failure(in, "colours(zeros(3, dtype=float32))").ends_with("got float32 tensor of shape (3,)"));
  CHECK_FALSE(was_called);
}

TEST_CASE("functions of the host's with a signature of the language") {
  Interpreter in;
  int calls = 0;
  REQUIRE(in.def("scale(x: float64[n, 3], by: float64[n], shift=0.5) -> float64",
                 [&](View<double> x, View<double> by, double shift) { return ++calls, x(0, 0) * by(0) + shift; }));
  CHECK(in.eval("scale(ones((2, 3)), by=array([4.0, 5]))")->as<double>().value() == 4.5);
  CHECK(in.eval("scale(ones((2, 3)), array([4.0, 5]), shift=1)")->as<double>().value() == 5);
  CHECK(failure(in, "scale(ones((2, 3)), ones(4))") ==
        "TypeError: argument 'by' is declared float64[n], got float64[4], where n is 2 in this call");
  CHECK(failure(in, "scale(ones((2, 4)), ones(2))") ==
        "TypeError: argument 'x' is declared float64[n, 3], got float64[2, 4]");
  CHECK(failure(in, "scale(1)").starts_with("TypeError: scale() missing required argument: 'by'"));
  CHECK(failure(in, "scale(1, 2, other=3)") == "TypeError: scale() got an unexpected keyword argument 'other'");
  CHECK(calls == 2);
  const Error error = in.run("y = scale(ones((2, 4)), ones(2))", "s").error();
  REQUIRE(error.calls().size() == 1);
  CHECK(error.calls()[0].source == "s");
}

TEST_CASE("signatures that are none, or do not fit the function, are refused") {
  Interpreter in;
  CHECK(in.def("f(x, y)", [](int) {}).error().message() ==
        "f() is declared with 2 parameters, but the host's function takes 1");
  CHECK(in.def("f(x", [](int) {}).error().kind() == ErrorKind::SyntaxError);
  CHECK(in.def("f(x):\n    pass\ny = g(x)", [](int) {}).error().kind() == ErrorKind::SyntaxError);
  CHECK(in.define("g(*all)", -1, [](std::span<const Value> values) { return Value(values.size()); }));
  CHECK(in.eval("g(1, 2, 3)")->as<int>().value() == 3);
}

TEST_CASE("callbacks that throw are errors of the script") {
  Options options;
  options.print = [](std::string_view) { throw std::runtime_error("the disk is full"); };
  options.load_module = [](std::string_view) -> std::optional<SourceText> {
    throw Exception(ErrorKind::ImportError, "offline");
  };
  Interpreter in(options);
  CHECK(failure(in, "x = 1\nprint(x)") == "RuntimeError: the disk is full");
  CHECK(failure(in, "import anything") == "ImportError: offline");
  CHECK(in.eval("x + 1")->as<int>().value() == 2);
}
