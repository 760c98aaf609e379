// Allocations that fail: the nth one, or all from the nth on. A statement that meets one ends with a MemoryError and
// has changed nothing, nothing is lost, and the evaluator works afterwards.
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "doctest/doctest.h"
#include "interpreter/machine/evaluator.h"
#include "runtime/memory/context.h"
#include "runtime/memory/memory.h"
#include "unit/failing_allocations.h"

using namespace inlay;

namespace {

struct Family {
  std::string_view setup, statement;
};
constexpr Family kFamilies[] = {
    {"x = arange(1000.0)", "y = exp(x) * 2 + 1"},
    {"x = arange(1000.0)", "x *= arange(1000)"},
    {"x = arange(1000.0)", "x[x > 10] = 0"},
    {"x = arange(1000.0)", "x[x > 10] = x[x > 10] * 2"},
    {"x = arange(1000.0)", "x[[1, 2, 500]] += 1"},
    {"x = arange(1000.0)", "x[10:20] = x[20:30]"},
    {"x = arange(1000.0)", "add.at(x, [1, 1, 2], 5)"},
    {"x = arange(1000.0)", "x.sort()"},
    {"x = arange(1000.0)", "y = unique(x % 7)"},
    {"x = arange(1000.0).reshape(10, 100)", "y = x @ x.T"},
    {"x = arange(1000.0).reshape(10, 100)", "y = x.sum(axis=1) + cumsum(x, axis=1)[:, 0]"},
    {"x = arange(1000.0).reshape(10, 100)", "x.T[3] = 0"},
    {"x = eye(8)", "y = linalg.inv(x) + linalg.svd(x)[0]"},
    {"x = arange(10)", "y = concatenate((x, x)); z = repeat(x, x)"},
    {"x = arange(300000.0)", "y = x * 2 - 1"},
    {"x = arange(300000.0)", "x[x > 10] = 0"},
    {"l = [1, [2, 3]]", "l[1][0] = 'text that is longer than a short string'"},
    {"l = [1, 2]", "l.append([3, 4])"},
    {"l = [1, 2]", "l += list(range(100))"},
    {"l = [3, 1, 2]", "l.sort()"},
    {"l = [1, 2]; m = l", "m[0] = 5"},
    {"d = {'a': 1}", "d['a long key that is not a short string'] = 2"},
    {"d = {i: i for i in range(8)}", "d[8] = 8"},
    {"d = {i: i for i in range(40)}", "d.update({100: 1, 101: 2})"},
    {"d = {'a': [1, 2]}", "d['a'][1] = array([1, 2])"},
    {"s = 'some text that is longer than a short string'", "s = s.upper() + ','.join(s.split()) * 3"},
    {"x = 1.5", "s = f'{x:>40.3f} and {[x, x]} and {arange(5)}'"},
    {"x = 1", "y = str(list(range(100))); z = repr(arange(100.0) / 3)"},
    {"x = 1", "f = lambda n: [i * n for i in range(20)]; y = f(3)"},
    {"x = 1; y = 2", "x, y = [y], (x, 'text that is longer than a short string')"},
    {"x = arange(10.0)", "y = grad(lambda v: sum(v * v * where(v > 3, v, 0)))(x)"},
    {"x = 1", "y = array([[1, 2], [3, 4.5]])"},
    {"x = 1", "y = random.default_rng(3).normal(size=(3, 3))"},
    {"x = 1", "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\ny = f(6)"},
};

class Session {
 public:
  explicit Session(const Host& host = {}) : evaluator(host) { evaluator.runtime_context().threads = 1; }

  ir::ProgramPtr compile(std::string_view text) {
    return evaluator.compile(std::make_shared<Source>("test", std::string(text) + "\n"));
  }
  std::optional<ErrorKind> run(const std::shared_ptr<LinkedProgram>& program) {
    try {
      const RunScope scope(evaluator);
      evaluator.run_prepared(program);
      return std::nullopt;
    } catch (const Error& error) {
      return error.kind();
    } catch (const std::bad_alloc&) {  // no memory even for the error
      return ErrorKind::MemoryError;
    }
  }
  std::string variables() {
    std::string out;
    for (const auto& name : evaluator.variables().names())
      if (const Value* value = evaluator.variables().find(name)) out += name + " = " + to_repr(*value) + "\n";
    return out;
  }

  Evaluator evaluator;
};

/// Fails the allocations of one run of the statement, until it needs fewer than that. Gives how many it needs.
long sweep(const Family& family, bool for_ever, const Host& host = {}) {
  Session session(host);
  const auto setup = session.evaluator.prepare(session.compile(family.setup));
  const auto statement = session.evaluator.prepare(session.compile(family.statement));
  const auto forget =
      session.evaluator.prepare(session.compile("x = y = z = l = m = d = s = f = 0\ndel x, y, z, l, m, d, s, f"));
  REQUIRE_FALSE(session.run(setup));
  REQUIRE_FALSE(session.run(statement));  // what is loaded once is loaded
  const auto live = [&] { return session.evaluator.runtime_context().budget.usage().memory; };
  REQUIRE_FALSE(session.run(forget));
  const std::uint64_t before = live();
  for (long at = 1;; ++at) {
    REQUIRE_FALSE(session.run(setup));
    const std::string old = session.variables();
    trim_memory();  // large blocks that are kept are no allocations
    allocation_plan() = {at, for_ever, false};
    const auto kind = session.run(statement);
    const bool has_failed = allocation_plan().has_failed;
    allocation_plan() = {};
    if (!has_failed) {
      REQUIRE_FALSE(kind);
      return at;
    }
    // A failure may be made up for: what is only kept for later need not be kept.
    if (kind) {
      REQUIRE_MESSAGE(*kind == ErrorKind::MemoryError, family.statement << " at allocation " << at);
      const bool is_one_statement = family.statement.find_first_of(";\n") == std::string_view::npos;
      if (is_one_statement) REQUIRE_MESSAGE(session.variables() == old, family.statement << " at allocation " << at);
    }
    REQUIRE_FALSE(session.run(setup));
    REQUIRE_FALSE(session.run(statement));
    REQUIRE_FALSE(session.run(forget));
    REQUIRE_MESSAGE(live() == before, family.statement << " at allocation " << at);
  }
}

/// How many failures there were. Few blocks are small ones that come from lists of freed ones.
long sweep_all(bool for_ever) {
  long failures = 0;
  for (const Family& family : kFamilies) failures += sweep(family, for_ever) - 1;
  return failures;
}

}  // namespace

