// every_name_test.cpp - every public name, called with what is easily forgotten: empty tensors, 0-d ones, ones of 32
// and 64 axes, sizes whose products overflow, lists nested beyond all stack or doubled beyond all time, and with more
// than its fuel allows. The names come from the tables that define them, so a new one is tested without another line.
// Invariant: whatever a call is given, it ends soon, within its limits, with a value or with an error of a user's; and
// the interpreter works afterwards.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "interpreter/machine/evaluator.h"
#include "interpreter/telling/catalogue.h"
#include "tests/unit/public_calls.h"
#include "tests/unit/sanitized.h"

using namespace inlay;

namespace {

constexpr std::string_view kOperands[] = {
    "zeros(0)",
    "zeros((0, 3), int64)",
    "zeros((2, 0), bool)",
    "array(2.5)",
    "array(1, dtype=uint8)",
    "array(True)",
    "ones((1,) * 31 + (2,))",
    "arange(2).reshape((1,) * 15 + (2,) + (1,) * 16)",
    "zeros((1,) * 16 + (0,) + (1,) * 15, complex64)",
    "ones((1,) * 64, float16)",
};

/// Whole numbers and shapes beyond what any memory holds, and at the ends of their type.
constexpr std::string_view kExtents[] = {
    "2**31",
    "2**62",
    "2**63 - 1",
    "-2**63",
    "(2**32, 2**32)",
    "(2**62, 4)",
    "(0, 2**62, 4)",
    "[2**61, -2**61]",
    "array([2**62, 2**62])",
    "array(2**63, dtype=uint64)",
    "range(2**62)",
    "1e300",
    "slice(-2**63, 2**63 - 1, 2**62)",
};

constexpr std::string_view kExtentsOfNothing[] = {"2**62", "-2**63", "(2**62, 4)", "(0, 2**62, 4)"};

/// `x = [x]` so often that a walk that calls itself needs more stack than there is, and `x = [x, x]` so often that one
/// that walks what several hold for each of them never ends.
constexpr std::string_view kNesting[] = {
    "deep = 1.0\ndoubled = [1.0]\nfor i in range(50): doubled = [doubled, doubled]\n",
    "texts = ['a']\nfor i in range(50): texts = [texts, texts]\n",
    "for i in range(30000): deep = [deep]\n",
    "for i in range(30000): deep = [deep]\n",
    "for i in range(30000): deep = [deep]\n",
    "for i in range(30000): deep = [deep]\n",
};
constexpr std::string_view kNested[] = {"deep", "doubled", "texts"};

constexpr std::string_view kOrdinary = "array([1, 2, 3])";
// Seconds of a processor that one call may take; a thousandth of it is usual. Other programs may be running, so that
// the seconds on the wall are many more.
constexpr double kPatience = kIsSanitized ? 60 : 4;
constexpr double kPatienceOnTheWall = 10 * kPatience;

constexpr std::uint64_t kBytesPerStep = 128;  // small results have an overhead, and some have more than one step each

// A sanitizer takes some eighty times as long, and gets every thirteenth call: of every name, and of every operand. A
// build that counts what was reached gets every seventh.
#if defined(__LLVM_INSTR_PROFILE_GENERATE)
constexpr int kEvery = 7;
#else
constexpr int kEvery = kIsSanitized ? 13 : 1;
#endif

Limits small_limits(std::uint64_t mebibytes = 4) {
  Limits limits;
  limits.fuel = 200'000;
  limits.memory = mebibytes << 20;
  limits.elements = Limits::kNone;
  limits.seconds = kPatienceOnTheWall;
  return limits;
}

/// Runs statements over the operands, and keeps what is wrong.
class Session {
 public:
  explicit Session(const Limits& limits = small_limits()) : limits_(limits), evaluator_(host(limits)) { begin(); }

  /// Runs a text; false if it is no program at all.
  bool run(const std::string& statement) {
    if (++asked_ % kEvery != 0) return true;
    INFO(statement);
    const std::clock_t begin = std::clock();
    const std::string wrong = outcome(statement);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (!wrong.empty()) FAIL_CHECK(wrong);
    CHECK_MESSAGE(seconds < kPatience, statement << " took " << seconds << " s");
    CHECK(evaluator_.runtime_context().budget.usage().peak <= limits_.memory);
    ++count_;
    return is_program_;
  }
  /// Runs a text, and checks that it was charged a step for each element of the tensors that it made. One that views
  /// what there is makes none.
  void pays(const std::string& statement) {
    if (kIsSanitized && ++bought_ % 5 != 0) return;  // they are large
    const std::uint64_t before = evaluator_.runtime_context().counters.allocated_bytes;
    run(statement + "\n");
    const std::uint64_t made = evaluator_.runtime_context().counters.allocated_bytes - before;
    const std::uint64_t steps = evaluator_.runtime_context().budget.usage().fuel;
    CHECK_MESSAGE(made <= kBytesPerStep * steps, statement << " made " << made << " bytes in " << steps << " steps");
  }
  /// Variables that calls are given.
  void prepare(const std::string& text) { REQUIRE(outcome(text) == ""); }
  /// Operands as they were, and what a call has bound.
  void begin() {
    REQUIRE(outcome("import math\nimport tensorflow as tf\ntext = 'ab'\nvalues = [2, 1]\nitems = {1: 2}\ngenerator = "
                    "random.default_rng(1)\n") == "");
  }
  /// That sums still come out right, and how many statements were run.
  int end() {
    REQUIRE(outcome("assert sum(arange(1000)) == 499500\n") == "");
    return count_;
  }

