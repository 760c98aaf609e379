// gemm.h - large real matrix products by packed panels.
// Knows no tensors. Invariant: how matrices are cut depends on their shape alone, so that the bits do not depend on the
// number of threads; each element of c is a sum over the depth in order, cut into parts of kGemmDepth.
#pragma once

#include "runtime/matrices/product.h"

namespace inlay {

/// c = a times b, float32 or float64, with any strides of a and b; on all threads. Takes scratch memory for panels: of
/// a and b one part of the depth.
template <class T>
void gemm(const ProductShape& shape, const T* a, const T* b, T* c);

/// Whether gemm_alone can take a product of this shape.
template <class T>
bool is_small_gemm(const ProductShape& shape);
/// The same bits, on the calling thread alone, with its panels on the stack: one of many matrices of a batch.
template <class T>
void gemm_alone(const ProductShape& shape, const T* a, const T* b, T* c);

}  // namespace inlay
