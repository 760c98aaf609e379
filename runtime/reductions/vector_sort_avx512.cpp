// vector_sort_avx512.cpp - vector_sort_kernels.h in 512-bit registers; the only file of it with these intrinsics.
// Invariant: everything but the two tables is in an anonymous namespace.
#include "runtime/reductions/vector_sort.h"

#if defined(__x86_64__)
#include "runtime/kernels/function_target.h"
#include "runtime/threads/parallel.h"

// GCC 12 takes the undefined operands of its own intrinsics for mistakes.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

BEGIN_FUNCTION_TARGET("avx512f,avx512bw,avx512dq,avx512vl,bmi2,popcnt")
#include "runtime/reductions/vector_sort_kernels.h"

namespace inlay {
namespace {

struct Lanes32 {
  using Key = std::uint32_t;
  using Mask = __mmask16;
  static constexpr int lanes = 16;
  static __m512i broadcast(Key k) { return _mm512_set1_epi32(static_cast<int>(k)); }
  static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu32(a, b); }
  static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu32(a, b); }
  static __m512i max_where(__m512i otherwise, Mask m, __m512i a, __m512i b) {
    return _mm512_mask_max_epu32(otherwise, m, a, b);
  }
  static Mask below(__m512i a, __m512i b) { return _mm512_cmplt_epu32_mask(a, b); }
  static Mask not_below(__m512i a, __m512i b) { return _mm512_cmpge_epu32_mask(a, b); }
  static __m512i compress(Mask m, __m512i a) { return _mm512_maskz_compress_epi32(m, a); }
  static __m512i load(Mask m, __m512i otherwise, const Key* at) { return _mm512_mask_loadu_epi32(otherwise, m, at); }
  static void store(Key* at, Mask m, __m512i a) { _mm512_mask_storeu_epi32(at, m, a); }
  static Key smallest(__m512i a) { return _mm512_reduce_min_epu32(a); }
  static Key largest(__m512i a) { return _mm512_reduce_max_epu32(a); }
  /// Lane i takes lane i ^ bits.
  template <int bits>
  static __m512i exchange(__m512i a) {
    const __m512i i = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_permutexvar_epi32(_mm512_xor_si512(i, _mm512_set1_epi32(bits)), a);
  }
  static __m512i interleave_first(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi32(a, _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0), b);
  }
  static __m512i interleave_last(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi32(a, _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8),
                                     b);
  }
};

struct Lanes64 {
  using Key = std::uint64_t;
  using Mask = __mmask8;
  static constexpr int lanes = 8;
  static __m512i broadcast(Key k) { return _mm512_set1_epi64(static_cast<long long>(k)); }
  static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu64(a, b); }
  static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu64(a, b); }
  static __m512i max_where(__m512i otherwise, Mask m, __m512i a, __m512i b) {
    return _mm512_mask_max_epu64(otherwise, m, a, b);
  }
  static Mask below(__m512i a, __m512i b) { return _mm512_cmplt_epu64_mask(a, b); }
  static Mask not_below(__m512i a, __m512i b) { return _mm512_cmpge_epu64_mask(a, b); }
  static __m512i compress(Mask m, __m512i a) { return _mm512_maskz_compress_epi64(m, a); }
  static __m512i load(Mask m, __m512i otherwise, const Key* at) { return _mm512_mask_loadu_epi64(otherwise, m, at); }
  static void store(Key* at, Mask m, __m512i a) { _mm512_mask_storeu_epi64(at, m, a); }
  static Key smallest(__m512i a) { return _mm512_reduce_min_epu64(a); }
  static Key largest(__m512i a) { return _mm512_reduce_max_epu64(a); }
  template <int bits>
  static __m512i exchange(__m512i a) {
    const __m512i i = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_permutexvar_epi64(_mm512_xor_si512(i, _mm512_set1_epi64(bits)), a);
  }
  static __m512i interleave_first(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi64(a, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), b);
  }
  static __m512i interleave_last(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), b);
  }
};

/// What is the same for both widths.
template <class Lanes>
struct Keys : Lanes {
  using Vector = __m512i;
  using typename Lanes::Key;
  using typename Lanes::Mask;
  static constexpr int registers = 16, sample = Lanes::lanes;

  static __m512i load(const Key* at) { return _mm512_loadu_si512(at); }
  static __m512i load(const Key* at, int count, __m512i otherwise) {
    return Lanes::load(first_lanes(count), otherwise, at);
  }
  static void store(Key* at, int count, __m512i a) { Lanes::store(at, first_lanes(count), a); }
  template <int bits, int bit>
  static __m512i exchanged(__m512i a, __m512i partner) {
    const __m512i other = Lanes::template exchange<bits>(partner);
    return Lanes::max_where(Lanes::min(a, other), upper_lanes<bit>(), a, other);
  }
  /// There is room for a vector at the low end; at the high end only what belongs there is written.
  static void put(Ends<Keys>& ends, __m512i a, int valid) {
    const Mask below = Lanes::below(a, ends.pivot) & first_lanes(valid),
               above = Lanes::not_below(a, ends.pivot) & first_lanes(valid);
    const int n_below = __builtin_popcount(below), n_above = valid - n_below;
    ends.high -= n_above;
    _mm512_storeu_si512(ends.low, Lanes::compress(below, a));
    Lanes::store(ends.high, first_lanes(n_above), Lanes::compress(above, a));
    ends.low += n_below;
  }

 private:
  /// 0 <= n <= lanes; without a branch.
  static Mask first_lanes(int n) { return static_cast<Mask>(_bzhi_u32(~0U, static_cast<unsigned>(n))); }
  /// The lanes whose number has the bit `bit`: they keep the larger key of an exchange.
  template <int bit>
  static constexpr Mask upper_lanes() {
    unsigned mask = 0;
    for (int lane = 0; lane < Lanes::lanes; ++lane)
      if (lane & bit) mask |= 1U << lane;
    return static_cast<Mask>(mask);
  }
};

}  // namespace

namespace avx512 {
extern const VectorSort<std::uint32_t> kSort32 = {sort<Keys<Lanes32>>, split<Keys<Lanes32>>, to_keys<std::uint32_t>,
                                                  from_keys<std::uint32_t>};
extern const VectorSort<std::uint64_t> kSort64 = {sort<Keys<Lanes64>>, split<Keys<Lanes64>>, to_keys<std::uint64_t>,
                                                  from_keys<std::uint64_t>};
}  // namespace avx512

}  // namespace inlay
END_FUNCTION_TARGET
#endif
