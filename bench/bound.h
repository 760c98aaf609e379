// bound.h - the workloads by hand: what a C++ compiler makes of them for this machine, operands known, pages mapped.
// engines.py adds the `c++` section of every workload and compiles it with -march=native -ffast-math -fopenmp. No
// interpreter can be much faster. Invariant: a workload reads and writes the arrays of `data`, and nothing else.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

constexpr long kParallelFrom = 65536;

struct Data {
  long n, k, r;
  std::vector<float> x, y, z, v;
  std::vector<std::uint8_t> m;
  std::vector<std::int64_t> idx;

  Data(long size, long picks) : n(size), k(picks), r(static_cast<long>(std::sqrt(double(size)))) {
    std::mt19937_64 bits(0);
    std::uniform_real_distribution<float> uniform(0, 1);
    for (auto* part : {&x, &y, &z}) part->resize(static_cast<std::size_t>(std::max(n, k)));
    v.resize(static_cast<std::size_t>(k));
    for (auto* part : {&x, &y, &v})
      for (float& element : *part) element = uniform(bits);
    for (float element : x) m.push_back(element > 0.5f);
    for (long at = 0; at < k; ++at) idx.push_back(static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(n)));
  }
};

// Macros, since g++ does not vectorise a condition that it sees through a lambda.
#define EACH(count, ...)                                                                            \
  do {                                                                                              \
    const long end = count;                                                                         \
    if (end < kParallelFrom) {                                                                      \
      _Pragma("omp simd") for (long i = 0; i < end; ++i) __VA_ARGS__;                               \
    } else {                                                                                        \
      _Pragma("omp parallel for simd schedule(static)") for (long i = 0; i < end; ++i) __VA_ARGS__; \
    }                                                                                               \
  } while (false)
/// All rows but the first and the last.
#define ROWS(...)                                                                                     \
  do {                                                                                                \
    _Pragma("omp parallel for if (n >= kParallelFrom)") for (long i = 1; i < r - 1; ++i) __VA_ARGS__; \
  } while (false)

/// Packs what passes: each thread counts its part, then writes it in its place.
template <class Test>
void keep(long n, const float* x, float* out, Test passes) {
  constexpr long kParts = 16;
  long start[kParts + 1] = {0};
#pragma omp parallel for if (n >= kParallelFrom)
  for (long part = 0; part < kParts; ++part)
    start[part + 1] = std::count_if(x + n * part / kParts, x + n * (part + 1) / kParts, passes);
  for (long part = 0; part < kParts; ++part) start[part + 1] += start[part];
#pragma omp parallel for if (n >= kParallelFrom)
  for (long part = 0; part < kParts; ++part) {
    // Ends with the last kept element, so that no part writes where the next one begins.
    const float* from = x + n * part / kParts;
    for (float *to = out + start[part], *end = out + start[part + 1]; to != end; ++from) {
      *to = *from;
      to += passes(*from);
    }
  }
}

using Work = void (*)(Data&);
inline std::map<std::string, Work> works;

/// The names that a workload uses.
#define OPERANDS(data)                                                                     \
  [[maybe_unused]] const long n = data.n, k = data.k, r = data.r;                          \
  [[maybe_unused]] float *__restrict x = data.x.data(), *__restrict y = data.y.data(),   \
                         *__restrict z = data.z.data(), *__restrict v = data.v.data(); \
  [[maybe_unused]] const std::uint8_t* __restrict m = data.m.data();                       \
  [[maybe_unused]] const std::int64_t* __restrict idx = data.idx.data();

/// bound NAME N K BUDGET: prints the best seconds per run.
int main(int, char** given) {
  using Clock = std::chrono::steady_clock;
  Data data(std::atol(given[2]), std::max(1L, std::atol(given[3])));
  const Work work = works.at(given[1]);
  const auto batch = [&](long count) {
    const auto start = Clock::now();
    for (long at = 0; at < count; ++at) work(data);
    return std::chrono::duration<double>(Clock::now() - start).count() / double(count);
  };
  batch(1);
  const long count = std::max(1L, static_cast<long>(0.005 / std::max(batch(1), 1e-9)));
  const auto end = Clock::now() + std::chrono::duration<double>(std::atof(given[4]));
  double best = batch(count);
  while (Clock::now() < end) best = std::min(best, batch(count));
  std::printf("%.9g\n", best);
}
