// state_test.cpp - copies of an interpreter's whole state: fork, snapshot and restore.
#include <doctest/doctest.h>
#include <unistd.h>

#include <sys/wait.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include "inlay/inlay.hpp"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

/// The shortest of several runs, in microseconds: what else the machine does makes none shorter.
template <class F>
double best_time(const F& run) {
  double best = 1e9;
  for (int round = 0; round < 30; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

}  // namespace

TEST_CASE("a fork shares until either side writes") {
  std::vector<double> data(1000, 1.0);
  Interpreter parent;
  REQUIRE(parent.bind("x", view(data, data.size())));
  REQUIRE(parent.run("l = [x, {'k': 'v'}]\nn = 1\nt = x * 2"));
  Interpreter child = parent.fork().value();
  CHECK(child.get("x")->span<double>()->data() == data.data());
  CHECK(child.get("t")->span<double>()->data() == parent.get("t")->span<double>()->data());
  REQUIRE(child.run("t[0] = 5\nl.append(3)\nl[1]['k'] = 'w'\nn = 2"));
  CHECK(parent.eval("t[0], len(l), l[1]['k'], n")->repr() == "(2.0, 2, 'v', 1)");
  REQUIRE(parent.run("t[1] = 6"));
  CHECK(child.eval("t[:2], len(l), l[1]['k'], n")->repr() == "(array([5., 2.]), 3, 'w', 2)");
}

TEST_CASE("functions of a fork see its own variables") {
  Interpreter parent;
  REQUIRE(
      parent.run("k = 1\ndef f(x, y=[1]):\n    return x + k + y[0]\ndef make(n):\n    def fact(i):\n        return 1 "
                 "if i < 2 else i * fact(i - 1)\n    return lambda: fact(n) + k\ng = make(4)\nh = [f, {'std': std, "
                 "'g': g}]\nm = ones(2).sum\ng2 = g\nbar = progress([f, g])"));
  Interpreter child = parent.fork().value();
  REQUIRE(child.run("k = 10"));
  CHECK(parent.eval("f(1), g(), h[0](1), h[1]['g'](), m()")->repr() == "(3, 25, 3, 25, 2.0)");
  CHECK(child.eval("f(1), g(), h[0](1), h[1]['g'](), m(), h[1]['std']([1, 3])")->repr() ==
        "(12, 34, 12, 34, 2.0, 1.0)");
  { const Interpreter gone = std::move(parent); }
  CHECK(child.eval("f(1), g(), [each for each in bar][1]()")->repr() == "(12, 34, 34)");
  CHECK(child.fork()->eval("g2()")->repr() == "34");
}

TEST_CASE("modules and generators of a fork are its own") {
  Options options;
  options.load_module = [](std::string_view) { return SourceText{"m.inlay", "a = 2\ndef f():\n    return a\n"}; };
  Interpreter parent(options);
  REQUIRE(
      parent.run("import m\nimport numpy as np\nfrom m import f\nrng = random.default_rng(3)\nboth = [rng]\n"
                 "np.random.seed(1)\nset_printoptions(precision=2)"));
  Interpreter child = parent.fork().value();
  CHECK(child.eval("m.f(), f(), np.sum([1, 2]), str(array([1/3]))")->to_string() == "(2, 2, 3, '[0.33]')");
  const std::string drawn = parent.eval("rng.random(), both[0].random(), np.random.rand()")->to_string();
  CHECK(child.eval("rng.random(), both[0].random(), np.random.rand()")->to_string() == drawn);
  CHECK(parent.eval("rng.random(), both[0].random(), np.random.rand()")->to_string() != drawn);
}

TEST_CASE("many threads try scripts on one state") {
  Interpreter parent;
  REQUIRE(parent.run("x = arange(1000.0)\nnames = ['a', 'b']\ndef f(v):\n    v[0] = len(names)\n    return sum(v)\n"));
  std::vector<Interpreter> forks;
  for (int at = 0; at < 4; ++at) forks.push_back(parent.fork().value());
  std::vector<double> sums(forks.size());
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < forks.size(); ++at)
    threads.emplace_back([&, at] {
      for (int round = 0; round < 200; ++round) {
        forks[at].run("x[1] += 1\nnames.append('c')\ny = f(x)\nz = x\nkeep = [x, names]").value();
      }
      sums[at] = forks[at].eval("y").value().as<double>().value();
    });
  REQUIRE(parent.run("for i in range(100):\n    x = x + 1\n    w = [x, names]\n"));
  for (std::thread& thread : threads) thread.join();
  for (const double sum : sums) CHECK(sum == 499500 + 200 + 202);
  CHECK(parent.eval("x[0], len(names)")->to_string() == "(100.0, 2)");
}

