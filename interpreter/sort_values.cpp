// sort_values.cpp - see sort_values.h. Positions are sorted, so that values move once.
#include "interpreter/sort_values.h"

#include <algorithm>
#include <numeric>

#include "interpreter/compare.h"
#include "interpreter/evaluator.h"

namespace inlay {

std::vector<Value> sort_values(Evaluator& evaluator, std::vector<Value> values, const Value& key, bool reverse) {
  std::vector<Value> keys = values;
  if (!key.is_none()) {
    for (Value& each : keys) each = evaluator.call(key, {each});
  }
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return reverse ? less_than(keys[b], keys[a]) : less_than(keys[a], keys[b]);
  });
  std::vector<Value> out;
  out.reserve(values.size());
  for (const std::size_t at : order) out.push_back(std::move(values[at]));
  return out;
}

}  // namespace inlay
