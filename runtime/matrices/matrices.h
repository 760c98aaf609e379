// matrices.h - what the linear algebra files share: operands as batches of Eigen matrices, working dtypes, NumPy's
// messages. Everything is computed in double or complex double: float32 and complex64 are rounded once at the end,
// which is more accurate than LAPACK's single precision and halves the instantiations. Serial, since Eigen allocates.
// Only linear_algebra.cpp, eigenvalues.cpp and svd.cpp include it. Invariant: operands are checked, row-major and of
// the working dtype before the first matrix is touched.
#pragma once

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include <initializer_list>
#include <span>
#include <utility>

#include "runtime/dtypes/cast.h"
#include "runtime/matrices/linear_algebra.h"

namespace inlay::linalg {

using Eigen::Index;
template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[noreturn]] inline void fail(const char* message) { raise(ErrorKind::LinAlgError, "{}", message); }

/// The dtype of results: float32 and complex64 stay, integers and bools are computed in float64.
inline DType result_dtype(DType dtype) {
  if (dtype == DType::float16 || dtype == DType::bfloat16)
    raise(ErrorKind::TypeError, "array type {} is unsupported in linalg", name(dtype));
  return is_floating(dtype) || is_complex(dtype) ? dtype : DType::float64;
}

inline DType working_dtype(DType result) { return is_complex(result) ? DType::complex128 : DType::float64; }

inline void require_matrix(const Tensor& a) {
  if (a.rank() < 2)
    raise(ErrorKind::LinAlgError, "{}-dimensional array given. Array must be at least two-dimensional", a.rank());
}

inline void require_square(const Tensor& a) {
  require_matrix(a);
  if (a.dim(a.rank() - 1) != a.dim(a.rank() - 2)) fail("Last 2 dimensions of the array must be square");
}

/// A row-major operand in the working dtype, with the dtype of results.
struct Input {
  Tensor a;
  DType result;
};

/// Charged as what it costs: each element takes part in about as many steps as there are rows, `passes` times.
inline Input prepare(const Tensor& a, std::uint64_t passes = 1) {
  const DType result = result_dtype(a.dtype());
  context().charge(static_cast<std::uint64_t>(a.size()) * static_cast<std::uint64_t>(a.dim(a.rank() - 2)) * passes, 0);
  return {cast(a, working_dtype(result)).contiguous(), result};
}

/// Calls `f(Type<double or complex128>{})`.
template <class F>
decltype(auto) visit_working(const Tensor& a, F&& f) {
  return is_complex(a.dtype()) ? f(Type<complex128>{}) : f(Type<double>{});
}

inline Shape batch_shape(const Tensor& a) { return Shape(std::span(a.shape().data(), a.rank() - 2)); }

inline Shape with(Shape batch, std::initializer_list<std::int64_t> tail) {
  for (const std::int64_t size : tail) batch.push_back(size);
  return batch;
}

inline Index rows(const Tensor& a) { return a.dim(a.rank() - 2); }
inline Index columns(const Tensor& a) { return a.dim(a.rank() - 1); }
inline std::int64_t batches(const Tensor& a) { return element_count(batch_shape(a)); }

/// Calls `f(Type<double or complex128>{}, number)` for each of `count` matrices of a working dtype. Looks whether to
/// stop before each, and behind the last one: what Eigen does is not stopped, and may have taken long.
template <class F>
void for_each_matrix(const Tensor& a, std::int64_t count, const F& f) {
  visit_working(a, [&](auto type) {
    for (std::int64_t batch = 0; batch < count; ++batch) {
      context().poll();
      f(type, batch);
    }
  });
  context().poll();
}

/// Matrix number `batch` of a row-major tensor.
template <class T>
Eigen::Map<const RowMajor<T>> matrix(const Tensor& a, std::int64_t batch) {
  return {a.data<T>() + batch * rows(a) * columns(a), rows(a), columns(a)};
}
template <class T>
Eigen::Map<RowMajor<T>> matrix(Tensor& a, std::int64_t batch) {
  return {a.mutable_data<T>() + batch * rows(a) * columns(a), rows(a), columns(a)};
}

/// Both results in their dtypes.
inline std::pair<Tensor, Tensor> cast_pair(const Tensor& first, DType first_dtype, const Tensor& second,
                                           DType second_dtype) {
  return {cast(first, first_dtype), cast(second, second_dtype)};
}

}  // namespace inlay::linalg
