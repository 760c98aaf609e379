// examples/embed_min.cpp
#include <inlay/inlay.hpp>

#include <iostream>
#include <vector>

int main() {
  std::vector<double> data = {1, -2, 3, -4, 5, -6};
  inlay::Interpreter in;                           // no global state, no files, no signals
  in.bind("x", inlay::view(data.data(), {2, 3}));  // borrowed, not copied
  auto result = in.eval("sum(where(x < 0, 0, x), axis=0)");
  if (!result) {
    std::cerr << result.error().render();  // kind, message, line and caret
    return 1;
  }
  std::cout << result->to_string() << '\n';
}
