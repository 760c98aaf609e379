// server.cpp - a server that evaluates one script for every request, on as many threads as there are connections: the
// text is read once, and the program is shared. bench/server.py puts its throughput beside that of embedded CPython.
//
//   server [CONNECTIONS [REQUESTS [FLOATS]]]      the throughput goes to standard error
#include <cstdio>
#include <cstdlib>

#include <inlay/inlay.hpp>

#include "loopback.h"

namespace {

constexpr const char* kScript = R"(
y = x * 0.5 + 1
y[y < 0] = 0
y / (1 + y.max())
)";

}  // namespace

int main(int count, char** arguments) {
  const auto argument = [&](int at, int other) { return count > at ? std::atoi(arguments[at]) : other; };
  const int connections = argument(1, 4), requests = argument(2, 100), floats = argument(3, 64);

  inlay::Interpreter reader;
  const inlay::Program program = reader.prepare_function(kScript, {"x"}, "request").value();
  const auto report = loopback::run(connections, requests, floats, [&] {
    inlay::Options options;
    options.threads = 1;  // connections are the parallelism
    const auto in = std::make_shared<inlay::Interpreter>(options);
    return [in, &program](std::span<const float> request, std::vector<float>& answer) {
      const auto result = in->call(program, {inlay::Value::tensor(inlay::view(request, request.size())).value()});
      if (!result) return std::fputs(result.error().render().c_str(), stderr), answer.clear();
      const auto elements = result->span<float>().value();
      answer.assign(elements.begin(), elements.end());
    };
  });
  std::printf("%d answers, sum %.1f\n", connections * requests, report.checksum);
  std::fprintf(stderr, "%.0f requests a second\n", connections * requests / report.seconds);
}
