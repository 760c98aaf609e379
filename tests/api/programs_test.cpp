// programs_test.cpp - programs that are read once: run over variables, called with arguments, on any thread.
#include <doctest/doctest.h>

#include <thread>

#include "inlay/inlay.hpp"

using namespace inlay;

TEST_CASE("a program runs over the variables as they are") {
  Interpreter in;
  REQUIRE(in.run("n = 1"));
  const Program program = in.prepare("n = n * 3").value();
  REQUIRE(in.run(program));
  REQUIRE(in.bind("n", 10));
  REQUIRE(in.run(program));
  CHECK(in.eval("n")->as<int>().value() == 30);
  CHECK(program.name() == "script");
  CHECK(program.parameters().empty());
  CHECK(in.prepare("n = = 3").error().kind() == ErrorKind::SyntaxError);
  CHECK(in.prepare("m = nothing").has_value());  // raised where it is reached, as in a script
  CHECK(in.call(program, {}).error().kind() == ErrorKind::ValueError);
}

TEST_CASE("a program with parameters is a function: its names are its own") {
  Interpreter in;
  REQUIRE(in.run("k = 100\ny = 5"));
  const Program program = in.prepare_function("y = x * 2\ny[y > limit] = 0\ny + k", {"x", "limit"}, "cut").value();
  CHECK(program.parameters() == std::vector<std::string>{"x", "limit"});
  const auto result = in.call(program, {std::vector<double>{1, 2, 3}, 4});
  REQUIRE(result);
  CHECK(result->to_string() == "[102. 104. 100.]");
  CHECK(in.get("y")->as<int>().value() == 5);
  CHECK(in.variables() == std::vector<std::string>{"k", "y"});
  CHECK(in.call(in.prepare_function("if x > 1:\n    return 'big'\nreturn 'small'", {"x"}).value(), {2})->repr() ==
        "'big'");
  CHECK(in.call(in.prepare_function("x = 1", {}).value(), {})->is_none());
  CHECK(in.call(in.prepare_function("", {}).value(), {})->is_none());
}

TEST_CASE("calls that do not fit, and errors inside") {
  Interpreter in;
  const Program program = in.prepare_function("a + b", {"a", "b"}, "add").value();
  CHECK(in.call(program, {1}).error().message() == "add takes 2 arguments but 1 was given");
  CHECK(in.run(program).error().kind() == ErrorKind::ValueError);
  const Error error = in.call(program, {std::vector<double>{1, 2}, std::vector<double>{1, 2, 3}}).error();
  CHECK(error.kind() == ErrorKind::ValueError);
  CHECK(error.source_name() == "add");
  CHECK(error.column() == 1);
  CHECK(error.operands().size() == 2);
  CHECK(in.prepare_function("1", {"a", "a"}).error().message() == "two parameters are called 'a'");
  CHECK(in.prepare_function("1", {"if"}).error().kind() == ErrorKind::ValueError);
  CHECK(in.prepare_function("x = (", {}).error().kind() == ErrorKind::SyntaxError);
}

TEST_CASE("an argument that nobody else holds is updated in place") {
  Interpreter in;
  const Program program = in.prepare_function("x[0] = 9\nreturn x", {"x"}).value();
  std::vector<double> data = {1, 2};
  Value kept = Value::tensor(writable_view(data, 2)).value();
  CHECK(in.call(program, {kept})->to_string() == "[9. 2.]");
  CHECK(data[0] == 1);
  std::vector<Value> arguments;
  arguments.push_back(std::move(kept));
  CHECK(in.call(program, std::move(arguments))->to_string() == "[9. 2.]");
  CHECK(data[0] == 9);
}

TEST_CASE("one program, run by interpreters on many threads at once") {
  Interpreter first;
  const Program program = first
                              .prepare_function(
                                  "t = 'total', ones(4) * [1, 2, 3, 4.5]\nfor i in range(50):\n    x = x + std(t[1]) * "
                                  "0\nreturn f'{t[0]} {sum(x)}'",
                                  {"x"})
                              .value();
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < results.size(); ++at)
    threads.emplace_back([&, at] {
      Interpreter in;
      for (int round = 0; round < 200; ++round)
        results[at] = in.call(program, {std::vector<double>(3, double(at))})->as<std::string>().value();
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(results == std::vector<std::string>{"total 0.0", "total 3.0", "total 6.0", "total 9.0"});
}

TEST_CASE("programs come and go, and outlive who made them") {
  std::optional<Program> program;
  {
    Interpreter maker;
    program = maker.prepare_function("x + 1", {"x"}).value();
  }
  Interpreter in;
  for (int round = 0; round < 1000; ++round) {
    const Program passing = in.prepare_function("x * " + std::to_string(round), {"x"}).value();
    REQUIRE(in.call(passing, {2})->as<int>().value() == 2 * round);
  }
  CHECK(in.call(*program, {1})->as<int>().value() == 2);
}

TEST_CASE("what runs may be let go of by what it calls") {
  Interpreter in;
  std::optional<Program> program;
  Value function;
  REQUIRE(in.def("let_go", [&] {
    program.reset();
    function = Value();
    for (int at = 0; at < 3; ++at) in.run(in.prepare("y = [1, 2, 3]").value()).value();
  }));
  const std::string body = "a = [1]\nlet_go()\nb = a + ['text', 5]\n";
  program = in.prepare(body).value();
  REQUIRE(in.run(*program));
  CHECK(in.get("b")->repr() == "[1, 'text', 5]");
  program = in.prepare_function(body + "b", {}).value();
  CHECK(in.call(*program, {})->repr() == "[1, 'text', 5]");
  REQUIRE(in.run("def f(a):\n    let_go()\n    return a + ['text', 5]\n"));
  function = in.get("f").value();
  REQUIRE(in.run("del f"));
  CHECK(in.call(function, {in.get("a").value()})->repr() == "[1, 'text', 5]");
}
