// holders.cpp - see holders.h.
#include "interpreter/values/holders.h"

#include <array>

#include "interpreter/telling/traffic.h"
#include "interpreter/values/nested.h"

namespace inlay {

bool holds(const Value& value, const Buffer* memory) {
  if (memory == nullptr) return false;
  return any_within<Into::dicts_too>(value, [memory](const Value& each) { return buffer_of(each) == memory; });
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
