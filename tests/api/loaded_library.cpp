// loaded_library.cpp - what a host loads and unloads: a module that computes with Inlay on many threads.
#include "inlay/inlay.hpp"

/// The sum of 2^22 ones and twos, by loops that are long enough for several threads; -1 after an error.
extern "C" INLAY_API double compute() {
  inlay::Options options;
  options.threads = 4;
  inlay::Interpreter interpreter(options);
  const auto sum = interpreter.eval("sum(where(arange(2**22) % 2 == 0, 1.0, 2.0))");
  return sum ? sum->as<double>().value_or(-1) : -1;
}
