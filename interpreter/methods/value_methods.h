// value_methods.h - methods and attributes of values that are no tensors: one table row per method.
// The methods that change their receiver are in mutators.h.
// Invariant: the receiver is never changed; arguments reach a row bound in the order of its signature.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/operations/op_table.h"

namespace inlay {

/// One call of a method.
struct ValueMethodCall {
  Evaluator& evaluator;
  const Value& self;
  std::span<const Value> arguments;                         // one per parameter
  std::span<const std::pair<std::string, Value>> keywords;  // of a row that takes any
  const Value& operator[](std::size_t at) const { return arguments[at]; }
};

struct ValueMethodRow {
  TypeId type;
  std::string_view name;
  std::string_view signature;
  Value (*evaluate)(const ValueMethodCall&);
  bool any_keywords = false;  // unknown keywords are the method's own business: "{x}".format(x=1)
  bool is_static = false;     // called on the type, whose value is then `self`: dict.fromkeys(…)
};

/// A method that a number of positional arguments suit: what is not given has a default.
struct PlainMethod {
  const ValueMethodRow* row = nullptr;
  std::span<const OpParameter> parameters;
};
/// The method of the value's type; no row where there is none, or where arguments are not simply one per parameter.
PlainMethod find_plain_method(const Value& self, std::string_view name, std::size_t arguments);

/// The methods of str (string_methods.cpp, string_letters.cpp).
std::span<const ValueMethodRow> string_methods();
std::span<const ValueMethodRow> string_letter_methods();

/// `value.name` that is no method: start, stop and step of range and slice, real and imag of numbers, name, kind and
/// itemsize of dtypes. Undefined if there is none.
Value value_attribute(const Value& value, std::string_view name);
/// Names of the methods of the value's type, for completion and "did you mean".
std::vector<std::string_view> value_method_names(const Value& value);
/// Whether some type has a method of this name that changes nothing.
bool is_value_method(std::string_view name);
/// Every row, of all types.
std::vector<const ValueMethodRow*> value_method_rows();

}  // namespace inlay
