// fourier.h - discrete Fourier transforms of rows on Eigen, which only fourier.cpp sees.
// Invariant: a row is transformed by one thread, so that results have the same bits for any number of threads.
#pragma once

#include "runtime/tensors/tensor.h"

namespace inlay {

/// The transform of each row (along the last axis), unscaled, in complex128: the sum over j of
/// x[j] exp(-2 pi i j k / n), or with +2 if `inverse`. A row is not stopped, and takes n times its prime divisors:
/// those of more than some 10,000 elements, or with large primes, are for the caller to split (library/numpy.fft).
/// Throws ValueError for tensors without axes and empty rows.
Tensor fourier(const Tensor& x, bool inverse);

}  // namespace inlay
