// mutators.h - calls that NumPy, TensorFlow or Python define as changing their receiver or first argument: one table
// row each. Lowering asks for the names, the evaluator for what they do; both get the same table. Invariant: on throw
// the target is what it was.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "interpreter/values/value.h"

namespace inlay {

class Evaluator;
struct OpRow;

/// Whether `path.name(…)` changes what is at the path, for some type of receiver.
bool is_mutating_method(std::string_view name);
/// Whether `name(path, …)` changes what is at the path.
bool is_mutating_function(std::string_view name);
/// Whether `rng.name(path, …)` changes what is at the path, for a generator or numpy.random: shuffle.
bool is_shuffling_method(std::string_view name);

/// Sets all items of `added`, or none if there is no room for them: what `d |= added` and `d.update(added)` do.
void merge(DictObject& dict, const DictObject& added);

/// A row of the table, for those who list names.
struct MutatingCall {
  TypeId type;  // of the target
  std::string_view name;
  std::string_view signature;  // of what follows the target
  bool is_method;
};
std::vector<MutatingCall> mutating_calls();

/// The arguments of a mutating call besides its target.
struct MutatorCall {
  Evaluator& evaluator;
  std::string_view name;
  std::span<const Value> positional;
  std::span<const std::string> keyword_names;
  std::span<const Value> keywords;
  const OpRow* ufunc = nullptr;  // of add.at
  bool is_part = false;          // the target is what subscripts chose of a tensor
};

/// Changes `target` as the method of its type says and gives what the call returns. AttributeError if its type has no
/// such method.
Value mutate_by_method(Value& target, const MutatorCall& call);
/// Refuses a value of a shape that x.fill, x.assign and its kin do not take for x, or for a part of it.
void check_given_shape(const MutatorCall& call, const Shape& target, const Shape& value);
/// Changes `target` as the function says: put, putmask, place, copyto, fill_diagonal, put_along_axis, and `at` of a
/// ufunc.
Value mutate_by_function(Value& target, const MutatorCall& call);
/// Changes `target` as a shuffling method of `receiver` says; if that is no stream of random numbers, its method is
/// called with the target's value and changes nothing.
Value mutate_by_shuffling(Value& target, const Value& receiver, const MutatorCall& call);

}  // namespace inlay
