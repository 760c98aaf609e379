// compress_kernels_avx512.cpp - vpcompress and vpexpand over 64 mask bytes at a time, without a branch on the pattern.
// Compressing into a register and storing the whole register beats compressing to memory, which is microcode on some
// processors; so does a plain store against one under a lane mask, as long as there is room for what it writes too
// much. The bytes' own instructions (VBMI2) came later than the rest: processors without them take AVX2's table.
// Invariant: x and the values are loaded under a lane mask, so nothing beyond them is touched.
#include "runtime/indexing/compress_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstring>
#include <utility>

#define INLAY_WIDE [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")]]

namespace inlay {
namespace {

using Bits = std::uint64_t;

/// What vpcompress and its kin do with elements of one size. `lanes`: one bit per element.
struct Lanes8 {
  static constexpr int kCount = 8, kItem = 8;
  INLAY_WIDE static __m512i load(Bits lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes), from);
  }
  INLAY_WIDE static void store(Bits lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi64(to, static_cast<__mmask8>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(Bits lanes, __m512i v) {
    return _mm512_maskz_compress_epi64(static_cast<__mmask8>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(Bits lanes, __m512i v) {
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
  INLAY_WIDE static __m512i load(Bits lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), from);
  }
  INLAY_WIDE static void store(Bits lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(Bits lanes, __m512i v) {
    return _mm512_maskz_compress_epi32(static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(Bits lanes, __m512i v) {
    return _mm512_maskz_expand_epi32(static_cast<__mmask16>(lanes), v);
  }
  INLAY_WIDE static __m512i all(const std::byte* value) {
    std::int32_t v;
    std::memcpy(&v, value, sizeof v);
    return _mm512_set1_epi32(v);
  }
};

/// Four elements of 16 bytes as pairs of lanes of eight.
struct Lanes16 {
  static constexpr int kCount = 4, kItem = 16;
  INLAY_WIDE static Bits pairs(Bits lanes) { return _pdep_u64(lanes, 0x55) * 3; }
  INLAY_WIDE static __m512i load(Bits lanes, const std::byte* from) { return Lanes8::load(pairs(lanes), from); }
  INLAY_WIDE static void store(Bits lanes, std::byte* to, __m512i v) { Lanes8::store(pairs(lanes), to, v); }
  INLAY_WIDE static __m512i compress(Bits lanes, __m512i v) { return Lanes8::compress(pairs(lanes), v); }
  INLAY_WIDE static __m512i expand(Bits lanes, __m512i v) { return Lanes8::expand(pairs(lanes), v); }
  INLAY_WIDE static __m512i all(const std::byte* value) {
    return _mm512_maskz_broadcast_i64x2(0xff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(value)));
  }
};

struct Lanes2 {
  static constexpr int kCount = 32, kItem = 2;
  INLAY_WIDE static __m512i load(Bits lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi16(static_cast<__mmask32>(lanes), from);
  }
  INLAY_WIDE static void store(Bits lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi16(to, static_cast<__mmask32>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(Bits lanes, __m512i v) {
    return _mm512_maskz_compress_epi16(static_cast<__mmask32>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(Bits lanes, __m512i v) {
    return _mm512_maskz_expand_epi16(static_cast<__mmask32>(lanes), v);
  }
  INLAY_WIDE static __m512i all(const std::byte* value) {
    std::int16_t v;
    std::memcpy(&v, value, sizeof v);
    return _mm512_set1_epi16(v);
  }
};

struct Lanes1 {
  static constexpr int kCount = 64, kItem = 1;
  INLAY_WIDE static __m512i load(Bits lanes, const std::byte* from) {
    return _mm512_maskz_loadu_epi8(static_cast<__mmask64>(lanes), from);
  }
  INLAY_WIDE static void store(Bits lanes, std::byte* to, __m512i v) {
    _mm512_mask_storeu_epi8(to, static_cast<__mmask64>(lanes), v);
  }
  INLAY_WIDE static __m512i compress(Bits lanes, __m512i v) {
    return _mm512_maskz_compress_epi8(static_cast<__mmask64>(lanes), v);
  }
  INLAY_WIDE static __m512i expand(Bits lanes, __m512i v) {
    return _mm512_maskz_expand_epi8(static_cast<__mmask64>(lanes), v);
  }
  INLAY_WIDE static __m512i all(const std::byte* value) { return _mm512_set1_epi8(static_cast<char>(*value)); }
};

/// One bit per true byte of the next `left`, 64 at most.
INLAY_WIDE inline Bits true_bits(const std::uint8_t* mask, std::int64_t left) {
  const __mmask64 inside = left >= 64 ? ~__mmask64{0} : _bzhi_u64(~Bits{0}, static_cast<unsigned>(left));
  const __m512i bytes = _mm512_maskz_loadu_epi8(inside, mask);
  return _mm512_test_epi8_mask(bytes, bytes);
}

INLAY_WIDE inline Bits low_bits(int count) { return _bzhi_u64(~Bits{0}, static_cast<unsigned>(count)); }

/// The lanes of one vector, taken off the low end of the bits.
template <class L>
INLAY_WIDE Bits next_lanes(Bits& bits) {
  if constexpr (L::kCount == 64) return std::exchange(bits, 0);
  const Bits lanes = bits & ((Bits{1} << (L::kCount % 64)) - 1);
  bits >>= L::kCount % 64;
  return lanes;
}

template <class L>
INLAY_WIDE std::byte* pack(const std::uint8_t* mask, const std::byte* x, std::byte* to, const std::byte* end,
                           std::int64_t n) {
  for (std::int64_t at = 0; at < n; at += 64) {
    Bits bits = true_bits(mask + at, n - at);
    for (const std::byte* from = x + at * L::kItem; bits != 0; from += L::kCount * L::kItem) {
      const Bits lanes = next_lanes<L>(bits);
      const int count = std::popcount(lanes);
      const __m512i chosen = L::compress(lanes, L::load(lanes, from));
      if (end - to >= 64)
        _mm512_storeu_si512(to, chosen);
      else
        L::store(low_bits(count), to, chosen);
      to += count * L::kItem;
    }
  }
  return to;
}

template <class L>
INLAY_WIDE const std::byte* store(const std::uint8_t* mask, std::byte* x, const std::byte* values, const std::byte* end,
                                  std::int64_t n) {
  for (std::int64_t at = 0; at < n; at += 64) {
    Bits bits = true_bits(mask + at, n - at);
    for (std::byte* to = x + at * L::kItem; bits != 0; to += L::kCount * L::kItem) {
      const Bits lanes = next_lanes<L>(bits);
      const int count = std::popcount(lanes);
      const __m512i next = end - values >= 64 ? _mm512_loadu_si512(values) : L::load(low_bits(count), values);
      L::store(lanes, to, L::expand(lanes, next));
      values += count * L::kItem;
    }
  }
  return values;
}

template <class L>
INLAY_WIDE void fill(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n) {
  const __m512i v = L::all(value);
  for (std::int64_t at = 0; at < n; at += 64) {
    Bits bits = true_bits(mask + at, n - at);
    for (std::byte* to = x + at * L::kItem; bits != 0; to += L::kCount * L::kItem) L::store(next_lanes<L>(bits), to, v);
  }
}

template <class L>
INLAY_WIDE void blend(const std::uint8_t* mask, std::byte* x, const std::byte* from, std::int64_t n) {
  for (std::int64_t at = 0; at < n; at += 64) {
    Bits bits = true_bits(mask + at, n - at);
    for (std::int64_t byte = at * L::kItem; bits != 0; byte += L::kCount * L::kItem) {
      const Bits lanes = next_lanes<L>(bits);
      L::store(lanes, x + byte, L::load(lanes, from + byte));
    }
  }
}

INLAY_WIDE std::int64_t* positions(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to,
                                   const std::int64_t* end, std::int64_t n) {
  const __m512i iota = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  for (std::int64_t at = 0; at < n; at += 64) {
    Bits bits = true_bits(mask + at, n - at);
    for (std::int64_t first = begin + at; bits != 0; first += Lanes8::kCount) {
      const Bits lanes = next_lanes<Lanes8>(bits);
      const int count = std::popcount(lanes);
      const __m512i chosen = Lanes8::compress(lanes, _mm512_add_epi64(_mm512_set1_epi64(first), iota));
      if (end - to >= Lanes8::kCount)
        _mm512_storeu_si512(to, chosen);
      else
        Lanes8::store(low_bits(count), reinterpret_cast<std::byte*>(to), chosen);
      to += count;
    }
  }
  return to;
}

INLAY_WIDE std::int64_t count(const std::uint8_t* mask, std::int64_t n) {
  std::int64_t count = 0;
  for (std::int64_t at = 0; at < n; at += 64) count += std::popcount(true_bits(mask + at, n - at));
  return count;
}

template <class L>
constexpr MaskKernels kWide{pack<L>, store<L>, fill<L>, blend<L>};

constexpr MaskTable kTable{
    count, positions, {kWide<Lanes1>, kWide<Lanes2>, kWide<Lanes4>, kWide<Lanes8>, kWide<Lanes16>}};

}  // namespace

const MaskTable* avx512_mask_table() {
  static const bool has_bytes = __builtin_cpu_supports("avx512vbmi2");
  return has_bytes ? &kTable : nullptr;
}

}  // namespace inlay

#else

namespace inlay {

const MaskTable* avx512_mask_table() { return nullptr; }

}  // namespace inlay

#endif
