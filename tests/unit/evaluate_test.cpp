// evaluate_test.cpp - evaluation from the inside: what is copied and what is not, what a failure leaves, how deep
// programs may go.
#include "interpreter/machine/evaluator.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "grammar/parse.h"
#include "interpreter/lowering/lower.h"
#include "tests/unit/sanitized.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

SourcePtr source_of(std::string text) { return std::make_shared<const Source>("test", std::move(text)); }

/// An evaluator with what it printed, and counters from zero after each run.
struct Session {
  std::string printed;
  Evaluator evaluator{host()};

  Host host() {
    Host out;
    out.print = [this](std::string_view text) { printed += text; };
    out.load_module = [](std::string_view name) { return name == "pair" ? source_of("p, q = 1, 2\n") : nullptr; };
    return out;
  }
  void run(const std::string& text) {
    evaluator.runtime_context().counters = {};
    evaluator.run(evaluator.compile(source_of(text)));
  }
  std::string show(const std::string& expression) { return to_repr(evaluator.evaluate(source_of(expression))); }
  [[nodiscard]] const Counters& counters() { return evaluator.runtime_context().counters; }
  /// "Kind: message @ text at the error's place", or "no error".
  std::string error(const std::string& text) {
    try {
      run(text);
    } catch (const LocatedError& error) {
      return std::string(name(error.kind())) + ": " + error.message() + " @ " +
             std::string(error.source->text(error.span));
    }
    return "no error";
  }
};

/// Ten million float32 elements: 40 MB, so that a copy cannot hide.
constexpr std::string_view kBig = "x = zeros(10 ** 7, dtype=float32)\n";
constexpr std::uint64_t kSmall = 1 << 20;

std::string indented(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += "    " + line + "\n";
  return out;
}

ir::ProgramPtr lowered(const std::string& text) { return lower(parse(source_of(text))); }

std::string contents(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

/// Every script of the suites that run whole scripts.
std::vector<std::string> all_scripts() {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(INLAY_TESTS) / "lang"))
    if (entry.path().extension() == ".inlay") out.push_back(contents(entry.path()));
  for (const auto& entry : fs::directory_iterator(fs::path(INLAY_TESTS) / "conformance" / "cases")) {
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);)
      out.push_back(nlohmann::json::parse(line)["code"].get<std::string>() + "\n");
  }
  return out;
}

}  // namespace

TEST_CASE("updates of a tensor that nobody else holds copy nothing and allocate nothing big") {
  const char* updates[] = {
      "for i in range(50):\n    x[i] = i\n",
      "for i in range(50):\n    x[i] += 1\n",
      "i = 0\nwhile i < 50:\n    x[i] = 1\n    i += 1\n",
      "for i in range(20):\n    x[100:200] = i\n",
      "for i in range(20):\n    x[::1000000] += i\n",
      "for i in range(20):\n    x[[5, 7, 5]] = i\n",
      "for i in range(20):\n    x.reshape(10, -1)[3, i] = i\n",
      "for i in range(20):\n    x[10:][i] = i\n",
      "x[1:-1] += 1\n",
      "x[1:-1] *= 2\n",
      "x[x < 0.3] = 0\n",
      "x[1:-1] += 0.5 * (x[2:] + x[:-2])\n",
      "x[1:] = x[:-1] * 2\n",
      "for i in range(20):\n    add.at(x, [1, 1], i)\n",
      "for i in range(20):\n    x.T[i] = 5\n",
      "for i in range(20):\n    put(x, [i], 5)\n",
      "for i in range(20):\n    if i % 2 == 0:\n        x[i] = 1\n    else:\n        x[i] = 2\n",
  };
  for (const std::string update : updates) {
    CAPTURE(update);
    Session module;
    module.run(std::string(kBig));
    module.run(update);
    CHECK(module.counters().copies == 0);
    CHECK(module.counters().allocated_bytes < kSmall);

    Session function;
    function.run("def f():\n" + indented(std::string(kBig)) + "    y = x\n    del y\n" + indented(update) +
                 "    return x[0]\nf()\n");
    CHECK(function.counters().copies == 0);
    CHECK(function.counters().allocated_bytes < 10'000'000 * 4 + kSmall);
  }
}

TEST_CASE("whole-tensor and masked updates work in place") {
  for (const std::string update : {"x += 1", "x *= 2", "x[:] = 3", "x[...] = 3", "x.fill(7)", "x -= 0.5"}) {
    CAPTURE(update);
    Session session;
    session.run(std::string(kBig));
    session.run("for i in range(3):\n    " + update + "\n");
    CHECK(session.counters().copies == 0);
    CHECK(session.counters().allocated_bytes < kSmall);
  }
  Session session;
  session.run(std::string(kBig) + "m = x > 1\n");
  session.run("for i in range(3):\n    x[m] = 5\n");
  CHECK(session.counters().copies == 0);
  CHECK(session.counters().allocated_bytes < 16 * kSmall);
}

