// gemm_tile.h - the tile of a matrix product, for the instruction set named by GEMM_SET: the body of
// gemm_kernels_*.cpp, each of which has chosen its instructions, kRows and Vectors<T> before. A tile's accumulators
// fill most of the registers: 12 x 2 vectors of the 32 of AVX-512, 6 x 2 of the 16 of AVX2, 4 x 2 of the 16 of SSE2,
// where products need a register of their own. Invariant: nothing but the tables has a name outside. TRIED: 14 rows on
// AVX-512 - no faster, and matrices of 2^n rows leave more of the last panel empty.
#include <cstdint>

#include "runtime/gemm_kernel.h"

namespace inlay {
namespace {

constexpr int kVectors = 2;  // of a row of a tile

template <class T>
struct Tile {
  using V = Vectors<T>;
  using Vector = typename V::type;
  static constexpr int lanes = sizeof(Vector) / sizeof(T), columns = kVectors * lanes;
  Vector at[kRows][kVectors];

  void multiply(const T* a, const T* b, std::int64_t depth) {
    for (auto& row : at)
      for (Vector& v : row) v = V::all(0);
    for (; depth > 0; --depth, a += kRows, b += columns) {
      Vector right[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) right[v] = V::load(b + v * lanes);
#pragma GCC unroll 16
      for (int row = 0; row < kRows; ++row) {
        const Vector left = V::all(a[row]);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) at[row][v] = V::multiply_add(left, right[v], at[row][v]);
      }
    }
  }
  void store(T* c, std::int64_t step, bool fresh) const {
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        T* to = c + row * step + v * lanes;
        V::store(to, fresh ? at[row][v] : V::add(V::load(to), at[row][v]));
      }
  }
};

template <class T>
void tile(const T* a, const T* b, std::int64_t depth, T* c, std::int64_t c_step, int c_rows, int c_columns,
          bool fresh) {
  constexpr int columns = Tile<T>::columns;
  Tile<T> sums;
  sums.multiply(a, b, depth);
  if (c_rows == kRows && c_columns == columns) return sums.store(c, c_step, fresh);
  T edge[kRows * columns];
  sums.store(edge, columns, true);
  for (int row = 0; row < c_rows; ++row)
    for (int column = 0; column < c_columns; ++column) {
      T& to = c[row * c_step + column];
      to = fresh ? edge[row * columns + column] : to + edge[row * columns + column];
    }
}

}  // namespace

namespace GEMM_SET {
extern const GemmKernel<float> kGemm32 = {kRows, Tile<float>::columns, tile<float>};
extern const GemmKernel<double> kGemm64 = {kRows, Tile<double>::columns, tile<double>};
}  // namespace GEMM_SET

}  // namespace inlay
