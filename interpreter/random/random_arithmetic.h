// random_arithmetic.h - the few functions that random numbers are made with, of additions, multiplications, divisions
// and square roots alone: a C library's log may differ in the last bit from the next one's, and one bit decides whether
// a candidate is rejected. Knows nothing of streams. Invariant: the same bits on every machine.
#pragma once

namespace inlay {

/// The natural logarithm of a positive, normal number.
double portable_log(double x);
/// log(1 + x) for x > -1, exact to a few units in the last place near 0 too.
double portable_log1p(double x);
double portable_exp(double x);
/// x ** exponent for x >= 0 and exponent > 0, or x > 0.
double portable_power(double x, double exponent);
/// log(k!) for whole k >= 0.
double log_factorial(double k);
/// What Stirling's (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2 leaves of log(k!), whole k >= 0.
double stirling_correction(double k);
/// The number that a normal variable is below with probability p, 0 < p < 1 (Wichura: "Algorithm AS 241", 1988).
double normal_quantile(double p);

}  // namespace inlay
