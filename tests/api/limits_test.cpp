// Limits of an interpreter: each refuses what is over it, says so, and leaves everything usable.
#include <chrono>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>

#include "doctest/doctest.h"
#include "inlay/inlay.hpp"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

Interpreter limited(const Limits& limits) {
  Options options;
  options.limits = limits;
  return Interpreter(options);
}

/// Bounds on times are those of a build without sanitizers.
constexpr double kSlowness = kIsSanitized ? 4 : 1;

/// "Kind: message", or "" if it ran.
std::string refusal(Interpreter& in, std::string_view source) {
  const auto ending = in.run(source);
  if (ending) return "";
  return std::string(to_string(ending.error().kind())) + ": " + ending.error().message();
}

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::uint64_t fuel_of(std::string_view source, int threads, bool fuse) {
  Options options;
  options.threads = threads;
  options.fuse = fuse;
  Interpreter in(options);
  REQUIRE(in.run(source));
  return in.usage().fuel;
}

}  // namespace

TEST_CASE("what is too large is refused before it is allocated") {
  Limits any_size;
  any_size.elements = Limits::kNone;
  Interpreter bytes = limited(any_size), in;
  // Whoever has both limits is told the bytes, where those are too many.
  CHECK(begins(refusal(in, "x = zeros(10**12)"), "LimitExceeded: memory: 7.28 TiB wanted, 1.00 GiB allowed, "));
  Limits few;
  few.elements = 1000;
  Interpreter elements = limited(few);
  CHECK(begins(refusal(elements, "x = zeros(1001)"), "LimitExceeded: elements: 1001 wanted, 1000 allowed"));
  CHECK(begins(refusal(bytes, "x = zeros(10**12)"), "LimitExceeded: memory: 7.28 TiB wanted, 1.00 GiB allowed, "));
  CHECK(refusal(in, "x = zeros(10**12)").ends_with("(an array with shape (1000000000000,) and data type float64)"));
  CHECK(in.usage().peak < 1 << 20);
  for (const char* source :
       {"x = ones((10**6, 10**6))", "x = arange(10**11)", "x = 'ab' * 10**10", "x = [0] * 10**10",
        "x = list(range(10**10))", "x = repeat(arange(3), 10**10)", "x = tile(arange(3), 10**10)",
        "x = broadcast_to(1.0, (10**10,)) + 1", "x = outer(arange(10**6), arange(10**6))", "x = '1'.zfill(10**10)",
        "x = eye(10**6)", "x = random.rand(10**11)", "x = linspace(0, 1, 10**11)", "x = bincount(array([10**11]))",
        "x = ones(10**4)[:, None] * ones(10**8 // 2)"})
    CHECK_MESSAGE(begins(refusal(in, source), "LimitExceeded: "), source << " gives " << refusal(in, source));
  CHECK_FALSE(in.get("x"));
  CHECK(in.usage().peak < Limits().memory);
}

TEST_CASE("bytes alive: below, at and above the limit") {
  Limits limits;
  limits.memory = 1 << 20;
  Interpreter in = limited(limits);
  CHECK(refusal(in, "x = zeros(2**16, uint8)") == "");
  CHECK(begins(refusal(in, "y = zeros(2**20 - 2**16, uint8)"), "LimitExceeded: memory: "));
  CHECK(refusal(in, "y = zeros(2**19, uint8)") == "");
  CHECK(refusal(in, "del x, y\nz = zeros(2**20 - 2**13, uint8)") == "");
  CHECK(in.usage().peak <= limits.memory);
}

