// gemm_tile.h - the tile of a matrix product, for the instruction set named by GEMM_SET: the body of
// gemm_kernels_*.cpp, each of which has chosen its instructions, kRows and Vectors<T> before. A tile's accumulators
// fill most of the registers: 12 x 2 vectors of the 32 of AVX-512, 6 x 2 of the 16 of AVX2, 4 x 2 of the 16 of SSE2,
// where products need a register of their own. Invariant: nothing but the tables has a name outside. TRIED: 14 rows on
// AVX-512 - no faster, and matrices of 2^n rows leave more of the last panel empty.
#include <cstdint>
#include <type_traits>

#include "runtime/matrices/gemm_kernel.h"

namespace inlay {
namespace {

constexpr int kVectors = 2;                     // of a row of a tile
constexpr int kGroup = kRows % 3 == 0 ? 3 : 2;  // rows that are addressed from one pointer
constexpr int kGroups = kRows / kGroup;

/// A tile as wide as `vectors` vectors.
template <class T, int vectors>
struct Tile {
  using V = Vectors<T>;
  using Vector = typename V::type;
  static constexpr int lanes = sizeof(Vector) / sizeof(T), columns = kVectors * lanes;  // of a panel of b
  Vector at[kRows][vectors];

  /// Steps of a: numbers, or constants where it is a panel.
  template <class RowStep, class DepthStep>
  void multiply(const T* a, RowStep a_row, DepthStep a_depth, const T* b, std::int64_t depth) {
    for (auto& row : at)
      for (Vector& v : row) v = V::all(0);
    const T* group[kGroups];
    for (int i = 0; i < kGroups; ++i) group[i] = a + i * kGroup * a_row;
    for (; depth > 0; --depth, b += columns) {
      Vector right[vectors];
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) right[v] = V::load(b + v * lanes);
#pragma GCC unroll 16
      for (int row = 0; row < kRows; ++row) {
        const Vector left = V::all(group[row / kGroup][row % kGroup * a_row]);
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) at[row][v] = V::multiply_add(left, right[v], at[row][v]);
      }
#pragma GCC unroll 8
      for (const T*& each : group) each += a_depth;
    }
  }
  void store(T* c, std::int64_t step, bool fresh) const {
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        T* to = c + row * step + v * lanes;
        V::store(to, fresh ? at[row][v] : V::add(V::load(to), at[row][v]));
      }
  }
  /// The part of it that exists.
  void store(T* c, std::int64_t step, int c_rows, int c_columns, bool fresh) const {
    if (c_rows == kRows && c_columns == vectors * lanes) return store(c, step, fresh);
    for (int row = 0; row < c_rows; ++row)
      for (int v = 0; v < vectors; ++v) {
        T* to = c + row * step + v * lanes;
        const int count = c_columns - v * lanes;
        if (count < lanes)
          V::store_first(to, fresh ? at[row][v] : V::add(V::load_first(to, count), at[row][v]), count);
        else
          V::store(to, fresh ? at[row][v] : V::add(V::load(to), at[row][v]));
      }
  }
};

/// A tile of no more columns than a vector has is computed as half of one.
template <class T, class RowStep, class DepthStep>
void compute(const T* a, RowStep a_row, DepthStep a_depth, const T* b, std::int64_t depth, T* c, std::int64_t c_step,
             int c_rows, int c_columns, bool fresh) {
  const auto go = [&](auto sums) {
    sums.multiply(a, a_row, a_depth, b, depth);
    sums.store(c, c_step, c_rows, c_columns, fresh);
  };
  if (c_columns <= Tile<T, 1>::lanes)
    go(Tile<T, 1>());
  else
    go(Tile<T, kVectors>());
}

template <class T>
void tile(const T* a, const T* b, std::int64_t depth, T* c, std::int64_t c_step, int c_rows, int c_columns,
          bool fresh) {
  compute(a, std::integral_constant<int, 1>(), std::integral_constant<int, kRows>(), b, depth, c, c_step, c_rows,
          c_columns, fresh);
}

template <class T>
void tile_in_place(const T* a, std::int64_t a_row, std::int64_t a_depth, const T* b, std::int64_t depth, T* c,
                   std::int64_t c_step, int c_columns, bool fresh) {
  compute(a, a_row, a_depth, b, depth, c, c_step, kRows, c_columns, fresh);
}

}  // namespace

namespace GEMM_SET {
extern const GemmKernel<float> kGemm32 = {kRows, Tile<float, kVectors>::columns, tile<float>, tile_in_place<float>};
extern const GemmKernel<double> kGemm64 = {kRows, Tile<double, kVectors>::columns, tile<double>, tile_in_place<double>};
}  // namespace GEMM_SET

}  // namespace inlay
