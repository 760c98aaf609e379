// compress_kernels.cpp - vpcompress and vpexpand: 8 or 16 elements per step, without a branch on the mask's pattern.
// Compressing into a register and storing its low lanes beats compressing to memory, which is microcode on some
// processors. Invariant: the last, partial group is loaded and stored under a lane mask.
#include "runtime/compress_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstring>

#define INLAY_WIDE [[gnu::target("avx512f,avx512bw,avx512vl")]]

namespace inlay {
namespace {

struct Lanes8 {
  static constexpr int kCount = 8, kItem = 8;
  INLAY_WIDE static __m512i load(unsigned lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes), from);
  }
  INLAY_WIDE static void store(unsigned lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi64(to, static_cast<__mmask8>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(unsigned lanes, __m512i v) {
    return _mm512_maskz_compress_epi64(static_cast<__mmask8>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(unsigned lanes, __m512i v) {
    return _mm512_maskz_expand_epi64(static_cast<__mmask8>(lanes), v);
  }
  INLAY_WIDE static __m512i all(const std::byte* value) {
    std::int64_t v;
    std::memcpy(&v, value, sizeof v);
    return _mm512_set1_epi64(v);
  }
};

struct Lanes4 {
  static constexpr int kCount = 16, kItem = 4;
  INLAY_WIDE static __m512i load(unsigned lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), from);
  }
  INLAY_WIDE static void store(unsigned lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(unsigned lanes, __m512i v) {
    return _mm512_maskz_compress_epi32(static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(unsigned lanes, __m512i v) {
    return _mm512_maskz_expand_epi32(static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i all(const std::byte* value) {
    std::int32_t v;
    std::memcpy(&v, value, sizeof v);
    return _mm512_set1_epi32(v);
  }
};

/// One bit per true byte of the next `count` (at most `left`) bytes.
template <int count>
INLAY_WIDE unsigned true_lanes(const std::uint8_t* mask, std::int64_t left) {
  alignas(16) std::uint8_t bytes[16] = {};
  if (left >= count)
    std::memcpy(bytes, mask, count);
  else
    std::memcpy(bytes, mask, static_cast<std::size_t>(left));
  const __m128i v = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
  return _mm_test_epi8_mask(v, v);
}

unsigned low_lanes(int count) { return (1U << count) - 1; }

template <class L>
INLAY_WIDE void pack(const std::uint8_t* mask, const std::byte* x, std::byte* to, std::int64_t n) {
  for (std::int64_t at = 0; at < n; at += L::kCount) {
    const unsigned lanes = true_lanes<L::kCount>(mask + at, n - at);
    if (lanes == 0) continue;
    const int count = std::popcount(lanes);
    L::store(low_lanes(count), to, L::compress(lanes, L::load(lanes, x + at * L::kItem)));
    to += count * L::kItem;
  }
}

template <class L>
INLAY_WIDE void store(const std::uint8_t* mask, std::byte* x, const std::byte* values, std::int64_t n) {
  for (std::int64_t at = 0; at < n; at += L::kCount) {
    const unsigned lanes = true_lanes<L::kCount>(mask + at, n - at);
    if (lanes == 0) continue;
    const int count = std::popcount(lanes);
    L::store(lanes, x + at * L::kItem, L::expand(lanes, L::load(low_lanes(count), values)));
    values += count * L::kItem;
  }
}

template <class L>
INLAY_WIDE void fill(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n) {
  const __m512i v = L::all(value);
  for (std::int64_t at = 0; at < n; at += L::kCount) {
    const unsigned lanes = true_lanes<L::kCount>(mask + at, n - at);
    if (lanes != 0) L::store(lanes, x + at * L::kItem, v);
  }
}

INLAY_WIDE void positions(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to, std::int64_t n) {
  __m512i v = _mm512_add_epi64(_mm512_set1_epi64(begin), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
  for (std::int64_t at = 0; at < n; at += Lanes8::kCount) {
    const unsigned lanes = true_lanes<Lanes8::kCount>(mask + at, n - at);
    const int count = std::popcount(lanes);
    Lanes8::store(low_lanes(count), reinterpret_cast<std::byte*>(to), Lanes8::compress(lanes, v));
    to += count;
    v = _mm512_add_epi64(v, _mm512_set1_epi64(Lanes8::kCount));
  }
}

bool is_wide() {
  static const bool wide =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return wide;
}

constexpr WideMaskKernels kKernels4{pack<Lanes4>, store<Lanes4>, fill<Lanes4>};
constexpr WideMaskKernels kKernels8{pack<Lanes8>, store<Lanes8>, fill<Lanes8>};

}  // namespace

const WideMaskKernels* wide_mask_kernels(int itemsize) {
  if (!is_wide()) return nullptr;
  return itemsize == 8 ? &kKernels8 : itemsize == 4 ? &kKernels4 : nullptr;
}

bool wide_positions(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to, std::int64_t n) {
  if (!is_wide()) return false;
  positions(mask, begin, to, n);
  return true;
}

}  // namespace inlay

#else

namespace inlay {

const WideMaskKernels* wide_mask_kernels(int) { return nullptr; }
bool wide_positions(const std::uint8_t*, std::int64_t, std::int64_t*, std::int64_t) { return false; }

}  // namespace inlay

#endif