TEST_CASE("bytes of lists, dicts and strings count too, and come back") {
  Limits limits;
  limits.memory = 4 << 20;
  Interpreter in = limited(limits);
  REQUIRE(in.run("pass"));
  const std::uint64_t before = in.usage().memory;
  for (const char* source :
       {"l = []\nwhile True:\n    l.append(1.5)\n", "d = {}\nn = 0\nwhile True:\n    d[n] = n\n    n += 1\n",
        "s = 'a'\nwhile True:\n    s += s\n", "l = [1]\nwhile True:\n    l += l\n",
        "l = [1]\nwhile True:\n    l = [l, l[0]]\n", "l = [n for n in range(10**9)]",
        "l = []\nwhile True:\n    l.append(lambda: l)\n", "t = ()\nwhile True:\n    t = (t, 'abc', 1j)\n",
        "l = []\nwhile True:\n    l.append(zeros(3))\n", "l = [0]\nwhile True:\n    l.extend(l)\n",
        "d = {}\nwhile True:\n    d |= {str(len(d)): 1}\n"}) {
    const std::string got = refusal(in, source);
    CHECK_MESSAGE(begins(got, "LimitExceeded: memory: "), source << " gives " << got);
    REQUIRE(in.run("l = 0\nd = 0\ns = 0\nt = 0\nn = 0\n"));
    CHECK_MESSAGE(in.usage().memory <= before + 4096, source << " leaves " << in.usage().memory - before);
  }
  CHECK(in.usage().peak <= limits.memory);
}

TEST_CASE("values of the host outlive the interpreter and its account") {
  std::optional<Value> kept;
  {
    Interpreter in;
    kept = in.eval("[arange(1000), 'text', {1: 2}]").value();
    Value other = *kept;
    std::thread([moved = std::move(other)] { (void)moved.repr(); }).join();
  }
  CHECK(kept->repr().size() > 100);
  kept.reset();
}

TEST_CASE("the same fuel stops at the same place") {
  const char* source =
      "x = arange(50000.0)\nfor i in range(20):\n    n = i\n    x = sqrt(x * 2 + 1)\n    x[x > 100] = 0\n";
  const std::uint64_t fuel = fuel_of(source, 1, true);
  CHECK(fuel > 50000 * 40);
  CHECK(fuel == fuel_of(source, 4, true));
  for (const std::uint64_t allowed : {fuel / 3, fuel / 2, fuel - 1}) {
    std::string first;
    for (const int threads : {1, 2, 8}) {
      Options options;
      options.threads = threads;
      options.limits.fuel = allowed;
      Interpreter in(options);
      CHECK(begins(refusal(in, source), "LimitExceeded: fuel: more than " + std::to_string(allowed) + " steps"));
      if (first.empty()) first = in.variables_json();
      CHECK(in.variables_json() == first);
    }
  }
  Limits limits;
  limits.fuel = fuel;
  Interpreter enough = limited(limits);
  CHECK(refusal(enough, source) == "");
  CHECK(refusal(enough, source) == "");  // of each run
  CHECK(enough.usage().fuel == fuel);
}

TEST_CASE("regions cost what their operations do, where operands have one shape") {
  for (const char* source : {"y = x * 2 + 1", "x[x > 5] = 0", "x = where(x > 3, x * 2, -x) / 7", "x[x % 2 == 0] += 1",
                             "m = x > 3\ny = sqrt(x) * m + exp(-x)\nz = sum(y, axis=0)",
                             "r = ones(4)\ny = x.reshape(250, 4) * (r * 2 + 1)"}) {
    const std::string program = "x = arange(1000.0)\n" + std::string(source);
    CHECK_MESSAGE(fuel_of(program, 1, true) == fuel_of(program, 1, false), source);
    CHECK_MESSAGE(fuel_of(program, 1, true) == fuel_of(program, 4, true), source);
  }
  // What goes straight to its place is not computed first and stored then.
  const char* update = "x = arange(1000.0)\nx[1:] = x[:-1] * 0.5 + 1";
  CHECK(fuel_of(update, 1, true) < fuel_of(update, 1, false));
}

