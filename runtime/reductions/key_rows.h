// key_rows.h - rows of elements to keys (sort_keys.h) and back, by the vectors of vector_sort.h where there are any.
// Knows nothing of tensors. Invariant: the keys are those of exact_key, whoever makes them.
#pragma once

#include "runtime/kernels/instruction_set.h"
#include "runtime/reductions/sort_keys.h"
#include "runtime/reductions/vector_sort.h"

namespace inlay {

/// The vector sort for keys of this width, if there is one and the processor can run it.
template <class Key>
const VectorSort<Key>* vector_sort() {
#if defined(__x86_64__)
  const auto choose = [](const auto& on_avx2, const auto& on_avx512) {
    const InstructionSet set = instruction_set();
    return set == InstructionSet::avx512 ? &on_avx512 : set == InstructionSet::avx2 ? &on_avx2 : nullptr;
  };
  if constexpr (std::same_as<Key, std::uint32_t>) return choose(avx2::kSort32, avx512::kSort32);
  if constexpr (std::same_as<Key, std::uint64_t>) return choose(avx2::kSort64, avx512::kSort64);
#endif
  return nullptr;
}

/// What makes keys of T.
template <class T>
constexpr KeyForm key_form() {
  if (is_float_like<T>) return KeyForm::floating;
  return std::is_signed_v<T> ? KeyForm::with_sign : KeyForm::whole;
}

template <class T>
void to_keys(const KeyOf<T>* bits, KeyOf<T>* keys, std::int64_t n) {
  if (const auto* vectors = vector_sort<KeyOf<T>>()) return vectors->to_keys(bits, keys, n, key_form<T>());
  for (std::int64_t i = 0; i < n; ++i) keys[i] = exact_key(std::bit_cast<T>(bits[i]));
}

template <class T>
void from_keys(KeyOf<T>* keys, std::int64_t n) {
  if (const auto* vectors = vector_sort<KeyOf<T>>()) return vectors->from_keys(keys, n, key_form<T>());
  for (std::int64_t i = 0; i < n; ++i) keys[i] = std::bit_cast<KeyOf<T>>(from_key<T>(keys[i]));
}

/// What makes exact keys of a dtype's elements, which are given as their bits, and elements of keys, in place. All that
/// is done with keys exists once per width.
template <class Key>
struct KeyRows {
  void (*to_keys)(const Key* bits, Key* keys, std::int64_t n);
  void (*from_keys)(Key* keys, std::int64_t n);
  bool is_floating;  // there is a -0, whose key is not that of 0
};

template <class T>
inline constexpr KeyRows<KeyOf<T>> kKeyRows = {to_keys<T>, from_keys<T>, is_float_like<T>};

/// Calls `for_keys(KeyRows<Key>)` for a dtype whose elements have keys, otherwise `for_complex(Type<T>)`.
template <class ForKeys, class ForComplex>
void visit_keys(DType dtype, const ForKeys& for_keys, const ForComplex& for_complex) {
  visit(dtype, [&]<class T>(Type<T> type) {
    if constexpr (std::same_as<T, complex64> || std::same_as<T, complex128>)
      for_complex(type);
    else if constexpr (std::same_as<T, bool>)
      for_keys(kKeyRows<std::uint8_t>);
    else
      for_keys(kKeyRows<T>);
  });
}

}  // namespace inlay
