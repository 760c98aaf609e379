// key_rows.h - rows of elements to keys (sort_keys.h) and back, by the vectors of vector_sort.h where there are any.
// Knows nothing of tensors. Invariant: the keys are those of exact_key, whoever makes them.
#pragma once

#include "runtime/instruction_set.h"
#include "runtime/sort_keys.h"
#include "runtime/vector_sort.h"

namespace inlay {

/// The vector sort for keys of this width, if there is one and the processor can run it.
template <class Key>
const VectorSort<Key>* vector_sort() {
#if defined(__x86_64__)
  if (instruction_set() == InstructionSet::avx512) {
    if constexpr (std::same_as<Key, std::uint32_t>) return &avx512::kSort32;
    if constexpr (std::same_as<Key, std::uint64_t>) return &avx512::kSort64;
  }
#endif
  return nullptr;
}

/// What makes keys of T.
template <class T>
constexpr KeyForm key_form() {
  if (is_float_like<T>) return KeyForm::floating;
  return std::is_signed_v<T> ? KeyForm::with_sign : KeyForm::whole;
}

/// The keys of n elements.
template <class T>
void to_keys(const T* in, KeyOf<T>* keys, std::int64_t n) {
  if (const auto* vectors = vector_sort<KeyOf<T>>())
    return vectors->to_keys(reinterpret_cast<const KeyOf<T>*>(in), keys, n, key_form<T>());
  for (std::int64_t i = 0; i < n; ++i) keys[i] = exact_key(in[i]);
}

/// Keys to elements, in place.
template <class T>
void from_keys(KeyOf<T>* keys, T* out, std::int64_t n) {
  if (const auto* vectors = vector_sort<KeyOf<T>>()) return vectors->from_keys(keys, n, key_form<T>());
  for (std::int64_t i = 0; i < n; ++i) out[i] = from_key<T>(keys[i]);
}

}  // namespace inlay
