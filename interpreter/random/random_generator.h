// random_generator.h - random numbers by counting: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers:
// As Easy as 1, 2, 3", 2011). The stream: draw number n is one 64-bit word. Block n / 2 is philox(counter = (n / 2, 0),
// key = seed), four 32-bit words; draw n is its first pair of words for even n, its second for odd n, the first word of
// a pair being the low half. Each element of a result takes one draw, in row-major order; where a distribution wants
// more words for an element, element n has a stream of its own, the blocks philox(counter = (n, block number, 1)).
// Invariant: the same seed and the same calls give the same bits on every machine and for any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/machine/registry.h"
#include "interpreter/values/value.h"

namespace inlay {

class Evaluator;

/// A place in a stream of random words.
class RandomState {
 public:
  explicit RandomState(std::uint64_t seed) : seed_(seed) {}
  /// Seeded by several numbers, in their order.
  explicit RandomState(std::span<const std::uint64_t> seeds);

  /// The next draw.
  std::uint64_t next();
  /// Takes the next `n` draws at once; gives the number of the first.
  std::uint64_t skip(std::uint64_t n) { return std::exchange(drawn_, drawn_ + n); }
  /// The draws from number `first` on, wherever the stream stands.
  void read(std::uint64_t first, std::span<std::uint64_t> out) const;

  using Words = std::array<std::uint64_t, 2>;
  /// Block number `block` of draw `element`'s own stream.
  [[nodiscard]] Words element_words(std::uint64_t element, std::uint32_t block) const;
  /// A state that nothing drawn here tells anything of, another one at each call. Draws nothing.
  RandomState spawn();

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t drawn_ = 0;
  std::uint64_t spawned_ = 0;
};

/// A word as a float64 in (0, 1): never one of its ends.
inline double open_uniform(std::uint64_t word) { return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52; }

/// A generator as a value: the one handle of the language. Drawing advances it for all its holders.
struct GeneratorObject final : Object, Registered<GeneratorObject> {
  GeneratorObject(RandomState from, bool legacy) : state(from), is_legacy(legacy) {}
  RandomState state;
  bool is_legacy;  // a RandomState of NumPy's: its methods are the module's functions
};
/// Null if the value is no generator.
GeneratorObject* generator_of(const Value& value);

/// rng.name(…); undefined if `self` is no generator or generators have no such method.
Value generator_method(Evaluator& evaluator, const Value& self, std::string_view name, std::span<const Value> arguments,
                       std::span<const std::pair<std::string, Value>> keywords);
/// A method of generators, and its parameters.
struct GeneratorMethod {
  std::string_view name;
  std::string_view signature;
};
/// Those that are written in C++, in no order; the others are library/numpy.random/.
std::vector<GeneratorMethod> generator_methods();

}  // namespace inlay
