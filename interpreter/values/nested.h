// nested.h - walks over all that lists, tuples and dicts hold: looking for something in it, and making something of it.
// Must not know what is looked for or made.
// Invariant: no walk recurses, so that none needs more stack for values that are nested deeper; each looks now and then
// at whether to stop; and a container that many hold is not walked for each of them: after fifty times `x = [x, x]` a
// walk takes as long as before, not 2⁵⁰ times as long.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "interpreter/values/value.h"
#include "runtime/memory/poller.h"

namespace inlay {

/// What a walk goes into.
enum class Into : std::uint8_t { sequences, dicts_too };

template <Into into>
bool is_container(const Value& value) {
  return value.is_sequence() || (into == Into::dicts_too && value.is(Value::Tag::dict));
}

/// Where a walk stands in one container. The elements of a dict are the values of its items.
class NestedLevel {
 public:
  explicit NestedLevel(const Value& container) : container_(&container) {
    if (container.is(Value::Tag::dict)) {
      items_ = container.dictionary().items.data();
      size_ = container.dictionary().items.size();
    } else {
      elements_ = container.elements().data();
      size_ = container.elements().size();
    }
  }
  [[nodiscard]] bool is_over() const { return at_ == size_; }
  /// How many have been taken.
  [[nodiscard]] std::size_t at() const { return at_; }
  /// Some of the next elements.
  [[nodiscard]] std::span<const Value> ahead() const {
    constexpr std::size_t kMost = 256;
    if (items_ != nullptr) return {&items_[at_].second, 1};
    return {elements_ + at_, std::min(size_ - at_, kMost)};
  }
  void skip(std::size_t count) { at_ += count; }
  /// The next element, and on to the one behind it.
  const Value& next() { return elements_ != nullptr ? elements_[at_++] : items_[at_++].second; }
  [[nodiscard]] const Value& container() const { return *container_; }

 private:
  const Value* container_;
  const Value* elements_ = nullptr;
  const std::pair<Value, Value>* items_ = nullptr;
  std::size_t at_ = 0, size_ = 0;
};

inline constexpr std::size_t kAnyDepth = std::numeric_limits<std::size_t>::max();

/// A search through all that is in a container and is none itself, in order, within so many containers; what stands in
/// several places may be looked at once.
template <Into into>
class NestedSearch {
 public:
  explicit NestedSearch(std::size_t deepest) : deepest_(deepest) {}

  /// Throws LimitExceeded or KeyboardInterrupt.
  template <class Found>
  bool any(const Value& container, const Found& found) {
    NestedLevel level(container);
    for (Poller poll;; poll()) {
      if (level.is_over()) {
        if (outer_.empty()) return false;
        level = outer_.back();
        outer_.pop_back();
        continue;
      }
      const std::span<const Value> row = level.ahead();
      const auto end = std::find_if(row.begin(), row.end(),
                                    [&](const Value& each) { return is_container<into>(each) || found(each); });
      level.skip(static_cast<std::size_t>(end - row.begin()));
      if (end == row.end()) continue;
      if (!is_container<into>(*end)) return true;
      enter(level, *end);
    }
  }

 private:
  void enter(NestedLevel& level, const Value& container) {
    level.skip(1);
    if (outer_.size() + 1 >= deepest_ || is_known(container)) return;
    outer_.push_back(level);
    level = NestedLevel(container);
  }

  bool is_known(const Value& container) {
    return !container.unique() && !known_.insert(&container.object<Object>()).second;
  }

  std::size_t deepest_;
  std::vector<NestedLevel> outer_;
  std::unordered_set<const Object*> known_;
};

/// The same search through the few levels and the few containers held by several that values usually have, with no
/// memory of its own.
class QuickSearch {
 public:
  enum class Answer : std::uint8_t { no, yes, unknown };

  template <class Found>
  Answer any(const std::vector<Value>& elements, const Found& found) {
    ++depth_;
    for (const Value& each : elements) {
      if (!each.is_sequence()) {
        if (found(each)) return Answer::yes;
        continue;
      }
      poll_();
      if (depth_ == kDeepest || (!each.unique() && ++shared_ == kMostShared)) return Answer::unknown;
      if (const Answer answer = any(each.elements(), found); answer != Answer::no) return answer;
    }
    --depth_;
    return Answer::no;
  }

