// product.h - products of strided matrices by our own loops: small ones, vectors, integers and booleans.
// Knows no Eigen and no tensors. Invariant: each element is summed over k in an order that depends on shapes and
// strides alone; integers wrap, booleans combine by or and and.
#pragma once

#include <cstdint>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// c (rows x columns, row-major, written in full) = a (rows x depth) times b (depth x columns). Strides in elements.
struct ProductShape {
  std::int64_t rows, depth, columns;
  std::int64_t a_row, a_column;
  std::int64_t b_row, b_column;
  std::int64_t c_row;
};

/// Computes a product; for every dtype but the 16-bit floats.
using ProductKernel = void (*)(const ProductShape& shape, const void* a, const void* b, void* c);
ProductKernel product_kernel(DType dtype);

}  // namespace inlay
