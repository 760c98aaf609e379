// mutators.cpp - finding the row of a mutating call and binding its arguments.
#include "interpreter/methods/mutators.h"

#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/mutator_rows.h"
#include "interpreter/operations/signature.h"
#include "interpreter/random/random_rows.h"

namespace inlay {
namespace {

struct Mutator {
  const MutatorRow* row;
  Signature signature;
};

std::vector<Mutator> parsed(std::initializer_list<std::span<const MutatorRow>> families) {
  std::vector<Mutator> out;
  for (const auto& family : families) {
    for (const MutatorRow& row : family) out.push_back({&row, parse_signature(row.signature)});
  }
  return out;
}

const std::vector<Mutator>& methods() {
  static const std::vector<Mutator> all = parsed({collection_methods(), tensor_methods()});
  return all;
}

const std::vector<Mutator>& functions() {
  static const std::vector<Mutator> all = parsed({tensor_functions()});
  return all;
}

bool has_name(const std::vector<Mutator>& all, std::string_view name) {
  return std::any_of(all.begin(), all.end(), [&](const Mutator& each) { return each.row->name == name; });
}

const Mutator* find(const std::vector<Mutator>& all, TypeId type, std::string_view name) {
  for (const Mutator& each : all) {
    if (each.row->type == type && each.row->name == name) return &each;
  }
  return nullptr;
}

Value apply(const Mutator& mutator, Value& target, const MutatorCall& call) {
  CallArguments arguments{call.positional, call.keyword_names, call.keywords};
  if (mutator.row->any_keywords) arguments.keyword_names = {}, arguments.keywords = {};
  const std::vector<Value> bound = bind_arguments(call.name, mutator.signature, arguments);
  return mutator.row->apply(target, {call, bound, mutator.row->data});
}

std::vector<std::pair<std::string, Value>> keywords_of(const MutatorCall& call) {
  std::vector<std::pair<std::string, Value>> out;
  for (std::size_t at = 0; at < call.keywords.size(); ++at) {
    out.emplace_back(call.keyword_names[at], call.keywords[at]);
  }
  return out;
}

/// A method that changes values of other types may be an ordinary one of this type.
Value call_plain_method(const Value& target, const MutatorCall& call) {
  return call_value_method(call.evaluator, target, call.name, call.positional, keywords_of(call));
}

/// The stream that `receiver.shuffle` draws from, or null.
RandomState* stream_of(Evaluator& evaluator, const Value& receiver) {
  if (GeneratorObject* generator = generator_of(receiver)) return &generator->state;
  const bool is_module = receiver.is(Value::Tag::module) && receiver.object<ModuleObject>().name == "numpy.random";
  return is_module ? &evaluator.random() : nullptr;
}

}  // namespace

bool is_mutating_method(std::string_view name) { return has_name(methods(), name); }
bool is_mutating_function(std::string_view name) { return has_name(functions(), name); }
bool is_shuffling_method(std::string_view name) { return name == "shuffle"; }

std::vector<MutatingCall> mutating_calls() {
  std::vector<MutatingCall> out;
  for (const bool is_method : {true, false}) {
    for (const Mutator& each : is_method ? methods() : functions()) {
      out.push_back({each.row->type, each.row->name, each.row->signature, is_method});
    }
  }
  return out;
}

Value mutate_by_method(Value& target, const MutatorCall& call) {
  if (const Mutator* mutator = find(methods(), type_of(target), call.name)) return apply(*mutator, target, call);
  if (Value result = call_plain_method(target, call); !result.is_undefined()) return result;
  raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'", type_name(target), call.name);
}

Value mutate_by_function(Value& target, const MutatorCall& call) {
  if (call.ufunc) return apply_ufunc_at(target, call);
  const Mutator* mutator = find(functions(), TypeId::tensor, call.name);
  INLAY_CHECK(mutator);
  if (!target.is_tensor()) {
    raise(ErrorKind::TypeError, "{}() argument 1 must be numpy.ndarray, not {}", call.name, type_name(target));
  }
  return apply(*mutator, target, call);
}

Value mutate_by_shuffling(Value& target, const Value& receiver, const MutatorCall& call) {
  static const Signature signature = parse_signature("axis=0");
  RandomState* const state = stream_of(call.evaluator, receiver);
  if (state == nullptr) {
    std::vector<Value> arguments{target};
    arguments.insert(arguments.end(), call.positional.begin(), call.positional.end());
    return call.evaluator.call(call.evaluator.attribute(receiver, call.name), std::move(arguments), keywords_of(call));
  }
  const CallArguments arguments{call.positional, call.keyword_names, call.keywords};
  shuffle(*state, target, bind_arguments(call.name, signature, arguments)[0]);
  return Value::none();
}

}  // namespace inlay