TEST_CASE("whatever goes through a range is charged, and stops") {
  Limits limits;
  limits.fuel = 100000;
  limits.memory = 4 << 20;
  Interpreter in = limited(limits);
  REQUIRE(in.run("import math"));
  for (const char* source : {"math.fsum(range(2**62))", "math.prod(range(1, 2**62), start=1.0)", "a, *b = range(2**62)",
                             "y = sorted(range(2**62))", "y = enumerate(range(2**62))", "y = 'a' in range(2**62)",
                             "y = sorted(list(range(9000)))"})
    CHECK_MESSAGE(begins(refusal(in, source), "LimitExceeded: "), source << " gives " << refusal(in, source));
}

TEST_CASE("loops without a body and deep recursion burn fuel") {
  Limits limits;
  limits.fuel = 100000;
  Interpreter in = limited(limits);
  CHECK(begins(refusal(in, "while True:\n    pass\n"), "LimitExceeded: fuel"));
  CHECK(begins(refusal(in, "for i in range(10**12):\n    pass\n"), "LimitExceeded: fuel"));
  CHECK(begins(refusal(in, "x = ones((100, 100)) @ ones((100, 100))"), "LimitExceeded: fuel"));
  CHECK(begins(refusal(in, "x = linalg.svd(ones((40, 40)))"), "LimitExceeded: fuel"));
  CHECK(begins(refusal(in, "l = [0]\nfor i in range(60):\n    l = [l, l]\nprint(l)"), "LimitExceeded: "));
  CHECK(begins(refusal(in, "l = [0]\nm = [0]\nfor i in range(60):\n    l = [l, l]\n    m = [m, m]\nprint(l == m)"),
               "LimitExceeded: fuel"));
  CHECK(refusal(in, "x = 1") == "");
}

TEST_CASE("the shape of one tensor") {
  Limits limits;
  limits.elements = 1000;
  limits.rank = 3;
  Interpreter in = limited(limits);
  CHECK(refusal(in, "x = zeros(1000)") == "");
  CHECK(begins(refusal(in, "x = zeros(1001)"), "LimitExceeded: elements: 1001 wanted, 1000 allowed (an array with"));
  CHECK(refusal(in, "x = zeros((1, 1, 1))") == "");
  CHECK(refusal(in, "x = zeros((1, 1, 1, 1))") == "LimitExceeded: rank: a tensor of 4 axes wanted, 3 allowed");
  CHECK(begins(refusal(in, "x = zeros((1, 1, 1))[None]"), "LimitExceeded: rank: "));
}

TEST_CASE("recursion") {
  Limits limits;
  limits.depth = 50;
  Interpreter in = limited(limits);
  REQUIRE(in.run("def f(n):\n    return 0 if n == 0 else f(n - 1)\n"));
  CHECK(in.eval("f(48)"));  // and the text itself
  CHECK(refusal(in, "f(49)") == "RecursionError: maximum recursion depth exceeded (50 calls)");
}

TEST_CASE("the text") {
  Limits limits;
  limits.source = 100;
  limits.nesting = 10;
  Interpreter in = limited(limits);
  CHECK(refusal(in, "x = 1" + std::string(95, ' ')) == "");
  CHECK(refusal(in, "x = 1" + std::string(96, ' ')) == "LimitExceeded: source: a text of 101 bytes, 100 bytes allowed");
  CHECK(in.check("x = 1" + std::string(96, ' ')).size() == 1);
  CHECK(refusal(in, "x = " + std::string(9, '(') + "1" + std::string(9, ')')) == "");
  CHECK(
      begins(refusal(in, "x = " + std::string(11, '(') + "1" + std::string(11, ')')), "SyntaxError: too many nested"));
}

TEST_CASE("what is printed") {
  std::string out;
  Options options;
  options.print = [&](std::string_view text) { out += text; };
  options.limits.output = 10;
  Interpreter in(options);
  CHECK(refusal(in, "print('123456789')") == "");
  CHECK(refusal(in, "print('12345')\nprint('12345')") ==
        "LimitExceeded: output: more than 10 bytes printed or warned of in one run");
  CHECK(out == "123456789\n12345\n");
  CHECK(in.usage().output == 6);
}

