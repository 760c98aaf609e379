// nested.cpp - containers made anew. See nested.h.
// Invariant: the keys of a dict and the names of a tuple are what they were.
#include "interpreter/values/nested.h"

namespace inlay {

Value container_like(const Value& container, std::vector<Value> elements) {
  if (container.is(Value::Tag::list)) return Value::list(std::move(elements));
  if (container.is(Value::Tag::tuple)) return Value::tuple(std::move(elements), container.object<TupleObject>().type);
  Value out = container;
  auto& items = out.mutable_dictionary().items;
  for (std::size_t at = 0; at < elements.size(); ++at) items[at].second = std::move(elements[at]);
  return out;
}

}  // namespace inlay
