// select_kernels.cpp - `where` on rows. Without branches, so that the loops become vector code.
#include "runtime/elementwise/select_kernels.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

struct Pair {
  std::uint64_t first, second;
};

template <class T, bool x_scalar, bool y_scalar>
void select(const std::uint8_t* mask, const T* x, const T* y, T* out, std::int64_t n) {
  const T first_x = *x, first_y = *y;
#pragma GCC ivdep
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < n; ++i) {
    const T from_x = x_scalar ? first_x : x[i], from_y = y_scalar ? first_y : y[i];
    out[i] = mask[i] ? from_x : from_y;
  }
}

template <class T>
void choose(const std::uint8_t* mask, SelectSide x, SelectSide y, std::byte* to, std::int64_t n) {
  const T *from_x = reinterpret_cast<const T*>(x.data), *from_y = reinterpret_cast<const T*>(y.data);
  T* out = reinterpret_cast<T*>(to);
  if (x.scalar)
    y.scalar ? select<T, true, true>(mask, from_x, from_y, out, n)
             : select<T, true, false>(mask, from_x, from_y, out, n);
  else
    y.scalar ? select<T, false, true>(mask, from_x, from_y, out, n)
             : select<T, false, false>(mask, from_x, from_y, out, n);
}

}  // namespace

SelectKernel target_select_kernel(int itemsize) {
  switch (itemsize) {
    case 1:
      return choose<std::uint8_t>;
    case 2:
      return choose<std::uint16_t>;
    case 4:
      return choose<std::uint32_t>;
    case 8:
      return choose<std::uint64_t>;
    default:
      return choose<Pair>;
  }
}

}  // namespace INLAY_TARGET
}  // namespace inlay