TEST_CASE("what is warned of counts as output") {
  std::size_t warned = 0;
  Options options;
  options.warn = [&](std::string_view text) { warned += text.size(); };
  options.limits.output = 1000;
  Interpreter in(options);
  CHECK(refusal(in, "x = array([1])\nfor i in range(10**6): y = x // 0") ==
        "LimitExceeded: output: more than 1000 bytes printed or warned of in one run");
  CHECK(warned > 900);
  CHECK(warned <= 1000);
  CHECK(in.usage().output == warned);
}

TEST_CASE("what is written into files") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "inlay_written_files_test";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const auto files = [&] { return std::distance(fs::directory_iterator(folder), fs::directory_iterator()); };
  const std::string name = (folder / "x").string();
  Options options;
  options.limits.written = 20000;
  for (const bool is_lent : {true, false}) {
    options.files = !is_lent;
    if (is_lent) options.write_folders = {folder.string()};
    Interpreter in(options);
    REQUIRE(in.bind("name", Value(name)));
    CHECK(refusal(in, "ones(1000, dtype=uint8).tofile(name)") == "");
    CHECK(in.usage().written == 4096 + 1000);
    // Large pieces, small ones, an archive's, and a file too many.
    for (const char* source :
         {"zeros(10**6).tofile(name)", "zeros(10**5).tofile(name, sep=',')", "savetxt(name, zeros(10**5))",
          "savez_compressed(name + '.npz', x=random.default_rng(1).random(10**4))",
          "save(name + '.npy', zeros((1000, 1000)).T)", "for i in range(5): zeros(0).tofile(name + '.empty')"}) {
      CHECK_MESSAGE(begins(refusal(in, source), "LimitExceeded: written: "), source);
      CHECK(in.usage().written <= 20000);
      fs::remove(name + ".empty");
      CHECK_MESSAGE(files() == 1, source);
      CHECK_MESSAGE(fs::file_size(name) == 1000, source);
    }
    CHECK(refusal(in, "zeros(10**6).tofile(name)") ==
          "LimitExceeded: written: 1.00 MiB wanted, 19.5 KiB allowed, 4.00 KiB written in this run");
  }
  Interpreter in(options);
  CHECK(begins(refusal(in, "zeros(10**6).tofile('/dev/null')"), "LimitExceeded: written: "));
  CHECK(refusal(in, "for i in range(4): zeros(0).tofile('/dev/null')") == "");
  fs::remove_all(folder);
}

TEST_CASE("a message is of bounded length, whatever text of a script it quotes") {
  Interpreter in;
  REQUIRE(in.run("s = 'é' * 10**6"));
  for (const char* source : {"help(s)", "sort([1], kind=s)", "pad([1], 1, mode=s)", "linalg.norm([1.0], s)",
                             "f'{1:{s}}'", "assert False, s", "raise ValueError(s)", "x = {}[s]", "zeros(3, dtype=s)",
                             "take([1], 0, mode=s)", "load(s)", "import_me = float(s)", "[1].index(s)"}) {
    const auto ending = in.run(source);
    REQUIRE_FALSE_MESSAGE(ending.has_value(), source);
    CHECK_MESSAGE(ending.error().message().size() <= 1 << 16, source);
    CHECK_MESSAGE(ending.error().render().size() <= 1 << 17, source);
  }
  const std::string cut = in.run("raise ValueError(s)").error().message();
  CHECK(cut.ends_with("é..."));
  CHECK(in.run("sort([1], kind='x')").error().message() ==
        "sort kind must be one of 'quick', 'heap', or 'stable' (got 'x')");
}

TEST_CASE("seconds that are no number are refused") {
  Limits limits;
  limits.seconds = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(limited(limits), "ValueError: limits: the number of seconds is not a number", Exception);
  Options options;
  options.limits = limits;
  CHECK(Interpreter().fork(options).error().kind() == ErrorKind::ValueError);
}

TEST_CASE("a folder without a name is refused where the interpreter is made") {
  Options options;
  options.read_folders = {""};
  CHECK_THROWS_WITH_AS(Interpreter{options}, "ValueError: a folder that is lent to scripts has no name", Exception);
}