TEST_CASE("one allocation fails") { CHECK(sweep_all(false) > 100); }

TEST_CASE("every allocation fails from one on") { CHECK(sweep_all(true) > 100); }

TEST_CASE("what is nested deeply is let go of without memory") {
  for (const bool for_ever : {false, true}) {
    // A thread that has put nothing off yet has no memory for that.
    std::thread([&] {
      Value deep = Value::list({});
      for (int level = 0; level < 2000; ++level) deep = Value::list({deep});
      allocation_plan() = {1, for_ever, false};
      deep = Value::none();
      const bool has_failed = allocation_plan().has_failed;
      allocation_plan() = {};
      CHECK(has_failed);
    }).join();
  }
}

TEST_CASE("files are written with any allocation failing") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "inlay_no_memory_for_files";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::filesystem::current_path(folder);
  for (const char* statement :
       {"save('f', arange(1000.0)[::2])", "savetxt('f', x)", "x.tofile('f')", "x.tofile('f', sep=',')",
        "savez('f', a=x, b=x)", "savez_compressed('f', a=x, b=x)", "imsave('f.png', x.reshape(20, 25))"}) {
    for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
      for (const bool for_ever : {false, true}) {
        Host host;
        host.files = files;
        Session session(host);
        REQUIRE_FALSE(session.run(session.evaluator.prepare(session.compile("x = arange(500.0)"))));
        const auto program = session.evaluator.prepare(session.compile(statement));
        REQUIRE_FALSE(session.run(program));
        const auto names = [&] {
          return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
        };
        const auto before = names();
        for (long at = 1;; ++at) {
          allocation_plan() = {at, for_ever, false};
          const auto kind = session.run(program);
          const bool has_failed = allocation_plan().has_failed;
          allocation_plan() = {};
          if (!has_failed) break;
          if (kind) REQUIRE_MESSAGE(*kind == ErrorKind::MemoryError, statement << " at allocation " << at);
          REQUIRE_MESSAGE(names() == before, statement << " at allocation " << at);
        }
      }
    }
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("files are read with any allocation failing") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "inlay_no_memory_to_read_files";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::filesystem::current_path(folder);
  Host host;
  host.files = host_files();
  Session writer(host);
  REQUIRE_FALSE(writer.run(writer.evaluator.prepare(writer.compile(
      "x = arange(12.0).reshape(3, 4)\n"
      "savez('stored', a=x, b=x > 3, c=x.astype(int32))\n"
      "savez_compressed('deflated', arange(9000.0), random.default_rng(1).random(20000), x)\n"
      "save('one', x)\nx.tofile('bare')\nsavetxt('text', x, header='a b c d')\n"
      "imsave('grey.png', x.astype(uint8))\nimsave('colours.png', zeros((9, 300, 3), dtype=uint16))\n"))));
  for (const FileSystem& files : {host_files(), folder_files({folder}, {folder})}) {
    host.files = files;
    for (const char* statement :
         {"y = load('stored.npz')", "y = load('deflated.npz')", "y = load('one.npy')", "y = fromfile('bare')",
          "y = loadtxt('text')", "y = genfromtxt('text')", "y = imread('grey.png')", "y = imread('colours.png')"}) {
      for (const bool for_ever : {false, true}) CHECK(sweep({"x = 1", statement}, for_ever, host) > 1);
    }
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("reading a text fails at any allocation") {
  const std::string text =
      "def f(x: float32[n], *rest, k=[1, 2]):\n    y = {'a': x[1:, ...], 'b': f'{x!r:>{k}}'}\n    return y\n"
      "for i in range(3):\n    if i > 1 and not i:\n        a, *b = [j for j in (1, 2) if j]\n";
  for (const bool for_ever : {false, true}) {
    for (long at = 1;; ++at) {
      Session session;
      std::optional<ErrorKind> kind;
      const auto source = std::make_shared<Source>("test", text);
      allocation_plan() = {at, for_ever, false};
      try {
        session.evaluator.compile(source);
      } catch (const Error& error) {
        kind = error.kind();
      } catch (const std::bad_alloc&) {
        kind = ErrorKind::MemoryError;
      }
      const bool has_failed = allocation_plan().has_failed;
      allocation_plan() = {};
      if (!has_failed) break;
      if (kind) REQUIRE(*kind == ErrorKind::MemoryError);
      REQUIRE(session.evaluator.compile(source) != nullptr);
    }
  }
}

TEST_CASE("large blocks are given back without memory") {
  std::vector<void*> blocks(2000);
  for (void*& block : blocks) block = acquire_memory(kLargeBlock);
  allocation_plan() = {1, true, false};
  for (void* block : blocks) release_memory(block, kLargeBlock);
  allocation_plan() = {};
  trim_memory();
}
