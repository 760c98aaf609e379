// nearest_name.cpp - see nearest_name.h.
#include "grammar/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace inlay {

namespace {

constexpr std::size_t kLongest = 64;

/// Damerau-Levenshtein distance (optimal string alignment), bounded by the sizes of identifiers.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

struct Nearest {
  const std::string* name = nullptr;
  std::size_t edits = kLongest;
  bool is_longer_or_shorter = false;

  [[nodiscard]] bool is_before(const Nearest& other) const {
    return edits < other.edits || (edits == other.edits && is_longer_or_shorter < other.is_longer_or_shorter);
  }
};

/// The nearest of those that are at most `most` edits away.
Nearest nearest(std::string_view name, const std::vector<std::string>& candidates, std::size_t most) {
  Nearest best;
  for (const std::string& candidate : candidates) {
    const auto [short_size, long_size] = std::minmax({candidate.size(), name.size()});
    if (long_size - short_size > most || candidate.size() > kLongest || candidate == name) continue;
    const Nearest found{&candidate, distance(name, candidate), short_size != long_size};
    if (found.edits <= most && found.is_before(best)) best = found;
  }
  return best;
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& few,
                         const std::vector<std::string>& many) {
  if (name.empty() || name.size() > kLongest) return {};
  const Nearest own = nearest(name, few, (name.size() - 1) / 2);
  const Nearest other = nearest(name, many, name.size() / 3);
  const Nearest& best = other.edits < own.edits ? other : own;
  return best.name == nullptr ? std::string() : *best.name;
}

std::string did_you_mean(std::string_view near) {
  return near.empty() ? std::string() : fmt::format(". Did you mean: '{}'?", near);
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& few,
                         const std::vector<std::string>& many) {
  return did_you_mean(nearest_name(name, few, many));
}

}  // namespace inlay
