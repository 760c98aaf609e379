// quantity.cpp - see quantity.h.
#include "repl/quantity.h"

#include <fmt/format.h>

namespace inlay::program {

std::string duration_text(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.3g} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  return seconds < 100 ? fmt::format("{:.3g} s", seconds) : clock_text(seconds);
}

std::string clock_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes);
  const char* const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  for (amount /= 1000; amount >= 999.5 && unit + 1 < std::size(units); amount /= 1000) ++unit;
  return fmt::format("{:.3g} {}", amount, units[unit]);
}

std::string moved_text(std::uint64_t bytes, double seconds) {
  if (bytes == 0) return "";
  const double rate = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
  return fmt::format("; {} moved, {}/s", bytes_text(bytes), bytes_text(static_cast<std::uint64_t>(rate)));
}

}  // namespace inlay::program
