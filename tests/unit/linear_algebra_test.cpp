// linear_algebra_test.cpp - products against plain loops, decompositions against what they decompose.
#include "runtime/matrices/linear_algebra.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/tensors/shape_ops.h"
#include "tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

/// Small numbers without pattern: products of them are exact in every dtype.
Tensor noise(DType dtype, Shape shape) {
  const std::int64_t n = element_count(shape);
  Values out;
  std::uint32_t state = 5;
  for (std::int64_t i = 0; i < n; ++i)
    out.push_back(static_cast<std::int64_t>((state = state * 1664525 + 1013904223) >> 28) - 7);
  return make(dtype, std::move(shape), out);
}

Values product(const Tensor& a, const Tensor& b) {
  const Values x = values(a), y = values(b);
  const std::int64_t rows = a.dim(0), depth = a.dim(1), columns = b.dim(1);
  Values out(static_cast<std::size_t>(rows * columns));
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t k = 0; k < depth; ++k)
      for (std::int64_t column = 0; column < columns; ++column)
        out[row * columns + column] += x[row * depth + k] * y[k * columns + column];
  return out;
}

/// The elements rounded, where what matters is that results are close to whole numbers.
Values rounded(const Tensor& x) {
  Values out;
  const Tensor dense = cast(x, DType::float64).contiguous();
  for (std::int64_t i = 0; i < dense.size(); ++i) {
    const double v = dense.data<double>()[i];
    CHECK(std::abs(v - std::round(v)) < 1e-9);
    out.push_back(std::lround(v));
  }
  return out;
}

Tensor diagonal_matrix(const Tensor& values) {
  const std::int64_t n = values.size();
  Tensor out = Tensor::zeros(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i) out.mutable_data<double>()[i * (n + 1)] = values.data<double>()[i];
  return out;
}

}  // namespace

TEST_CASE("large products: edges of tiles and of panels, transposed and reversed operands, batches") {
  const std::int64_t shapes[][3] = {{17, 16, 17}, {97, 400, 33}, {13, 800, 53}, {130, 5, 2100}, {4100, 3, 20}};
  for (const DType dtype : {DType::float32, DType::float64})
    for (const auto& [rows, depth, columns] : shapes) {
      const Tensor a = noise(dtype, {rows, depth}), b = noise(dtype, {depth, columns});
      const Values wanted = product(a, b);
      CHECK((values(matmul(a, b)) == wanted));
      CHECK((values(matmul(transpose(transpose(a).copy()), transpose(transpose(b).copy()))) == wanted));
      const Shape stack = {2, rows, depth};
      Values twice = wanted;
      twice.insert(twice.end(), wanted.begin(), wanted.end());
      CHECK((values(matmul(broadcast_to(a, stack), b)) == twice));
    }
}

TEST_CASE("products of every dtype, size and layout") {
  for (const DType dtype : {DType::int8, DType::uint8, DType::int64, DType::float16, DType::float32, DType::float64})
    for (const Shape& sizes :
         {Shape{1, 1, 1}, Shape{3, 4, 5}, Shape{1, 300, 7}, Shape{7, 300, 1}, Shape{150, 20, 33}}) {
      const Tensor a = noise(dtype, {sizes[0], sizes[1]}), b = noise(dtype, {sizes[1], sizes[2]});
      const Values wanted = values(make(dtype, {sizes[0] * sizes[2]}, product(a, b)));
      CHECK(values(matmul(a, b)) == wanted);
      CHECK(values(matmul(transpose(transpose(a).copy()), transpose(transpose(b).copy()))) == wanted);
    }
  CHECK(values(matmul(mask({2, 2}, {1, 0, 0, 0}), mask({2, 2}, {0, 1, 1, 1}))) == Values{0, 1, 0, 0});
  CHECK(matmul(Tensor::of<complex128>({{0, 1}}), Tensor::of<complex128>({{0, 1}})).item<complex128>() ==
        complex128{-1, 0});
  CHECK(matmul(make(DType::int8, {1}, {100}), make(DType::int8, {1}, {2})).item<std::int8_t>() == -56);
}

TEST_CASE("vectors lose their axis, batches broadcast") {
  CHECK(matmul(iota({3}), iota({3})).rank() == 0);
  CHECK(values(matmul(iota({2, 3}), iota({3}))) == Values{5, 14});
  CHECK(values(matmul(iota({2}), iota({2, 3}))) == Values{3, 4, 5});
  const Tensor batch = matmul(iota({2, 1, 2, 3}), iota({3, 3, 2}));
  CHECK(batch.shape() == Shape{2, 3, 2, 2});
  CHECK(matmul(Tensor::zeros(DType::float32, {2, 0}), Tensor::zeros(DType::float32, {0, 3})).shape() == Shape{2, 3});
  CHECK(matmul(Tensor::zeros(DType::int32, {0, 2}), Tensor::zeros(DType::float32, {2, 3})).dtype() == DType::float64);
}

TEST_CASE("what cannot be multiplied is said in NumPy's words") {
  CHECK(error_of([] { matmul(iota({3}), Tensor::scalar<double>(1)); }) ==
        "ValueError: matmul: Input operand 1 does not have enough dimensions (has 0, gufunc core with signature "
        "(n?,k),(k,m?)->(n?,m?) requires 1)");
  CHECK(error_of([] {
          matmul(iota({2, 3}), iota({4, 2}));
        }) ==
        "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
        "(n?,k),(k,m?)->(n?,m?) (size 4 is different from 3)");
}

