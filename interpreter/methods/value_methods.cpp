// value_methods.cpp - methods of lists, tuples, dicts and plain numbers, and the lookup of all of them.
#include "interpreter/methods/value_methods.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/construct.h"
#include "interpreter/methods/dtype_info.h"
#include "interpreter/operations/signature.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "interpreter/values/tuple_types.h"

namespace inlay {
namespace {

bool same(const Value& a, const Value& b) { return a.identical(b) || equal(a, b); }

/// Python's clamping of the start and stop arguments of index().
std::size_t clamped(const Value& position, std::size_t size, std::size_t absent) {
  if (position.is_none()) return absent;
  const auto limit = static_cast<std::int64_t>(size);
  const std::int64_t at = as_index(position);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(at < 0 ? at + limit : at, 0, limit));
}

Value sequence_index(const ValueMethodCall& call) {
  const std::vector<Value>& elements = call.self.elements();
  const std::size_t end = clamped(call[2], elements.size(), elements.size());
  for (std::size_t at = clamped(call[1], elements.size(), 0); at < end; ++at) {
    context().charge(1, 0);
    if (same(elements[at], call[0])) return Value::of(static_cast<std::int64_t>(at));
  }
  if (call.self.is(Value::Tag::list)) raise(ErrorKind::ValueError, "{} is not in list", to_short_repr(call[0]));
  raise(ErrorKind::ValueError, "tuple.index(x): x not in tuple");
}

Value sequence_count(const ValueMethodCall& call) {
  std::int64_t count = 0;
  for (const Value& each : call.self.elements()) {
    context().charge(1, 0);
    count += same(each, call[0]);
  }
  return Value::of(count);
}

/// Everything is a value: a copy is the thing itself.
Value itself(const ValueMethodCall& call) { return call.self; }

/// What `part` makes of each key and its value.
template <class Part>
Value list_of_items(const Value& dict, const Part& part) {
  const auto& items = dict.dictionary().items;
  GrowingList out;
  out.reserve(items.size());
  for (const auto& [key, value] : items) out.add(part(key, value));
  return Value::list(out.take());
}

Value dict_keys(const ValueMethodCall& call) {
  return list_of_items(call.self, [](const Value& key, const Value&) { return key; });
}

Value dict_values(const ValueMethodCall& call) {
  return list_of_items(call.self, [](const Value&, const Value& value) { return value; });
}

Value dict_items(const ValueMethodCall& call) {
  return list_of_items(call.self, [](const Value& key, const Value& value) { return Value::tuple({key, value}); });
}

Value dict_get(const ValueMethodCall& call) {
  const Value* found = call.self.object<DictObject>().find(call[0]);
  return found ? *found : call[1];
}

Value float_is_integer(const ValueMethodCall& call) {
  const double value = call.self.floating();
  return Value::of(std::isfinite(value) && std::trunc(value) == value);
}

Value always_true(const ValueMethodCall&) { return Value::of(true); }

Value conjugate(const ValueMethodCall& call) { return Value::of(std::conj(call.self.object<ComplexObject>().value)); }

/// Of an int, or of a bool, which counts as one.
Value bit_length(const ValueMethodCall& call) {
  const std::int64_t value = as_index(call.self);
  std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::int64_t bits = 0;
  for (; rest != 0; rest >>= 1) ++bits;
  return Value::of(bits);
}

Value bit_count(const ValueMethodCall& call) {
  const std::int64_t value = as_index(call.self);
  return Value::of(
      std::popcount(value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value)));
}

Value integer_ratio(const ValueMethodCall& call) {
  return Value::tuple({Value::of(as_index(call.self)), Value::of(1)});
}

/// The exact fraction; its parts must be ints here.
Value float_ratio(const ValueMethodCall& call) {
  const double value = call.self.floating();
  if (std::isnan(value)) raise(ErrorKind::ValueError, "cannot convert NaN to integer ratio");
  if (std::isinf(value)) raise(ErrorKind::OverflowError, "cannot convert Infinity to integer ratio");
  int exponent = 0;
  double numerator = std::frexp(value, &exponent);
  for (; std::trunc(numerator) != numerator; --exponent) numerator *= 2;
  if (exponent < -62) raise_integer_overflow();
  return Value::tuple({whole_number(std::ldexp(numerator, std::max(exponent, 0))),
                       Value::of(std::int64_t{1} << std::max(-exponent, 0))});
}

