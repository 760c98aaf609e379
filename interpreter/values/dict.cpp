// dict.cpp - the insertion-ordered map behind `dict`: a vector of items, and an open-addressing index once there are
// many. Invariant: while index_ is not empty, it holds the position of every item exactly once and of no hole, and less
// than two thirds of it are used; while it is empty, there are no holes.
#include "interpreter/texts/long_text.h"
#include "interpreter/values/value.h"
#include "runtime/memory/poller.h"

namespace inlay {
namespace {

constexpr std::size_t kFewItems = 8;
constexpr std::int32_t kFree = -1;
constexpr std::int32_t kErased = -2;
/// Slots that are looked at for one step.
constexpr std::size_t kTriesPerStep = 16;
/// Items, whose positions are counted in 32 bits: a vector that is full doubles. They would take 32 GiB.
constexpr std::size_t kMostItems = std::size_t{1} << 30;
/// Of the index for each item, at most: slots are up to six times the items.
constexpr std::uint64_t kIndexBytes = 6 * sizeof(std::int32_t);

bool same_key(const Value& a, const Value& b);

bool same_elements(const std::vector<Value>& a, const std::vector<Value>& b) {
  context().charge(a.size(), 0);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_key);
}

/// Of two that have hashes, so that neither is nested deep. A tensor is its number, and nothing that == spreads it
/// over.
bool same_key(const Value& a, const Value& b) {
  // Ints and strings, nearly all keys there are, take no detour over what else may be equal to them.
  if (a.is(Value::Tag::integer) && b.is(Value::Tag::integer)) return a.integer() == b.integer();
  if (a.is_string() && b.is_string()) return same_text(a.string(), b.string());
  if (a.identical(b)) return true;
  if (a.is_sequence() != b.is_sequence()) return false;
  return a.is_sequence() ? same_elements(a.elements(), b.elements()) : equal(a, b);
}

bool is_hashable(const Value& key) { return key.is(Value::Tag::integer) || key.is_string(); }

/// What hash() gives.
std::size_t hash_of(const Value& key) {
  return key.is(Value::Tag::integer) ? static_cast<std::size_t>(key.integer()) : hash(key);
}

std::size_t first_slot(const Value& key, std::size_t slots) {
  // Multiplied, so that numbers in a row do not make runs; folded, so that no bit of a number is without effect.
  std::size_t hash = hash_of(key);
  hash = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15ULL;
  return (hash ^ hash >> 32) & (slots - 1);
}

struct FreeSlot {
  std::size_t slot;
  std::size_t tried;  // before it
};
FreeSlot free_slot(const std::vector<std::int32_t>& index, const Value& key) {
  FreeSlot out{first_slot(key, index.size()), 0};
  for (; index[out.slot] != kFree; ++out.tried) out.slot = (out.slot + 1) & (index.size() - 1);
  return out;
}

}  // namespace

std::int64_t DictObject::position(const Value& key) const {
  if (index_.empty()) {
    if (!is_hashable(key)) (void)hash(key);  // refuses keys that have none
    for (std::size_t at = 0; at < items.size(); ++at) {
      if (same_key(items[at].first, key)) return static_cast<std::int64_t>(at);
      if ((at + 1) % kTriesPerStep == 0) context().charge(1, 0);  // many: an index could not be made
    }
    return -1;
  }
  std::size_t tried = 0;
  for (std::size_t slot = first_slot(key, index_.size()); index_[slot] != kFree;
       slot = (slot + 1) & (index_.size() - 1)) {
    if (++tried % kTriesPerStep == 0) context().charge(1, 0);  // keys can be chosen so that there are many
    const std::int32_t at = index_[slot];
    if (at != kErased && same_key(items[static_cast<std::size_t>(at)].first, key)) return at;
  }
  return -1;
}

std::size_t DictObject::slot_of(std::int32_t position) const {
  std::size_t slot = first_slot(items[static_cast<std::size_t>(position)].first, index_.size());
  while (index_[slot] != position) slot = (slot + 1) & (index_.size() - 1);
  return slot;
}

void DictObject::enter(std::int32_t position) {
  index_[free_slot(index_, items[static_cast<std::size_t>(position)].first).slot] = position;
  ++used_;
}

void DictObject::rebuild() {
  std::vector<std::int32_t> index;
  if (items.size() > kFewItems) {
    std::size_t slots = 32;
    while (slots < 3 * items.size()) slots *= 2;
    index.assign(slots, kFree);
  }
  Poller poll;
  for (std::size_t at = 0; at < items.size() && !index.empty(); ++at) {
    poll();
    const auto [slot, tried] = free_slot(index, items[at].first);
    if (tried > kTriesPerStep) context().charge(tried / kTriesPerStep, 0);
    index[slot] = static_cast<std::int32_t>(at);
  }
  index_ = std::move(index);
  used_ = index_.empty() ? 0 : items.size();
}

const Value* DictObject::find(const Value& key) const {
  const std::int64_t at = position(key);
  return at < 0 ? nullptr : &items[static_cast<std::size_t>(at)].second;
}

void DictObject::set(const Value& key, Value value) {
  if (Value* old = find(key)) {
    *old = std::move(value);
    return;
  }
  if (items.size() == items.capacity()) {
    if (holes_ > items.size() / 2) settle();
    if (items.size() >= kMostItems) raise(ErrorKind::MemoryError, "a dict has at most {} items", kMostItems);
  }
  charge_elements(*this, items, kIndexBytes);
  items.emplace_back(key, std::move(value));
  if (index_.empty() && items.size() <= kFewItems) return;
  try {
    if (!index_.empty() && 3 * (used_ + 1) <= 2 * index_.size())
      enter(static_cast<std::int32_t>(items.size() - 1));
    else
      holes_ != 0 ? close_holes() : rebuild();
  } catch (...) {
    items.pop_back();
    throw;
  }
}

bool DictObject::erase(const Value& key) {
  const std::int64_t at = position(key);
  if (at < 0) return false;
  if (static_cast<std::size_t>(at) + 1 == items.size()) {
    if (!index_.empty()) index_[slot_of(static_cast<std::int32_t>(at))] = kErased;
    items.pop_back();
    return true;
  }
  if (index_.empty() || !may_have_holes_) {
    context().charge(items.size() - static_cast<std::size_t>(at) + index_.size() / kTriesPerStep, 0);
    items.erase(items.begin() + at);  // from here on nothing fails
    const auto gone = static_cast<std::int32_t>(at);
    for (std::int32_t& each : index_) each = each == gone ? kErased : each - (each > gone);
    return true;
  }
  index_[slot_of(static_cast<std::int32_t>(at))] = kErased;
  items[static_cast<std::size_t>(at)] = {};
  ++holes_;
  return true;
}

void DictObject::close_holes() {
  context().charge(items.size(), 0);
  std::erase_if(items, [](const auto& item) { return item.first.is_undefined(); });
  holes_ = 0;
  index_.clear();  // until there is another one, items are found one by one
  rebuild();
}

Ref<DictObject> DictObject::copy() const {
  auto other = std::make_unique<DictObject>();
  other->charge.grow_to(charge.bytes());
  context().charge(items.size(), 0);
  other->items.reserve(items.size());
  Poller poll;
  for (const auto& item : items) {
    poll();
    other->items.push_back(item);
  }
  other->index_ = index_;
  other->used_ = used_;
  return Ref<DictObject>::adopt(other.release());
}

}  // namespace inlay