TEST_CASE("products have the same bits for any number of threads") {
  Watch watch;
  Tensor a = Tensor::empty(DType::float64, {300, 301}), b = Tensor::empty(DType::float64, {301, 200});
  for (std::int64_t i = 0; i < a.size(); ++i) a.mutable_data<double>()[i] = std::sin(static_cast<double>(i));
  for (std::int64_t i = 0; i < b.size(); ++i) b.mutable_data<double>()[i] = std::cos(static_cast<double>(i));
  const Tensor serial = matmul(a, b);
  watch.own.threads = 3;
  CHECK(std::memcmp(serial.bytes(), matmul(a, b).bytes(), static_cast<std::size_t>(serial.size()) * sizeof(double)) ==
        0);
}

TEST_CASE("solve and inv undo products") {
  const Tensor a = make(DType::float64, {2, 3, 3}, {2, 1, 0, 0, 3, 1, 1, 0, 4, 5, 1, 1, 0, 2, 0, 1, 0, 3}),
               x = noise(DType::float64, {3, 2});
  CHECK(rounded(solve(a, matmul(a, x))) == values(broadcast_to(x, {2, 3, 2})));
  CHECK(rounded(matmul(a, inv(a))) == Values{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(solve(ints({1, 1}, {4}), ints({1}, {2})).item<double>() == 0.5);
  CHECK(inv(make(DType::float32, {1, 1}, {4})).dtype() == DType::float32);
}

TEST_CASE("determinants") {
  CHECK(rounded(det(ints({2, 2}, {1, 2, 3, 4}))) == Values{-2});
  CHECK(det(Tensor::zeros(DType::float64, {0, 0})).item<double>() == 1);
  const auto [sign, log] = slogdet(ints({2, 2}, {0, 2, 3, 0}));
  CHECK(sign.item<double>() == -1);
  CHECK(log.item<double>() == doctest::Approx(std::log(6.0)));
  CHECK(slogdet(Tensor::zeros(DType::float64, {2, 2})).second.item<double>() ==
        -std::numeric_limits<double>::infinity());
}

TEST_CASE("decompositions multiply back") {
  const Tensor a = noise(DType::float64, {5, 3}), gram = matmul(transpose(a), a);
  const Tensor l = cholesky(gram);
  CHECK(rounded(matmul(l, transpose(l))) == values(gram));
  for (const bool complete : {false, true}) {
    const auto [q, r] = qr(a, complete);
    CHECK(q.shape() == (complete ? Shape{5, 5} : Shape{5, 3}));
    CHECK(rounded(matmul(q, r)) == values(a));
  }
  const Svd thin = svd(a, false, true);
  CHECK(rounded(matmul(matmul(thin.u, diagonal_matrix(thin.s)), thin.vh)) == values(a));
  CHECK_FALSE(svd(a, true, false).u);
  const auto [w, v] = eigh(gram);
  CHECK(rounded(matmul(matmul(v, diagonal_matrix(w)), transpose(v))) == values(gram));
}

TEST_CASE("R has LAPACK's signs: Householder, not normalised") {
  const auto [q, r] = qr(ints({2, 2}, {3, 0, 4, 5}), false);
  CHECK(rounded(r) == Values{-5, -4, 0, 3});
  CHECK(q.data<double>()[0] == doctest::Approx(-0.6));
}

TEST_CASE("eig is real where it can be, complex with conjugate pairs where not") {
  CHECK(rounded(eig(ints({2, 2}, {2, 0, 0, 3})).first) == Values{2, 3});
  const auto [w, v] = eig(make(DType::float32, {2, 2}, {0, 1, -1, 0}));
  CHECK(w.dtype() == DType::complex64);
  CHECK(w.data<complex64>()[0].imag() == doctest::Approx(1));
  CHECK(w.data<complex64>()[1].imag() == doctest::Approx(-1));
  CHECK(v.data<complex64>()[0].imag() == 0);
}

TEST_CASE("what cannot be decomposed is said in NumPy's words") {
  const Tensor zeros = Tensor::zeros(DType::float64, {2, 2}), flat = iota({3}), wide = iota({2, 3});
  Tensor nan = Tensor::zeros(DType::float64, {2, 2});
  nan.mutable_data<double>()[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK(error_of([&] { inv(zeros); }) == "LinAlgError: Singular matrix");
  CHECK(error_of([&] { solve(zeros, iota({2})); }) == "LinAlgError: Singular matrix");
  CHECK(error_of([&] { inv(wide); }) == "LinAlgError: Last 2 dimensions of the array must be square");
  CHECK(error_of([&] { qr(flat, false); }) ==
        "LinAlgError: 1-dimensional array given. Array must be at least two-dimensional");
  CHECK(error_of([&] { cholesky(ints({1, 1}, {-1})); }) == "LinAlgError: Matrix is not positive definite");
  CHECK(error_of([&] { eig(nan); }) == "LinAlgError: Array must not contain infs or NaNs");
  CHECK(error_of([&] { svd(nan, true, true); }) == "LinAlgError: SVD did not converge");
  CHECK(error_of([&] {
          det(make(DType::float16, {1, 1}, {1}));
        }) == "TypeError: array type float16 is unsupported in linalg");
  CHECK(error_of([&] {
          solve(ints({1, 1}, {1}), iota({2}));
        }) ==
        "ValueError: solve1: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
        "(m,m),(m)->(m) (size 2 is different from 1)");
}