TEST_CASE("a deadline") {
  Limits limits;
  limits.seconds = 0.05;
  limits.memory = Limits::kNone;
  Interpreter in = limited(limits);
  for (const char* source : {"while True:\n    pass\n", "x = 1.0\nwhile True:\n    x = sqrt(x) + arange(10)[3]\n"}) {
    std::string got;
    const double seconds = seconds_of([&] { got = refusal(in, source); });
    CHECK(got == "LimitExceeded: seconds: more than 0.05 s in one run");
    CHECK(seconds < 1);  // 0.15 s where the machine has nothing else to do
  }
  CHECK(refusal(in, "x = 1") == "");
}

TEST_CASE("a host's function runs a script in turn: one budget") {
  Limits limits;
  limits.fuel = 10000;
  Interpreter in = limited(limits);
  REQUIRE(in.def("again", [&] { (void)in.run("for i in range(100):\n    pass\n"); }));
  CHECK(begins(refusal(in, "while True:\n    again()\n"), "LimitExceeded: fuel"));
}

namespace {

struct Charged {
  const char* statement;
  std::uint64_t least;
};
constexpr const char* kLarge =
    "s = '\u00e9' * 3200000\nt = '\u00e9' * 3200000\nl = list(range(100000))\nd = {i: i for i in range(100000)}\n";

std::string repeated(int count, const std::function<std::string(int)>& line) {
  std::string out;
  for (int at = 0; at < count; ++at) out += line(at);
  return out;
}

/// "a0: a1: a2: " or "a0 + a1 + a2 + 0"
std::string chain(int count, const std::string& name, const std::string& link) {
  const std::string out = repeated(count, [&](int at) { return name + std::to_string(at) + link; });
  return link == ": " ? out : out + "0";
}

/// Texts that take a while to compile.
std::vector<std::string> long_texts() {
  const auto number = [](int at) { return std::to_string(at); };
  return {
      repeated(600000, [&](int at) { return "y" + number(at) + " = 1\n"; }),
      repeated(400000, [&](int at) { return "y" + number(at) + " = z" + number(at) + "\n"; }),
      "def f(x):\n" + repeated(200000, [](int) { return std::string("    for i in x: pass\n"); }),
      "def f(x):\n" + repeated(200000, [](int) { return std::string("    if x: x = x + 1\n"); }),
      "x = f'" + repeated(2000000, [](int) { return std::string("{1}"); }) + "'\n",
      "x = [" + repeated(600000, [](int) { return std::string("lambda: 1, "); }) + "]\n",
      "x = 1\n" + repeated(400000, [](int) { return std::string("x = x * 2 + 1\n"); }),
      // each of 190 functions inside one another takes the names of all around it
      repeated(1000, [](int) { return "x = " + chain(190, "lambda a", ": ") + chain(190, "a", " + ") + "\n"; }),
      repeated(1000, [](int) { return "y = x" + repeated(890, [](int) { return std::string(" or x"); }) + "\n"; }),
  };
}

}  // namespace