TEST_CASE("what only looks at a tensor, and is over, holds nothing of it") {
  const char* looks[] = {"q = x[1:][0]",
                         "q = x.T[0]",
                         "q = x.T.size",
                         "q = x.reshape(-1)[3]",
                         "q = x[2:5] > 0",
                         "q = x[:3] < x[3:6]",
                         "q = x[2:5].copy()",
                         "q = 1 if x[2:5][0] > 3 else 0",
                         "q = f'{x[2:5]}'",
                         "assert x[2:].shape == (9999998,)",
                         "q = x[:3].shape[0]",
                         "q = not x[:1]",
                         "q = (x, 1)[1]",
                         "q = x.real[0]",
                         "q = 1 in x[:3]",
                         "q = len(x[3:])",
                         "q = [v for v in x[:3]]",
                         "q = -x[:3]",
                         "q = x[:3] * x[3:6]",
                         "q = x[x[2:5].astype(int64)]",
                         "x[x[2:5].astype(int64)] = 1",
                         "d['k'][i] = d['k'][i - 1] + 1",
                         "d['k'][i + 1] += d['k'][i]",
                         "x[3:]; x.T; same(x)"};
  for (const std::string look : looks) {
    CAPTURE(look);
    const std::string setup = std::string(kBig) + "d = {'k': zeros(10000000)}\n";
    const std::string loop = "for i in range(1, 5):\n    " + look + "\n    x[i] = 1\n";
    Session module;
    module.run("def same(x):\n    return x\n" + setup);
    module.run(loop);
    CHECK(module.counters().copies == 0);

    Session function;
    function.run("def same(x):\n    return x\ndef f():\n" + indented(setup) + indented(loop) +
                 "    return x[0]\nf()\n");
    CHECK(function.counters().copies == 0);
  }
}

TEST_CASE("what a round binds is over with its last reader") {
  const char* rounds[] = {
      "u = x[i]\n    x[i + 1] = u * 0.5\n",
      "h = x[i:i + 3]\n    x[i] = h.sum() + 1\n",
      "if i % 2:\n        h = x[i:i + 3]\n    else:\n        h = x[i:i + 2]\n    x[i] = h.sum() + 1\n",
      "h = x[i:i + 3]\n    if i == 40: break\n    x[i] = h.sum()\n",
      "h = x[i:i + 3]\n    if i == 2: continue\n    x[i] = h.sum()\n",
      "for k in range(3):\n        h = x[i:i + k]\n        x[k] = h.sum()\n",
      "v, w = x[i:i + 3], x[i:i + 4]\n    x[i] = v.sum() + w.sum()\n",
      "h = x[i:i + 3]\n    k = 0\n    while k < 3:\n        k += 1\n        x[i] = h.sum()\n        h = x[:k]\n    del "
      "h\n",
  };
  for (const std::string round : rounds) {
    for (const std::string loop : {"for i in range(5):\n    ", "i = 0\nwhile i < 5:\n    i += 1\n    "}) {
      CAPTURE(loop + round);
      Session session;
      session.run("def f():\n" + indented("x = zeros(1000)\n" + loop + round) + "    return x[0]\nf()\n");
      CHECK(session.counters().copies == 0);
    }
  }
}

