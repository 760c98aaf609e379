// gather_row.cpp - see gather_row.h.
// Cases: neighbours -> one copy | every second element, and backwards, of few bytes -> vectors that are shuffled | any
// other stride -> eight loads, then eight stores: two elements a cycle where one after the other does one.
#include "runtime/indexing/gather_row.h"

#include <cstdint>
#include <cstring>

namespace inlay {
namespace {

// Memory of hosts need not be aligned.
template <class T>
T load(const std::byte* from) {
  T out;
  std::memcpy(&out, from, sizeof(T));
  return out;
}
template <class T>
void store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

template <class T, std::int64_t stride>
void gather_every(const std::byte* __restrict from, std::byte* __restrict to, std::int64_t n) {
  constexpr std::int64_t item = sizeof(T);
  for (std::int64_t at = 0; at < n; ++at) store(to + at * item, load<T>(from + at * stride));
}

template <class T>
void gather_any(const std::byte* from, std::int64_t stride, std::byte* to, std::int64_t n) {
  constexpr std::int64_t kAtOnce = 8, item = sizeof(T);
  for (; n >= kAtOnce; n -= kAtOnce, to += kAtOnce * item, from += kAtOnce * stride) {
    const std::byte* const half = from + 4 * stride;
    const T a = load<T>(from), b = load<T>(from + stride), c = load<T>(from + 2 * stride),
            d = load<T>(from + 3 * stride), e = load<T>(half), f = load<T>(half + stride),
            g = load<T>(half + 2 * stride), h = load<T>(half + 3 * stride);
    store(to, a), store(to + item, b), store(to + 2 * item, c), store(to + 3 * item, d);
    store(to + 4 * item, e), store(to + 5 * item, f), store(to + 6 * item, g), store(to + 7 * item, h);
  }
  for (; n > 0; --n, to += item, from += stride) store(to, load<T>(from));
}

/// Where the target is less than 64 bytes behind the source, page aside, `rep movsb`, which memcpy is for some thousand
/// bytes and more, takes up to 16 times as long on some of AMD's processors (page aliasing). Pieces are short enough
/// for memcpy not to use it.
void copy_dense(const std::byte* from, std::byte* to, std::size_t bytes) {
  constexpr std::size_t page = 4096, piece = 2048, vector = 64;
  const std::size_t apart = (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from)) % page;
  if (0 < apart && apart < vector)
    for (; bytes > piece; bytes -= piece, from += piece, to += piece) std::memcpy(to, from, piece);
  std::memcpy(to, from, bytes);
}

}  // namespace

template <class T>
void gather_row(const std::byte* from, std::int64_t stride, std::byte* to, std::int64_t n) {
  constexpr std::int64_t item = sizeof(T);
  if (stride == item) return copy_dense(from, to, static_cast<std::size_t>(n * item));
  if constexpr (item <= 4) {
    if (stride == 2 * item) return gather_every<T, 2 * item>(from, to, n);
  }
  if constexpr (item == 2 || item == 4) {
    if (stride == -item) return gather_every<T, -item>(from, to, n);
  }
  gather_any<T>(from, stride, to, n);
}

template void gather_row<std::uint8_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
template void gather_row<std::uint16_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
template void gather_row<std::uint32_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
template void gather_row<std::uint64_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
template void gather_row<complex128>(const std::byte*, std::int64_t, std::byte*, std::int64_t);

}  // namespace inlay