TEST_CASE("a fork may have callbacks of its own") {
  std::string first, second;
  Options options;
  options.print = [&](std::string_view text) { first += text; };
  Interpreter parent(options);
  REQUIRE(parent.run("def f():\n    print('here')\n"));
  options.print = [&](std::string_view text) { second += text; };
  REQUIRE(parent.fork(options)->run("f()"));
  REQUIRE(parent.fork()->run("f()"));
  CHECK(first == "here\n");
  CHECK(second == "here\n");
}

TEST_CASE("a snapshot is gone back to as often as wanted") {
  Interpreter in;
  REQUIRE(in.run("x = zeros(3)\nl = [1]\nrng = random.default_rng(0)\nrng.random()"));
  const Snapshot before = in.snapshot().value();
  for (int round = 0; round < 2; ++round) {
    REQUIRE(in.run("x[0] = 9\nl.append(2)\nextra = 1\ndrawn = rng.random()"));
    CHECK(in.eval("x[0], len(l), extra")->to_string() == "(9.0, 2, 1)");
    const std::string drawn = in.get("drawn")->repr();
    REQUIRE(in.restore(before));
    CHECK(in.eval("x[0], len(l)")->to_string() == "(0.0, 1)");
    CHECK(in.get("extra").error().kind() == ErrorKind::NameError);
    CHECK(in.eval("rng.random()")->repr() == drawn);
    REQUIRE(in.restore(before));
  }
  Interpreter other;
  CHECK(other.restore(before).error().message() == "the snapshot is of another interpreter");
}

TEST_CASE("generators go back wherever they are held") {
  Interpreter in;
  REQUIRE(in.run(
      "def make():\n    own = random.default_rng(4)\n    return lambda: own.random()\nrngs = [random.default_rng(1), "
      "{'k': random.RandomState(2)}]\ndef f(rng=random.default_rng(3)):\n    return rng.random()\ng = make()\n"
      "draw = rngs[0].random\n"));
  const Value held = in.eval("random.default_rng(5)").value();
  const char* draws =
      "rngs[0].random(), rngs[1]['k'].rand(), f(), g(), draw(), random.rand(), random.default_rng().random()";
  const Snapshot before = in.snapshot().value();
  const std::string first = in.eval(draws)->to_string();
  CHECK(in.eval(draws)->to_string() != first);
  REQUIRE(in.restore(before));
  CHECK(in.eval(draws)->to_string() == first);
  REQUIRE(in.run("rngs = g = 0\ndef f():\n    return 0\n"));
  REQUIRE(in.restore(before));
  CHECK(in.eval(draws)->to_string() == first);
}

TEST_CASE("a generator without a seed takes what the host gives, or is alike everywhere") {
  const auto draw = [](Interpreter in) {
    return in.eval("random.rand(), random.default_rng().random(), random.RandomState().rand()")->to_string();
  };
  CHECK(draw(Interpreter()) == draw(Interpreter()));
  CHECK(draw(Interpreter().fork().value()) == draw(Interpreter()));
  CHECK(Interpreter().eval("random.rand() == random.rand()")->to_string() == "False");
  CHECK(Interpreter().eval("random.default_rng().random() == random.default_rng().random()")->to_string() == "False");
  Options options;
  std::uint64_t bits = 7;
  options.entropy = [&] { return bits++; };
  const std::string sevens = draw(Interpreter(options));
  CHECK(bits == 10);
  CHECK(sevens != draw(Interpreter(options)));
  bits = 7;
  CHECK(sevens == draw(Interpreter(options)));
  CHECK(Interpreter(options).eval("random.default_rng(7).random()")->to_string() ==
        Interpreter().eval("random.default_rng(7).random()")->to_string());
  options.entropy = []() -> std::uint64_t { throw Exception(ErrorKind::RuntimeError, "no bits left"); };
  CHECK(Interpreter(options).eval("random.rand()").error().message() == "no bits left");
}

