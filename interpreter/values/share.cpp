// share.cpp - marking values as shared. See share.h.
// Invariant: no recursion, for values may be nested without bound.
#include "interpreter/values/share.h"

#include <unordered_set>

#include "interpreter/random/random_generator.h"

namespace inlay {

namespace {

class Marking {
 public:
  bool mark(const Value& root) {
    add(root);
    while (!open_.empty()) {
      const Value* const next = open_.back();
      open_.pop_back();
      visit(*next);
    }
    return all_shared_;
  }

 private:
  void add(const Value& value) {
    if (value.tag() >= Value::Tag::tensor) open_.push_back(&value);
  }

  void visit(const Value& value) {
    // What one object holds is looked at once, however many hold it.
    if (value.is_object() && !value.unique() && !seen_.insert(&value.object<Object>()).second) return;
    switch (value.tag()) {
      case Value::Tag::tuple:
      case Value::Tag::list:
        for (const Value& element : value.elements()) add(element);
        break;
      case Value::Tag::dict:
        value.object<DictObject>().forbid_holes();
        for (const auto& [key, item] : value.dictionary().items) add(key), add(item);
        break;
      case Value::Tag::slice:
        add(value.object<SliceObject>().start), add(value.object<SliceObject>().stop);
        add(value.object<SliceObject>().step);
        break;
      case Value::Tag::at:
        add(value.object<AtObject>().tensor), add(value.object<AtObject>().index);
        break;
      case Value::Tag::method:
        add(value.object<MethodObject>().self), add(value.object<MethodObject>().function);
        break;
      case Value::Tag::progress:
        add(value.object<ProgressObject>().iterable);
        break;
      case Value::Tag::indexer:
        add(value.object<IndexerObject>().function);
        break;
      case Value::Tag::function:
      case Value::Tag::module:
      case Value::Tag::tracked:
        all_shared_ = false;
        return;
      case Value::Tag::host:
        if (generator_of(value) != nullptr) {
          all_shared_ = false;
          return;
        }
        break;
      default:
        break;
    }
    share_itself(value);
  }

  std::vector<const Value*> open_;
  std::unordered_set<const Object*> seen_;
  bool all_shared_ = true;
};

}  // namespace

void share_itself(const Value& value) {
  if (value.is(Value::Tag::tensor)) {
    value.tensor_data().share();
    value.tensor_data().buffer->share();
  } else if (value.is_object()) {
    value.object<Object>().share();
  }
}

bool share(const Value& value) {
  if (value.tag() < Value::Tag::tensor) return true;
  return Marking().mark(value);
}

}  // namespace inlay
