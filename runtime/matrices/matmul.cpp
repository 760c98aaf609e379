// matmul.cpp - numpy.matmul: operands, batches, and the choice between loops.
// Invariant: the result is cut into blocks by shape alone, and each block is one product computed by one thread: same
// bits for any number of threads. Cases: one side a vector -> product.h, along its contiguous axis | small, integers,
// bools
// -> product.h | float32 and float64 -> gemm.h, with any strides | complex -> Eigen, on row-major operands (other
// orders would take three more instantiations each).
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include <algorithm>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/order.h"
#include "runtime/dtypes/promote.h"
#include "runtime/matrices/gemm.h"
#include "runtime/matrices/linear_algebra.h"
#include "runtime/matrices/product.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kSmall = 16 * 16 * 16;  // multiplications: below, packing costs more than it saves
constexpr std::int64_t kRowBlock =
    128;  // rows of a unit of work: b is packed again for each, at k*n copies to 128*k*n multiplications

template <class T>
void complex_product(const ProductShape& s, const void* a, const void* b, void* c) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Operand = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
  const Operand left(static_cast<const T*>(a), s.rows, s.depth, Eigen::OuterStride<>(s.a_row));
  // Some columns at a time, between which it can be stopped: 50 ms each.
  constexpr std::int64_t kAtOnce = 1 << 26, kLeast = 16;
  const std::int64_t columns = std::max(kLeast, kAtOnce / (s.rows * s.depth));
  for (std::int64_t at = 0; at < s.columns && !is_stopping(); at += columns) {
    const std::int64_t taken = std::min(columns, s.columns - at);
    const Operand right(static_cast<const T*>(b) + at, s.depth, taken, Eigen::OuterStride<>(s.b_row));
    Eigen::Map<Matrix, 0, Eigen::OuterStride<>>(static_cast<T*>(c) + at, s.rows, taken, Eigen::OuterStride<>(s.c_row))
        .noalias() = left * right;
  }
}

/// For products that gemm.h does not take.
ProductKernel large_kernel(DType dtype) {
  if (dtype == DType::complex64) return complex_product<complex64>;
  if (dtype == DType::complex128) return complex_product<complex128>;
  return product_kernel(dtype);
}

void require_axes(const Tensor& x, int operand) {
  if (x.rank() == 0)
    raise(ErrorKind::ValueError,
          "matmul: Input operand {} does not have enough dimensions (has 0, gufunc core with signature "
          "(n?,k),(k,m?)->(n?,m?) requires 1)",
          operand);
}

/// Both operands as batches of matrices of one dtype, and what to take off the result.
struct Operands {
  Tensor a, b;
  bool drop_row = false, drop_column = false;
};

Operands as_matrices(const Tensor& a, const Tensor& b, DType dtype) {
  require_axes(a, 0);
  require_axes(b, 1);
  Operands o{cast(a, dtype), cast(b, dtype), a.rank() == 1, b.rank() == 1};
  const std::int64_t front = 0, back = 1;
  if (o.drop_row) o.a = expand_dims(o.a, std::span(&front, 1));
  if (o.drop_column) o.b = expand_dims(o.b, std::span(&back, 1));
  const std::int64_t depth = o.a.shape().back(), other = o.b.dim(o.b.rank() - 2);
  if (depth != other)
    raise(ErrorKind::ValueError,
          "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
          "(n?,k),(k,m?)->(n?,m?) (size {} is different from {})",
          other, depth);
  return o;
}

Shape batch_shape(const Tensor& x) { return Shape(std::span(x.shape().data(), x.rank() - 2)); }

/// x with its leading axes broadcast to `batch`.
Tensor in_batches(const Tensor& x, const Shape& batch) {
  Shape shape = batch;
  shape.push_back(x.dim(x.rank() - 2));
  shape.push_back(x.shape().back());
  return shape == x.shape() ? x : broadcast_to(x, shape);
}

/// Whether a complex matrix is as Eigen's maps take it.
bool is_row_major(const Tensor& x) {
  const std::size_t r = x.rank();
  return x.strides()[r - 1] == x.itemsize() && x.strides()[r - 2] >= x.itemsize() * x.dim(r - 1);
}

/// x as the kernels take it: strides are counted in elements.
Tensor operand(const Tensor& x) {
  const bool divisible = std::all_of(x.strides().begin(), x.strides().end(),
                                     [&](std::int64_t stride) { return stride % x.itemsize() == 0; });
  return divisible && (!is_complex(x.dtype()) || is_row_major(x)) ? x : x.contiguous();
}

ProductShape product_shape(const Tensor& a, const Tensor& b) {
  const std::size_t p = a.rank() - 2, q = b.rank() - 2;
  const std::int64_t size = a.itemsize();
  const auto& s = a.strides();
  const auto& t = b.strides();
  return {a.dim(p),        a.dim(p + 1), b.dim(q + 1),    s[p] / size,
          s[p + 1] / size, t[q] / size,  t[q + 1] / size, b.dim(q + 1)};
}

/// A single column is a product of transposes: its kernel then runs along whichever axis of `a` is contiguous.
void transpose_column(ProductShape& s, bool& swapped) {
  if (s.columns != 1 || s.rows == 1 || s.a_column == 1) return;
  s = {1, s.depth, s.rows, s.b_column, s.b_row, s.a_column, s.a_row, s.rows};
  swapped = true;
}

