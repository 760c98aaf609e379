// gemm_kernels_avx512.cpp - tiles of matrix products for processors with AVX-512; see gemm_tile.h.
// Invariant: multiplying and adding is one rounding here, so that bits differ from the baseline's in the last place.
#if defined(__x86_64__)
#include <immintrin.h>

#include "runtime/kernels/function_target.h"
#include "runtime/matrices/gemm_kernel.h"

BEGIN_FUNCTION_TARGET("avx512f,avx512vl,avx2,fma")

namespace inlay {
namespace {

constexpr int kRows = 12;

template <class T>
struct Vectors;
template <>
struct Vectors<float> {
  using type = __m512;
  static type all(float x) { return _mm512_set1_ps(x); }
  static type load(const float* from) { return _mm512_loadu_ps(from); }
  static void store(float* to, type x) { _mm512_storeu_ps(to, x); }
  static type load_first(const float* from, int count) { return _mm512_maskz_loadu_ps(first(count), from); }
  static void store_first(float* to, type x, int count) { _mm512_mask_storeu_ps(to, first(count), x); }
  static __mmask16 first(int count) { return static_cast<__mmask16>((1U << count) - 1); }
  static type add(type a, type b) { return _mm512_add_ps(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm512_fmadd_ps(a, b, c); }
};
template <>
struct Vectors<double> {
  using type = __m512d;
  static type all(double x) { return _mm512_set1_pd(x); }
  static type load(const double* from) { return _mm512_loadu_pd(from); }
  static void store(double* to, type x) { _mm512_storeu_pd(to, x); }
  static type load_first(const double* from, int count) { return _mm512_maskz_loadu_pd(first(count), from); }
  static void store_first(double* to, type x, int count) { _mm512_mask_storeu_pd(to, first(count), x); }
  static __mmask8 first(int count) { return static_cast<__mmask8>((1U << count) - 1); }
  static type add(type a, type b) { return _mm512_add_pd(a, b); }
  static type multiply_add(type a, type b, type c) { return _mm512_fmadd_pd(a, b, c); }
};

}  // namespace
}  // namespace inlay

#define GEMM_SET avx512
#include "runtime/matrices/gemm_tile.h"
END_FUNCTION_TARGET
#endif
