// vector_sort_avx2.cpp - vector_sort_kernels.h in 256-bit registers.
// Lanes are parted by a permutation that is looked up by which of them are below the pivot; it is stored whole at both
// ends. Keys of 64 bits have their first bit turned over in registers, where only signed ones can be compared.
// Invariant: everything but the two tables is in an anonymous namespace.
#include "runtime/reductions/vector_sort.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <bit>

#include "runtime/kernels/function_target.h"
#include "runtime/threads/parallel.h"

BEGIN_FUNCTION_TARGET("avx2,bmi2,popcnt")
#include "runtime/reductions/vector_sort_kernels.h"

namespace inlay {
namespace {

/// For each pattern of lanes, of `width` 32-bit places each: those without a bit first, then the others, in order.
template <int lanes>
constexpr auto parting() {
  constexpr std::size_t width = 8 / lanes;
  std::array<std::array<std::uint8_t, 8>, 1 << lanes> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits) {
    std::size_t to = 0;
    for (unsigned wanted = 0; wanted < 2; ++wanted)
      for (unsigned lane = 0; lane < lanes; ++lane)
        for (unsigned place = 0; place < width && (bits >> lane & 1) == wanted; ++place)
          table[bits][to++] = static_cast<std::uint8_t>(lane * width + place);
  }
  return table;
}

struct Lanes32 {
  using Key = std::uint32_t;
  static constexpr int lanes = 8, sample = 16;
  /// What keys have in registers.
  static __m256i coded(__m256i a) { return a; }
  static __m256i broadcast(Key k) { return _mm256_set1_epi32(static_cast<int>(k)); }
  static __m256i min(__m256i a, __m256i b) { return _mm256_min_epu32(a, b); }
  static __m256i max(__m256i a, __m256i b) { return _mm256_max_epu32(a, b); }
  static unsigned not_below(__m256i a, __m256i pivot) {
    const __m256i is_larger = _mm256_cmpeq_epi32(max(a, pivot), a);
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(is_larger)));
  }
  static __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static __m256i load(const Key* at, __m256i lanes_read) {
    return _mm256_maskload_epi32(reinterpret_cast<const int*>(at), lanes_read);
  }
  static void store(Key* at, __m256i lanes_written, __m256i a) {
    _mm256_maskstore_epi32(reinterpret_cast<int*>(at), lanes_written, a);
  }
  /// Lane i takes lane i ^ bits.
  template <int bits>
  static __m256i exchange(__m256i a) {
    if constexpr (bits < 4) return _mm256_shuffle_epi32(a, 0xE4 ^ (bits * 0x55));
    const __m256i i = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_permutevar8x32_epi32(a, _mm256_xor_si256(i, _mm256_set1_epi32(bits)));
  }
  template <int bits, int bit>
  static __m256i exchanged(__m256i a, __m256i partner) {
    constexpr int kUpper = bit == 1 ? 0xAA : bit == 2 ? 0xCC : 0xF0;
    const __m256i other = exchange<bits>(partner);
    return _mm256_blend_epi32(min(a, other), max(a, other), kUpper);
  }
  static __m256i interleave_first(__m256i a, __m256i b) {
    return _mm256_permute2x128_si256(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b), 0x20);
  }
  static __m256i interleave_last(__m256i a, __m256i b) {
    return _mm256_permute2x128_si256(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b), 0x31);
  }
};

