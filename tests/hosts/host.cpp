// host.cpp - a host in C++, built outside the tree against what was installed (tests/harness/install.py).
#include <cstdio>
#include <inlay/inlay.hpp>
#include <vector>

int main() {
  const std::vector<double> data = {1, 2, 3, 4, 5, 6};
  inlay::Interpreter in;
  in.bind("x", inlay::view(data, {2, 3})).value();
  in.def("half", [](double number) { return number / 2; }).value();
  const auto total = in.eval("sum(x, axis=0) + half(1)");
  if (!total) return std::fputs(total.error().render().c_str(), stderr), 1;
  std::puts(total->to_string().c_str());
}
