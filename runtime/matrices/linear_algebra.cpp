// linear_algebra.cpp - inv, solve, det, slogdet, cholesky and qr, batched over leading axes, on Eigen.
// Invariant: a result is complete or an Error is thrown; "singular" means a pivot that is exactly zero, as LAPACK says
// it.
#include "runtime/matrices/matrices.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>

#include <cmath>
#include <limits>

#include "runtime/dtypes/promote.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {

using namespace linalg;

namespace {

/// LU with partial pivoting; of nothing for an empty matrix.
template <class T>
Eigen::PartialPivLU<Matrix<T>> factor(const Eigen::Map<const RowMajor<T>>& a) {
  return a.rows() == 0 ? Eigen::PartialPivLU<Matrix<T>>() : Eigen::PartialPivLU<Matrix<T>>(a);
}

/// Singular as LAPACK says it: a pivot that is exactly zero.
template <class T>
bool is_singular(const Eigen::PartialPivLU<Matrix<T>>& lu) {
  return (lu.matrixLU().diagonal().array() == T(0)).any();
}

/// Of an infinite or undefined pivot too, as NumPy: only a negative number changes the sign.
double sign_of(double pivot, double) { return pivot < 0 ? -1.0 : 1.0; }
complex128 sign_of(complex128 pivot, double magnitude) { return pivot / magnitude; }

template <class T>
struct SignAndLog {
  T sign;
  double log;
};

template <class T>
SignAndLog<T> sign_and_log(const Eigen::Map<const RowMajor<T>>& a) {
  if (a.rows() == 0) return {T(1), 0.0};
  const auto lu = factor<T>(a);
  SignAndLog<T> result{static_cast<T>(static_cast<double>(lu.permutationP().determinant())), 0.0};
  for (Index i = 0; i < a.rows(); ++i) {
    const T pivot = lu.matrixLU()(i, i);
    const double magnitude = std::abs(pivot);
    if (magnitude == 0.0) return {T(0), -std::numeric_limits<double>::infinity()};
    result.sign *= sign_of(pivot, magnitude);
    result.log += std::log(magnitude);
  }
  return result;
}

/// Through the logarithm, as NumPy computes it: the last digits agree.
template <class T>
T determinant(const Eigen::Map<const RowMajor<T>>& a) {
  const auto [sign, log] = sign_and_log<T>(a);
  return sign * std::exp(log);
}

void require_vector_of(const Tensor& a, const Tensor& b) {
  if (b.dim(0) != rows(a))
    raise(ErrorKind::ValueError,
          "solve1: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m)->(m) (size "
          "{} is different from {})",
          b.dim(0), rows(a));
}

void require_rows_of(const Tensor& a, const Tensor& b) {
  if (b.rank() == 0)
    raise(ErrorKind::ValueError,
          "solve: Input operand 1 does not have enough dimensions (has 0, gufunc core with signature "
          "(m,m),(m,n)->(m,n) requires 2)");
  if (rows(b) != rows(a))
    raise(ErrorKind::ValueError,
          "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m,n)->(m,n) "
          "(size {} is different from {})",
          rows(b), rows(a));
}

/// x with its leading axes broadcast to `batch`, row-major.
Tensor in_batches(const Tensor& x, const Shape& batch) {
  return broadcast_to(x, with(batch, {rows(x), columns(x)})).contiguous();
}

}  // namespace

Tensor inv(const Tensor& a, Singular singular) {
  require_square(a);
  const Input in = prepare(a);
  Tensor out = Tensor::empty(in.a.dtype(), in.a.shape());
  if (out.size() == 0) return cast(out, in.result);
  for_each_matrix(in.a, batches(in.a), [&]<class T>(Type<T>, std::int64_t batch) {
    const auto lu = factor<T>(matrix<T>(in.a, batch));
    if (!is_singular<T>(lu)) {
      context().poll();
      matrix<T>(out, batch) = lu.inverse();
      return;
    }
    if (singular == Singular::refused) fail("Singular matrix");
    matrix<T>(out, batch).setConstant(std::numeric_limits<double>::quiet_NaN());
  });
  return cast(out, in.result);
}

