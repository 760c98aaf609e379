// print_options.h - how tensors print: numpy.set_printoptions, for one interpreter.
// Knows nothing of the layout that they steer. Invariant: nothing here is global: the options in force are those of the
// interpreter that is running on this thread, NumPy's defaults where none runs.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/memory/context.h"

namespace inlay {

/// What the digits of a float are cut or filled to.
enum class FloatMode : std::uint8_t {
  fixed,          // exactly `precision` digits behind the point
  unique,         // as many as tell the number apart, whatever `precision` says
  maxprec,        // as many as tell it apart, at most `precision`
  maxprec_equal,  // the same number for all elements, so that maxprec holds for each
};

struct PrintOptions {
  std::int64_t precision = 8;
  double threshold = 1000;  // more elements than this are summarised; may be inf
  std::int64_t edge_items = 3;
  std::int64_t line_width = 75;
  bool suppress = false;  // no exponents because of small numbers
  std::string nan_text = "nan";
  std::string inf_text = "inf";
  char sign = '-';  // of numbers that are not negative: '-' none, '+', or ' '
  FloatMode float_mode = FloatMode::maxprec;
};

/// The context of an interpreter: what the runtime asks for, and how its tensors print.
class PrintContext : public Context {
 public:
  PrintOptions print_options;
};

/// The options in force.
const PrintOptions& print_options();

}  // namespace inlay
