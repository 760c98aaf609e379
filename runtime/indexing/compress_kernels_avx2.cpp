// compress_kernels_avx2.cpp - packing and storing by permutations looked up by eight, or four, bits of a mask.
// Elements of 4 and 8 bytes; the other sizes take the loops for any processor.
// Invariant: whole vectors are read and written only where they lie inside what the kernel was given; the ends are done
// one element at a time.
#include "runtime/indexing/compress_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <bit>

#include "runtime/dtypes/dtype.h"
#include "runtime/indexing/compress_kernels_loops.h"

#define INLAY_AVX2 [[gnu::target("avx2,bmi,bmi2,popcnt")]]

namespace inlay {
namespace {

/// The places of eight 32-bit parts of a vector.
using Places = std::array<std::uint8_t, 8>;

/// For each pattern of `8 / width` bits, where the true elements, of `width` parts each, come from when packed.
template <int width>
constexpr auto packing() {
  std::array<Places, (1 << (8 / width))> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits) {
    std::size_t to = 0;
    for (unsigned element = 0; element < 8 / width; ++element) {
      if ((bits >> element & 1) == 0) continue;
      for (unsigned part = 0; part < width; ++part)
        table[bits][to++] = static_cast<std::uint8_t>(element * width + part);
    }
  }
  return table;
}

/// The inverse: which packed value each element takes; anything where the bit is not set.
template <int width>
constexpr auto spreading() {
  std::array<Places, (1 << (8 / width))> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits) {
    unsigned rank = 0;
    for (unsigned element = 0; element < 8 / width; ++element) {
      for (unsigned part = 0; part < width; ++part) {
        table[bits][element * width + part] = static_cast<std::uint8_t>(rank * width + part);
      }
      rank += bits >> element & 1;
    }
  }
  return table;
}

/// What differs between elements of one part and of two.
template <class T>
struct Lanes {
  static constexpr int kWidth = sizeof(T) / 4, kCount = 8 / kWidth;
  static constexpr unsigned kAll = (1U << kCount) - 1;
  static constexpr auto kPack = packing<kWidth>(), kSpread = spreading<kWidth>();
};

INLAY_AVX2 inline __m256i permuted(__m256i v, const Places& places) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places.data()));
  return _mm256_permutevar8x32_epi32(v, _mm256_cvtepu8_epi32(bytes));
}

INLAY_AVX2 inline __m256i load(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
INLAY_AVX2 inline void write(std::byte* to, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }

/// One bit per true byte of the next 32.
INLAY_AVX2 inline std::uint32_t true_bits(const std::uint8_t* mask) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask));
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())));
}

/// All bits of the chosen elements' parts.
template <class T>
INLAY_AVX2 __m256i lane_mask(unsigned lanes) {
  const __m256i own =
      sizeof(T) == 4 ? _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128) : _mm256_setr_epi32(1, 1, 2, 2, 4, 4, 8, 8);
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(static_cast<int>(lanes)), own), own);
}

template <class T>
INLAY_AVX2 std::byte* pack(const std::uint8_t* mask, const std::byte* x, std::byte* to, const std::byte* end,
                           std::int64_t n) {
  using L = Lanes<T>;
  std::int64_t at = 0;
  // A pack of 32 elements writes less than a vector beyond them.
  for (; at + 32 <= n && end - to >= 33 * kItem<T> + 32; at += 32) {
    std::uint32_t bits = true_bits(mask + at);
    for (const std::byte* from = x + at * kItem<T>; bits != 0; from += 32, bits >>= L::kCount) {
      const unsigned lanes = bits & L::kAll;
      write(to, permuted(load(from), L::kPack[lanes]));
      to += std::popcount(lanes) * kItem<T>;
    }
  }
  return pack_loop<T>(mask + at, x + at * kItem<T>, to, end, n - at);
}

