// A request to stop, at every look for it: a statement that is stopped has changed nothing, and the evaluator works.
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "interpreter/machine/evaluator.h"
#include "runtime/memory/context.h"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

/// Programs of one statement each over what `setup` makes: 2^17 elements are eight blocks of a parallel loop.
struct Family {
  std::string_view name, setup, statement;
};
constexpr Family kFamilies[] = {
    {"elementwise", "", "y = exp(x) * 2 + 1"},
    {"onto itself", "", "x = sqrt(x)"},
    {"augmented", "", "x *= 3"},
    {"augmented, converted", "", "x += arange(x.size) % 7"},
    {"region into a mask", "", "x[x > 1000] = 0"},
    {"masked numbers", "", "x[x % 2 == 0] = x[x % 2 == 1]"},
    {"masked arithmetic", "", "x[x > 10] += 1"},
    {"where", "", "y = where(x > 5, x, -x)"},
    {"slice", "", "x[::2] = x[1::2]"},
    {"scatter", "i = (arange(200000) * 7919) % x.size", "x[i] = 0.5"},
    {"scatter numbers", "i = (arange(200000) * 7919) % x.size", "x[i] += arange(200000)"},
    {"add.at", "i = (arange(200000) * 7919) % x.size", "add.at(x, i, 1.0)"},
    {"gather", "i = (arange(200000) * 7919) % x.size", "y = x[i]"},
    {"columns", "m = x.reshape(256, 512)", "m[:, 3:400] = m[:, 4:401]"},
    {"transposed copy", "m = x.reshape(256, 512)", "y = ascontiguousarray(m.T)"},
    {"sort", "z = x[::-1] * 1", "z.sort()"},
    {"sort columns", "m = (x * 7919 % 1000).reshape(256, 512)", "y = sort(m, axis=0)"},
    {"sort complex", "z = x[::-1] + 1j", "y = sort(z)"},
    {"argsort", "", "y = argsort(x * 7919 % 1000)"},
    {"argsort complex", "z = x[::-1] + 1j", "y = argsort(z)"},
    {"unique", "", "y = unique(x % 1000)"},
    {"scan", "", "y = cumsum(x)"},
    {"sum", "", "y = sum(x, axis=None) + x.max() + argmax(x)"},
    {"sum of rows", "m = x.reshape(256, 512)", "y = m.sum(axis=1)"},
    {"product", "m = x.reshape(256, 512)", "y = m @ m.T"},
    {"decompositions", "m = random.default_rng(1).random((20, 8, 8))", "y = linalg.svd(m)[1] + linalg.eigvalsh(m)"},
    {"solve", "m = random.default_rng(1).random((20, 8, 8))", "y = linalg.inv(m) + linalg.solve(m, m)"},
    {"joining", "", "y = concatenate((x, x, x))"},
    {"repeating", "", "y = repeat(x, arange(x.size) % 3)"},
    {"random", "", "y = random.default_rng(1).normal(size=200000)"},
    {"nonzero", "m = x.reshape(256, 512)", "y = nonzero(m % 3)"},
    {"integer division", "i = arange(200000)", "y = i // (i + 1)"},
    {"permutation", "", "y = random.default_rng(1).permutation(200000)"},
    {"lexical order", "", "y = lexsort((x, x % 1000))"},
    {"weighted choice", "", "y = random.default_rng(1).choice(20000, 10000, replace=False, p=ones(20000) / 20000)"},
    {"bins", "i = arange(200000) % 100", "y = bincount(i)"},
    {"sorted numbers", "l = list(range(3000))[::-1]", "y = sorted(l)"},
    {"text", "", "y = str(list(range(3000)))"},
    {"list copied", "l = list(range(300000))\nk = l", "k[0] = -1"},
    {"list cut", "l = list(range(300000))", "del l[5:200000:2]"},
    {"dict copied", "d = {i: i for i in range(50000)}\ne = d", "e[0] = -1"},
    {"dict merged", "d = {i: i for i in range(20000)}\ne = {i: 0 for i in range(10000, 30000)}", "d |= e"},
    {"dict with holes", "d = {i: i for i in range(50000)}\nfor i in range(0, 50000, 2): del d[i]", "y = list(d)"},
    {"text extended", "s = '\u00e9' * 500000\nt = s + 'x'", "s += t"},
    {"text backwards", "s = '\u00e9' * 20000", "y = s[::-1]"},
    {"text compared", "s = '\u00e9' * 500000\nt = s + 'x'", "y = s < t"},
    {"number read", "s = '1' * 1000000", "y = float(s)"},
    {"texts", "", "y = ','.join([str(i) for i in range(3000)]).split(',')"},
    {"list from range", "", "y = list(range(30000))"},
    {"list grows", "y = []", "y += list(range(30000))"},
    {"list repeated", "", "y = [1, 2] * 30000"},
    {"dict", "", "y = {i: str(i) for i in range(3000)}"},
    {"sorted", "", "y = sorted([(i * 7919) % 3001 for i in range(3000)])"},
    {"list of lists to tensor", "l = [list(range(100))] * 100", "y = array(l)"},
    {"two targets", "", "x, y = x + 1, x * 2"},
};
constexpr std::string_view kSetup = "x = arange(2.0**17)\n";

