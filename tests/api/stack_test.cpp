// stack_test.cpp - scripts on threads of small stacks: what recurses ends with an error, not with the process.
// Invariant: nothing here depends on how much a call takes, only on that it ends.
#include <pthread.h>

#include <functional>
#include <string>

#include "doctest/doctest.h"
#include "inlay/inlay.hpp"

using namespace inlay;

namespace {

Interpreter unbounded() {
  Options options;
  options.limits.depth = Limits::kNone;
  return Interpreter(options);
}

/// "Kind: message", or "" if it ran.
std::string refusal(Interpreter& in, std::string_view source) {
  const auto ending = in.run(source);
  return ending ? "" : std::string(to_string(ending.error().kind())) + ": " + ending.error().message();
}

/// Calls a function on a thread with a stack of so many KiB.
void on_stack(std::size_t kibibytes, std::function<void()> work) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, kibibytes << 10) == 0);
  const auto call = [](void* given) -> void* {
    (*static_cast<std::function<void()>*>(given))();
    return nullptr;
  };
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, &attributes, call, &work) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int at = 0; at < times; ++at) out += text;
  return out;
}

constexpr std::size_t kStacks[] = {256, 512, 1024, 8192};

}  // namespace

TEST_CASE("recursion without bound ends before any thread's stack") {
  for (const std::size_t kibibytes : kStacks)
    for (const char* source :
         {"def f(n): return f(n + 1)\nf(0)", "def f(n): return list(map(f, [n]))\nf(0)",
          "def f(n): return sorted([n], key=f)\nf(0)", "def f(x): return grad(f)(x)\nf(1.0)",
          "l = 1\nfor i in range(499): l = [l]\ndef f(n):\n    if str(l) == '': return 0\n    return f(n)\nf(0)",
          "l = 1\nm = 1\nfor i in range(499):\n    l = [l]\n    m = [m]\ndef f(n): return l == m and f(n)\nf(0)",
          "l = 1\nfor i in range(499): l = (l,)\ndef f(n): return {l: 1} != None and f(n)\nf(0)",
          "f = lambda x: x\nfor i in range(10**5): f = grad(f)\nf(1.0)"})
      on_stack(kibibytes, [&] {
        Interpreter in = unbounded();
        const std::string got = refusal(in, source);
        CHECK_MESSAGE(got.starts_with("RecursionError: maximum recursion depth exceeded"), kibibytes, source, got);
        CHECK(refusal(in, "x = sum(arange(10))") == "");
      });
}

TEST_CASE("a host's function that runs scripts in turn ends before any thread's stack") {
  for (const std::size_t kibibytes : kStacks)
    on_stack(kibibytes, [&] {
      Interpreter in = unbounded();
      std::string got;
      REQUIRE(in.def("again", [&] {
        const std::string inner = refusal(in, "deeper()");
        if (got.empty()) got = inner;
      }));
      CHECK(refusal(in, "def deeper(): again()\ndeeper()") == "");
      const bool is_refused = got.find("stack") != std::string::npos || got.find("nested") != std::string::npos;
      CHECK_MESSAGE(is_refused, kibibytes, got);
    });
}

TEST_CASE("long chains and deep nesting are read, or refused where a thread has no stack for them") {
  const std::string programs[] = {"x = " + repeated("1 or ", 900) + "1",
                                  "x = " + repeated("1 < ", 900) + "1",
                                  "x = " + repeated("1 + ", 900) + "1",
                                  "x = " + repeated("-", 900) + "1",
                                  "x = " + repeated("(", 199) + "1" + repeated(")", 199),
                                  "x = " + repeated("abs(", 199) + "1" + repeated(")", 199),
                                  "if 0: pass\n" + repeated("elif 0: pass\n", 900)};
  for (const std::string& program : programs)
    for (const std::size_t kibibytes : kStacks)
      on_stack(kibibytes, [&] {
        Interpreter in;
        const std::string got = refusal(in, program);
        const bool is_refused = kibibytes < 1024 && got.starts_with("SyntaxError: too many nested ");
        const bool is_as_expected = got.empty() || is_refused;
        CHECK_MESSAGE(is_as_expected, kibibytes, program.substr(0, 20), got);
      });
}
