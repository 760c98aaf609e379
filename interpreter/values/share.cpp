// share.cpp - marking values as shared. See share.h.
// Invariant: no recursion, for values may be nested without bound.
#include "interpreter/values/share.h"

#include "interpreter/random/random_generator.h"

namespace inlay {

bool Sharing::share(const Value& value) {
  const auto is_owned = [&] { return value.is_object() && owned_.contains(&value.object<Object>()); };
  if (is_owned()) return false;
  add(value);
  while (!open_.empty()) {
    const Value* const next = open_.back();
    open_.pop_back();
    if (next != nullptr)
      visit(*next);
    else
      leave();
  }
  return !is_owned();
}

void Sharing::add(const Value& value) {
  if (value.tag() >= Value::Tag::tensor) open_.push_back(&value);
}

void Sharing::enter(const Value& holder) {
  holders_.push_back({&holder.object<Object>(), false});
  open_.push_back(nullptr);
}

/// All that is left of the innermost holder is whether it could be shared.
void Sharing::leave() {
  if (holders_.back().is_owned) owned_.insert(holders_.back().object);
  holders_.pop_back();
}

/// What belongs to an interpreter takes all along that holds it. Those around an owned holder are owned already.
void Sharing::refuse() {
  for (auto holder = holders_.rbegin(); holder != holders_.rend() && !holder->is_owned; ++holder)
    holder->is_owned = true;
}

void Sharing::visit(const Value& value) {
  if (!value.is_object()) return share_itself(value);
  const Object& object = value.object<Object>();
  // What one object holds is looked at once, however many hold it.
  if (!value.unique() && !seen_.insert(&object).second) {
    if (owned_.contains(&object)) refuse();
    return;
  }
  switch (value.tag()) {
    case Value::Tag::tuple:
    case Value::Tag::list:
      enter(value);
      for (const Value& element : value.elements()) add(element);
      break;
    case Value::Tag::dict:
      enter(value);
      value.object<DictObject>().forbid_holes();
      for (const auto& [key, item] : value.dictionary().items) add(key), add(item);
      break;
    case Value::Tag::slice:
      enter(value);
      add(value.object<SliceObject>().start), add(value.object<SliceObject>().stop);
      add(value.object<SliceObject>().step);
      break;
    case Value::Tag::at:
      enter(value);
      add(value.object<AtObject>().tensor), add(value.object<AtObject>().index);
      break;
    case Value::Tag::method:
      enter(value);
      add(value.object<MethodObject>().self), add(value.object<MethodObject>().function);
      break;
    case Value::Tag::progress:
      enter(value);
      add(value.object<ProgressObject>().iterable);
      break;
    case Value::Tag::indexer:
      enter(value);
      add(value.object<IndexerObject>().function);
      break;
    case Value::Tag::function:
    case Value::Tag::module:
    case Value::Tag::tracked:
      owned_.insert(&object);
      return refuse();
    case Value::Tag::host:
      if (generator_of(value) == nullptr) break;
      owned_.insert(&object);
      return refuse();
    default:
      break;
  }
  share_itself(value);
}

void share_itself(const Value& value) {
  if (value.is(Value::Tag::tensor)) {
    value.tensor_data().share();
    value.tensor_data().buffer->share();
  } else if (value.is_object()) {
    value.object<Object>().share();
  }
}

bool share(const Value& value) { return value.tag() < Value::Tag::tensor || Sharing().share(value); }

}  // namespace inlay
