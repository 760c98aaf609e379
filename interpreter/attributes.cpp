// attributes.cpp - object.name for values of every type, and the nearest name when there is none.
#include <algorithm>

#include "interpreter/machine.h"
#include "interpreter/tensor_attributes.h"
#include "interpreter/value_methods.h"
#include "library/library.h"

namespace inlay {

namespace {

/// Damerau-Levenshtein distance (optimal string alignment), bounded by the sizes of identifiers.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

Value bound_method(const Value& self, std::string_view name) {
  auto method = std::make_unique<MethodObject>();
  method->self = self;
  method->name = name;
  return Value::adopt(Value::Tag::method, method.release());
}

Value tensor_member(Evaluator& evaluator, const Value& tensor, std::string_view name) {
  if (name == "at") {
    auto at = std::make_unique<AtObject>();
    at->tensor = tensor;
    return Value::adopt(Value::Tag::at, at.release());
  }
  if (Value value = tensor_attribute(tensor, name); !value.is_undefined()) return value;
  if (find_op(name, kMethod) != nullptr || !evaluator.library_method(name).is_undefined()) return bound_method(tensor, name);
  return {};
}

std::vector<std::string> tensor_members() {
  std::vector<std::string> out;
  for (auto name : tensor_attribute_names()) out.emplace_back(name);
  for (const OpRow* row : op_rows())
    if ((row->visibility & kMethod) != 0) out.emplace_back(row->name);
  for (const auto& row : library_names())
    if (row.method) out.emplace_back(row.name);
  return out;
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongest = 64;
  if (name.size() > kLongest) return {};
  const std::size_t bound = std::max<std::size_t>(1, name.size() / 3);
  std::string best;
  std::size_t best_distance = bound + 1;
  for (const auto& candidate : candidates) {
    const std::size_t gap = candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
    if (gap > bound || candidate.size() > kLongest || candidate == name) continue;
    const std::size_t d = distance(name, candidate);
    if (d < best_distance) best = candidate, best_distance = d;
  }
  return best;
}

Value Evaluator::attribute(const Value& object, std::string_view name) {
  using Tag = Value::Tag;
  if (object.is(Tag::module)) {
    Value value = module_member(object.object<ModuleObject>(), name);
    if (value.is_undefined()) raise_no_member(ErrorKind::AttributeError, object.object<ModuleObject>(), name);
    return value;
  }
  if (object.is_tensor()) {
    if (Value value = tensor_member(*this, object, name); !value.is_undefined()) return value;
    const std::string near = nearest_name(name, tensor_members());
    raise(ErrorKind::AttributeError, "a tensor has no attribute '{}'{}", name, near.empty() ? "" : fmt::format(". Did you mean: '{}'?", near));
  }
  if (Value value = value_attribute(object, name); !value.is_undefined()) return value;
  if (has_value_method(object, name) || object.is(Tag::op) || object.is(Tag::at) || object.is(Tag::host)) return bound_method(object, name);
  raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'", type_name(object), name);
}

}  // namespace inlay
