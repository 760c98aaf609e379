// undo.cpp - see undo.h.
#include "repl/undo.h"

#include <map>

namespace inlay::program {
namespace {

/// Elements of a list or dict whose copy is no matter.
constexpr std::size_t kCopiedElements = 10'000;

bool is_small(const Value& value) {
  return value.nbytes() <= Undo::kCopied && (value.is_tensor() || value.size() <= kCopiedElements);
}

}  // namespace

Undo::Change Undo::keep(const std::string& name, bool updates, bool shares) const {
  Change change;
  change.name = name;
  if (!interpreter_.has_variable(name)) return change;
  const Value value = interpreter_.get(name).value();
  change.bytes = value.nbytes();
  if (is_small(value))
    change.value = value.copy();
  else if (!updates && (shares || change.bytes == 0) && change.bytes <= budget_)
    change.value = value;
  else
    change.is_lost = true;
  if (change.is_lost) change.bytes = 0;
  return change;
}

void Undo::before(std::string_view entry, const std::vector<Effect>& effects, bool shares) {
  std::map<std::string, bool> updated;
  for (const Effect& effect : effects) updated[effect.name] |= effect.kind == Effect::Kind::updates;
  if (updated.empty()) return;
  undone_.clear();
  Step step;
  step.entry = entry;
  for (const auto& [name, updates] : updated) {
    step.changes.push_back(keep(name, updates, shares));
    step.bytes += step.changes.back().bytes;
  }
  bytes_ += step.bytes;
  done_.push_back(std::move(step));
  trim();
}

/// Gives a variable the value of a change, and keeps the one that it had.
Undo::Change Undo::exchange(const Change& change) {
  Change reverse = keep(change.name, false, true);
  if (change.value)
    interpreter_.bind(change.name, *change.value).value();
  else if (interpreter_.has_variable(change.name))
    interpreter_.run("del " + change.name).value();
  return reverse;
}

std::optional<Undo::Result> Undo::move(Steps& from, Steps& to) {
  if (from.empty()) return std::nullopt;
  Step step = std::move(from.back());
  from.pop_back();
  Result result;
  result.entry = step.entry;
  Step reverse;
  reverse.entry = step.entry;
  for (const Change& change : step.changes) {
    (change.is_lost ? result.lost : result.names).push_back(change.name);
    if (change.is_lost) continue;
    reverse.changes.push_back(exchange(change));
    reverse.bytes += reverse.changes.back().bytes;
  }
  to.push_back(std::move(reverse));
  bytes_ = 0;
  for (const Step& each : done_) bytes_ += each.bytes;
  trim();
  return result;
}

void Undo::trim() {
  while (!done_.empty() && bytes_ > budget_) {
    bytes_ -= done_.front().bytes;
    done_.pop_front();
  }
}

void Undo::set_budget(std::uint64_t bytes) {
  budget_ = bytes;
  trim();
}

void Undo::clear() {
  done_.clear();
  undone_.clear();
  bytes_ = 0;
}

}  // namespace inlay::program