template <class T>
INLAY_AVX2 const std::byte* store(const std::uint8_t* mask, std::byte* x, const std::byte* values, const std::byte* end,
                                  std::int64_t n) {
  using L = Lanes<T>;
  std::int64_t at = 0;
  for (; at + 32 <= n && end - values >= 33 * kItem<T> + 32; at += 32) {
    std::uint32_t bits = true_bits(mask + at);
    for (std::byte* to = x + at * kItem<T>; bits != 0; to += 32, bits >>= L::kCount) {
      const unsigned lanes = bits & L::kAll;
      write(to, _mm256_blendv_epi8(load(to), permuted(load(values), L::kSpread[lanes]), lane_mask<T>(lanes)));
      values += std::popcount(lanes) * kItem<T>;
    }
  }
  return store_loop<T>(mask + at, x + at * kItem<T>, values, end, n - at);
}

template <class T>
INLAY_AVX2 void fill(const std::uint8_t* mask, std::byte* x, const std::byte* value, std::int64_t n) {
  using L = Lanes<T>;
  T element;
  std::memcpy(&element, value, sizeof element);
  const __m256i v = sizeof(T) == 4 ? _mm256_set1_epi32(static_cast<int>(element))
                                   : _mm256_set1_epi64x(static_cast<long long>(element));
  std::int64_t at = 0;
  for (; at + 32 <= n; at += 32) {
    std::uint32_t bits = true_bits(mask + at);
    for (std::byte* to = x + at * kItem<T>; bits != 0; to += 32, bits >>= L::kCount) {
      write(to, _mm256_blendv_epi8(load(to), v, lane_mask<T>(bits & L::kAll)));
    }
  }
  fill_loop<T>(mask + at, x + at * kItem<T>, value, n - at);
}

template <class T>
INLAY_AVX2 void blend(const std::uint8_t* mask, std::byte* x, const std::byte* from, std::int64_t n) {
  using L = Lanes<T>;
  std::int64_t at = 0;
  for (; at + 32 <= n; at += 32) {
    std::uint32_t bits = true_bits(mask + at);
    for (std::int64_t byte = at * kItem<T>; bits != 0; byte += 32, bits >>= L::kCount) {
      write(x + byte, _mm256_blendv_epi8(load(x + byte), load(from + byte), lane_mask<T>(bits & L::kAll)));
    }
  }
  blend_loop<T>(mask + at, x + at * kItem<T>, from + at * kItem<T>, n - at);
}

INLAY_AVX2 std::int64_t* positions(const std::uint8_t* mask, std::int64_t begin, std::int64_t* to,
                                   const std::int64_t* end, std::int64_t n) {
  using L = Lanes<std::uint64_t>;
  const __m256i iota = _mm256_setr_epi64x(0, 1, 2, 3);
  std::int64_t at = 0;
  for (; at + 32 <= n && end - to >= 32 + L::kCount; at += 32) {
    std::uint32_t bits = true_bits(mask + at);
    for (std::int64_t first = begin + at; bits != 0; first += L::kCount, bits >>= L::kCount) {
      const unsigned lanes = bits & L::kAll;
      const __m256i places = _mm256_add_epi64(_mm256_set1_epi64x(first), iota);
      write(reinterpret_cast<std::byte*>(to), permuted(places, L::kPack[lanes]));
      to += std::popcount(lanes);
    }
  }
  return positions_loop(mask + at, begin + at, to, end, n - at);
}

INLAY_AVX2 std::int64_t count(const std::uint8_t* mask, std::int64_t n) {
  std::int64_t sum = 0, at = 0;
  for (; at + 32 <= n; at += 32) sum += std::popcount(true_bits(mask + at));
  return sum + count_loop(mask + at, n - at);
}

template <class T>
constexpr MaskKernels kWide{pack<T>, store<T>, fill<T>, blend<T>};

constexpr MaskTable kTable{
    count,
    positions,
    {kLoops<std::uint8_t>, kLoops<std::uint16_t>, kWide<std::uint32_t>, kWide<std::uint64_t>, kLoops<complex128>}};

}  // namespace

const MaskTable* avx2_mask_table() { return &kTable; }

}  // namespace inlay

#else

namespace inlay {

const MaskTable* avx2_mask_table() { return nullptr; }

}  // namespace inlay

#endif