class Session {
 public:
  explicit Session(int threads) : evaluator(Host{}) { evaluator.runtime_context().threads = threads; }

  ir::ProgramPtr compile(std::string text) {
    return evaluator.compile(std::make_shared<Source>("test", std::move(text)));
  }
  /// The kind of the error; nothing if there was none.
  std::optional<ErrorKind> run(const ir::ProgramPtr& program) {
    try {
      evaluator.run(program);
      return std::nullopt;
    } catch (const Error& error) {
      return error.kind();
    }
  }
  std::map<std::string, Value> variables() {
    std::map<std::string, Value> out;
    for (const auto& name : evaluator.variables().names())
      if (const Value* value = evaluator.variables().find(name)) out[name] = *value;
    return out;
  }
  Budget& budget() { return evaluator.runtime_context().budget; }

  Evaluator evaluator;
};

bool same(const Value& a, const Value& b) {
  if (a.is(Value::Tag::tensor) && b.is(Value::Tag::tensor)) {
    const Tensor x = a.tensor().contiguous(), y = b.tensor().contiguous();
    return x.dtype() == y.dtype() && x.shape() == y.shape() &&
           std::memcmp(x.bytes(), y.bytes(), static_cast<std::size_t>(x.size() * x.itemsize())) == 0;
  }
  return a.tag() == b.tag() && to_repr(a) == to_repr(b);
}

/// Whether the variables are those of `old`, no more and no fewer.
bool are_old(const std::map<std::string, Value>& got, const std::map<std::string, Value>& old) {
  return got.size() == old.size() && std::all_of(old.begin(), old.end(), [&](const auto& each) {
           return got.contains(each.first) && same(got.at(each.first), each.second);
         });
}

/// Values that share nothing with the evaluator's, so that its own stay unique.
std::map<std::string, Value> copies(const std::map<std::string, Value>& values) {
  std::map<std::string, Value> out;
  for (const auto& [name, value] : values)
    out[name] = value.is(Value::Tag::tensor) ? Value::of(value.tensor().copy()) : value;
  return out;
}

void sweep(const Family& family, int threads) {
  Session session(threads);
  const auto setup = session.compile(std::string(kSetup) + std::string(family.setup) + "\n");
  REQUIRE_FALSE(session.run(setup));
  const auto statement = session.compile(std::string(family.statement) + "\n");
  const auto old = copies(session.variables());
  int stops = 0;
  for (std::int64_t looks = 1;; looks += 1 + looks / (kIsSanitized ? 2 : 16)) {
    REQUIRE_FALSE(session.run(session.compile("y = 0\ndel y\n")));
    REQUIRE_FALSE(session.run(setup));
    session.budget().request_stop_after(looks);
    const auto kind = session.run(statement);
    if (!kind) break;
    ++stops;
    REQUIRE(*kind == ErrorKind::KeyboardInterrupt);
    REQUIRE_MESSAGE(are_old(session.variables(), old), family.name << " stopped at look " << looks);
  }
  CHECK_MESSAGE(stops > 0, family.name << " is never looked at");
  REQUIRE_FALSE(session.run(session.compile("y = 0\n")));
  REQUIRE_FALSE(session.run(setup));
  REQUIRE_FALSE(session.run(statement));
}

}  // namespace

TEST_CASE("stopped anywhere, a statement has changed nothing: one thread") {
  for (const Family& family : kFamilies) sweep(family, 1);
}

TEST_CASE("stopped anywhere, a statement has changed nothing: four threads") {
  for (const Family& family : kFamilies) sweep(family, 4);
}

TEST_CASE("out of fuel anywhere, a dict takes all items of another, or none") {
  // Steps are taken by comparing tuples, and by hashing long texts in them.
  const char* const setup =
      "d = {(i, str(i) * 40): i for i in range(30)}\ne = {(i, str(i) * 40): -i for i in range(15, 60)}\n";
  for (const char* const text : {"d.update(e)\n", "d |= e\n"}) {
    Session session(1);
    REQUIRE_FALSE(session.run(session.compile(setup)));
    const auto statement = session.compile(text);
    const auto old = copies(session.variables());
    Limits limits = Limits::none();
    int refusals = 0;
    for (limits.fuel = 1;; ++limits.fuel, ++refusals) {
      session.budget().limit(limits);
      const auto kind = session.run(statement);
      session.budget().limit(Limits::none());
      if (!kind) break;
      REQUIRE(*kind == ErrorKind::LimitExceeded);
      REQUIRE_MESSAGE(are_old(session.variables(), old), text << " with " << limits.fuel << " steps");
      REQUIRE_FALSE(session.run(session.compile("x = [d[k] for k in d]\ndel x\n")));
    }
    CHECK(refusals > 100);
  }
}
