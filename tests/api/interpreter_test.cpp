// interpreter_test.cpp - what an interpreter is to its host: separate, silent, stoppable, and never throwing.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "inlay/inlay.hpp"

using namespace inlay;

namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("interpreters side by side share nothing") {
  Interpreter a, b;
  REQUIRE(a.run("x = 1\ndef f():\n    return x\n"));
  REQUIRE(b.run("x = 'two'\ndef f():\n    return x\n"));
  CHECK(a.eval("f()")->repr() == "1");
  CHECK(b.eval("f()")->repr() == "'two'");
  CHECK(a.variables() == std::vector<std::string>{"x", "f"});
  Interpreter c = std::move(a);
  CHECK(c.eval("f()")->repr() == "1");
}

TEST_CASE("interpreters run on threads of their own") {
  std::vector<double> sums(4);
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < sums.size(); ++at) {
    threads.emplace_back([&sums, at] {
      Interpreter in;
      in.bind("n", at).value();
      in.run("x = arange(100000.0) + n\nfor i in range(20):\n    x[x > 50] -= 1\n").value();
      sums[at] = in.eval("x[0] + n").value().as<double>().value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sums == std::vector<double>{0, 2, 4, 6});
}

TEST_CASE("without callbacks nothing comes out, and nothing is found") {
  Interpreter in;
  CHECK(in.run("print('silent')"));
  CHECK(in.run("import other").error().kind() == ErrorKind::ImportError);
  CHECK(in.run("x = load('file.npy')").error().message() ==
        "this host does not let scripts read this file: 'file.npy'");
  CHECK(in.run("x = imread('file.png')").error().message() ==
        "this host does not let scripts read this file: 'file.png'");
  CHECK(in.run("save('file.npy', ones(2))").error().kind() == ErrorKind::RuntimeError);
}

TEST_CASE("output, warnings, values, modules and arguments go through the host") {
  std::string printed, warned, shown;
  Options options;
  options.print = [&](std::string_view text) { printed += text; };
  options.warn = [&](std::string_view text) { warned += text; };
  options.echo = [&](const Value& value) { shown += value.repr() + ";"; };
  options.load_module = [](std::string_view name) -> std::optional<SourceText> {
    if (name != "shapes") return std::nullopt;
    return SourceText{"shapes.inlay", "def square(x):\n    return x * x\nside = 3\nbad = lambda: 1 // 0\n"};
  };
  options.arguments = {"script", "-v"};
  Interpreter in(options);
  REQUIRE(in.run("import shapes\nprint(shapes.square(shapes.side), argv)"));
  CHECK(printed == "9 ['script', '-v']\n");
  REQUIRE(in.run("x = array([1, 2]) // 0"));
  CHECK(warned.find("divide by zero") != std::string::npos);
  REQUIRE(in.run("x = 2\nx + 1"));
  REQUIRE(in.run("None"));
  CHECK(shown == "3;");
  const Error error = in.run("shapes.bad()").error();
  CHECK(error.source_name() == "shapes.inlay");
  REQUIRE(error.calls().size() == 1);
  CHECK(error.calls()[0].source == "script");
}

TEST_CASE("errors are values: kind, place, text") {
  Interpreter in;
  const auto ending = in.run("x = arange(3)\ny = x + ones(4)\n", "a.inlay");
  REQUIRE_FALSE(ending);
  const Error& error = ending.error();
  CHECK(error.kind() == ErrorKind::ValueError);
  CHECK(error.message() == "operands could not be broadcast together with shapes (3,) (4,) ");
  CHECK(error.source_name() == "a.inlay");
  CHECK(error.line() == 2);
  CHECK(error.column() == 5);
  CHECK(error.span() == std::pair<std::uint32_t, std::uint32_t>{18, 29});
  CHECK(error.render() ==
        "ValueError: operands could not be broadcast together with shapes (3,) (4,) \n"
        "  --> a.inlay:2:5\n"
        "   |\n"
        " 2 | y = x + ones(4)\n"
        "   |     ^^^^^^^^^^^\n");
  CHECK(error.render(true).find("\x1b[") != std::string::npos);
  CHECK_THROWS_AS(static_cast<void>(ending.value()), Exception);
  CHECK(in.get("x")->to_string() == "[0 1 2]");
}

TEST_CASE("an error knows what the operation was given") {
  Interpreter in;
  const auto operands = [&](std::string_view source) {
    std::string text;
    const Error error = in.run(source).error();
    for (const ErrorOperand& operand : error.operands()) {
      text += operand.type;
      if (operand.tensor) text += "[]";
      for (const std::int64_t size : operand.shape) text += " " + std::to_string(size);
      text += ";";
    }
    return text;
  };
  CHECK(operands("arange(3) + ones((4, 2))") == "int64[] 3;float64[] 4 2;");
  CHECK(operands("concatenate([ones(2), ones((2, 2))])") == "list;");
  CHECK(operands("x = ones((2, 3))\nmatmul(x, x)") == "float64[] 2 3;float64[] 2 3;");
  CHECK(operands("x = ones(3)\nx[5] = 2") == "float64[] 3;int;int;");
  CHECK(operands("y = 'a' + 1") == "str;int;");
  CHECK(operands("nowhere").empty());
  CHECK(operands("x = ").empty());
}

TEST_CASE("reports keep carets under what they mean") {
  Interpreter in;
  const auto report = [&](std::string_view source) { return in.run(source, "s").error().render(); };
  CHECK(report("é = '日本' + 1\n") == "TypeError: " + in.run("'' + 1").error().message() +
                                          "\n  --> s:1:5\n   |\n 1 | é = '日本' + 1\n   |     ^^^^^^^^^^\n");
  CHECK(report("if True:\n\tx = 1 // 0\n").ends_with(" 2 |     x = 1 // 0\n   |         ^^^^^^\n"));
  CHECK(report("x = [1,\n     2] + 3\n").ends_with(" 1 | x = [1,\n   |     ^^^\n"));
  const std::string wide = report("x = [" + std::string(600, '1') + "] + 1 // 0" + std::string(300, ' ') + "# far\n");
  for (std::size_t at = 0; at < wide.size(); at = wide.find('\n', at) + 1) CHECK(wide.find('\n', at) - at < 130);
  CHECK(wide.find("…") != std::string::npos);
}

TEST_CASE("calls that led to an error, repeated ones counted") {
  Interpreter in;
  const Error error = in.run("def f(n):\n    return f(n - 1) if n > 0 else 1 // 0\n\nf(50)\n", "r").error();
  CHECK(error.kind() == ErrorKind::ZeroDivisionError);
  CHECK(error.calls().size() == 51);
  CHECK(error.render().ends_with("  in f, called at r:2:12\n  … 49 more like this\n  in f, called at r:4:1\n"));
  const Error deep = in.run("def g():\n    return g()\n\ng()\n", "r").error();
  CHECK(deep.kind() == ErrorKind::RecursionError);
}

TEST_CASE("exit is an ending, not an error") {
  Interpreter in;
  CHECK_FALSE(in.run("x = 1")->exited);
  const auto ending = in.run("x = 2\nexit(3)\nx = 4");
  REQUIRE(ending);
  CHECK(ending->exited);
  CHECK(ending->code == 3);
  CHECK(in.get("x")->repr() == "2");
  CHECK_FALSE(in.eval("exit(1)"));
}

TEST_CASE("another thread interrupts a loop, and the state stays") {
  Interpreter in;
  REQUIRE(in.run("n = 0"));
  const auto begin = std::chrono::steady_clock::now();
  std::thread watchdog([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    in.interrupt();
  });
  const auto ending = in.run("while True:\n    n += 1\n");
  watchdog.join();
  REQUIRE_FALSE(ending);
  CHECK(ending.error().kind() == ErrorKind::KeyboardInterrupt);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK(in.get("n")->as<std::int64_t>().value() > 0);
  CHECK(in.eval("n + 1"));
}

TEST_CASE("an interrupt asked for in advance stops the next run only") {
  Interpreter in;
  in.interrupt();
  const auto ending = in.run("for i in range(10):\n    pass\n");
  REQUIRE_FALSE(ending);
  CHECK(ending.error().kind() == ErrorKind::KeyboardInterrupt);
  CHECK(in.run("for i in range(10):\n    pass\n"));
}

TEST_CASE("check reports everything that can be known unrun") {
  Interpreter in;
  CHECK(in.check("x = 1\nprint(x)").empty());
  const auto errors = in.check("x = 1\ny = lenn(x)\nz = nothing\n", "c.inlay");
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].kind() == ErrorKind::NameError);
  CHECK(errors[0].line() == 2);
  CHECK(errors[1].line() == 3);
  CHECK(in.check("x = (1")[0].kind() == ErrorKind::SyntaxError);
  CHECK_FALSE(in.get("x"));
}

