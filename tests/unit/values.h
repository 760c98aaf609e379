// values.h - short ways to write values and calls in tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/operations/signature.h"
#include "interpreter/values/value.h"

namespace inlay::testing {

/// "ValueError: message" of what `f` throws.
template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(name(error.kind())) + ": " + error.message();
  }
  return "no error";
}

inline Value to_value(Value value) { return value; }
template <class T>
Value to_value(T value) {
  return Value::of(value);
}

template <class... T>
Value list(T... elements) {
  return Value::list({to_value(std::move(elements))...});
}
template <class... T>
Value tuple(T... elements) {
  return Value::tuple({to_value(std::move(elements))...});
}

/// A dict of keys and values in turn.
template <class... T>
Value dict(T... items) {
  const std::vector<Value> all{to_value(std::move(items))...};
  Value out = Value::dict();
  for (std::size_t at = 0; at < all.size(); at += 2) out.mutable_dictionary().set(all[at], all[at + 1]);
  return out;
}

/// Calls an op as the evaluator does.
inline Value call_op(Evaluator& evaluator, std::string_view name, std::uint16_t visibility,
                     std::vector<Value> arguments, const std::vector<std::pair<std::string, Value>>& keywords = {}) {
  const OpRow* row = find_op(name, visibility);
  INLAY_CHECK(row != nullptr);
  std::vector<Value> bound = bind_arguments(name, signature_of(*row), arguments, keywords);
  OpCall call{evaluator, *row, bound};
  return row->evaluate(call);
}

}  // namespace inlay::testing