TEST_CASE("what costs its operand's length is charged by it, the same each time") {
  Interpreter in;
  REQUIRE(in.run(kLarge));
  const Snapshot large = in.snapshot().value();
  for (const Charged& each : std::initializer_list<Charged>{
           {"x = s[1600000]", 40000},
           {"x = s[::-1]", 100000},
           {"x = s[:-1]", 100000},
           {"x = s == t", 100000},
           {"x = s < t", 100000},
           {"x = s + t", 200000},
           {"x = f'{s}{t}'", 200000},
           {"x = s.find('x')", 100000},
           {"x = s.startswith(t)", 100000},
           {"x = 'x' in s", 100000},
           {"x = s.upper()", 100000},
           {"x = s.center(10)", 100000},
           {"x = f'{s:>10}'", 100000},
           {"x = l; x[0] = 1", 100000},
           {"x = l; x.append(1)", 100000},
           {"l.insert(0, 1); l.pop(0)", 200000},
           {"l.append(0); del l[0]", 100000},
           {"l.reverse()", 100000},
           {"l.append(-1); l.remove(-1)", 100000},
           {"l[0:1] = [7, 8]; del l[0]", 200000},
           {"x = d; x[0] = 5", 100000},
           {"x = d; x.pop(0)", 100000},
           {"x = d | d", 200000},
           {"d.update(d)", 100000},
       }) {
    REQUIRE(in.restore(large));
    REQUIRE(in.run("l = list(l); d = dict(d)"));  // of the snapshot no longer
    REQUIRE_MESSAGE(in.run(each.statement), each.statement);
    const std::uint64_t fuel = in.usage().fuel;
    CHECK_MESSAGE(fuel >= each.least, each.statement << " costs " << fuel);
    REQUIRE(in.run(each.statement));
    CHECK_MESSAGE(in.usage().fuel == fuel, each.statement << " costs " << in.usage().fuel << " then, first " << fuel);
  }
}

TEST_CASE("items leave a large dict in a few steps each") {
  Interpreter in;
  REQUIRE(in.run("d = {i: i for i in range(100000)}\nk = list(d)"));
  REQUIRE(in.run("for i in k: del d[i]"));
  CHECK(in.usage().fuel < 2000000);
  CHECK(in.get("d")->repr() == "{}");
}

TEST_CASE("compiling ends at the deadline") {
  Limits limits;
  limits.source = Limits::kNone;
  limits.seconds = 0.05;
  const std::string_view parameters[] = {"x"};
  for (const std::string& text : long_texts()) {
    Interpreter in = limited(limits);
    const std::string_view front = std::string_view(text).substr(0, 40);
    double took = seconds_of([&] { CHECK_MESSAGE(begins(refusal(in, text), "LimitExceeded: seconds: "), front); });
    CHECK_MESSAGE(took < 0.3 * kSlowness, "run took " << took << " s: " << front);
    took = seconds_of([&] { CHECK_MESSAGE(!in.prepare(text), front); });
    CHECK_MESSAGE(took < 0.3 * kSlowness, "prepare took " << took << " s: " << front);
    took = seconds_of([&] { CHECK_MESSAGE(!in.prepare_function(text, parameters), front); });
    CHECK_MESSAGE(took < 0.3 * kSlowness, "prepare_function took " << took << " s: " << front);
    took = seconds_of([&] { CHECK_MESSAGE(!in.lower(text, Stage::ir), front); });
    CHECK_MESSAGE(took < 0.3 * kSlowness, "lower took " << took << " s: " << front);
    CHECK(refusal(in, "x = 1") == "");
  }
}

TEST_CASE("products of any depth and dtype end at the deadline") {
  Limits limits;
  limits.seconds = 0.1;
  for (const char* source :
       {"x = broadcast_to(1.0, (10**10,)); y = x @ x", "x = broadcast_to(1, (10**10,)); y = dot(x, x)",
        "x = broadcast_to(1.0, (3, 10**10)); y = x @ x[0]", "x = broadcast_to(1, (10**10, 3)); y = x.T @ x",
        "x = broadcast_to(1, (5000, 5000)) + 1; y = x @ x", "x = broadcast_to(1, (5000, 5000)) + 1; y = x.T @ x.T",
        "x = broadcast_to(1j, (4000, 4000)) + 1; y = x @ x"}) {
    Interpreter in = limited(limits);
    std::string said;
    const double took = seconds_of([&] { said = refusal(in, source); });
    CHECK_MESSAGE(begins(said, "LimitExceeded: seconds: "), source << " gave " << said);
    CHECK_MESSAGE(took < 1.5 * kSlowness, source << " took " << took << " s");
  }
}