TEST_CASE("stages as text") {
  const Interpreter in;
  CHECK(in.lower("x = 1", Stage::ast)->starts_with("(assign (name x) (int 1))"));
  CHECK(in.lower("x = arange(3); x[x > 1] = 0", Stage::ir)->find("where") != std::string::npos);
  CHECK(in.lower("x = (", Stage::ast).error().kind() == ErrorKind::SyntaxError);
}

TEST_CASE("completion of names, attributes and keywords") {
  Interpreter in;
  REQUIRE(in.run("import numpy as np\nimage = ones(3)\nd = {'a': 1}\n_private = 1"));
  CHECK(contains(in.complete("y = ima", 7), "image"));
  CHECK(in.complete("y = imag", 8) == std::vector<std::string>{"imag", "image"});
  CHECK(contains(in.complete("whi", 3), "while"));
  CHECK(contains(in.complete("image.resh", 10), "reshape"));
  CHECK(contains(in.complete("np.lin", 6), "linalg"));
  CHECK(contains(in.complete("np.linalg.so", 12), "solve"));
  CHECK(contains(in.complete("d.ke", 4), "keys"));
  CHECK(in.complete("f(x).", 5).empty());
  CHECK(in.complete("unknown.", 8).empty());
  CHECK_FALSE(contains(in.complete("", 0), "_private"));
  CHECK(contains(in.complete("_pri", 4), "_private"));
}

