// random_draws.cpp - see random_draws.h.
#include "interpreter/random/random_draws.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "interpreter/random/random_arithmetic.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// ---- words to numbers -----------------------------------------------------------------------------------------------

double closed_open(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

constexpr std::size_t kWordsAtOnce = 512;

/// A tensor of one draw per element.
template <class T, class Convert>
Tensor draw(RandomState& state, const Shape& shape, std::int64_t cost, Convert convert) {
  Tensor out = Tensor::empty(dtype_v<T>, shape);
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  const std::uint64_t first = state.skip(static_cast<std::uint64_t>(out.size()));
  const RandomState& stream = state;
  T* to = out.mutable_data<T>();
  expect_work(out.size() * cost);
  parallel_for(out.size(), kParallelBlock, out.size() * cost, [&, to](std::int64_t begin, std::int64_t end) {
    std::array<std::uint64_t, kWordsAtOnce> words;
    for (std::int64_t at = begin; at < end;) {
      const auto n = std::min(words.size(), static_cast<std::size_t>(end - at));
      stream.read(first + static_cast<std::uint64_t>(at), std::span(words).first(n));
      for (std::size_t i = 0; i < n; ++i) to[at++] = convert(words[i]);
    }
  });
  return out;
}

/// floor(word * count / 2^64)
std::uint64_t scaled(std::uint64_t word, std::uint64_t count) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<std::uint64_t>(static_cast<Wide>(word) * count >> 64);
}

}  // namespace

Tensor draw_uniform(RandomState& state, const Shape& shape) { return draw<double>(state, shape, 16, closed_open); }

Tensor draw_normal(RandomState& state, const Shape& shape) {
  return draw<double>(state, shape, 48, [](std::uint64_t word) { return normal_quantile(open_uniform(word)); });
}

Tensor draw_exponential(RandomState& state, const Shape& shape) {
  return draw<double>(state, shape, 48, [](std::uint64_t word) { return -portable_log(open_uniform(word)); });
}

std::int64_t whole_below(std::uint64_t word, std::int64_t low, std::uint64_t count) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + (count == 0 ? word : scaled(word, count)));
}

Tensor draw_integers(RandomState& state, std::int64_t low, std::uint64_t count, const Shape& shape) {
  return draw<std::int64_t>(state, shape, 16, [=](std::uint64_t word) { return whole_below(word, low, count); });
}

Tensor draw_permutation(RandomState& state, std::int64_t n) {
  Tensor out = Tensor::empty(DType::int64, {n});
  context().charge(static_cast<std::uint64_t>(n), 0);
  auto* order = out.mutable_data<std::int64_t>();
  serial_for(n, [=](std::int64_t begin, std::int64_t end) { std::iota(order + begin, order + end, begin); });
  const std::int64_t swaps = std::max<std::int64_t>(n - 1, 0);
  const std::uint64_t first = state.skip(static_cast<std::uint64_t>(swaps));
  std::array<std::uint64_t, kWordsAtOnce> words;
  serial_for(swaps, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t done = begin; done < end; ++done) {
      const auto at_once = static_cast<std::size_t>(done - begin) % words.size();
      if (at_once == 0) {
        const auto left = std::min(words.size(), static_cast<std::size_t>(end - done));
        state.read(first + static_cast<std::uint64_t>(done), std::span(words).first(left));
      }
      const std::int64_t last = n - 1 - done;
      std::swap(order[last], order[scaled(words[at_once], static_cast<std::uint64_t>(last) + 1)]);
    }
  });
  return out;
}

}  // namespace inlay
