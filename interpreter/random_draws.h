// random_draws.h - random words as tensors of numbers: uniform, normal, exponential, integers, orders.
// Invariant: one draw per element, and arithmetic that is exactly rounded everywhere: no library's log decides a bit.
#pragma once

#include "interpreter/random_generator.h"

namespace inlay {

/// float64 in [0, 1), multiples of 2^-53.
Tensor draw_uniform(RandomState& state, const Shape& shape);
/// float64 of mean 0 and standard deviation 1, by inverting the distribution (Wichura: "Algorithm AS 241", 1988).
Tensor draw_normal(RandomState& state, const Shape& shape);
/// float64 of mean 1.
Tensor draw_exponential(RandomState& state, const Shape& shape);
/// int64 in [low, low + count), all of them for count 0; a number is preferred by at most count * 2^-64.
Tensor draw_integers(RandomState& state, std::int64_t low, std::uint64_t count, const Shape& shape);
/// 0 … n-1 in random order.
Tensor draw_permutation(RandomState& state, std::int64_t n);

}  // namespace inlay