TEST_CASE("entries at a prompt") {
  CHECK(Interpreter::is_complete("x = 1\n"));
  CHECK_FALSE(Interpreter::is_complete("x = [1,\n"));
  CHECK_FALSE(Interpreter::is_complete("if x:\n    y = 1\n"));
  CHECK(Interpreter::is_complete("if x:\n    y = 1\n\n"));
  CHECK(Interpreter::is_complete("x = )\n"));
}

TEST_CASE("functions of a prompt's entries see later ones") {
  Options options;
  options.echo = [](const Value&) {};
  Interpreter in(options);
  REQUIRE(in.run("def f():\n    return g() + 1\n"));
  REQUIRE(in.run("def g():\n    return 1\n"));
  CHECK(in.eval("f()")->as<int>().value() == 2);
}

TEST_CASE("a loop over progress() reports to the host, once it has run for a while") {
  std::vector<Progress> reports;
  std::string label;
  Options options;
  options.progress = [&](const Progress& progress) {
    label = progress.label;
    reports.push_back(progress);
  };
  Interpreter in(std::move(options));
  REQUIRE(in.def("rest", [] { std::this_thread::sleep_for(std::chrono::milliseconds(110)); }));
  REQUIRE(in.run("for i in progress(range(10)): pass\n"));
  CHECK(reports.empty());
  REQUIRE(
      in.run("for i in progress(range(5), 'fit'):\n    for j in progress([0]):\n"
             "        rest()\n"));
  REQUIRE(reports.size() >= 2);
  CHECK(label == "fit");
  CHECK(reports.front().total == 5);
  CHECK(reports.front().done < 5);
  CHECK(reports.front().seconds >= 0.2);
  CHECK(!reports.front().is_over);
  CHECK(reports.back().done == 5);
  CHECK(reports.back().is_over);
  CHECK(reports.back().depth == 0);
}

TEST_CASE("an operation that takes long is reported from its midst, where nothing else can run") {
  std::vector<Progress> reports;
  std::string label, refusal;
  Interpreter* running = nullptr;
  Options options;
  options.threads = 1;
  options.progress = [&](const Progress& progress) {
    label = progress.label;
    reports.push_back(progress);
    refusal = running->run("x = 0").error().render();
    if (!progress.is_over) running->interrupt();
    throw std::runtime_error("no");
  };
  Interpreter in(std::move(options));
  running = &in;
  const auto ending =
      in.run("x = 1\na = broadcast_to(1.0, (5500, 5500))\nx = matmul(a, a)\n");  // seconds on any processor
  REQUIRE(!ending);
  CHECK(ending.error().kind() == ErrorKind::KeyboardInterrupt);
  REQUIRE(reports.size() == 2);
  CHECK(label == "matmul");
  CHECK(reports[0].is_operation);
  CHECK(reports[0].seconds >= 2);
  CHECK(reports[0].total == std::int64_t{5500} * 5500 * 5500);
  CHECK(reports[0].done > 0);
  CHECK(reports[0].done < reports[0].total);
  CHECK(reports[1].is_over);
  CHECK(refusal.find("nothing can run while the host is told of an operation") != std::string::npos);
  CHECK(in.eval("x")->as<int>().value() == 1);
}

