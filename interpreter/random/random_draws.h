// random_draws.h - random words as tensors of numbers: uniform, normal, exponential, integers, orders.
// Invariant: one draw per element, and the same bits on every machine (random_arithmetic.h).
#pragma once

#include "interpreter/random/random_generator.h"

namespace inlay {

/// float64 in [0, 1), multiples of 2^-53.
Tensor draw_uniform(RandomState& state, const Shape& shape);
/// float64 of mean 0 and standard deviation 1, by inverting the distribution.
Tensor draw_normal(RandomState& state, const Shape& shape);
/// float64 of mean 1.
Tensor draw_exponential(RandomState& state, const Shape& shape);
/// int64 in [low, low + count), all of them for count 0; a number is preferred by at most count * 2^-64.
Tensor draw_integers(RandomState& state, std::int64_t low, std::uint64_t count, const Shape& shape);
/// The number that draw_integers makes of one word.
std::int64_t whole_below(std::uint64_t word, std::int64_t low, std::uint64_t count);
/// 0 … n-1 in random order.
Tensor draw_permutation(RandomState& state, std::int64_t n);

}  // namespace inlay
