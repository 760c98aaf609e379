// gather_tile.h - rows of elements with a stride, one after the other.
// Knows nothing of what the elements are. Invariant: the target is as large as what is gathered, and apart from it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/dtype.h"

namespace inlay {

/// Gathers `rows` rows of `columns` elements; strides in bytes.
inline void gather_tile(const std::byte* from, std::int64_t row_stride, std::int64_t stride, int itemsize,
                        std::byte* to, std::int64_t rows, std::int64_t columns) {
  visit_size(itemsize, [&]<class T>(Type<T>) {
    T* out = reinterpret_cast<T*>(to);
    for (std::int64_t row = 0; row < rows; ++row, from += row_stride) {
#pragma GCC unroll 8
      for (std::int64_t i = 0; i < columns; ++i) *out++ = *reinterpret_cast<const T*>(from + i * stride);
    }
  });
}

}  // namespace inlay