Tensor solve(const Tensor& a, const Tensor& b) {
  require_square(a);
  const bool vector = b.rank() == 1;
  vector ? require_vector_of(a, b) : require_rows_of(a, b);
  const DType result = promote(result_dtype(a.dtype()), result_dtype(b.dtype())), working = working_dtype(result);
  const std::int64_t last = 1;
  const Tensor right = cast(vector ? expand_dims(b, std::span(&last, 1)) : b, working);
  const Shape batch = broadcast_shapes(batch_shape(a), batch_shape(right));
  const Tensor matrices = in_batches(cast(a, working), batch), sides = in_batches(right, batch);
  context().charge(static_cast<std::uint64_t>(matrices.size() + sides.size()) * static_cast<std::uint64_t>(rows(a)), 0);
  Tensor out = Tensor::empty(working, sides.shape());
  for_each_matrix(out, rows(a) > 0 ? batches(out) : 0, [&]<class T>(Type<T>, std::int64_t i) {
    const auto lu = factor<T>(matrix<T>(matrices, i));
    if (is_singular<T>(lu)) fail("Singular matrix");
    context().poll();
    matrix<T>(out, i) = lu.solve(Matrix<T>(matrix<T>(sides, i)));
  });
  return cast(vector ? reshape(out, with(batch, {rows(a)})) : out, result);
}

Tensor det(const Tensor& a) {
  require_square(a);
  const Input in = prepare(a);
  Tensor out = Tensor::empty(in.a.dtype(), batch_shape(a));
  for_each_matrix(in.a, out.size(), [&]<class T>(Type<T>, std::int64_t batch) {
    out.mutable_data<T>()[batch] = determinant<T>(matrix<T>(in.a, batch));
  });
  return cast(out, in.result);
}

std::pair<Tensor, Tensor> slogdet(const Tensor& a) {
  require_square(a);
  const Input in = prepare(a);
  Tensor sign = Tensor::empty(in.a.dtype(), batch_shape(a)), log = Tensor::empty(DType::float64, batch_shape(a));
  for_each_matrix(in.a, log.size(), [&]<class T>(Type<T>, std::int64_t batch) {
    const auto [s, l] = sign_and_log<T>(matrix<T>(in.a, batch));
    sign.mutable_data<T>()[batch] = s;
    log.mutable_data<double>()[batch] = l;
  });
  return cast_pair(sign, in.result, log, real_dtype(in.result));
}

Tensor cholesky(const Tensor& a) {
  require_square(a);
  const Input in = prepare(a);
  Tensor out = Tensor::empty(in.a.dtype(), in.a.shape());
  for_each_matrix(in.a, out.size() > 0 ? batches(out) : 0, [&]<class T>(Type<T>, std::int64_t batch) {
    const Eigen::LLT<Matrix<T>> llt(matrix<T>(in.a, batch));
    if (llt.info() != Eigen::Success) fail("Matrix is not positive definite");
    matrix<T>(out, batch) = llt.matrixL();
  });
  return cast(out, in.result);
}

std::pair<Tensor, Tensor> qr(const Tensor& a, bool complete) {
  require_matrix(a);
  const Input in = prepare(a);
  const Index m = rows(a), n = columns(a), k = complete ? m : std::min(m, n);
  Tensor q = Tensor::zeros(in.a.dtype(), with(batch_shape(a), {m, k})),
         r = Tensor::zeros(in.a.dtype(), with(batch_shape(a), {k, n}));
  for_each_matrix(in.a, batches(a), [&]<class T>(Type<T>, std::int64_t batch) {
    if (std::min(m, n) == 0) {
      matrix<T>(q, batch).setIdentity();
      return;
    }
    const Eigen::HouseholderQR<Matrix<T>> qr(matrix<T>(in.a, batch));
    context().poll();
    matrix<T>(q, batch) = qr.householderQ() * Matrix<T>::Identity(m, k);
    matrix<T>(r, batch) = Matrix<T>(qr.matrixQR().topRows(k).template triangularView<Eigen::Upper>());
  });
  return cast_pair(q, in.result, r, in.result);
}

std::pair<Tensor, Tensor> qr_raw(const Tensor& a) {
  require_matrix(a);
  const Input in = prepare(a);
  const Index m = rows(a), n = columns(a), k = std::min(m, n);
  Tensor h = Tensor::empty(in.a.dtype(), with(batch_shape(a), {n, m})),
         tau = Tensor::empty(in.a.dtype(), with(batch_shape(a), {1, k}));
  for_each_matrix(in.a, k > 0 ? batches(a) : 0, [&]<class T>(Type<T>, std::int64_t batch) {
    const Eigen::HouseholderQR<Matrix<T>> qr(matrix<T>(in.a, batch));
    matrix<T>(h, batch) = qr.matrixQR().transpose();
    matrix<T>(tau, batch) = qr.hCoeffs().adjoint();
  });
  return cast_pair(h, in.result, reshape(tau, with(batch_shape(a), {k})), in.result);
}

}  // namespace inlay
