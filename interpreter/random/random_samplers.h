// random_samplers.h - one number of a distribution that takes an unknown number of random words, by rejection.
// Knows nothing of tensors and of arguments' checks. Invariant: an element's words are its own: what is drawn for one
// element does not depend on how many words another one took, so the elements of a result may be made in any order.
#pragma once

#include <cstdint>

#include "interpreter/random/random_generator.h"

namespace inlay {

/// The random words of one element, as many as it wants.
class ElementStream {
 public:
  ElementStream(const RandomState& state, std::uint64_t element) : state_(&state), element_(element) {}

  std::uint64_t word();
  /// In (0, 1): never one of its ends.
  double uniform();
  double normal();

 private:
  const RandomState* state_;
  std::uint64_t element_;
  std::uint32_t block_ = 0;
  RandomState::Words words_{};
  bool has_second_ = false;
};

/// A sampler's result as a double: whole numbers too, beyond int64 they saturate when they are stored. Parameters are
/// in the order of NumPy's function, checked by the caller.
using Sampler = double (*)(ElementStream& stream, const double* parameters);

/// shape >= 0, scale 1.
double sample_gamma(ElementStream& stream, const double* shape);
/// lam >= 0.
double sample_poisson(ElementStream& stream, const double* lam);
/// n >= 0, whole, and 0 <= p <= 1.
double sample_binomial(ElementStream& stream, const double* n_and_p);
/// ngood, nbad and nsample <= ngood + nbad, whole.
double sample_hypergeometric(ElementStream& stream, const double* counts);
/// a > 1.
double sample_zipf(ElementStream& stream, const double* a);

}  // namespace inlay
