// holders.cpp - see holders.h.
#include "interpreter/holders.h"

#include <algorithm>
#include <array>

#include "interpreter/traffic.h"

namespace inlay {

bool holds(const Value& value, const Buffer* memory) {
  const auto held = [&](const auto& element) { return holds(element, memory); };
  if (value.is_sequence()) return std::any_of(value.elements().begin(), value.elements().end(), held);
  if (value.is(Value::Tag::dict)) {
    const auto& items = value.dictionary().items;
    return std::any_of(items.begin(), items.end(), [&](const auto& item) { return held(item.second); });
  }
  return memory != nullptr && buffer_of(value) == memory;
}

std::vector<std::string> holders(const Environment& variables, const Buffer* memory) {
  std::vector<std::string> out;
  for (const std::string& name : variables.names())
    if (const Value* value = variables.find(name); value != nullptr && holds(*value, memory)) out.push_back(name);
  return out;
}

std::string_view reason_text(CopyReason reason) {
  static constexpr std::array<std::string_view, static_cast<int>(CopyReason::count_)> kReasons = {
      "something else holds the tensor", "a part of it has another holder", "the memory is the host's",
      "its elements share memory", "it takes long, so that it can be stopped"};
  return kReasons[static_cast<std::size_t>(reason)];
}

}  // namespace inlay
