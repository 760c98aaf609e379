// machine_undo.cpp - what a statement with several targets keeps, so that a failure changes nothing. See machine.h.
// Knows nothing of paths: an element is bytes at an offset of a tensor, or a value at a position of a list.
// Invariant: of each variable that the statement has changed, either the old value is kept, or each element that was
// overwritten, in a list or in a tensor that nobody else holds; so that nobody sees elements being put back.
#include <algorithm>
#include <cstring>

#include "interpreter/machine/machine.h"
#include "runtime/indexing/position.h"
#include "runtime/tensors/reuse.h"

namespace inlay {

namespace {

/// So many variables are looked through; one that is kept a second time, later in the statement, is put back first.
constexpr std::size_t kMostSearched = 32;

/// Into the tensor or the list that is in `target`, which is nobody else's afterwards.
void put_back(const KeptElement& kept, Value& target) {
  if (target.is(Value::Tag::list)) {
    target.mutable_elements()[static_cast<std::size_t>(kept.offset)] = kept.item;
    return;
  }
  Tensor tensor = target.take_tensor();
  std::memcpy(tensor.mutable_bytes() + kept.offset, kept.old, kept.size);
  target = Value::of(std::move(tensor));
}

}  // namespace

bool Machine::is_kept(const Value* slot, const Frame& frame) const {
  const std::size_t first = std::max(frame.undo_base, state.undo.size() - std::min(state.undo.size(), kMostSearched));
  return std::any_of(state.undo.begin() + static_cast<std::ptrdiff_t>(first), state.undo.end(),
                     [slot](const auto& kept) { return kept.first == slot; });
}

void Machine::keep_old(Value* slot, const Frame& frame) {
  if (is_kept(slot, frame)) return;
  auto& elements = state.kept_elements;
  const auto is_of = [slot](const KeptElement& kept) { return kept.slot == slot; };
  Value old = *slot;
  if (std::any_of(elements.begin(), elements.end(), is_of)) {
    // A tensor's copy is not one that a host is told of, who might ask for the variable.
    if (old.is(Value::Tag::tensor)) old = Value::of(slot->tensor().copy());
    for (auto kept = elements.rbegin(); kept != elements.rend(); ++kept)
      if (is_of(*kept)) put_back(*kept, old);
  }
  state.undo.emplace_back(slot, std::move(old));
  std::erase_if(elements, is_of);
}

bool Machine::keep_element(const ir::Instruction& in, const ir::PathShape& path, Frame& frame) {
  if (in.results[0].kind != ir::Place::Kind::global || in.results[0] != in.operands[0] || !path.is_subscript())
    return false;
  Value* const slot = frame.globals[in.results[0].index];
  KeptElement kept{&frame, slot, -1, 0, {}, {}};
  if (slot->is(Value::Tag::list) && path.is_item()) {
    const Value& index = read(in.operands[1], frame);
    if (!index.is(Value::Tag::integer)) return false;
    kept.offset = position_of(index.integer(), static_cast<std::int64_t>(slot->elements().size()));
    if (kept.offset < 0) return false;
    kept.item = slot->elements()[static_cast<std::size_t>(kept.offset)];
  } else if (!note_element(in, path, frame, kept)) {
    return false;
  }
  if (is_kept(slot, frame)) return true;
  if (state.kept_elements.size() >= kMostSearched) return false;
  state.kept_elements.push_back(std::move(kept));
  return true;
}

bool Machine::note_element(const ir::Instruction& in, const ir::PathShape& path, Frame& frame, KeptElement& kept) {
  PlainItems items;
  if (!kept.slot->is(Value::Tag::tensor) || !may_be_written(kept.slot->tensor_data())) return false;
  if (!items.read(*this, in, path.steps[0].subscript, frame) || !items.is_element()) return false;
  const std::byte* const element = plain_element(*kept.slot, items.indices());
  if (element == nullptr) return false;
  const TensorData& tensor = kept.slot->tensor_data();
  kept.offset = element - tensor.data;
  kept.size = static_cast<std::size_t>(itemsize(tensor.dtype));
  std::memcpy(kept.old, element, kept.size);
  return true;
}

void Machine::keep_whole() {
  while (!state.kept_elements.empty()) keep_old(state.kept_elements.back().slot, *state.kept_elements.back().frame);
}

void Machine::put_elements_back(const Frame& frame) {
  auto& elements = state.kept_elements;
  for (; !elements.empty() && elements.back().frame == &frame; elements.pop_back())
    put_back(elements.back(), *elements.back().slot);
}

void Machine::forget_old(const Frame& frame) {
  state.undo.resize(frame.undo_base);
  std::erase_if(state.kept_elements, [&](const KeptElement& kept) { return kept.frame == &frame; });
}

}  // namespace inlay
