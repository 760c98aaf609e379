// random_rows.h - what the functions of numpy.random that are written in C++ share: rows, and reading parameters.
// Private to ops_random.cpp and random_*.cpp; what can be said with these draws is in library/numpy.random/.
// Invariant: arguments are checked before the first draw: a call that fails does not advance the stream.
#pragma once

#include <span>
#include <string_view>

#include "interpreter/operations/op_table.h"
#include "interpreter/random/random_generator.h"

namespace inlay {

/// Where a row can be called.
enum DrawnBy : std::uint8_t { kModule = 1, kGenerator = 2, kEither = 3 };

/// One call, arguments bound in the order of the row's signature.
struct DrawCall {
  Evaluator& evaluator;
  RandomState& state;
  std::span<Value> arguments;
  std::string_view name;
  int data = 0;  // the row's
  Value& operator[](std::size_t at) const { return arguments[at]; }
};

/// A function of numpy.random, a method of generators, or both.
struct Drawing {
  std::string_view name;
  std::string_view signature;
  std::uint8_t drawn_by;
  Value (*draw)(const DrawCall&);
  int data = 0;  // tells rows apart that share a `draw`
};

/// Numbers of a distribution (random_distributions.cpp).
std::span<const Drawing> distribution_drawings();
/// Whole numbers of a range, choices and orders (random_selection.cpp).
std::span<const Drawing> selection_drawings();
/// Puts a tensor's parts along an axis, or a list's elements, in random order.
void shuffle(RandomState& state, Value& target, const Value& axis);

/// The shape of size=; None is one number.
Shape size_argument(const Value& size);
/// size=, or what the parameters broadcast to. ValueError if they do not broadcast to size.
Shape drawn_shape(const Value& size, std::span<const Tensor> parameters);

/// What a parameter of a distribution must be, as library/ writes it.
enum class Constraint : std::uint8_t {
  any,
  non_negative,
  positive,
  probability,
  positive_probability,
  logseries,
  poisson,
  zipf,
  count,
};
/// A parameter as float64. ValueError in NumPy's words if an element breaks the constraint.
Tensor parameter_argument(Value& value, std::string_view name, Constraint constraint);
/// ValueError for a word that names none.
Constraint constraint_named(std::string_view word);

}  // namespace inlay
