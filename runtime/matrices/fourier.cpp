// fourier.cpp - see fourier.h. Eigen's FFT is KISS FFT: steps of 4, 2, 3 and 5, then of whatever primes are left.
// Invariant: plans live for one block of rows; there is nothing between two calls.
#include "runtime/matrices/fourier.h"

#define EIGEN_DONT_PARALLELIZE
#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <atomic>
#include <new>

#include "runtime/dtypes/cast.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Elements of a block of rows: so many that the roots of unity of its plan, about as dear as a row, weigh little.
constexpr std::int64_t kBlock = 1 << 16;
/// Element-steps, as parallel.h counts them, of an element in a step of two.
constexpr std::int64_t kStepCost = 3;

/// The sum of n's prime divisors: what each element takes part in.
std::int64_t steps_of(std::int64_t n) {
  std::int64_t steps = 0;
  for (std::int64_t prime = 2; prime * prime <= n; ++prime)
    for (; n % prime == 0; n /= prime) steps += prime;
  return n > 1 ? steps + n : steps;
}

/// So many rows, up to the one at which the loop is to stop. Throws std::bad_alloc.
void transform(const complex128* from, complex128* to, std::int64_t n, std::int64_t rows, bool inverse) {
  Eigen::FFT<double> plan;
  plan.SetFlag(Eigen::FFT<double>::Unscaled);
  for (std::int64_t row = 0; row < rows && !is_stopping(); ++row, from += n, to += n)
    inverse ? plan.inv(to, from, n) : plan.fwd(to, from, n);
}

}  // namespace

Tensor fourier(const Tensor& x, bool inverse) {
  if (x.rank() == 0 || x.shape().back() == 0) raise(ErrorKind::ValueError, "there is no row to transform");
  const std::int64_t n = x.shape().back(), rows = x.size() / n;
  const std::int64_t cost = x.size() * steps_of(n) * kStepCost;
  context().charge(static_cast<std::uint64_t>(cost), 0);
  const Tensor in = cast(x, DType::complex128).contiguous();
  if (n == 1) return in;  // Eigen writes where it has no memory
  Tensor out = Tensor::empty(in.dtype(), in.shape());
  const complex128* const from = in.data<complex128>();
  complex128* const to = out.mutable_data<complex128>();
  std::atomic<bool> lacks_memory = false;
  parallel_for(rows, std::max(kBlock / n, std::int64_t{1}), cost, [&](std::int64_t begin, std::int64_t end) {
    try {
      transform(from + begin * n, to + begin * n, n, end - begin, inverse);
    } catch (const std::bad_alloc&) {
      lacks_memory = true;
    }
  });
  if (lacks_memory) throw std::bad_alloc();
  return out;
}

}  // namespace inlay
