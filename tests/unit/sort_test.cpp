// sort_test.cpp - order: stability, NaNs, zeros, lengths on both sides of the radix sort, vectors, unique and
// searchsorted.
#include "runtime/reductions/sort.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "runtime/kernels/instruction_set.h"
#include "runtime/memory/context.h"
#include "runtime/reductions/vector_sort.h"
#include "runtime/tensors/shape_ops.h"
#include "tensors.h"
#include "tests/unit/sanitized.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// `n` numbers in [-spread, spread), the same ones every time.
Values noise(std::int64_t n, std::int64_t spread) {
  Values out(static_cast<std::size_t>(n));
  std::uint64_t state = 7;
  for (std::int64_t& v : out) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    v = static_cast<std::int64_t>(state >> 33) % (2 * spread) - spread;
  }
  return out;
}

}  // namespace

TEST_CASE("all dtypes, short and long") {
  for (const DType dtype : {DType::int8, DType::int16, DType::int32, DType::int64, DType::float16, DType::bfloat16,
                            DType::float32, DType::float64, DType::complex64})
    for (const std::int64_t n : {1, 7, 300, 3000}) {
      const Tensor x = make(dtype, {n}, noise(n, 100));
      Values wanted = dtype == DType::complex64 ? values(real(x)) : values(x);
      std::sort(wanted.begin(), wanted.end());
      const Tensor sorted = sort(x, 0);
      CHECK(sorted.dtype() == dtype);
      CHECK(values(dtype == DType::complex64 ? real(sorted) : sorted) == wanted);
    }
  CHECK(values(sort(make(DType::uint64, {3}, {5, 0, 3}), 0)) == Values{0, 3, 5});
  CHECK(values(sort(mask({4}, {1, 0, 1, 0}), 0)) == Values{0, 0, 1, 1});
}

TEST_CASE("argsort is stable") {
  for (const std::int64_t n : {100, 5000}) {
    const Values keys = noise(n, 10);
    Values wanted(keys.size());
    std::iota(wanted.begin(), wanted.end(), 0);
    std::stable_sort(wanted.begin(), wanted.end(), [&](std::int64_t a, std::int64_t b) { return keys[a] < keys[b]; });
    for (const DType dtype : {DType::int8, DType::int64, DType::float32, DType::float64, DType::complex128})
      CHECK(values(argsort(make(dtype, {n}, keys), 0)) == wanted);
  }
}

TEST_CASE("NaN last, zeros of either sign in their order") {
  const Tensor sorted = sort(Tensor::of<double>({kNaN, 0.0, -1.0, -0.0, kNaN, 0.0, -0.0, -INFINITY, INFINITY}), 0);
  const double* s = sorted.data<double>();
  CHECK(s[0] == -INFINITY);
  CHECK(s[1] == -1.0);
  CHECK((!std::signbit(s[2]) && std::signbit(s[3]) && !std::signbit(s[4]) && std::signbit(s[5])));
  CHECK(s[6] == INFINITY);
  CHECK((std::isnan(s[7]) && std::isnan(s[8])));
  CHECK(values(argsort(Tensor::of<double>({kNaN, 0.0, -0.0, -kNaN, -1.0}), 0)) == Values{4, 1, 2, 0, 3});
}

TEST_CASE("complex order: real parts first, then by which parts are NaN") {
  const Tensor z = Tensor::of<complex128>({{kNaN, kNaN}, {kNaN, 0}, {0, kNaN}, {2, 1}, {1, 5}, {1, -5}, {-1, kNaN}});
  CHECK(values(argsort(z, 0)) == Values{5, 4, 3, 6, 2, 1, 0});
}

TEST_CASE("any axis of any layout") {
  const Tensor x = ints({2, 3}, {3, 1, 2, 0, 5, 4});
  CHECK(values(sort(x, 0)) == Values{0, 1, 2, 3, 5, 4});
  CHECK(values(sort(x, 1)) == Values{1, 2, 3, 0, 4, 5});
  CHECK(values(argsort(transpose(x), 0)) == Values{1, 0, 2, 2, 0, 1});
  CHECK(sort(Tensor::zeros(DType::float32, {0, 3}), 1).shape() == Shape{0, 3});
  CHECK(values(x) == Values{3, 1, 2, 0, 5, 4});
}

