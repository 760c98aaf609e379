// gemm_kernel.h - the inner loops of large real matrix products, compiled once per instruction set.
// Knows panels, and rows of a where they lie; gemm.cpp cuts matrices into them. Invariant: how a tile is computed
// depends neither on its place nor on what else is computed; sets differ in their last bits, since those with it
// multiply and add at once.
#pragma once

#include <cstdint>

namespace inlay {

/// Panels of a hold `rows` of its rows, panels of b `columns` of its columns; both go along the depth, step by step.
template <class T>
struct GemmKernel {
  int rows, columns;
  /// Adds a (rows x depth, a panel) times b (depth x columns, a panel) to c, of which only the first `c_rows` x
  /// `c_columns` exist; c's rows are `c_step` elements apart. `fresh`: c is written, not added to.
  void (*tile)(const T* a, const T* b, std::int64_t depth, T* c, std::int64_t c_step, int c_rows, int c_columns,
               bool fresh);
  /// The same of `rows` rows of a where they lie, `a_row` elements apart, their depth `a_depth`: all of them exist.
  void (*tile_in_place)(const T* a, std::int64_t a_row, std::int64_t a_depth, const T* b, std::int64_t depth, T* c,
                        std::int64_t c_step, int c_columns, bool fresh);
};

#define INLAY_GEMM_SET(set)                \
  namespace set {                          \
  extern const GemmKernel<float> kGemm32;  \
  extern const GemmKernel<double> kGemm64; \
  }
INLAY_GEMM_SET(baseline)
INLAY_GEMM_SET(avx2)
INLAY_GEMM_SET(avx512)
#undef INLAY_GEMM_SET

}  // namespace inlay
