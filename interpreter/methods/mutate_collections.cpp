// mutate_collections.cpp - the methods of list and dict that change them.
// Invariant: whatever can fail (a key function, a comparison, an iterable) has happened before the first element
// changes.
#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/construct.h"
#include "interpreter/methods/mutator_rows.h"
#include "interpreter/operations/sort_values.h"
#include "runtime/indexing/position.h"
#include "runtime/memory/poller.h"

namespace inlay {

namespace {

/// What a merge has changed so far, by position: finding a key takes steps, which there may be no more of.
class DictChanges {
 public:
  explicit DictChanges(DictObject& dict) : dict_(dict), size_(dict.items.size()) {}

  /// Sets the value at `place`, which is the dict's.
  void replace(Value& place, const Value& value) {
    const auto* const first = reinterpret_cast<const std::byte*>(&dict_.items.front().second);
    const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&place) - first);
    replaced_.emplace_back(offset / sizeof dict_.items.front(), place);
    place = value;
  }

  /// Without limits: nobody pays for what has not happened.
  void undo() {
    Context unlimited;
    const ContextScope scope(unlimited);
    while (dict_.items.size() > size_) dict_.erase(Value(dict_.items.back().first));
    for (auto& [at, old] : replaced_) dict_.items[at].second = std::move(old);
  }

 private:
  DictObject& dict_;
  const std::size_t size_;
  std::vector<std::pair<std::size_t, Value>> replaced_;
};

}  // namespace

void merge(DictObject& dict, const DictObject& added) {
  dict.settle();
  DictChanges changes(dict);
  try {
    Poller poll;
    for (const auto& [key, value] : added.items) {
      poll();
      context().charge(1, 0);
      if (Value* const old = dict.find(key))
        changes.replace(*old, value);
      else
        dict.set(key, value);
    }
  } catch (...) {
    changes.undo();
    throw;
  }
}

namespace {

// ---- list ----

std::ptrdiff_t clamped_position(const Value& at, std::size_t size) {
  const auto limit = static_cast<std::int64_t>(size);
  const std::int64_t index = as_index(at);
  return static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(index < 0 ? index + limit : index, 0, limit));
}

/// What it costs to move the elements from `at` on.
void charge_moves(const std::vector<Value>& elements, std::ptrdiff_t at) {
  context().charge(elements.size() - static_cast<std::size_t>(at), 0);
}

Value list_append(Value& list, const Mutation& m) {
  list.mutable_elements().push_back(m[0]);
  return Value::none();
}

Value list_insert(Value& list, const Mutation& m) {
  const std::ptrdiff_t at = clamped_position(m[0], list.elements().size());
  auto& elements = list.mutable_elements();
  charge_moves(elements, at);
  elements.insert(elements.begin() + at, m[1]);
  return Value::none();
}

Value list_extend(Value& list, const Mutation& m) {
  std::vector<Value> more = elements_of(m[0]);
  context().charge(0, (list.elements().size() + more.size()) * sizeof(Value));
  auto& elements = list.mutable_elements();
  elements.insert(elements.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return Value::none();
}

Value list_pop(Value& list, const Mutation& m) {
  const auto size = static_cast<std::int64_t>(list.elements().size());
  const std::int64_t wanted = as_index(m[0]), at = position_of(wanted, size);
  if (size == 0) raise(ErrorKind::IndexError, "pop from empty list");
  if (at < 0) raise(ErrorKind::IndexError, "pop index out of range: index {}, size {}", wanted, size);
  auto& elements = list.mutable_elements();
  charge_moves(elements, at + 1);
  Value out = std::move(elements[static_cast<std::size_t>(at)]);
  elements.erase(elements.begin() + at);
  return out;
}

Value list_remove(Value& list, const Mutation& m) {
  const auto& elements = list.elements();
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const Value& each) {
    context().charge(1, 0);
    return each.identical(m[0]) || equal(each, m[0]);
  });
  if (found == elements.end()) raise(ErrorKind::ValueError, "list.remove(x): x not in list");
  const auto at = found - elements.begin();
  auto& own = list.mutable_elements();
  charge_moves(own, at + 1);
  own.erase(own.begin() + at);
  return Value::none();
}

Value list_clear(Value& list, const Mutation&) {
  list = Value::list({});
  return Value::none();
}

Value list_reverse(Value& list, const Mutation&) {
  auto& elements = list.mutable_elements();
  charge_moves(elements, 0);
  std::reverse(elements.begin(), elements.end());
  return Value::none();
}

Value list_sort(Value& list, const Mutation& m) {
  list = Value::list(sort_values(m.call.evaluator, list.elements(), m[0], truth(m[1])));
  return Value::none();
}

// ---- dict ----

Value dict_update(Value& dict, const Mutation& m) {
  // Apart first: the source may fail in its middle.
  const Value fresh = Value::dict();
  auto& added = fresh.object<DictObject>();
  add_items(added, m[0]);
  for (std::size_t at = 0; at < m.call.keywords.size(); ++at) {
    added.set(Value::of(std::string_view(m.call.keyword_names[at])), m.call.keywords[at]);
  }
  merge(dict.mutable_dictionary(), added);
  return Value::none();
}

Value dict_setdefault(Value& dict, const Mutation& m) {
  if (const Value* found = dict.object<DictObject>().find(m[0])) return *found;
  dict.mutable_dictionary().set(m[0], m[1]);
  return m[1];
}

Value dict_pop(Value& dict, const Mutation& m) {
  const Value* found = dict.object<DictObject>().find(m[0]);
  if (!found) {
    if (m[1].is(Value::Tag::ellipsis)) raise(ErrorKind::KeyError, "{}", to_short_repr(m[0]));
    return m[1];
  }
  Value out = *found;
  dict.mutable_dictionary().erase(m[0]);
  return out;
}

Value dict_popitem(Value& dict, const Mutation&) {
  if (dict.dictionary().items.empty()) raise(ErrorKind::KeyError, "'popitem(): dictionary is empty'");
  auto [key, value] = dict.dictionary().items.back();
  dict.mutable_dictionary().erase(key);
  return Value::tuple({std::move(key), std::move(value)});
}

Value dict_clear(Value& dict, const Mutation&) {
  dict = Value::dict();
  return Value::none();
}

constexpr MutatorRow kRows[] = {
    {TypeId::list, "append", "object", list_append},
    {TypeId::list, "insert", "index, object", list_insert},
    {TypeId::list, "extend", "iterable", list_extend},
    {TypeId::list, "pop", "index=-1", list_pop},
    {TypeId::list, "remove", "value", list_remove},
    {TypeId::list, "clear", "", list_clear},
    {TypeId::list, "reverse", "", list_reverse},
    {TypeId::list, "sort", "*, key=None, reverse=False", list_sort},
    {TypeId::dict, "update", "other=()", dict_update, 0, true},
    {TypeId::dict, "setdefault", "key, default=None", dict_setdefault},
    {TypeId::dict, "pop", "key, default=...", dict_pop},
    {TypeId::dict, "popitem", "", dict_popitem},
    {TypeId::dict, "clear", "", dict_clear},
};

}  // namespace

std::span<const MutatorRow> collection_methods() { return kRows; }

}  // namespace inlay