TEST_CASE("searchsorted finds both sides, NaN behind all") {
  const Tensor x = ints({4}, {1, 2, 2, 5});
  CHECK(values(searchsorted(x, ints({5}, {0, 2, 3, 5, 9}), false)) == Values{0, 1, 3, 3, 4});
  CHECK(values(searchsorted(x, ints({2, 1}, {2, 5}), true)) == Values{3, 4});
  CHECK(values(searchsorted(x, Tensor::of<double>({1.5, kNaN}), false)) == Values{1, 4});
  CHECK(values(searchsorted(Tensor::of<double>({1, kNaN}), Tensor::of<double>({kNaN}), false)) == Values{1});
  CHECK(searchsorted(x, Tensor::scalar<std::int64_t>(2), false).rank() == 0);
  CHECK(error_of([&] {
          searchsorted(Tensor::zeros(DType::int8, {2, 2}), x, false);
        }) == "ValueError: object too deep for desired array");
}

TEST_CASE("unique: values, first places, inverse, counts") {
  const Unique u = unique(ints({2, 3}, {3, 1, 3, 2, 1, 3}), true);
  CHECK(values(u.values) == Values{1, 2, 3});
  CHECK(values(u.index) == Values{1, 3, 0});
  CHECK(values(u.inverse) == Values{2, 0, 2, 1, 0, 2});
  CHECK(u.inverse.shape() == Shape{2, 3});
  CHECK(values(u.counts) == Values{2, 1, 3});
  CHECK(values(unique(Tensor::of<double>({kNaN, 0.0, kNaN, -0.0}), true).counts) == Values{2, 2});
  CHECK(values(unique(make(DType::float16, {3}, {2, 1, 2}), true).values) == Values{1, 2});
  CHECK(unique(Tensor::zeros(DType::int8, {0}), true).values.size() == 0);
  CHECK(unique(Tensor::scalar<double>(3), true).inverse.rank() == 0);
}

TEST_CASE("sorted elements are those of the sorted row, with and without many equal ones") {
  for (const std::int64_t n : {1, 7, 2048, 2049, 10'000, 100'000})
    for (const std::int64_t kinds : {1, 3, 1 << 20})
      for (const DType dtype : {DType::float32, DType::float64, DType::int64, DType::uint8, DType::complex64}) {
        Values elements(static_cast<std::size_t>(2 * n));
        for (std::size_t i = 0; i < elements.size(); ++i)
          elements[i] = static_cast<std::int64_t>(i * 7'919'999 % 1'000'003) % kinds;
        const Tensor x = make(dtype, {2, n}, elements), sorted = sort(x, 1);
        std::vector<std::int64_t> places = {0, n / 3, n / 2, n - 1};
        places.erase(std::unique(places.begin(), places.end()), places.end());
        const Tensor found = sorted_elements(x, places);
        const std::int64_t count = std::ssize(places), size = x.itemsize();
        for (std::int64_t i = 0; i < found.size(); ++i)
          CHECK(std::memcmp(found.bytes() + i * size, sorted.bytes() + (i / count * n + places[i % count]) * size,
                            static_cast<std::size_t>(size)) == 0);
      }
}

TEST_CASE("unique without positions: the first of equal zeros, NaNs apart or as one") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = Tensor::of<double>({2, nan, -0.0, 1, 0.0, nan, 2});
  const Unique one = unique_values(x, true), apart = unique_values(x, false);
  CHECK(one.counts.size() == 4);
  CHECK(values(one.counts) == Values{2, 1, 2, 2});
  CHECK(std::signbit(one.values.data<double>()[0]));
  CHECK(values(apart.counts) == Values{2, 1, 2, 1, 1});
  CHECK(unique_values(Tensor::zeros(DType::int8, {0}), true).values.size() == 0);
}