/// Where matrix number `batch` of x is, in bytes.
std::int64_t batch_offset(const Tensor& x, std::int64_t batch) {
  std::int64_t offset = 0;
  for (std::size_t axis = x.rank() - 2; axis-- > 0; batch /= x.dim(axis))
    offset += batch % x.dim(axis) * x.strides()[axis];
  return offset;
}

/// One product, the same for all matrices of a batch.
class Product {
 public:
  Product(const Tensor& a, const Tensor& b, Tensor& out) : a_(a), b_(b), out_(out), shape_(product_shape(a, b)) {
    const std::int64_t work = shape_.rows * shape_.depth * shape_.columns;
    batches_ = out.size() / (shape_.rows * shape_.columns);
    transpose_column(shape_, swapped_);
    const bool vector = shape_.rows == 1 || shape_.columns == 1;
    packed_ = !vector && work > kSmall && (a.dtype() == DType::float32 || a.dtype() == DType::float64);
    kernel_ = vector || work <= kSmall ? product_kernel(a.dtype()) : large_kernel(a.dtype());
    by_columns_ = shape_.rows == 1 && shape_.columns > 1;
    const std::int64_t length = by_columns_ ? shape_.columns : shape_.rows;
    block_ = vector ? std::max<std::int64_t>(64, kParallelBlock / std::max<std::int64_t>(1, shape_.depth)) : kRowBlock;
    blocks_ = (length + block_ - 1) / block_;
    cost_ = work;
  }
  void run() const {
    expect_work(batches_ * cost_);
    if (packed_) return a_.dtype() == DType::float32 ? run_packed<float>() : run_packed<double>();
    const std::int64_t per_block = std::max<std::int64_t>(1, cost_ / blocks_);
    parallel_for(batches_ * blocks_, std::max<std::int64_t>(1, kParallelBlock / per_block), batches_ * cost_,
                 [this](std::int64_t begin, std::int64_t end) {
                   for (; begin < end; ++begin) block(begin / blocks_, begin % blocks_);
                 });
  }

 private:
  /// Threads share out the matrices if these are small, or else each of them.
  template <class T>
  void run_packed() const {
    const auto multiply = [this](auto gemm_of, std::int64_t begin, std::int64_t end) {
      for (T* c = out_.mutable_data<T>(); begin < end; ++begin)
        gemm_of(shape_, reinterpret_cast<const T*>(a_.bytes() + batch_offset(a_, begin)),
                reinterpret_cast<const T*>(b_.bytes() + batch_offset(b_, begin)),
                c + begin * shape_.rows * shape_.columns);
    };
    if (batches_ == 1 || !is_small_gemm<T>(shape_)) return multiply(gemm<T>, 0, batches_);
    parallel_for(batches_, std::max<std::int64_t>(1, kParallelBlock / cost_), batches_ * cost_,
                 [&](std::int64_t begin, std::int64_t end) { multiply(gemm_alone<T>, begin, end); });
  }
  void block(std::int64_t batch, std::int64_t at) const {
    const std::int64_t size = a_.itemsize(), first = at * block_;
    const std::byte* a = a_.bytes() + batch_offset(a_, batch);
    const std::byte* b = b_.bytes() + batch_offset(b_, batch);
    std::byte* c = out_.mutable_bytes() + batch * shape_.rows * shape_.columns * size;
    if (swapped_) std::swap(a, b);
    ProductShape s = shape_;
    if (by_columns_) {
      s.columns = std::min(block_, s.columns - first);
      kernel_(s, a, b + first * s.b_column * size, c + first * size);
    } else {
      s.rows = std::min(block_, s.rows - first);
      kernel_(s, a + first * s.a_row * size, b, c + first * s.c_row * size);
    }
  }

  const Tensor& a_;
  const Tensor& b_;
  Tensor& out_;
  ProductShape shape_;
  ProductKernel kernel_ = nullptr;
  bool swapped_ = false, by_columns_ = false, packed_ = false;
  std::int64_t batches_ = 1, block_ = 1, blocks_ = 1, cost_ = 0;
};

Tensor multiply(const Tensor& a_in, const Tensor& b_in) {
  const Tensor a = operand(a_in), b = operand(b_in);
  Shape shape = broadcast_shapes(batch_shape(a), batch_shape(b));
  const Tensor left = in_batches(a, shape), right = in_batches(b, shape);
  shape.push_back(a.dim(a.rank() - 2));
  shape.push_back(b.shape().back());
  const std::int64_t depth = a.shape().back();
  if (depth == 0) return Tensor::zeros(a.dtype(), std::move(shape));
  Tensor out = Tensor::empty(a.dtype(), std::move(shape));
  context().charge(static_cast<std::uint64_t>(out.size()) * static_cast<std::uint64_t>(depth), 0);
  if (out.size() > 0) Product(left, right, out).run();
  return out;
}

Tensor drop_axes(const Tensor& out, const Operands& o) {
  Dims axes;
  if (o.drop_row) axes.push_back(static_cast<std::int64_t>(out.rank()) - 2);
  if (o.drop_column) axes.push_back(static_cast<std::int64_t>(out.rank()) - 1);
  return axes.empty() ? out : squeeze(out, axes);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  const DType dtype = promote(a.dtype(), b.dtype());
  const bool half = dtype == DType::float16 || dtype == DType::bfloat16;
  const Operands o = as_matrices(a, b, half ? DType::float32 : dtype);
  return cast(drop_axes(multiply(o.a, o.b), o), dtype);
}

}  // namespace inlay
