// limits.cpp - see limits.h: one row for each limit.
#include "repl/limits.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

namespace inlay::program {
namespace {

struct Row {
  std::string_view name;
  std::uint64_t Limits::*number;
};
constexpr Row kRows[] = {{"fuel", &Limits::fuel},       {"memory", &Limits::memory}, {"elements", &Limits::elements},
                         {"rank", &Limits::rank},       {"depth", &Limits::depth},   {"source", &Limits::source},
                         {"nesting", &Limits::nesting}, {"output", &Limits::output}, {"written", &Limits::written}};

/// Calls deeper than this would not fit the stack of the main thread, 8 MiB.
constexpr std::uint64_t kMostDepth = 1000;

/// A number with an optional suffix K, M, G or T, of 1024 each.
bool parse_number(std::string_view text, std::uint64_t& out) {
  constexpr std::string_view kSuffixes = "KMGT";
  const std::size_t suffix = text.empty() ? kSuffixes.npos : kSuffixes.find(text.back());
  if (suffix != kSuffixes.npos) text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  return suffix == kSuffixes.npos || !__builtin_mul_overflow(out, std::uint64_t{1} << 10 * (suffix + 1), &out);
}

bool parse_seconds(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(out) && out >= 0;
}

/// What a container leaves us; without one, any number.
std::uint64_t memory_of_container() {
  std::ifstream file("/sys/fs/cgroup/memory.max");  // a number, or "max"
  std::uint64_t bytes = 0;
  return file >> bytes ? bytes : Limits::kNone;
}

std::string known_names() {
  std::string out;
  for (const Row& row : kRows) out += fmt::format("{}, ", row.name);
  return out + "seconds";
}

}  // namespace

Limits machine_limits() {
  Limits limits = Limits::none();
  const auto pages = static_cast<std::uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
  const std::uint64_t machine = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  if (machine > 0) limits.memory = std::min(machine, memory_of_container()) / 4 * 3;
  return limits;
}

std::string set_limit(Limits& limits, std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals), value = text.substr(std::min(equals + 1, text.size()));
  const bool is_none = value == "none";
  if (name == "seconds") {
    if (is_none) limits.seconds = Limits::none().seconds;
    if (is_none || parse_seconds(value, limits.seconds)) return {};
    return fmt::format("--limit seconds={}: not a number of seconds, nor none", value);
  }
  const auto row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& each) { return each.name == name; });
  if (row == std::end(kRows))
    return fmt::format("--limit {}: no limit of this name; there are {}", text, known_names());
  if (is_none)
    limits.*row->number = Limits::none().*row->number;
  else if (!parse_number(value, limits.*row->number))
    return fmt::format("--limit {}={}: not a whole number, nor none", name, value);
  if (limits.depth > kMostDepth) return fmt::format("--limit depth={}: at most {}", value, kMostDepth);
  return {};
}

}  // namespace inlay::program
