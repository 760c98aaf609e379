// construct.h - calling a type: int("12"), list(x), float32(3).
// Invariant: what int, float, bool and complex give is a plain number, whatever they are given.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "interpreter/values/value.h"

namespace inlay {

class Evaluator;

/// A new value of the type. TypeError, ValueError and OverflowError in Python's words.
Value construct(Evaluator& evaluator, TypeId type, std::span<const Value> arguments,
                std::span<const std::pair<std::string, Value>> keywords);
/// The value as a tensor of the dtype: plain numbers are checked, tensors cast.
Value construct(DType dtype, const Value& value);

/// Adds what dict(items) holds: another dict's items, or pairs. ValueError in Python's words for what is no pair.
void add_items(DictObject& dict, const Value& items);

/// A float without a fraction as a plain int. ValueError for NaN, OverflowError for infinities and beyond 64 bits.
Value whole_number(double value);
/// OverflowError: a plain int does not fit 64 bits.
[[noreturn]] void raise_integer_overflow();

}  // namespace inlay
