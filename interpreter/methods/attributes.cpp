// attributes.cpp - object.name for values of every type, and the nearest name when there is none.
#include "grammar/nearest_name.h"
#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/methods/tensor_attributes.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/operations/ufunc_methods.h"
#include "library/library.h"

namespace inlay {

namespace {

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
  if (find_op(name, kMethod) != nullptr || !evaluator.library_method(name).is_undefined())
    return bound_method(tensor, name);
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

Value Evaluator::attribute(const Value& object, std::string_view name) {
  using Tag = Value::Tag;
  if (object.is(Tag::module)) {
    Value value = module_member(object.object<ModuleObject>(), name);
    if (value.is_undefined()) raise_no_member(ErrorKind::AttributeError, object.object<ModuleObject>(), name);
    return value;
  }
  if (is_tracked(object)) {
    if (Value value = tracked_attribute(object, name); !value.is_undefined()) return value;
    Value value = attribute(primal_of(object), name);
    if (value.is(Tag::at)) value.object<AtObject>().tensor = object;
    if (value.is(Tag::method)) value.object<MethodObject>().self = object;
    return value;
  }
  if (object.is_tensor()) {
    if (Value value = tensor_member(*this, object, name); !value.is_undefined()) return value;
    raise(ErrorKind::AttributeError, "a tensor has no attribute '{}'{}", name,
          did_you_mean(name, {}, attribute_names(object)));
  }
  if (object.is(Tag::op)) {
    if (Value value = ufunc_attribute(*object.op(), name); !value.is_undefined()) return value;
  }
  if (Value value = value_attribute(object, name); !value.is_undefined()) return value;
  if (has_value_method(object, name) || object.is(Tag::op) || object.is(Tag::at) || object.is(Tag::host))
    return bound_method(object, name);
  raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'{}", type_name(object), name,
        did_you_mean(name, attribute_names(object)));
}

std::vector<std::string> Evaluator::attribute_names(const Value& object) const {
  if (object.is(Value::Tag::module)) return module_members(object.object<ModuleObject>());
  std::vector<std::string> out;
  if (object.is_tensor()) out = tensor_members();
  for (const std::string_view method : value_method_names(object)) out.emplace_back(method);
  for (const MutatingCall& call : mutating_calls())
    if (call.is_method && call.type == type_of(object)) out.emplace_back(call.name);
  return out;
}

}  // namespace inlay
