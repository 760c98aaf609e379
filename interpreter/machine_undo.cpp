// machine_undo.cpp - what a statement with several targets keeps, so that a failure changes nothing. See machine.h.
// Knows nothing of paths: an element is bytes at an offset.
// Invariant: of each variable that the statement has changed, either the old value is kept, or each element that was
// overwritten, in a tensor that nobody else holds; so that nobody sees elements being put back.
#include <algorithm>
#include <cstring>

#include "interpreter/machine.h"
#include "runtime/reuse.h"

namespace inlay {

namespace {

/// So many variables are looked through; one that is kept a second time, later in the statement, is put back first.
constexpr std::size_t kMostSearched = 32;

void put_back(const KeptElement& kept, std::byte* elements) {
  std::memcpy(elements + kept.offset, kept.old, kept.size);
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
    Tensor whole = slot->tensor().copy();  // not one that a host is told of, who might ask for the variable
    for (auto kept = elements.rbegin(); kept != elements.rend(); ++kept)
      if (is_of(*kept)) put_back(*kept, whole.mutable_bytes());
    old = Value::of(std::move(whole));
  }
  state.undo.emplace_back(slot, std::move(old));
  std::erase_if(elements, is_of);
}

bool Machine::keep_element(const ir::Instruction& in, const ir::PathShape& path, Frame& frame) {
  if (in.results[0].kind != ir::Place::Kind::global || in.results[0] != in.operands[0] || !path.is_subscript())
    return false;
  Value* const slot = frame.globals[in.results[0].index];
  PlainItems items;
  if (!slot->is(Value::Tag::tensor) || !may_be_written(slot->tensor_data())) return false;
  if (!items.read(*this, in, path.steps[0].subscript, frame) || items.has_slices()) return false;
  const std::byte* const element = plain_element(*slot, items.indices());
  if (element == nullptr) return false;
  if (is_kept(slot, frame)) return true;
  if (state.kept_elements.size() >= kMostSearched) return false;
  const TensorData& tensor = slot->tensor_data();
  KeptElement kept{&frame, slot, element - tensor.data, static_cast<std::size_t>(itemsize(tensor.dtype)), {}};
  std::memcpy(kept.old, element, kept.size);
  state.kept_elements.push_back(kept);
  return true;
}

void Machine::keep_whole() {
  while (!state.kept_elements.empty()) keep_old(state.kept_elements.back().slot, *state.kept_elements.back().frame);
}

void Machine::put_elements_back(const Frame& frame) {
  auto& elements = state.kept_elements;
  for (; !elements.empty() && elements.back().frame == &frame; elements.pop_back()) {
    Tensor tensor = elements.back().slot->take_tensor();
    put_back(elements.back(), tensor.mutable_bytes());
    *elements.back().slot = Value::of(std::move(tensor));
  }
}

void Machine::forget_old(const Frame& frame) {
  state.undo.resize(frame.undo_base);
  std::erase_if(state.kept_elements, [&](const KeptElement& kept) { return kept.frame == &frame; });
}

}  // namespace inlay
