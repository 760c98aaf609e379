// display.cpp - see display.h. The interpreter knows how values print; only the header is made here.
#include "repl/display.h"

namespace inlay::program {

std::string header(const Value& tensor) {
  std::string text(to_string(*tensor.dtype()));
  text += '[';
  const char* separator = "";
  for (const std::int64_t size : tensor.shape()) {
    text += separator + std::to_string(size);
    separator = ", ";
  }
  return text + ']';
}

std::string display(const Value& value) {
  if (value.is_tensor()) return header(value) + '\n' + value.to_string() + '\n';
  return value.repr() + '\n';
}

}  // namespace inlay::program