Value dict_from_keys(const ValueMethodCall& call) {
  Value out = Value::dict();
  for (const Value& key : elements_of(call[0])) {
    context().charge(1, 0);
    out.mutable_dictionary().set(key, call[1]);
  }
  return out;
}

std::optional<std::int64_t> place_in_range(const ValueMethodCall& call) {
  const std::optional<Scalar> number = number_of(call[0]);
  return number ? place_in(call.self.object<RangeObject>(), *number) : std::nullopt;
}

Value range_count(const ValueMethodCall& call) { return Value::of(place_in_range(call) ? 1 : 0); }

Value range_index(const ValueMethodCall& call) {
  if (const auto at = place_in_range(call)) return Value::of(*at);
  raise(ErrorKind::ValueError, "{} is not in range", to_short_repr(call[0]));
}

constexpr ValueMethodRow kRows[] = {
    {TypeId::list, "index", "value, start=None, stop=None", sequence_index},
    {TypeId::list, "count", "value", sequence_count},
    {TypeId::list, "copy", "", itself},
    {TypeId::tuple, "index", "value, start=None, stop=None", sequence_index},
    {TypeId::tuple, "count", "value", sequence_count},
    {TypeId::dict, "keys", "", dict_keys},
    {TypeId::dict, "values", "", dict_values},
    {TypeId::dict, "items", "", dict_items},
    {TypeId::dict, "get", "key, default=None", dict_get},
    {TypeId::dict, "copy", "", itself},
    {TypeId::dict, "fromkeys", "iterable, value=None", dict_from_keys, false, true},
    {TypeId::range, "index", "value", range_index},
    {TypeId::range, "count", "value", range_count},
    {TypeId::integer, "bit_length", "", bit_length},
    {TypeId::integer, "bit_count", "", bit_count},
    {TypeId::integer, "as_integer_ratio", "", integer_ratio},
    {TypeId::integer, "conjugate", "", itself},
    {TypeId::integer, "is_integer", "", always_true},
    {TypeId::boolean, "bit_length", "", bit_length},
    {TypeId::boolean, "bit_count", "", bit_count},
    {TypeId::boolean, "as_integer_ratio", "", integer_ratio},
    {TypeId::boolean, "conjugate", "", itself},
    {TypeId::boolean, "is_integer", "", always_true},
    {TypeId::floating, "is_integer", "", float_is_integer},
    {TypeId::floating, "as_integer_ratio", "", float_ratio},
    {TypeId::floating, "conjugate", "", itself},
    {TypeId::complex, "conjugate", "", conjugate},
};

/// A row with its parsed signature.
struct Method {
  const ValueMethodRow* row;
  Signature signature;
};

const std::vector<Method>& methods() {
  static const std::vector<Method> all = [] {
    std::vector<Method> out;
    for (const ValueMethodRow& row : kRows) out.push_back({&row, parse_signature(row.signature)});
    for (const auto& rows : {string_methods(), string_letter_methods()})
      for (const ValueMethodRow& row : rows) out.push_back({&row, parse_signature(row.signature)});
    return out;
  }();
  return all;
}

const Method* find_method(TypeId type, std::string_view name) {
  static const auto by_name = [] {
    std::unordered_multimap<std::string_view, const Method*> out;
    for (const Method& method : methods()) out.emplace(method.row->name, &method);
    return out;
  }();
  const auto [first, last] = by_name.equal_range(name);
  const auto found = std::find_if(first, last, [&](const auto& each) { return each.second->row->type == type; });
  return found == last ? nullptr : found->second;
}

/// Of a value's type; of a type, its own: str.upper, dict.fromkeys.
const Method* find_method(const Value& self, std::string_view name) {
  if (self.is_tensor()) return nullptr;
  return find_method(self.is(Value::Tag::type) ? self.type() : type_of(self), name);
}

/// Takes the receiver of str.upper("abc") off its arguments.
Value take_receiver(TypeId type, std::string_view name, std::span<const Value>& arguments) {
  if (arguments.empty()) raise(ErrorKind::TypeError, "unbound method {}.{}() needs an argument", type_name(type), name);
  const Value self = arguments[0];
  if (type_of(self) != type)
    raise(ErrorKind::TypeError, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object", name,
          type_name(type), type_name(self));
  arguments = arguments.subspan(1);
  return self;
}

