// display.cpp - see display.h. The interpreter knows how values print; only the header is made here.
#include "repl/display.h"

#include "repl/paint.h"
#include "repl/quantity.h"

namespace inlay::program {

std::string header(DType dtype, std::span<const std::int64_t> shape) {
  std::string text(to_string(dtype));
  text += '[';
  const char* separator = "";
  for (const std::int64_t size : shape) {
    text += separator + std::to_string(size);
    separator = ", ";
  }
  return text + ']';
}

std::string display(const Value& value) {
  if (!value.is_tensor()) return value.repr() + '\n';
  constexpr std::size_t kShownWhole = 1000;  // NumPy's threshold
  std::string head = header(*value.dtype(), value.shape());
  if (value.size() > kShownWhole) head += "  " + bytes_text(value.nbytes());
  return paint(Style::dim, head) + '\n' + value.to_string() + '\n';
}

}  // namespace inlay::program
