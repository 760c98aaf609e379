// eigenvalues.cpp - eig and eigh on Eigen.
// Invariant: eigenvectors have length 1; complex ones have a real component of largest magnitude, as LAPACK's.
#include "runtime/matrices/matrices.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/tensors/shape_ops.h"

namespace inlay {

using namespace linalg;

namespace {

/// Passes over a matrix, each as long as a product, that finding its eigenvalues and vectors takes.
constexpr std::uint64_t kEigenSteps = 12;

/// Scales each eigenvector as LAPACK does: length 1, the component of largest magnitude real.
void normalize(Matrix<complex128>& vectors) {
  for (Index column = 0; column < vectors.cols(); ++column) {
    auto v = vectors.col(column);
    v /= v.norm();
    Index largest = 0;
    v.cwiseAbs2().maxCoeff(&largest);
    v *= std::conj(v(largest)) / std::abs(v(largest));
    v(largest) = v(largest).real();
  }
}

/// Scales rows and columns against each other by powers of 2 until their lengths are alike, as LAPACK's dgebal, so that
/// small values do not drown. Gives what each eigenvector's components are to be multiplied by.
template <class T>
Eigen::VectorXd balance(Matrix<T>& a) {
  constexpr double kEnough = 0.95;  // a scaling that makes less of a difference is left
  Eigen::VectorXd scale = Eigen::VectorXd::Ones(a.rows());
  for (bool is_done = false; !is_done;) {
    is_done = true;
    for (Index at = 0; at < a.rows(); ++at) {
      const double column = a.col(at).norm(), row = a.row(at).norm();
      if (column == 0 || row == 0 || !std::isfinite(column + row)) continue;
      const double factor = std::exp2(std::round(std::log2(row / column) / 2));
      if (column * factor + row / factor >= kEnough * (column + row)) continue;
      a.col(at) *= factor;
      a.row(at) /= factor;
      scale(at) *= factor;
      is_done = false;
    }
  }
  return scale;
}

struct Eigen2 {
  Eigen::VectorXcd values;
  Matrix<complex128> vectors;
  bool real;  // no value has an imaginary part and the matrix had none
};

/// Two rows whose diagonal differs by 0, as companion matrices have: LAPACK (dlanv2) lets the zero's sign decide which
/// value comes first, and Eigen does not look at it.
void order_by_sign(const Matrix<double>& a, Eigen2& result) {
  const double difference = a(0, 0) - a(1, 1), upper = a(0, 1), lower = a(1, 0);
  if (difference != 0 || upper == 0 || lower == 0) return;
  if (!result.real) {
    for (Index at : {0, 1}) result.values(at).real(a(at, at));
    return;
  }
  if (!std::signbit(difference)) return;
  const double root = std::sqrt(std::abs(upper)) * std::sqrt(std::abs(lower)), length = std::hypot(lower, root);
  const double cosine = -root / length, sine = lower / length, slope = (upper - lower) / (2 * root);
  result.values << a(1, 1) - root, a(1, 1) + root;
  result.vectors << cosine, cosine * slope - sine, sine, sine * slope + cosine;
  result.vectors.col(1).normalize();
}

Eigen2 eigen_of(const Eigen::Map<const RowMajor<double>>& given) {
  Matrix<double> a = given;
  const Eigen::VectorXd scale = balance(a);
  const Eigen::EigenSolver<Matrix<double>> solver(a);
  if (solver.info() != Eigen::Success) fail("Eigenvalues did not converge");
  Eigen2 result{solver.eigenvalues(), solver.eigenvectors(), false};
  result.real = (result.values.imag().array() == 0.0).all();
  if (a.rows() == 2) order_by_sign(a, result);
  if ((scale.array() != 1).any()) {
    result.vectors = scale.asDiagonal() * result.vectors;
    result.vectors.colwise().normalize();
  }
  if (!result.real) normalize(result.vectors);
  return result;
}

Eigen2 eigen_of(const Eigen::Map<const RowMajor<complex128>>& given) {
  Matrix<complex128> a = given;
  const Eigen::VectorXd scale = balance(a);
  const Eigen::ComplexEigenSolver<Matrix<complex128>> solver(a);
  if (solver.info() != Eigen::Success) fail("Eigenvalues did not converge");
  Eigen2 result{solver.eigenvalues(), scale.asDiagonal() * solver.eigenvectors(), false};
  normalize(result.vectors);
  return result;
}

template <class T>
void fill_with_nan(T* to, std::int64_t n) {
  std::fill_n(to, n, T(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace

std::pair<Tensor, Tensor> eigh(const Tensor& a) {
  require_square(a);
  const Input in = prepare(a, kEigenSteps);
  const Index n = rows(a);
  Tensor values = Tensor::empty(DType::float64, with(batch_shape(a), {n})),
         vectors = Tensor::empty(in.a.dtype(), in.a.shape());
  for_each_matrix(in.a, n > 0 ? batches(a) : 0, [&]<class T>(Type<T>, std::int64_t batch) {
    if (!matrix<T>(in.a, batch).allFinite()) {
      fill_with_nan(values.mutable_data<double>() + batch * n, n);
      fill_with_nan(vectors.mutable_data<T>() + batch * n * n, n * n);
      return;
    }
    const Eigen::SelfAdjointEigenSolver<Matrix<T>> solver(matrix<T>(in.a, batch));
    if (solver.info() != Eigen::Success) fail("Eigenvalues did not converge");
    Eigen::Map<Eigen::VectorXd>(values.mutable_data<double>() + batch * n, n) = solver.eigenvalues();
    matrix<T>(vectors, batch) = solver.eigenvectors();
  });
  return cast_pair(values, real_dtype(in.result), vectors, in.result);
}

std::pair<Tensor, Tensor> eig(const Tensor& a) {
  require_square(a);
  const Input in = prepare(a, kEigenSteps);
  const Index n = rows(a);
  Tensor values = Tensor::empty(DType::complex128, with(batch_shape(a), {n})),
         vectors = Tensor::empty(DType::complex128, in.a.shape());
  bool is_real = !is_complex(in.result);
  for_each_matrix(in.a, n > 0 ? batches(a) : 0, [&]<class T>(Type<T>, std::int64_t batch) {
    if (!matrix<T>(in.a, batch).allFinite()) fail("Array must not contain infs or NaNs");
    const Eigen2 e = eigen_of(matrix<T>(in.a, batch));
    is_real = is_real && e.real;
    Eigen::Map<Eigen::VectorXcd>(values.mutable_data<complex128>() + batch * n, n) = e.values;
    matrix<complex128>(vectors, batch) = e.vectors;
  });
  if (is_real) return cast_pair(real(values), in.result, real(vectors), in.result);
  const DType complex_dtype = real_dtype(in.result) == DType::float32 ? DType::complex64 : DType::complex128;
  return cast_pair(values, complex_dtype, vectors, complex_dtype);
}

}  // namespace inlay