TEST_CASE("small parts that names hold are copied in place of the tensor") {
  struct Row {
    const char* setup;
    const char* update;
    std::uint64_t copied_bytes;
    const char* shown;
    const char* value;
  };
  const std::string big = "x = zeros(100000)\n";
  const Row rows[] = {
      {"h = x[3:10]\n", "x[4] = 1\n", 56, "(h[1], x[4])", "(0.0, 1.0)"},
      {"h = x[3:10]\ng = x[:2]\n", "x[0] = x[4] = 1\n", 800'000, "(h[1], g[0])", "(0.0, 0.0)"},
      {"h = g = x[3:10]\n", "x[4:6] += 1\n", 56, "(h[1], g[1])", "(0.0, 0.0)"},
      {"h = x[3:10]\n", "x[2:5] = h[:3] + 1\n", 56, "(h[1], x[4])", "(0.0, 1.0)"},
      {"h = x[3:10]\n", "x[h.astype(int)] = h\nx[0] = 5\n", 56, "(h[0], x[0])", "(0.0, 5.0)"},
      {"x = x.reshape(100, 1000)\n", "x[2], x[3] = x[3] + 1, x[2] + 2\n", 800'000, "x[2:4, 0]", "array([1., 2.])"},
      {"l = [x[3:10]]\n", "x[4] = 1\n", 800'000, "l[0][1]", "0.0"},
      {"h = x[10:50000]\n", "x[11] = 1\n", 800'000, "h[1]", "0.0"},
      {"y = x\n", "x[11] = 1\n", 800'000, "y[11]", "0.0"},
      {"h = x[3:10]\ndef f(i):\n    x = ones(1000)\n    for i in range(i):\n        h = x[i:i + 3]\n        x[i] = 3\n "
       "   "
       "return h[0], x[i]\n",
       "r = f(9)\n", 9 * 24, "r", "(1.0, 3.0)"},
      {"x = x.reshape(100, 1000)\ndef f(x):\n    x[2], x[3] = x[3], x[2]\n    return x[2:4, 0]\n", "r = f(x + x)\n",
       8'000, "r", "array([0., 0.])"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.update));
    Session session;
    session.run(big + row.setup);
    session.run(row.update);
    CHECK(session.counters().copied_bytes == row.copied_bytes);
    CHECK(session.show(row.shown) == row.value);
    session.run("x += 0\n");
    session.run("x[(1,) * x.ndim] = 1\n");
    CHECK(session.counters().copies == 0);
  }
}

TEST_CASE("a statement with several targets keeps each variable once") {
  Session session;
  session.run("x = zeros(1000)\ny = zeros(1000)\n");
  session.run("x[:500], x[500:] = x[500:] + 1, x[:500] + 2\n");
  CHECK(session.counters().copies == 1);
  session.run("x[:2], y[:3], x[2:4], y[7:] = 1, 2, 3, 4\n");
  CHECK(session.counters().copies == 2);
}

TEST_CASE("of elements that a statement with several targets overwrites only these are kept") {
  const char* statements[] = {"x[3], x[7] = x[7], x[3]\n", "x[3], y[3] = 1.0, 2\n", "x[0], i, x[1] = 1, 2, 3\n",
                              "m[1, 2], m[2, 1] = m[2, 1], m[1, 2]\n", "x[3], x[3], x[3] = 1, 2, 3\n"};
  for (const std::string statement : statements) {
    CAPTURE(statement);
    Session session;
    session.run("x = zeros(100000)\ny = zeros(100000)\nm = zeros((300, 300))\ni = 0\n");
    session.run("for k in range(3):\n    " + statement);
    CHECK(session.counters().copies == 0);
  }
  Session session;
  session.run("x = arange(1000.0)\n");
  session.run("x[3], x[7] = x[7], x[3]\n");
  CHECK(session.show("(x[3], x[7])") == "(7.0, 3.0)");
  session.run("x[:500], x[3] = x[500:] + 1, 5\n");
  CHECK(session.counters().copies == 1);
}

TEST_CASE("what a host came to hold in the midst of a statement stays as it was when that fails") {
  Session session;
  Value seen;
  auto host = std::make_unique<HostObject>();
  host->name = "keep";
  host->function = [&seen](std::vector<Value> arguments) {
    seen = arguments[0];
    return Value::of(9);
  };
  session.evaluator.variables().slot("keep") = Value::adopt(Value::Tag::host, host.release());
  session.run("x = arange(3)\n");
  CHECK_THROWS_AS(session.run("x[0], x[1], x[keep(x)] = 5, 6, 7\n"), Error);
  CHECK(session.show("x") == "array([0, 1, 2])");
  CHECK(to_repr(seen) == "array([5, 6, 2])");
}

TEST_CASE("a temporary is gone when its last reader is done") {
  Session session;
  session.run(std::string(kBig));
  session.run("for i in range(20):\n    q = (x + i)[0] + (x + i).T[1] + (x * 2).size\n");
  const std::uint64_t peak = session.evaluator.runtime_context().budget.usage().peak;
  CHECK(peak > 2 * 40'000'000);
  CHECK(peak < 4 * 40'000'000);
}

TEST_CASE("a tensor that somebody else holds is copied once") {
  Session session;
  session.run("x = zeros(1000)\ny = x\n");
  session.run("for i in range(10):\n    x[i] = 1\n");
  CHECK(session.counters().copies == 1);
  session.run("for i in range(10):\n    x[i] = 2\n");
  CHECK(session.counters().copies == 0);
  CHECK(session.show("y[0]") == "0.0");
}

TEST_CASE("an argument is copied by the function that changes it, and only then") {
  Session session;
  session.run(
      "def reads(v):\n    return v[0]\ndef writes(v):\n    for i in range(5):\n        v[i] = 1\n    return v\nx = "
      "zeros(1000)\n");
  session.run("reads(x)\n");
  CHECK(session.counters().copies == 0);
  session.run("y = writes(x)\n");
  CHECK(session.counters().copies == 1);
  session.run("y = writes(zeros(1000))\n");
  CHECK(session.counters().copies == 0);
  CHECK(session.show("x[0]") == "0.0");
}

TEST_CASE("containers are updated in place") {
  Session session;
  session.run("d = {'a': zeros(1000), 'l': [zeros(1000)]}\n");
  session.run("for i in range(10):\n    d['a'][i] = 1\n    d['l'][0][i] += 1\n");
  CHECK(session.counters().copies == 0);
  session.run(
      "def f():\n    l = [zeros(1000), zeros(1000)]\n    for i in range(10):\n        l[1][i] = i\n        l[0] += 1\n "
      "   return l\nr = f()\n");
  CHECK(session.counters().copies == 0);
}

TEST_CASE("a statement that fails leaves every variable as it was") {
  struct Row {
    const char* setup;
    const char* fails;
    const char* shown;
    const char* value;
  };
  const Row rows[] = {
      {"a = 0\nb = zeros(3)\n", "a, b[5] = 1, 2\n", "(a, b)", "(0, array([0., 0., 0.]))"},
      {"l = [1, 2, 3]\n", "l[0], l[-1], l[9] = 7, 8, 9\n", "l", "[1, 2, 3]"},
      {"l = [1, 2]\nk = l\n", "l[0], l[0], l[1:][7] = 7, 8, 9\n", "(l, k)", "([1, 2], [1, 2])"},
      {"l = [1, 2]\n", "l[0], l[:], l['a'] = 7, [8], 9\n", "l", "[1, 2]"},
      {"m = [[1], [2]]\n", "m[0][0], m[1][4] = 7, 8\n", "m", "[[1], [2]]"},
      {"x = zeros(3)\n", "x[[0, 1, 9]] = 7\n", "x", "array([0., 0., 0.])"},
      {"x = arange(3)\n", "x[0], x[1], x[7] = 9, 9, 9\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "x[0], x[1], x[0], x[7] = 9, 8, 7, 6\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "x[0], x, x[7] = 9, arange(3) + 5, 9\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "x[0], x[1:], x[1], x[7] = 9, 8, 7, 6\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "x[0], x[2] = 9, 'a'\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\ny = x\n", "x[0], y[0], y[1], x[7] = 9, 8, 7, 6\n", "(x, y)",
       "(array([0, 1, 2]), array([0, 1, 2]))"},
      {"x = arange(3)\n", "x[0], x[x[0]] = 9, 8\n", "x", "array([0, 1, 2])"},
      {"x = zeros((2, 2))\n", "x[0, 1], x[1, 1], x[1], x[2] = 9, 8, 7, 6\n", "x",
       "array([[0., 0.],\n       [0., 0.]])"},
      {"x = y = zeros(2)\n", "x = y[9] = 1\n", "(x, y)", "(array([0., 0.]), array([0., 0.]))"},
      {"x = arange(3)\n", "x += array([0.5, 0.5, 0.5])\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "x += arange(4)\n", "x", "array([0, 1, 2])"},
      {"d = {'a': zeros(2)}\n", "d['a'][0], d['b'][0] = 1, 2\n", "d", "{'a': array([0., 0.])}"},
      {"l = [1, 2]\n", "l[0], l[5] = 8, 9\n", "l", "[1, 2]"},
      {"x = arange(4)\n", "x[x > 0] = [1, 2]\n", "x", "array([0, 1, 2, 3])"},
      {"x = zeros(2, dtype=uint8)\n", "x[:] = [1, 300]\n", "x", "array([0, 0], dtype=uint8)"},
      {"x = arange(3)\n", "put(x, [0, 7], 5)\n", "x", "array([0, 1, 2])"},
      {"x = arange(3)\n", "add.at(x, [0, 7], 5)\n", "x", "array([0, 1, 2])"},
      {"a = 1\n", "del a, missing\n", "a", "1"},
      {"x = arange(2)\ndef f(v):\n    v[0] = 9\n    return v[5]\n", "x[0] = f(x)\n", "x", "array([0, 1])"},
      {"x = arange(2)\nl = [arange(3)]\n", "x += l.pop()\n", "(x, l)", "(array([0, 1]), [array([0, 1, 2])])"},
      {"l = [arange(3)]\n", "x: int64[2] = l.pop()\n", "l", "[array([0, 1, 2])]"},
      {"y = [0]\nl = [1]\n", "y[5]: int = l.pop()\n", "(y, l)", "([0], [1])"},
      {"e = 0\n", "from math import e, nothing\n", "e", "0"},
      {"math = 0\n", "import math, nothing\n", "math", "0"},
      {"a = 0\nb = [0]\ndef f():\n    import pair\n    return 99\n", "a, b[f()] = 1, 2\n", "(a, b)", "(0, [0])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fails);
    Session session;
    session.run(row.setup);
    CHECK(session.error(row.fails) != "no error");
    CHECK(session.show(row.shown) == row.value);
  }
}

TEST_CASE("a loop that fails keeps its finished statements") {
  Session session;
  session.run("x = zeros(4, dtype=int64)\n");
  CHECK(session.error("for i in range(9):\n    x[i] = i + 1\n")
            .starts_with("IndexError: index 4 is out of bounds for axis 0 with size 4"));
  CHECK(session.show("(x, i)") == "(array([1, 2, 3, 4]), 4)");
}

TEST_CASE("recursion ends in an error, and the evaluator goes on") {
  Session session;
  CHECK(session.error("def f(n):\n    return f(n + 1)\nf(0)\n")
            .starts_with("RecursionError: maximum recursion depth exceeded"));
  CHECK(session.error("g = lambda n: g(n)\ng(1)\n").starts_with("RecursionError"));
  session.run("def h(n):\n    return 0 if n == 0 else 1 + h(n - 1)\nr = h(900)\n");
  CHECK(session.show("r") == "900");
}

TEST_CASE("a library file that could not be loaded is loaded by its next use") {
  Session session;
  // Some call in between is the last that fits: the file's own run does not.
  session.run("def f(n):\n    return f(n - 1) if n > 0 else median\n");
  CHECK(session.error("f(998)\n").starts_with("RecursionError"));
  CHECK(session.show("median(array([1.0, 2.0, 6.0]))") == "2.0");
}

TEST_CASE("deeply nested data is built, changed, compared and destroyed") {
  Session session;
  session.run("l = []\nfor i in range(100000):\n    l = [l]\n");
  CHECK(session.error("print(l)\n").starts_with("RecursionError"));
  session.run("m = l\nm.append(1)\ndel l\ndel m\n");
  session.run("d = {}\nfor i in range(50000):\n    d = {'k': d}\nd = 0\n");
  CHECK(session.show("d") == "0");
}

TEST_CASE("evaluators come and go, with closures that hold each other") {
  for (int i = 0; i < 100; ++i) {
    Session session;
    session.run(
        "def f(n):\n    def g(k):\n        return f(k) if k > 0 else n\n    h = lambda: g\n    return g\nx = "
        "f(3)(0)\nkeep = [f(1), f]\n");
    CHECK(session.show("x") == "3");
  }
}

TEST_CASE("errors carry their place and the calls that led there") {
  Session session;
  const std::string text =
      "def inner(v):\n    return v[9]\n\ndef outer(v):\n    return inner(v) + 1\n\ny = outer(arange(3))\n";
  try {
    session.run(text);
    FAIL("no error");
  } catch (const LocatedError& error) {
    CHECK(error.source->text(error.span) == "v[9]");
    REQUIRE(error.calls.size() == 2);
    CHECK(error.calls[0].function == "inner");
    CHECK(error.calls[0].source->text(error.calls[0].span) == "inner(v)");
    CHECK(error.calls[1].function == "outer");
    CHECK(error.calls[1].source->text(error.calls[1].span) == "outer(arange(3))");
  }
  CHECK(session.error("x = 1 + missing\n") == "NameError: name 'missing' is not defined @ missing");
  CHECK(session.error("x = 1\ny = x + 'a'\n") ==
        "TypeError: unsupported operand type(s) for +: 'int' and 'str' @ x + 'a'");
}

TEST_CASE("every script of the suites lowers to a legal program, twice to the same text") {
  int programs = 0;
  const std::vector<std::string> scripts = all_scripts();
  for (std::size_t each = 0; each < scripts.size(); each += kIsSanitized ? 5 : 1) {
    const std::string& text = scripts[each];
    CAPTURE(text);
    ir::ProgramPtr program;
    try {
      program = lowered(text);
    } catch (const SyntaxError&) {
      continue;  // what those cases are about
    }
    CHECK_NOTHROW(ir::verify(*program));
    CHECK(ir::print(*program) == ir::print(*lowered(text)));
    ++programs;
  }
  CHECK(programs > (kIsSanitized ? 800 : 4000));
}