 private:
  static constexpr int kDeepest = 8, kMostShared = 64;
  int depth_ = 0, shared_ = 0;
  Poller poll_;
};

/// Whether `found` holds for a value, or for something in it, within at most so many containers. It may be asked twice.
template <Into into = Into::sequences, class Found>
bool any_within(const Value& value, const Found& found, std::size_t deepest = kAnyDepth) {
  if (!is_container<into>(value)) return found(value);
  if constexpr (into == Into::sequences)
    if (const auto answer = QuickSearch().any(value.elements(), found); answer != QuickSearch::Answer::unknown)
      return answer == QuickSearch::Answer::yes;
  return NestedSearch<into>(deepest).any(value, found);
}

/// The same in what may be an operand: sequences nested deeper than a tensor has axes are none.
template <class Found>
bool any_in_operand(const Value& value, const Found& found) {
  return any_within(value, found, kMaxRank);
}

/// What a value comes to, from the innermost containers outwards. A Rule has:
///   using Made, and using Parts, which has `add(Made)` and is made from a container;
///   Made leaf(const Value&), of what is no container; Made whole(const Value& container, Parts), of what is in it;
///   kIsShared: whether what a container comes to is the same wherever it stands, and is worked out once;
///   kDeepest: how deep the value may be nested; RecursionError beyond.
template <Into into, class Rule>
class NestedFold {
 public:
  using Made = typename Rule::Made;
  explicit NestedFold(Rule& rule) : rule_(rule) {}

  Made of(const Value& value) {
    if (!is_container<into>(value)) return rule_.leaf(value);
    open_.emplace_back(value);
    for (;; poll_()) {
      Open& innermost = open_.back();
      if (innermost.level.is_over()) {
        std::optional<Made> made = close();
        if (open_.empty()) return *std::move(made);
        open_.back().parts.add(*std::move(made));
      } else {
        add(innermost, innermost.level.next());
      }
    }
  }

 private:
  struct Open {
    explicit Open(const Value& container) : level(container), parts(container) {}
    NestedLevel level;
    typename Rule::Parts parts;
  };

  void add(Open& innermost, const Value& each) {
    if (!is_container<into>(each)) return innermost.parts.add(rule_.leaf(each));
    if constexpr (Rule::kIsShared)
      if (const Made* const made = known(each)) return innermost.parts.add(*made);
    if (open_.size() >= Rule::kDeepest)
      raise(ErrorKind::RecursionError, "maximum recursion depth exceeded in a nested value");
    open_.emplace_back(each);
  }

  const Made* known(const Value& container) const {
    if (container.unique()) return nullptr;
    const auto found = known_.find(&container.object<Object>());
    return found == known_.end() ? nullptr : &found->second;
  }

  Made close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    const Value& container = closed.level.container();
    Made made = rule_.whole(container, std::move(closed.parts));
    if constexpr (Rule::kIsShared)
      if (!container.unique()) known_.emplace(&container.object<Object>(), made);
    return made;
  }

  Rule& rule_;
  std::vector<Open> open_;
  std::unordered_map<const Object*, Made> known_;
  Poller poll_;
};

/// A container like another one: of its kind, with the same names or keys, and other elements.
Value container_like(const Value& container, std::vector<Value> elements);

/// The Rule that makes a value anew with `change` made to what is in it. `shared`: what several hold is changed once,
/// and they hold the change.
template <class Change, bool shared, std::size_t deepest>
struct Remaking {
  using Made = Value;
  struct Parts : GrowingList {
    explicit Parts(const Value& container) {
      reserve(container.is(Value::Tag::dict) ? container.dictionary().items.size() : container.elements().size());
    }
  };
  static constexpr bool kIsShared = shared;
  static constexpr std::size_t kDeepest = deepest;

  Value leaf(const Value& value) { return change(value); }
  Value whole(const Value& container, Parts parts) { return container_like(container, parts.take()); }

  const Change& change;
};

/// A value with `change` made to what is in it, wherever it stands; a container that many hold is made anew once.
template <Into into, class Change>
Value remade(const Value& value, const Change& change) {
  Remaking<Change, true, kAnyDepth> rule{change};
  return NestedFold<into, decltype(rule)>(rule).of(value);
}

/// The same place by place, nested at most kNestingLimit deep: `change` is called for each place anew.
template <class Change>
Value remade_by_place(const Value& value, const Change& change) {
  Remaking<Change, false, kNestingLimit> rule{change};
  return NestedFold<Into::dicts_too, decltype(rule)>(rule).of(value);
}

}  // namespace inlay
