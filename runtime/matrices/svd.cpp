// svd.cpp - singular values and vectors on Eigen.
// Invariant: singular values are in descending order and not negative.
#include "runtime/matrices/matrices.h"

#include <Eigen/SVD>

#include <algorithm>
#include <limits>
#include <tuple>

namespace inlay {

using namespace linalg;

namespace {

/// Passes over a matrix, each as long as a product, that its singular values and vectors take.
constexpr std::uint64_t kSvdSteps = 12;

/// Divide and conquer for real matrices; Jacobi, slower on large ones, for complex ones, since each costs a minute of
/// compiling.
template <class T>
struct Solver {
  using type = Eigen::BDCSVD<Matrix<T>>;
};
template <>
struct Solver<complex128> {
  using type = Eigen::JacobiSVD<Matrix<complex128>>;
};

unsigned wanted_vectors(bool full_matrices, bool compute_uv) {
  if (!compute_uv) return 0U;
  return full_matrices ? Eigen::ComputeFullU | Eigen::ComputeFullV : Eigen::ComputeThinU | Eigen::ComputeThinV;
}

/// What LAPACK makes of infinite elements.
template <class T>
void fill_with_nan(std::int64_t batch, unsigned wanted, Svd& out) {
  const std::int64_t k = out.s.shape().back();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  std::fill_n(out.s.mutable_data<double>() + batch * k, k, nan);
  if (wanted != 0) matrix<T>(out.u, batch).setConstant(nan), matrix<T>(out.vh, batch).setConstant(nan);
}

/// Writes the decomposition of matrix number `batch`; `out` has u and vh if `wanted` asks for vectors.
template <class T>
void decompose(const Tensor& a, std::int64_t batch, unsigned wanted, Svd& out) {
  const auto m = matrix<T>(a, batch);
  const Index k = std::min(m.rows(), m.cols());
  if (k == 0) {
    if (wanted != 0) matrix<T>(out.u, batch).setIdentity(), matrix<T>(out.vh, batch).setIdentity();
    return;
  }
  if (m.hasNaN()) fail("SVD did not converge");
  if (!m.allFinite()) return fill_with_nan<T>(batch, wanted, out);
  const typename Solver<T>::type solver(m, wanted);
  if (solver.info() != Eigen::Success) fail("SVD did not converge");
  Eigen::Map<Eigen::VectorXd>(out.s.mutable_data<double>() + batch * k, k) = solver.singularValues();
  if (wanted == 0) return;
  matrix<T>(out.u, batch) = solver.matrixU();
  matrix<T>(out.vh, batch) = solver.matrixV().adjoint();
}

}  // namespace

Svd svd(const Tensor& a, bool full_matrices, bool compute_uv) {
  require_matrix(a);
  const Input in = prepare(a, kSvdSteps);
  const Index m = rows(a), n = columns(a), k = std::min(m, n);
  const Shape batch = batch_shape(a);
  Svd out{{}, Tensor::empty(DType::float64, with(batch, {k})), {}};
  if (compute_uv) {
    out.u = Tensor::zeros(in.a.dtype(), with(batch, {m, full_matrices ? m : k}));
    out.vh = Tensor::zeros(in.a.dtype(), with(batch, {full_matrices ? n : k, n}));
  }
  for_each_matrix(in.a, batches(a), [&]<class T>(Type<T>, std::int64_t i) {
    decompose<T>(in.a, i, wanted_vectors(full_matrices, compute_uv), out);
  });
  out.s = cast(out.s, real_dtype(in.result));
  if (compute_uv) std::tie(out.u, out.vh) = cast_pair(out.u, in.result, out.vh, in.result);
  return out;
}

}  // namespace inlay