TEST_CASE("bytes that a program moves are counted, calls and regions included") {
  Interpreter in;
  REQUIRE(in.run("x = ones(1000)\ndef twice(v):\n    return v + v\n"));
  const auto moved = [&](std::string_view text) {
    std::uint64_t bytes = 0;
    REQUIRE(in.run(*in.prepare(text), bytes));
    return bytes;
  };
  CHECK(moved("y = x + x") == 3 * 8000);
  CHECK(moved("y = twice(x)") == 3 * 8000);
  CHECK(moved("y = x * 2 + x") == 2 * 8000);  // one pass
  CHECK(moved("n = 1 + 2") == 0);
  CHECK(moved("for i in range(3): y = twice(x)") == 9 * 8000);
  CHECK(moved("z = x\nz[0] = 1") == 2 * 8000 + 8);
  REQUIRE(in.run("y = x + x"));  // not counted any more
  std::uint64_t bytes = 1;
  CHECK(!in.run(*in.prepare("y = x + x\n1 // 0"), bytes));
  CHECK(bytes == 3 * 8000);
}

TEST_CASE("a host that fails to take the last report of a loop changes nothing") {
  Options options;
  options.progress = [&](const Progress& progress) {
    if (progress.is_over) throw std::runtime_error("no");
  };
  Interpreter in(std::move(options));
  REQUIRE(in.def("wait", [] { std::this_thread::sleep_for(std::chrono::milliseconds(150)); }));
  REQUIRE(in.run("for i in progress(range(2)): wait()\n"));
  CHECK(in.eval("i")->repr() == "1");
}

TEST_CASE("who is called back in the middle of a statement may keep, bind and run what it likes") {
  Options options;
  Interpreter* running = nullptr;
  std::function<void()> interrupts;
  options.print = [&](std::string_view) { interrupts(); };
  options.load_module = [](std::string_view) {
    return SourceText{"m.inlay", "def q():\n    print('x')\n    return 1\na, b = 1, q()\n"};
  };
  Interpreter in(std::move(options));
  running = &in;
  REQUIRE(in.def("host", [] { return 1; }));
  REQUIRE(
      in.run("y = zeros(3)\nw = 0\ndef printing():\n    print('x')\n    return 99\ndef importing():\n    import m\n    "
             "return 99\n"));
  const auto fails = [&](std::string_view statement, std::function<void()> meanwhile) {
    interrupts = std::move(meanwhile);
    REQUIRE(in.run("x = array([1.0, 2.0, 3.0])"));
    const auto done = in.run(statement);
    REQUIRE(!done);
    CHECK(done.error().kind() == ErrorKind::IndexError);
    return in.get("x")->to_string();
  };
  Value seen;
  CHECK(fails("x[0], y[printing()] = 5, 6", [&] { seen = running->get("x").value(); }) == "[1. 2. 3.]");
  CHECK(seen.to_string() == "[5. 2. 3.]");
  CHECK(fails("x[0], y[importing()] = 5, 6", [&] { CHECK(running->run("host()")); }) == "[1. 2. 3.]");
  CHECK(fails("x[0], y[printing()] = 5, 6", [&] { CHECK(running->run("w = x")); }) == "[1. 2. 3.]");
  CHECK(in.get("w")->to_string() == "[5. 2. 3.]");
  CHECK(fails("x[0], x[2], y[printing()] = 5, 7, 6", [&] { CHECK(running->bind("x", Value(1.0))); }) == "[1. 2. 3.]");
}