Value number_attribute(const Value& value, std::string_view name) {
  const bool is_complex = value.is(Value::Tag::complex);
  const bool is_whole = value.is(Value::Tag::integer) || value.is(Value::Tag::boolean);
  if (is_whole && (name == "real" || name == "numerator")) return Value::of(as_index(value));
  if (name == "real") return is_complex ? Value::of(value.object<ComplexObject>().value.real()) : value;
  if (name == "imag") {
    if (is_complex) return Value::of(value.object<ComplexObject>().value.imag());
    return value.is(Value::Tag::floating) ? Value::of(0.0) : Value::of(0);
  }
  if (is_whole && name == "denominator") return Value::of(1);
  return {};
}

Value tuple_attribute(const TupleObject& tuple, std::string_view name) {
  if (tuple.type == nullptr) return {};
  const auto fields = tuple.type->fields;
  const auto at = static_cast<std::size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
  return at < fields.size() ? tuple.elements[at] : Value();
}

}  // namespace

Value call_value_method(Evaluator& evaluator, const Value& self, std::string_view name,
                        std::span<const Value> arguments, std::span<const std::pair<std::string, Value>> keywords) {
  const Method* method = find_method(self, name);
  if (!method) return {};
  const bool is_unbound = self.is(Value::Tag::type) && !method->row->is_static;
  const Value receiver = is_unbound ? take_receiver(self.type(), name, arguments) : self;
  const bool any = method->row->any_keywords;
  const std::vector<Value> bound =
      bind_arguments(name, method->signature, arguments, any ? decltype(keywords)() : keywords);
  return method->row->evaluate({evaluator, receiver, bound, keywords});
}

PlainMethod find_plain_method(const Value& self, std::string_view name, std::size_t arguments) {
  constexpr std::size_t kMost = 4;
  const Method* const method = self.is(Value::Tag::type) ? nullptr : find_method(self, name);
  if (method == nullptr || method->row->any_keywords || method->row->is_static) return {};
  const std::vector<OpParameter>& parameters = method->signature.parameters;
  if (parameters.size() > kMost || arguments > parameters.size()) return {};
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    const OpParameter& each = parameters[at];
    const bool is_given = at < arguments;
    if (each.star || each.keywords || (is_given ? each.keyword_only : each.default_value.is_undefined())) return {};
  }
  return {method->row, parameters};
}

bool is_value_method(std::string_view name) {
  return std::any_of(methods().begin(), methods().end(), [&](const Method& each) { return each.row->name == name; });
}

bool has_value_method(const Value& self, std::string_view name) { return find_method(self, name) != nullptr; }

Value value_attribute(const Value& value, std::string_view name) {
  if (value.is(Value::Tag::range)) {
    const auto& range = value.object<RangeObject>();
    if (name == "start") return Value::of(range.start);
    if (name == "stop") return Value::of(range.stop);
    if (name == "step") return Value::of(range.step);
  } else if (value.is(Value::Tag::slice)) {
    const auto& slice = value.object<SliceObject>();
    if (name == "start") return slice.start;
    if (name == "stop") return slice.stop;
    if (name == "step") return slice.step;
  } else if (value.is(Value::Tag::dtype)) {
    return dtype_attribute(value.dtype(), name);
  } else if (value.is(Value::Tag::tuple)) {
    return tuple_attribute(value.object<TupleObject>(), name);
  } else if (value.is_number()) {
    return number_attribute(value, name);
  }
  return {};
}

std::vector<const ValueMethodRow*> value_method_rows() {
  std::vector<const ValueMethodRow*> out;
  for (const Method& method : methods()) out.push_back(method.row);
  return out;
}

std::vector<std::string_view> value_method_names(const Value& value) {
  std::vector<std::string_view> out;
  if (value.is_tensor()) return out;
  const TypeId type = value.is(Value::Tag::type) ? value.type() : type_of(value);
  for (const Method& method : methods()) {
    if (method.row->type == type) out.push_back(method.row->name);
  }
  if (value.is(Value::Tag::tuple) && value.object<TupleObject>().type != nullptr) {
    const auto fields = value.object<TupleObject>().type->fields;
    out.insert(out.end(), fields.begin(), fields.end());
  }
  return out;
}

}  // namespace inlay
