// gemm_kernels_avx2.cpp - tiles of matrix products for processors with AVX2; see gemm_tile.h.
// Invariant: multiplying and adding is one rounding here, so that bits differ from the baseline's in the last place.
#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include <immintrin.h>

namespace inlay {
namespace {

constexpr int kRows = 6;

template <class T>
struct Vectors;
template <>
struct Vectors<float> {
  using type = __m256;
  static type all(float x) { return _mm256_set1_ps(x); }
  static type load(const float* from) { return _mm256_loadu_ps(from); }
  static void store(float* to, type x) { _mm256_storeu_ps(to, x); }
  static type add(type a, type b) { return _mm256_add_ps(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm256_fmadd_ps(a, b, c); }
};
template <>
struct Vectors<double> {
  using type = __m256d;
  static type all(double x) { return _mm256_set1_pd(x); }
  static type load(const double* from) { return _mm256_loadu_pd(from); }
  static void store(double* to, type x) { _mm256_storeu_pd(to, x); }
  static type add(type a, type b) { return _mm256_add_pd(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm256_fmadd_pd(a, b, c); }
};

}  // namespace
}  // namespace inlay

#define GEMM_SET avx2
#include "runtime/gemm_tile.h"
#endif