TEST_CASE("a decomposition is not stopped, but the run that it makes too long has failed") {
  constexpr std::string_view kMatrix = "m = random.default_rng(1).random((250, 250))\nm = m @ m.T + eye(250)\n";
  for (const char* call : {"inv(m)", "solve(m, m)", "det(m)", "slogdet(m)", "cholesky(m)", "qr(m)", "qr(m, mode='raw')",
                           "svd(m)", "eig(m)", "eigh(m)"}) {
    const std::string statement = "y = linalg." + std::string(call);
    Interpreter unlimited;
    REQUIRE(unlimited.run(kMatrix));
    double least = 1;
    for (int time = 0; time < 5; ++time)
      least = std::min(least, seconds_of([&] { REQUIRE(unlimited.run(statement)); }));
    Limits limits;
    limits.seconds = least / 3;
    Interpreter in = limited(limits);
    REQUIRE(in.bind("m", unlimited.get("m").value()));
    CHECK_MESSAGE(begins(refusal(in, statement), "LimitExceeded: seconds: "), statement << " takes " << least);
    CHECK_FALSE(in.has_variable("y"));
  }
}

TEST_CASE("checking ends at the deadline") {
  Limits limits;
  limits.seconds = 0.1;
  const Interpreter in = limited(limits);
  std::vector<Error> errors;
  // Each error looks for its column in the one line.
  const std::string text = "print(" + repeated(150000, [](int) { return std::string("*x, "); }) + "1)\n";
  const double took = seconds_of([&] { errors = in.check(text); });
  REQUIRE(!errors.empty());
  CHECK(begins(errors.back().message(), "seconds: more than 0.1 s"));
  CHECK_MESSAGE(took < 1.5 * kSlowness, "check took " << took << " s");
}

TEST_CASE("formulas do not look at all others") {
  const auto lines = [](int count) {
    return "def f(x):\n" + repeated(count, [](int at) { return "    y" + std::to_string(at) + " = x * 2 + x\n"; }) +
           "    return [" + repeated(count, [](int at) { return "y" + std::to_string(at) + ", "; }) + "]\n";
  };
  Interpreter in;
  const double took = seconds_of([&] { REQUIRE(in.prepare(lines(30000))); });
  CHECK_MESSAGE(took < 5 * kSlowness, "30000 lines took " << took << " s");  // 17, where each looked back through all
}

TEST_CASE("no elements at all leave numbers, and tensors of none") {
  Limits none;
  none.elements = 0;
  Interpreter in = limited(none);
  CHECK(refusal(in, "x = ones(0) + 1; y = zeros((0, 3)) * x.sum(); z = float64(2.5) * 2; s = x.shape") == "");
  CHECK(begins(refusal(in, "x = ones(1)"), "LimitExceeded: elements: 1 wanted, 0 allowed"));
  CHECK(begins(refusal(in, "x = ones((1, 1))"), "LimitExceeded: elements: 1 wanted, 0 allowed"));
}

TEST_CASE("compiling is interrupted") {
  const std::string text = long_texts()[0];
  Limits limits;
  limits.source = Limits::kNone;
  Interpreter in = limited(limits);
  in.interrupt();
  const auto program = in.prepare(text);
  REQUIRE_FALSE(program);
  CHECK(program.error().kind() == ErrorKind::KeyboardInterrupt);
  CHECK(in.prepare("x = 1"));
}

TEST_CASE("a program costs the same prepared and as a text") {
  const std::string text = "x = '" + std::string(100000, 'a') + "'\ny = len(x)\n";
  Interpreter in;
  REQUIRE(in.run(text));
  const std::uint64_t fuel = in.usage().fuel;
  const auto program = in.prepare(text);
  REQUIRE(program);
  REQUIRE(in.run(*program));
  CHECK(in.usage().fuel == fuel);
}

TEST_CASE("of many unknown names the first ones are told what was meant") {
  const Interpreter in;
  std::size_t told = 0;
  const std::vector<Error> errors =
      in.check(repeated(50, [](int at) { return "y = arrange" + std::to_string(at % 10) + "\n"; }));
  for (const Error& each : errors) told += each.message().find("Did you mean: 'arange'?") != std::string::npos;
  CHECK(errors.size() == 50);
  CHECK(told == 20);
}
