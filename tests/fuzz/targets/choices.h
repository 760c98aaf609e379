// choices.h - bytes as a row of choices: small numbers, numbers at the ends of their type, one of a list.
// Invariant: the same bytes are the same choices; where they have run out, every choice is the first.
#pragma once

#include <cstdint>
#include <iterator>
#include <limits>
#include <span>

namespace inlay::fuzz {

class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t out = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return out;
  }
  /// Of [0, count).
  std::size_t below(std::size_t count) { return byte() % count; }
  bool coin() { return byte() % 2 == 1; }
  template <class T, std::size_t N>
  const T& one_of(const T (&list)[N]) {
    return list[below(N)];
  }
  /// Mostly of [-8, 8), now and then one that sums and products overflow with.
  std::int64_t number() {
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max(), kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kWild[] = {kMost,         kLeast,    kMost - 1, kLeast + 1,
                                      kMost / 2 + 1, kMost / 8, 1 << 20,   -(1 << 20)};
    const std::uint8_t choice = byte();
    return choice < 232 ? choice % 16 - 8 : kWild[choice % std::size(kWild)];
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace inlay::fuzz
