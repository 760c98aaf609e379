// svd.cpp - singular values and vectors on Eigen.
// Invariant: singular values are in descending order and not negative.
#include "runtime/matrices.h"

#include <Eigen/SVD>

#include <algorithm>
#include <tuple>

namespace inlay {

using namespace linalg;

namespace {

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

}  // namespace

Svd svd(const Tensor& a, bool full_matrices, bool compute_uv) {
  require_matrix(a);
  const Input in = prepare(a);
  const Index m = rows(a), n = columns(a), k = std::min(m, n);
  const Shape batch = batch_shape(a);
  Svd out{{}, Tensor::empty(DType::float64, with(batch, {k})), {}};
  if (compute_uv) {
    out.u = Tensor::zeros(in.a.dtype(), with(batch, {m, full_matrices ? m : k}));
    out.vh = Tensor::zeros(in.a.dtype(), with(batch, {full_matrices ? n : k, n}));
  }
  const unsigned wanted = !compute_uv     ? 0U
                          : full_matrices ? Eigen::ComputeFullU | Eigen::ComputeFullV
                                          : Eigen::ComputeThinU | Eigen::ComputeThinV;
  visit_working(in.a, [&]<class T>(Type<T>) {
    for (std::int64_t i = 0; i < batches(a); ++i) {
      if (k == 0) {
        if (compute_uv) matrix<T>(out.u, i).setIdentity(), matrix<T>(out.vh, i).setIdentity();
        continue;
      }
      if (!matrix<T>(in.a, i).allFinite()) fail("SVD did not converge");
      const typename Solver<T>::type svd(matrix<T>(in.a, i), wanted);
      if (svd.info() != Eigen::Success) fail("SVD did not converge");
      Eigen::Map<Eigen::VectorXd>(out.s.mutable_data<double>() + i * k, k) = svd.singularValues();
      if (!compute_uv) continue;
      matrix<T>(out.u, i) = svd.matrixU();
      matrix<T>(out.vh, i) = svd.matrixV().adjoint();
    }
  });
  out.s = cast(out.s, real_dtype(in.result));
  if (compute_uv) std::tie(out.u, out.vh) = cast_pair(out.u, in.result, out.vh, in.result);
  return out;
}

}  // namespace inlay
