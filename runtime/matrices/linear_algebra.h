// linear_algebra.h - products and decompositions on Eigen, which only their sources see (matmul.cpp, matrices.h).
// Invariant: Eigen runs single-threaded on tiles of our own, so results have the same bits for any number of threads.
#pragma once

#include <utility>

#include "runtime/tensors/tensor.h"

namespace inlay {

/// numpy.matmul: batched over leading axes with broadcasting, 1-d operands promoted; dtypes promote; integers and bools
/// too. ValueError "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature
/// (n?,k),(k,m?)->(n?,m?) (size 4 is different from 3)".
Tensor matmul(const Tensor& a, const Tensor& b);

/// All batched over leading axes, computed in float32/float64/complex64/complex128 (integers in float64). LinAlgError
/// "Singular matrix", "Last 2 dimensions of the array must be square", "Matrix is not positive definite".
enum class Singular { refused, becomes_nan };
Tensor inv(const Tensor& a, Singular singular = Singular::refused);
Tensor solve(const Tensor& a, const Tensor& b);
Tensor det(const Tensor& a);
std::pair<Tensor, Tensor> slogdet(const Tensor& a);
Tensor cholesky(const Tensor& a);
/// Reduced Q and R (mode 'reduced') or complete.
std::pair<Tensor, Tensor> qr(const Tensor& a, bool complete);
/// LAPACK's own form (mode 'raw'): R and the Householder vectors, transposed, and their factors.
std::pair<Tensor, Tensor> qr_raw(const Tensor& a);
struct Svd {
  Tensor u, s, vh;
};
Svd svd(const Tensor& a, bool full_matrices, bool compute_uv);
/// Ascending eigenvalues and eigenvectors of Hermitian matrices, from the lower triangle.
std::pair<Tensor, Tensor> eigh(const Tensor& a);
/// Eigenvalues and eigenvectors; complex where any eigenvalue is (numpy.linalg.eig).
std::pair<Tensor, Tensor> eig(const Tensor& a);

}  // namespace inlay