 private:
  static Host host(const Limits& limits) {
    Host host;
    host.limits = limits;
    return host;
  }
  std::string outcome(const std::string& text) {
    is_program_ = true;
    try {
      evaluator_.run(evaluator_.compile(std::make_shared<Source>("call", text)));
    } catch (const Error& error) {
      is_program_ = error.kind() != ErrorKind::SyntaxError;
      if (error.kind() == ErrorKind::InternalError) return error.message();
      if (error.kind() == ErrorKind::LimitExceeded && error.message().starts_with("seconds")) return error.message();
    } catch (const ExitRequest&) {
    } catch (const std::exception& error) {
      return std::string("not an Error: ") + error.what();
    }
    return "";
  }

  Limits limits_;
  Evaluator evaluator_;
  int asked_ = 0, bought_ = 0, count_ = 0;
  bool is_program_ = true;
};

/// The operands of a call: all alike, each value in each place beside ordinary ones, and pairs of the commonest kinds.
std::vector<std::vector<std::string>> choices(std::size_t count) {
  std::vector<std::vector<std::string>> out;
  for (const std::string_view each : kOperands) {
    out.emplace_back(count, std::string(each));
    for (std::size_t at = 0; count > 1 && at < count; ++at) {
      out.emplace_back(count, std::string(kOrdinary)).at(at) = each;
      if (count > 2) continue;
      for (const std::string_view other : {kOperands[0], kOperands[3], kOperands[6]})
        out.emplace_back(count, std::string(other)).at(at) = each;
    }
  }
  return out;
}

/// The call as a value, and by itself, as calls that change a target are written.
std::pair<std::string, std::string> statements(const std::vector<std::string>& operands, const Call& call) {
  std::vector<std::string> names;
  std::string bound;
  for (std::size_t at = 0; at < operands.size(); ++at) {
    names.push_back("x" + std::to_string(at));
    bound += names.back() + " = " + operands[at] + "\n";
  }
  return {bound + "y = " + call.text(names) + "\n", bound + call.text(names) + "\n"};
}

}  // namespace

TEST_CASE("every name takes empty, 0-d and many-axed operands, or refuses them") {
  Session session;
  for (const PublicName& name : public_names()) {
    const Call call(name);
    const std::size_t count = call.least();
    if (count == 0) session.run("y = " + call.text({}) + "\n");
    for (const auto& operands : choices(count)) {
      if (count == 0) break;
      const auto [as_value, by_itself] = statements(operands, call);
      if (!session.run(as_value)) session.run(by_itself);
    }
    session.begin();
  }
  MESSAGE(session.end(), " calls");
}

TEST_CASE("every parameter of every name takes sizes beyond all memory, or refuses them") {
  Session session;
  for (const PublicName& name : public_names()) {
    const Call call(name);
    for (std::size_t at = 0; call.is_called() && at < call.most(); ++at) {
      for (const std::string_view extent : kExtents)
        session.run("x0 = " + std::string(kOrdinary) + "\ny = " + call.text_with(at, std::string(extent), "x0") + "\n");
      for (const std::string_view extent : kExtentsOfNothing)
        session.run("x0 = zeros((0, 3))\ny = " + call.text_with(at, std::string(extent), "x0") + "\n");
    }
    session.begin();
  }
  MESSAGE(session.end(), " calls");
}

TEST_CASE("gradients of every name at empty, 0-d and many-axed operands") {
  Session session;
  for (const PublicName& name : public_names()) {
    const Call call(name);
    if (!call.is_called() || call.least() != 1) continue;
    for (const std::string_view operand : kOperands)
      session.run("x0 = " + std::string(operand) + "\ny = grad(lambda x1: sum(" + call.text({"x1"}) + "))(x0)\n");
    session.begin();
  }
  MESSAGE(session.end(), " calls");
}

TEST_CASE("every name takes lists nested beyond all stack and doubled beyond all time, or refuses them") {
  Session session(small_limits(64));
  for (const std::string_view each : kNesting) session.prepare(std::string(each));
  for (const PublicName& name : public_names()) {
    const Call call(name);
    const std::size_t count = call.least();
    if (!call.is_called() || count == 0) continue;
    for (const std::string_view nested : kNested) {
      const std::string everywhere = call.text(std::vector<std::string>(count, std::string(nested)));
      std::vector<std::string> first(count, std::string(kOrdinary));
      first[0] = nested;
      if (!session.run("y = " + everywhere + "\n"))
        session.run("x0 = " + std::string(nested) + "\n" + call.text(first));
      if (count > 1) session.run("y = " + call.text(first) + "\n");
      session.run("y = grad(lambda a: a * " + call.text(first) + ")(1.0)\n");
    }
    session.begin();
  }
  MESSAGE(session.end(), " calls");
}

TEST_CASE("what a name makes is paid for, element by element") {
  Limits limits = small_limits(64);
  limits.fuel = 1'000'000'000;
  for (const std::string& ordinary : {std::string("array([1, 2, 3])"), std::string("2")}) {
    Session session(limits);
    session.prepare(
        "large = ones(100_000)\nsquare = ones((300, 300))\nmany = list(range(100_000))\nrepeated = 'a' * 100_000\n");
    for (const PublicName& name : public_names()) {
      for (const std::string_view given : {"large", "square", "100_000", "(100_000,)", "300", "many", "repeated"}) {
        for (const std::string& call : calls_with(name, std::string(given), ordinary)) session.pays("y = " + call);
        const Call optional(name);
        if (optional.is_called() && optional.least() == 0 && optional.most() != 0)
          session.pays("y = " + optional.text_with(0, std::string(given), ordinary));
      }
      session.begin();
    }
  }
}
