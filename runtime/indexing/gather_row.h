// gather_row.h - elements with a stride, one after the other.
// Knows nothing of what the elements are. Invariant: the target is as large as what is gathered, and apart from it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// Copies `n` elements of one of visit_size()'s types that lie `stride` bytes apart.
template <class T>
void gather_row(const std::byte* from, std::int64_t stride, std::byte* to, std::int64_t n);

extern template void gather_row<std::uint8_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
extern template void gather_row<std::uint16_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
extern template void gather_row<std::uint32_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
extern template void gather_row<std::uint64_t>(const std::byte*, std::int64_t, std::byte*, std::int64_t);
extern template void gather_row<complex128>(const std::byte*, std::int64_t, std::byte*, std::int64_t);

/// Gathers `rows` rows of `columns` elements; strides in bytes.
inline void gather_tile(const std::byte* from, std::int64_t row_stride, std::int64_t stride, int itemsize,
                        std::byte* to, std::int64_t rows, std::int64_t columns) {
  visit_size(itemsize, [&]<class T>(Type<T>) {
    for (std::int64_t row = 0; row < rows; ++row, from += row_stride, to += columns * itemsize)
      gather_row<T>(from, stride, to, columns);
  });
}

}  // namespace inlay
