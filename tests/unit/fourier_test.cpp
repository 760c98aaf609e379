// fourier_test.cpp - transforms of rows against the sum that defines them.
#include "runtime/matrices/fourier.h"

#include <algorithm>
#include <complex>
#include <cstring>
#include <numbers>

#include "runtime/tensors/shape_ops.h"
#include "tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

Tensor samples(Shape shape) {
  Tensor out = Tensor::empty(DType::complex128, std::move(shape));
  auto* const x = out.mutable_data<complex128>();
  for (std::int64_t at = 0; at < out.size(); ++at)
    x[at] = {static_cast<double>(at * 7 % 11) - 5, static_cast<double>(at % 3)};
  return out;
}

complex128 by_definition(const complex128* row, std::int64_t n, std::int64_t k, bool inverse) {
  complex128 sum = 0;
  for (std::int64_t j = 0; j < n; ++j)
    sum += row[j] * std::polar(1.0, (inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(j * k % n) /
                                        static_cast<double>(n));
  return sum;
}

double largest_error(const Tensor& x, bool inverse) {
  const std::int64_t n = x.shape().back();
  const Tensor out = fourier(x, inverse);
  CHECK(out.shape() == x.shape());
  double error = 0;
  for (std::int64_t at = 0; at < x.size(); ++at) {
    const complex128 wanted = by_definition(x.data<complex128>() + at / n * n, n, at % n, inverse);
    error = std::max(error, std::abs(out.data<complex128>()[at] - wanted));
  }
  return error;
}

bool has_same_bytes(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<std::size_t>(a.size() * a.itemsize())) == 0;
}

}  // namespace

TEST_CASE("a transform is the sum that defines it, for lengths of small and of larger primes") {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 12, 16, 30, 31, 37, 49, 64, 128, 210})
    for (const bool inverse : {false, true}) {
      CAPTURE(n);
      CHECK(largest_error(samples({3, n}), inverse) < 1e-11);
    }
}

TEST_CASE("integers and transposed tensors are transformed as what they say in row-major order") {
  const Tensor x = transpose(iota({3, 2}));
  const Tensor rows = make(DType::complex128, {2, 3}, {0, 2, 4, 1, 3, 5});
  CHECK(has_same_bytes(fourier(x, false), fourier(rows, false)));
}

TEST_CASE("rows have the same bits for any number of threads") {
  const Tensor x = samples({600, 1000});
  const auto with_threads = [&](int threads) {
    Watch watch;
    watch.own.threads = threads;
    return fourier(x, false);
  };
  CHECK(has_same_bytes(with_threads(1), with_threads(4)));
}

TEST_CASE("no row, no transform") {
  CHECK(error_of([] { fourier(iota({}), false); }) == "ValueError: there is no row to transform");
  CHECK(error_of([] { fourier(iota({2, 0}), false); }) == "ValueError: there is no row to transform");
  CHECK(fourier(iota({0, 2}), false).size() == 0);
}
