// sort_keys.h - elements as unsigned integers of the same order, and radix sort on these.
// Knows nothing of tensors. Invariant: key order is NumPy's order with equal elements (0 and -0, all NaNs) on equal
// keys, except that exact_key tells 0 from -0 so that it can be turned back.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "runtime/dtypes/dtype.h"
#include "runtime/threads/parallel.h"

namespace inlay {

template <int bytes>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
  using type = std::uint8_t;
};
template <>
struct UnsignedOf<2> {
  using type = std::uint16_t;
};
template <>
struct UnsignedOf<4> {
  using type = std::uint32_t;
};
template <>
struct UnsignedOf<8> {
  using type = std::uint64_t;
};
template <class T>
using KeyOf = typename UnsignedOf<sizeof(T)>::type;

template <class T>
inline constexpr bool is_float_like = std::floating_point<T> || std::same_as<T, Half> || std::same_as<T, BFloat16>;
/// The sign bit of a key's type.
template <class Key>
inline constexpr Key kSign = static_cast<Key>(Key{1} << (8 * sizeof(Key) - 1));

/// The bits of +infinity: larger magnitudes are NaNs.
template <class T>
constexpr KeyOf<T> infinity_bits() {
  if constexpr (std::same_as<T, Half>)
    return 0x7C00;
  else if constexpr (std::same_as<T, BFloat16>)
    return 0x7F80;
  else
    return std::bit_cast<KeyOf<T>>(std::numeric_limits<T>::infinity());
}

/// Keys order as elements do; NaNs are the largest key, -0 comes right before 0.
template <class T>
KeyOf<T> exact_key(T value) {
  using Key = KeyOf<T>;
  const Key bits = std::bit_cast<Key>(value);
  if constexpr (is_float_like<T>) {
    if (static_cast<Key>(bits & ~kSign<Key>) > infinity_bits<T>()) return static_cast<Key>(~Key{0});
    return static_cast<Key>(bits & kSign<Key> ? ~bits : bits | kSign<Key>);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(bits ^ kSign<Key>);
  } else {
    return bits;
  }
}

/// The element of an exact key; a NaN without payload for NaNs.
template <class T>
T from_key(KeyOf<T> key) {
  using Key = KeyOf<T>;
  if constexpr (is_float_like<T>) {
    if (key == static_cast<Key>(~Key{0}))
      return std::bit_cast<T>(static_cast<Key>(infinity_bits<T>() | (infinity_bits<T>() >> 1)));
    return std::bit_cast<T>(static_cast<Key>(key & kSign<Key> ? key ^ kSign<Key> : ~key));
  } else if constexpr (std::is_signed_v<T>) {
    return std::bit_cast<T>(static_cast<Key>(key ^ kSign<Key>));
  } else {
    return std::bit_cast<T>(key);
  }
}

/// Like exact_key, with -0 on the key of 0.
template <class T>
KeyOf<T> key(T value) {
  using Key = KeyOf<T>;
  const Key k = exact_key(value);
  if constexpr (is_float_like<T>)
    return k == static_cast<Key>(kSign<Key> - 1) ? kSign<Key> : k;
  else
    return k;
}

/// Calls `body(begin, end)` over [0, n) part by part; false if the loop around is to stop (is_stopping).
template <class Body>
bool in_parts(std::int64_t n, const Body& body) {
  constexpr std::int64_t kPart = 1 << 19;  // some ms
  for (std::int64_t begin = 0; begin < n; begin += kPart) {
    if (n > kPart && is_stopping()) return false;
    body(begin, n - begin < kPart ? n : begin + kPart);
  }
  return true;
}

/// Least significant digit first, so that it is stable. Leaves early, with anything in `items`, if it is to stop.
/// `key_of(item)` is unsigned; `spare` has room for n items. Digits in which all keys agree are skipped: small integers
/// in wide types cost what they would in narrow ones.
template <class Item, class KeyFn>
void radix_sort(Item* items, Item* spare, std::int64_t n, KeyFn key_of) {
  using Key = decltype(key_of(*items));
  constexpr int digits = sizeof(Key);
  std::int64_t count[digits][256] = {};
  const auto count_digits = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      Key k = key_of(items[i]);
      for (int digit = 0; digit < digits; ++digit, k = static_cast<Key>(std::uint64_t{k} >> 8)) ++count[digit][k & 255];
    }
  };
  if (!in_parts(n, count_digits)) return;
  Item *from = items, *to = spare;
  for (int digit = 0; digit < digits; ++digit) {
    const auto digit_of = [&](const Item& item) { return static_cast<std::uint8_t>(key_of(item) >> (8 * digit)); };
    if (count[digit][digit_of(from[0])] == n) continue;
    std::int64_t place[256], sum = 0;
    for (int d = 0; d < 256; ++d) {
      place[d] = sum;
      sum += count[digit][d];
    }
    const auto place_items = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) to[place[digit_of(from[i])]++] = from[i];
    };
    if (!in_parts(n, place_items)) return;
    std::swap(from, to);
  }
  if (from == items) return;
  in_parts(n, [&](std::int64_t begin, std::int64_t end) {
    std::memcpy(static_cast<void*>(items + begin), from + begin, static_cast<std::size_t>(end - begin) * sizeof(Item));
  });
}

}  // namespace inlay
