// api_inspect.cpp - what an interpreter tells a tool: its variables, what a program does to them, who holds a tensor.
// Invariant: asking runs nothing and holds nothing.
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "interpreter/api/api.h"

namespace inlay {
inline namespace v1 {
namespace detail {
namespace {

using Tag = core::Value::Tag;

/// The memory of every tensor in a value.
void collect(const core::Value& value, std::set<const Buffer*>& out) {
  any_within<Into::dicts_too>(value, [&](const core::Value& each) {
    if (const Buffer* const memory = buffer_of(each)) out.insert(memory);
    return false;
  });
}

/// The Rule (nested.h) that adds up the bytes of tensors, those in several places as often, to what 64 bits hold.
struct Bytes {
  using Made = std::uint64_t;
  struct Parts {
    explicit Parts(const core::Value& /*container*/) {}
    void add(std::uint64_t bytes) {
      if (__builtin_add_overflow(sum, bytes, &sum)) sum = std::numeric_limits<std::uint64_t>::max();
    }
    std::uint64_t sum = 0;
  };
  static constexpr bool kIsShared = true;
  static constexpr std::size_t kDeepest = kAnyDepth;

  static std::uint64_t leaf(const core::Value& value) {
    if (!value.is_tensor()) return 0;
    return static_cast<std::uint64_t>(value.tensor_size()) *
           static_cast<std::uint64_t>(inlay::itemsize(value.tensor_dtype()));
  }
  static std::uint64_t whole(const core::Value& /*container*/, Parts parts) { return parts.sum; }
};

std::uint64_t bytes_of(const core::Value& value) {
  Bytes rule;
  return NestedFold<Into::dicts_too, Bytes>(rule).of(value);
}

/// What is one tensor in several places is one in the copy.
core::Value copy_of(const core::Value& value) {
  std::unordered_map<const TensorData*, core::Value> copies;
  return remade<Into::dicts_too>(value, [&](const core::Value& each) {
    if (!each.is(Tag::tensor)) return each;
    core::Value& copy = copies[&each.tensor_data()];
    if (copy.is_undefined()) copy = core::Value::of(each.tensor().copy());
    return copy;
  });
}

VariableInfo info_of(const std::string& name, const core::Value& value) {
  VariableInfo info;
  info.name = name;
  info.type = inlay::type_name(value);
  info.bytes = bytes_of(value);
  if (!value.is_tensor()) return info;
  info.dtype = from_core(value.tensor_dtype());
  const core::Shape& shape = value.tensor_shape();
  info.shape.assign(shape.begin(), shape.end());
  return info;
}

/// What one instruction at the top level does to module variables.
class EffectsOf {
 public:
  explicit EffectsOf(const ir::Program& program) : program_(program) { add(program.functions[0]->body); }
  std::vector<Effect> take() { return std::move(out_); }

 private:
  void add(const ir::Block& block) {
    for (const ir::Instruction& in : block.body) {
      for (const auto& inner : in.blocks) add(*inner);
      if (in.code == ir::Opcode::region) continue;  // its body says it
      for (const ir::Place place : in.results)
        if (place.kind == ir::Place::Kind::global) add(in, place);
    }
  }

  void add(const ir::Instruction& in, ir::Place place) {
    using ir::Opcode;
    Effect effect;
    effect.name = program_.globals[static_cast<std::size_t>(place.index)];
    const bool updates = in.code == Opcode::update || in.code == Opcode::mutate || in.code == Opcode::store_where ||
                         in.code == Opcode::remove;
    if (in.code == Opcode::forget)
      effect.kind = Effect::Kind::unbinds;
    else if (updates && place == in.results[0])
      effect.kind = Effect::Kind::updates;
    effect.line = program_.source->position(in.span.begin).line;
    out_.push_back(std::move(effect));
  }

  const ir::Program& program_;
  std::vector<Effect> out_;
};

}  // namespace

std::vector<Effect> effects(const ir::Program& program) { return EffectsOf(program).take(); }

std::vector<VariableInfo> describe(const Environment& variables) {
  std::vector<VariableInfo> out;
  std::vector<std::set<const Buffer*>> memories;
  std::map<const Buffer*, std::vector<std::size_t>> holders;
  for (const std::string& name : variables.names()) {
    const core::Value* value = variables.find(name);
    if (value == nullptr || name.starts_with('_')) continue;
    collect(*value, memories.emplace_back());
    for (const Buffer* memory : memories.back()) holders[memory].push_back(out.size());
    out.push_back(info_of(name, *value));
  }
  for (std::size_t at = 0; at < out.size(); ++at) {
    std::set<std::size_t> others;
    for (const Buffer* memory : memories[at]) others.insert(holders[memory].begin(), holders[memory].end());
    others.erase(at);
    for (const std::size_t other : others) out[at].shared_with.push_back(out[other].name);
  }
  return out;
}

}  // namespace detail

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  return core::nearest_name(name, candidates);
}

const void* Value::memory() const { return buffer_of(data().value); }
std::uint64_t Value::nbytes() const { return detail::bytes_of(data().value); }
Value Value::copy() const {
  return detail::guarded([&] {
           core::Value copy = detail::copy_of(data().value);
           if (data().home == kEverybody) share(copy);
           return detail::from_core(std::move(copy), data().home);
         })
      .value();
}

}  // namespace v1
}  // namespace inlay
