// sort_values.cpp - see sort_values.h. Positions are sorted, so that values move once.
#include "interpreter/operations/sort_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "interpreter/machine/evaluator.h"
#include "interpreter/values/compare.h"
#include "runtime/memory/poller.h"

namespace inlay {

namespace {

using Tag = Value::Tag;

/// Bytes of a text that a comparison looks at in some 100 ns.
constexpr std::size_t kShortKey = 1 << 12;

/// The order of keys of one type, which are read once and lie side by side.
template <class Key, class Read>
std::vector<std::size_t> order_of(const std::vector<Value>& keys, bool reverse, const Read& read) {
  std::vector<std::pair<Key, std::size_t>> all;
  all.reserve(keys.size());
  for (const Value& each : keys) all.emplace_back(read(each), all.size());
  // Positions break ties, so that equal keys stay in their order.
  Poller poll;
  if (reverse)
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      poll();
      return b.first < a.first || (!(a.first < b.first) && a.second < b.second);
    });
  else
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      poll();
      return a < b;
    });
  std::vector<std::size_t> order;
  order.reserve(all.size());
  for (const auto& each : all) order.push_back(each.second);
  return order;
}

std::vector<std::size_t> order_of_any(const std::vector<Value>& keys, bool reverse) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Poller poll;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    poll();
    return reverse ? less_than(keys[b], keys[a]) : less_than(keys[a], keys[b]);
  });
  return order;
}

std::vector<std::size_t> sorted_order(const std::vector<Value>& keys, bool reverse) {
  const auto are_all = [&](const auto& is_such) { return std::all_of(keys.begin(), keys.end(), is_such); };
  if (are_all([](const Value& key) { return key.is(Tag::integer); }))
    return order_of<std::int64_t>(keys, reverse, [](const Value& key) { return key.integer(); });
  if (are_all([](const Value& key) { return key.is(Tag::floating) && !std::isnan(key.floating()); }))
    return order_of<double>(keys, reverse, [](const Value& key) { return key.floating(); });
  if (are_all([](const Value& key) { return key.is_string() && key.string().size() < kShortKey; }))
    return order_of<std::string_view>(keys, reverse, [](const Value& key) { return std::string_view(key.string()); });
  return order_of_any(keys, reverse);
}

}  // namespace

std::vector<Value> sort_values(Evaluator& evaluator, std::vector<Value> values, const Value& key, bool reverse) {
  // Positions beside keys, and as many comparisons as sorting takes.
  const auto size = static_cast<std::uint64_t>(values.size());
  context().charge(size * static_cast<std::uint64_t>(std::bit_width(size)), 4 * size * sizeof(Value));
  std::vector<Value> keys = values;
  if (!key.is_none()) {
    for (Value& each : keys) each = evaluator.call(key, {each});
  }
  std::vector<Value> out;
  out.reserve(values.size());
  for (const std::size_t at : sorted_order(keys, reverse)) out.push_back(std::move(values[at]));
  return out;
}

}  // namespace inlay
