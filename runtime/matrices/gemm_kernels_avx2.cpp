// gemm_kernels_avx2.cpp - tiles of matrix products for processors with AVX2; see gemm_tile.h.
// Invariant: multiplying and adding is one rounding here, so that bits differ from the baseline's in the last place.
#if defined(__x86_64__)
#include <immintrin.h>

#include "runtime/kernels/function_target.h"
#include "runtime/matrices/gemm_kernel.h"

BEGIN_FUNCTION_TARGET("avx2,fma")

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
  static type load_first(const float* from, int count) { return _mm256_maskload_ps(from, first(count)); }
  static void store_first(float* to, type x, int count) { _mm256_maskstore_ps(to, first(count), x); }
  static __m256i first(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static type add(type a, type b) { return _mm256_add_ps(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm256_fmadd_ps(a, b, c); }
};
template <>
struct Vectors<double> {
  using type = __m256d;
  static type all(double x) { return _mm256_set1_pd(x); }
  static type load(const double* from) { return _mm256_loadu_pd(from); }
  static void store(double* to, type x) { _mm256_storeu_pd(to, x); }
  static type load_first(const double* from, int count) { return _mm256_maskload_pd(from, first(count)); }
  static void store_first(double* to, type x, int count) { _mm256_maskstore_pd(to, first(count), x); }
  static __m256i first(int count) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
  }
  static type add(type a, type b) { return _mm256_add_pd(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm256_fmadd_pd(a, b, c); }
};

}  // namespace
}  // namespace inlay

#define GEMM_SET avx2
#include "runtime/matrices/gemm_tile.h"
END_FUNCTION_TARGET
#endif