struct Lanes64 {
  using Key = std::uint64_t;
  static constexpr int lanes = 4, sample = 8;
  static __m256i coded(__m256i a) { return _mm256_xor_si256(a, _mm256_set1_epi64x(INT64_MIN)); }
  static __m256i broadcast(Key k) { return coded(_mm256_set1_epi64x(static_cast<long long>(k))); }
  static __m256i choose(__m256i a, __m256i b, __m256i second) {
    return _mm256_castpd_si256(
        _mm256_blendv_pd(_mm256_castsi256_pd(a), _mm256_castsi256_pd(b), _mm256_castsi256_pd(second)));
  }
  static __m256i min(__m256i a, __m256i b) { return choose(a, b, _mm256_cmpgt_epi64(a, b)); }
  static __m256i max(__m256i a, __m256i b) { return choose(b, a, _mm256_cmpgt_epi64(a, b)); }
  static unsigned not_below(__m256i a, __m256i pivot) {
    return 0xFU ^ static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(pivot, a))));
  }
  static __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
  }
  static __m256i load(const Key* at, __m256i lanes_read) {
    return _mm256_maskload_epi64(reinterpret_cast<const long long*>(at), lanes_read);
  }
  static void store(Key* at, __m256i lanes_written, __m256i a) {
    _mm256_maskstore_epi64(reinterpret_cast<long long*>(at), lanes_written, a);
  }
  template <int bits>
  static __m256i exchange(__m256i a) {
    return _mm256_permute4x64_epi64(a, 0xE4 ^ (bits * 0x55));
  }
  template <int bits, int bit>
  static __m256i exchanged(__m256i a, __m256i partner) {
    const __m256i upper = _mm256_setr_epi64x(0, bit == 1 ? -1 : 0, bit == 2 ? -1 : 0, -1);
    const __m256i other = exchange<bits>(partner);
    return choose(a, other, _mm256_xor_si256(_mm256_cmpgt_epi64(a, other), upper));
  }
  static __m256i interleave_first(__m256i a, __m256i b) {
    return _mm256_permute2x128_si256(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b), 0x20);
  }
  static __m256i interleave_last(__m256i a, __m256i b) {
    return _mm256_permute2x128_si256(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b), 0x31);
  }
};

/// What is the same for both widths.
template <class Lanes>
struct Keys : Lanes {
  using Vector = __m256i;
  using Lanes::coded;
  using Lanes::lanes;
  using typename Lanes::Key;
  static constexpr int registers = 8;

  static __m256i load(const Key* at) { return coded(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))); }
  static __m256i load(const Key* at, int count, __m256i otherwise) {
    const __m256i first = Lanes::first_lanes(count);
    return _mm256_blendv_epi8(otherwise, coded(Lanes::load(at, first)), first);
  }
  static void store(Key* at, __m256i a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), coded(a)); }
  /// Masked stores are slow where they do not store all.
  static void store(Key* at, int count, __m256i a) {
    if (count == lanes) return store(at, a);
    if (count > 0) Lanes::store(at, Lanes::first_lanes(count), coded(a));
  }
  static Key smallest(__m256i a) {
    const std::array<Key, lanes> keys = stored(a);
    return *std::min_element(keys.begin(), keys.end());
  }
  static Key largest(__m256i a) {
    const std::array<Key, lanes> keys = stored(a);
    return *std::max_element(keys.begin(), keys.end());
  }
  /// There is room for a vector at either end, which may be the same.
  static void put(Ends<Keys>& ends, __m256i a, int valid) {
    const unsigned above = Lanes::not_below(a, ends.pivot);
    if (valid < lanes) return put_few(ends, stored(a), above, valid);
    const auto* const places = reinterpret_cast<const __m128i*>(kParting[above].data());
    const __m256i parted = _mm256_permutevar8x32_epi32(a, _mm256_cvtepu8_epi32(_mm_loadl_epi64(places)));
    store(ends.low, parted);
    store(ends.high - lanes, parted);
    const int n_above = std::popcount(above);
    ends.low += lanes - n_above;
    ends.high -= n_above;
  }

 private:
  static constexpr auto kParting = parting<lanes>();

  static std::array<Key, lanes> stored(__m256i a) {
    std::array<Key, lanes> keys;
    store(keys.data(), a);
    return keys;
  }
  static void put_few(Ends<Keys>& ends, const std::array<Key, lanes>& keys, unsigned above, int valid) {
    for (int i = 0; i < valid; ++i) *(above >> i & 1 ? --ends.high : ends.low++) = keys[static_cast<std::size_t>(i)];
  }
};

}  // namespace

namespace avx2 {
extern const VectorSort<std::uint32_t> kSort32 = {sort<Keys<Lanes32>>, split<Keys<Lanes32>>, to_keys<std::uint32_t>,
                                                  from_keys<std::uint32_t>};
extern const VectorSort<std::uint64_t> kSort64 = {sort<Keys<Lanes64>>, split<Keys<Lanes64>>, to_keys<std::uint64_t>,
                                                  from_keys<std::uint64_t>};
}  // namespace avx2

}  // namespace inlay
END_FUNCTION_TARGET
#endif