#if defined(__x86_64__)
namespace {

/// Keys of every count up to `most`: any bits, few values, in order either way.
template <class Key>
void check_vector_sort(const VectorSort<Key>& vectors, std::int64_t most) {
  std::mt19937_64 generator(7);
  for (std::int64_t n = 1; n <= most; n += 1 + n / 16)
    for (int kind = 0; kind < 4; ++kind) {
      CAPTURE(n);
      CAPTURE(kind);
      std::vector<Key> keys(static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i)
        keys[i] = static_cast<Key>(kind == 0 ? generator() : kind == 1 ? generator() % 3 : kind == 2 ? i : ~i);
      std::vector<Key> sorted = keys, parts = keys;
      std::sort(sorted.begin(), sorted.end());
      vectors.sort(keys.data(), n);
      REQUIRE(keys == sorted);
      if (n < kMinimumToSplit) continue;
      const std::int64_t m = vectors.split(parts.data(), n);
      REQUIRE((sorted.front() == sorted.back() || (0 < m && m < n)));
      REQUIRE((m == n || *std::max_element(parts.begin(), parts.begin() + m) <=
                             *std::min_element(parts.begin() + m, parts.end())));
      std::sort(parts.begin(), parts.end());
      REQUIRE(parts == sorted);
    }
}

}  // namespace

TEST_CASE("keys are sorted and split by the vectors of each instruction set") {
  if (best_instruction_set() >= InstructionSet::avx2) {
    check_vector_sort(avx2::kSort32, 20'000);
    check_vector_sort(avx2::kSort64, 20'000);
  }
  if (best_instruction_set() >= InstructionSet::avx512) {
    check_vector_sort(avx512::kSort32, 20'000);
    check_vector_sort(avx512::kSort64, 20'000);
  }
}
#endif

TEST_CASE("long lines: random, few distinct values, ordered, bits at all heights") {
  const int threads = context().threads;
  for (context().threads = 1; context().threads < 9; context().threads *= 4)
    for (const std::int64_t n : {129, 257, 1023, kIsSanitized ? 7'000 : 70'000, kIsSanitized ? 66'001 : 300'001})
      for (const DType dtype :
           {DType::int32, DType::uint32, DType::int64, DType::uint64, DType::float32, DType::float64})
        for (int kind = 0; kind < 4; ++kind) {
          Values v = noise(n, kind == 1 ? 2 : 1 << 20);
          if (kind == 2) std::sort(v.begin(), v.end(), std::greater<>());
          if (kind == 3)
            for (std::int64_t& each : v) each = std::int64_t{1} << (std::abs(each) % 24);
          if (dtype == DType::uint32 || dtype == DType::uint64)
            for (std::int64_t& each : v) each = std::abs(each);
          const Tensor x = make(dtype, {n}, v);
          std::sort(v.begin(), v.end());
          CHECK((values(sort(x, 0)) == v));
        }
  context().threads = threads;
}

namespace {

/// Whether `body` ends with KeyboardInterrupt when it is asked to stop at its `looks`-th look.
template <class F>
bool stops_at(std::int64_t looks, const F& body) {
  Context own;
  const ContextScope scope(own);
  own.budget.request_stop_after(looks);
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::KeyboardInterrupt;
  }
  return false;
}

}  // namespace

TEST_CASE("sorting one long line looks at whether to stop in every pass") {
  constexpr std::int64_t n = std::int64_t{1} << 21, parts = n >> 19;
  const Tensor x = make(DType::int64, {n}, noise(n, 100)), z = cast(x, DType::complex128);
  const std::int64_t places[] = {n / 3};
  // Elements to pairs, counting digits, placing by the one that differs or more, positions out of pairs.
  CHECK(stops_at(4 * parts, [&] { argsort(x, 0); }));
  // Runs by insertion, then at least one look at each 2^14 elements of each of 17 rounds of merging.
  CHECK(stops_at(17 * (n >> 15), [&] { argsort(z, 0); }));
  CHECK(stops_at(17 * (n >> 15), [&] { sort(z, 0); }));
  // Selection compares at least each element with a pivot.
  CHECK(stops_at(parts, [&] { sorted_elements(z, places); }));
  CHECK(stops_at(parts, [&] { sorted_elements(x, places); }));
  // The line sorted, its runs counted and written: 16 parts of serial_for each.
  CHECK(stops_at(32, [&] { unique_values(x, true); }));
}

TEST_CASE("merging in pieces keeps the order of equals") {
  const std::int64_t n = 100'000;
  const Values v = noise(n, 50);
  Values wanted(v.size());
  std::iota(wanted.begin(), wanted.end(), 0);
  const auto at = [&](std::int64_t i) { return v[static_cast<std::size_t>(i)]; };
  std::stable_sort(wanted.begin(), wanted.end(), [&](std::int64_t a, std::int64_t b) { return at(a) < at(b); });
  CHECK((values(argsort(make(DType::complex128, {n}, v), 0)) == wanted));
}