TEST_CASE("a fork tells whom its parent told, or whom its options name") {
  std::string told;
  Options options;
  options.copied = [&](const CopyNotice&) { told += "copied "; };
  options.draw = [&](const Drawing&) { told += "drawn "; };
  Interpreter parent(options);
  const char* script = "x = zeros(9)\ny = x\nx[0] = 1\nshow(ones((2, 2)))\nprint(y[0])";
  REQUIRE(parent.fork()->run(script));
  CHECK(told == "copied drawn ");
  REQUIRE(parent.fork(options)->run(script));
  CHECK(told == "copied drawn copied drawn ");
  CHECK(parent.fork(Options())->run(script).error().message() == "this host shows no pictures");
  CHECK(told == "copied drawn copied drawn ");
}

TEST_CASE("state is copied between runs only") {
  Interpreter in;
  REQUIRE(in.def("fork_now", [&] { in.fork().value(); }));
  REQUIRE(in.def("snap_now", [&] { in.snapshot().value(); }));
  CHECK(in.run("fork_now()").error().message() == "fork() while a script runs");
  CHECK(in.run("snap_now()").error().message() == "snapshot() while a script runs");
  const Snapshot snapshot = in.snapshot().value();
  REQUIRE(in.def("back_now", [&] { in.restore(snapshot).value(); }));
  CHECK(in.run("back_now()").error().message() == "restore() while a script runs");
}

TEST_CASE("a copy of the state takes nothing of what runs may use, and is not stopped") {
  Options options;
  options.limits.fuel = 20000;
  Interpreter in(options);
  CHECK(in.usage().fuel == 0);
  REQUIRE(in.run("d = {i: [i] for i in range(1000)}\nl = [lambda: 1]"));
  REQUIRE(in.run("for i in range(0, 900, 2): del d[i]"));
  CHECK(in.run("while True: pass").error().kind() == ErrorKind::LimitExceeded);
  const std::uint64_t used = in.usage().fuel;
  Interpreter child = in.fork().value();
  CHECK(in.usage().fuel == used);
  CHECK(child.usage().fuel == 0);
  CHECK(child.eval("len(d), d[1]")->repr() == "(550, [1])");
  REQUIRE(in.run("for i in range(1, 900, 2): del d[i]"));
  in.interrupt();
  CHECK(in.fork()->eval("len(d)")->repr() == "100");
  CHECK(in.run("x = 1").error().kind() == ErrorKind::KeyboardInterrupt);
  REQUIRE(in.run("x = 1"));
}

TEST_CASE("values of any depth are copied, or refused") {
  Interpreter in;
  REQUIRE(
      in.run("deep = []\nfor i in range(100000):\n    deep = [deep]\nwide = [1]\nfor i in range(100):\n    wide = "
             "[wide, wide]\n"));
  CHECK(in.fork());
  REQUIRE(in.run("deep = [lambda: 1]\nfor i in range(100000):\n    deep = [deep]\n"));
  CHECK(in.fork().error().kind() == ErrorKind::RecursionError);
}

TEST_CASE("what cannot be shared is looked through once, however deep it lies") {
  Interpreter in;
  REQUIRE(
      in.run("many = [[i] for i in range(100000)]\nmany.append(lambda: len(many))\ndeep = many\n"
             "for i in range(900):\n    deep = [deep, deep[0]]\n"));
  const auto begin = std::chrono::steady_clock::now();
  const auto fork = in.fork();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  REQUIRE(fork);
  CHECK_MESSAGE(took < (kIsSanitized ? 3 : 0.3),
                "fork took " << took << " s");  // 900 times as long, where each level looked
}

TEST_CASE("what a copy costs does not depend on the sizes of tensors") {
  Interpreter in;
  REQUIRE(in.run("x = ones(10**7)\na = 1\nb = 'text'\ndef f(v):\n    return v + a\nf(x)"));
  const double fork = best_time([&] { CHECK(in.fork()); });
  const double snapshot = best_time([&] { CHECK(in.restore(in.snapshot().value())); });
  const double fresh = best_time([] { CHECK(Interpreter().run("x = 1 + 2")); });
  MESSAGE("fork ", fork, " us, snapshot and restore ", snapshot, " us, create, run and destroy ", fresh, " us");
  CHECK(fork < 1000);
  CHECK(snapshot < 1000);
  CHECK(fresh < 1000);  // the promise is 100; other programs may be running
}

TEST_CASE("an interpreter works in a child process") {
  Interpreter in;
  REQUIRE(in.run("x = ones(10**6)\ny = sum(x + 1)"));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    const auto sum = in.eval("sum(sqrt(x + 3))");
    _exit(sum && sum->as<double>().value() == 2e6 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(in.eval("sum(x)")->as<double>().value() == 1e6);
}