TEST_CASE("nothing runs, is bound or is asked for while the host is told of a warning or a copy") {
  Options options;
  Interpreter* running = nullptr;
  std::string told;
  const auto listen = [&](const char* what) {
    told += what;
    for (const std::string& refusal :
         {running->run("l = 0").error().message(), running->get("x").error().message(),
          running->bind("l", Value(1)).error().message(), running->eval("x").error().message()})
      CHECK_MESSAGE(refusal == "nothing can run while the host is told of an operation", told);
  };
  options.warn = [&](std::string_view) { listen("w"); };
  options.copied = [&](const CopyNotice&) { listen("c"); };
  Interpreter in(std::move(options));
  running = &in;
  for (const char* statement :
       {"x = x // 0", "x //= 0", "x = floor_divide(x, 0)", "x[0] //= 0", "l[0] //= 0", "l[0][0] = 9", "z[0] = 9"}) {
    REQUIRE(in.run("x = array([1, 2, 3])\ny = array([4, 5])\nl = [array([7, 8]), y]\nz = y"));
    const std::size_t before = told.size();
    if (statement == std::string_view("l[0][0] = 9")) REQUIRE(in.run("y = l[0]"));
    REQUIRE(in.run(statement));
    CHECK_MESSAGE(told.size() == before + 1, statement);
    CHECK(in.get("x"));
  }
  CHECK(told == "wwwwwcc");
}

TEST_CASE("who draws sees every variable, may run and bind, and keeps what was shown") {
  Options options;
  Interpreter* running = nullptr;
  std::vector<Value> shown;
  int drawn = 0;
  options.draw = [&](const Drawing& drawing) {
    ++drawn;
    shown = drawing.data;
    CHECK(running->variables() == std::vector<std::string>{"x", "y", "l", "fails", "w"});
    CHECK(running->get("x")->to_string() == running->eval("x")->to_string());
    CHECK(running->run("w = x"));
    CHECK(running->bind("w", Value(drawn)));
  };
  Interpreter in(std::move(options));
  running = &in;
  const char* setup = "x = ones((2, 2)); y = zeros(3); l = [x, x]; w = 0\n";
  REQUIRE(in.run("x = y = l = 0\ndef fails():\n    show(x)\n    return 99\nw = 0"));
  for (const char* statement :
       {"show(x)", "x = show(x)", "x, y = show(x), 1", "x = [show(v) for v in [x]]", "x = list(map(show, [x]))",
        "l.sort(key=lambda v: show(x) is None)", "x += where(show(x) is None, 1, 0)", "x[0, show(x) is None] = 5",
        "x = apply_along_axis(lambda v: 0 if plot(v) is None else 1, 0, x)", "x = x + (plot(x[0]) is None) * 2",
        "x = value_and_grad(lambda v: sum(v * (1 if show(x) is None else 0)))(x)", "hist(x)"}) {
    REQUIRE(in.run(setup));
    const int before = drawn;
    const auto done = in.run(statement);
    CHECK_MESSAGE(static_cast<bool>(done), statement << (done ? "" : done.error().message()));
    CHECK_MESSAGE(drawn > before, statement);
  }
  REQUIRE(in.run(setup));
  CHECK_FALSE(in.run("x[0, 0], y[fails()] = 5, 6"));
  CHECK(in.get("x")->to_string() == "[[1. 1.]\n [1. 1.]]");
  CHECK(shown.at(0).to_string() == "[[5. 1.]\n [1. 1.]]");
}

TEST_CASE("nothing runs, is bound or is asked for while the host gives entropy") {
  Options options;
  Interpreter* running = nullptr;
  int asked = 0;
  options.entropy = [&] {
    ++asked;
    CHECK(running->get("x").error().message() == "nothing can run while the host is told of an operation");
    CHECK_FALSE(running->run("x = 0"));
    CHECK_FALSE(running->bind("x", Value(0)));
    return std::uint64_t{1};
  };
  Interpreter in(std::move(options));
  running = &in;
  REQUIRE(in.run("x = arange(3)\nx = random.permutation(x)\ng = random.default_rng()"));
  CHECK(asked == 2);
  CHECK(in.eval("x.sum()")->repr() == "3");
}

TEST_CASE("eval gives the value of its own text; what runs meanwhile shows its own") {
  std::string shown;
  Options options;
  options.echo = [&](const Value& value) { shown += value.repr() + ";"; };
  Interpreter in(std::move(options));
  REQUIRE(in.def("f", [&] {
    in.run("41 + 1").value();
    return in.eval("7").value();
  }));
  CHECK(in.eval("x = f()")->is_none());
  CHECK(shown == "42;");
  CHECK(in.eval("f() + 1")->repr() == "8");
  CHECK(shown == "42;42;");
  CHECK(!in.eval("1 // 0"));
  CHECK(in.eval("x")->repr() == "7");
  REQUIRE(in.run("x"));
  CHECK(shown == "42;42;7;");
}
