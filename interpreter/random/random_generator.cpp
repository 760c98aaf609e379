// random_generator.cpp - Philox4x32-10.
#include "interpreter/random/random_generator.h"

namespace inlay {
namespace {

using Block = std::array<std::uint32_t, 4>;

constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;  // golden ratio, sqrt(3) - 1
constexpr int kRounds = 10;
// The last word of a counter tells what its block is for.
enum Purpose : std::uint32_t { kDraws = 0, kElements = 1, kSpawning = 2, kSeeding = 3 };

std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }
std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }

Block philox(Block counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t a = std::uint64_t{kMultiplier0} * counter[0], b = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high(b) ^ counter[1] ^ key0, low(b), high(a) ^ counter[3] ^ key1, low(a)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

std::uint64_t pair(const Block& block, std::uint64_t half) {
  return block[2 * half] | std::uint64_t{block[2 * half + 1]} << 32;
}

}  // namespace

void RandomState::read(std::uint64_t first, std::span<std::uint64_t> out) const {
  const std::uint64_t end = first + out.size();
  auto* to = out.data();
  for (std::uint64_t draw = first; draw < end;) {
    const Block block = philox({low(draw / 2), high(draw / 2), 0, kDraws}, low(seed_), high(seed_));
    if (draw % 2 == 0) *to++ = pair(block, 0), ++draw;
    if (draw < end) *to++ = pair(block, 1), ++draw;
  }
}

RandomState::RandomState(std::span<const std::uint64_t> seeds) : seed_(seeds.size()) {
  for (const std::uint64_t seed : seeds)
    seed_ = pair(philox({low(seed), high(seed), 0, kSeeding}, low(seed_), high(seed_)), 0);
}

RandomState::Words RandomState::element_words(std::uint64_t element, std::uint32_t block) const {
  const Block words = philox({low(element), high(element), block, kElements}, low(seed_), high(seed_));
  return {pair(words, 0), pair(words, 1)};
}

RandomState RandomState::spawn() {
  const std::uint64_t child = spawned_++;
  return RandomState(pair(philox({low(child), high(child), 0, kSpawning}, low(seed_), high(seed_)), 0));
}

std::uint64_t RandomState::next() {
  std::uint64_t word = 0;
  read(skip(1), {&word, 1});
  return word;
}

GeneratorObject* generator_of(const Value& value) {
  return value.is(Value::Tag::host) ? dynamic_cast<GeneratorObject*>(&value.object<Object>()) : nullptr;
}

}  // namespace inlay
