// where.cpp - elementwise choice between two operands, and clip.
// Knows nothing of subscripts: x[m] = s is lowered to this.
// Invariant: both sides have the dtype of the result; elements are moved by size, never looked at.
// Cases of a row: one mask for all -> copy or fill | each side a row or one element -> a select without branches.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/elementwise/elementwise_loop.h"
#include "runtime/elementwise/select_kernels.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/layout.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

template <class T>
void copy_or_fill(const Row& from, T* out, std::int64_t n) {
  const T* values = reinterpret_cast<const T*>(from.data);
  if (from.scalar)
    std::fill_n(out, n, *values);
  else if (values != out)
    std::copy_n(values, n, out);
}

/// A row of the choice: mask, x and y.
template <class T>
void choose(const void* kernel, const Row* rows, std::byte* out, std::int64_t n) {
  const auto* mask = reinterpret_cast<const std::uint8_t*>(rows[0].data);
  if (rows[0].scalar) return copy_or_fill(*mask ? rows[1] : rows[2], reinterpret_cast<T*>(out), n);
  const SelectSide x{rows[1].data, rows[1].scalar}, y{rows[2].data, rows[2].scalar};
  (*static_cast<const SelectKernel*>(kernel))(mask, x, y, out, n);
}

RowBody chooser(DType dtype) {
  return visit_size(itemsize(dtype), []<class T>(Type<T>) -> RowBody { return choose<T>; });
}

/// A side of the choice as a tensor. Borrows where it can: another handle would make the tensor look shared.
class Side {
 public:
  Side(const Operand& operand, DType dtype)
      : number_(operand.is_number() ? to_tensor(operand.number, dtype) : Tensor()), tensor_(operand.tensor) {}
  const Tensor& operator*() const { return number_ ? number_ : tensor_; }

 private:
  Tensor number_;
  const Tensor& tensor_;
};

void run_choice(const Tensor& condition, const Tensor& x, const Tensor& y, Tensor& out) {
  ElementwiseLoop loop(out.shape());
  loop.add_input(condition, DType::boolean);
  loop.add_input(x, out.dtype());
  loop.add_input(y, out.dtype());
  loop.set_output(out.mutable_bytes(), out.dtype(), out.dtype());
  const SelectKernel kernel = select_kernel(itemsize(out.dtype()));
  loop.run(chooser(out.dtype()), &kernel, 1);
}

/// Whether a shape broadcasts to the target without changing it.
bool fits(const Shape& shape, const Shape& target) {
  if (shape.size() > target.size()) return false;
  return std::equal(shape.begin(), shape.end(), target.end() - shape.size(),
                    [](std::int64_t size, std::int64_t wanted) { return size == 1 || size == wanted; });
}

/// Both the mask and the value must fit into the target, which keeps its shape.
void check_fits(const Shape& target, const Shape& mask, const Shape& value) {
  for (const Shape* shape : {&mask, &value}) {
    if (fits(*shape, target)) continue;
    raise(ErrorKind::ValueError, "could not broadcast input array from shape {} into shape {}", compact_text(*shape),
          compact_text(target));
  }
}

bool can_write_over(const Tensor& x, DType dtype, const Shape& shape) {
  return x && x.dtype() == dtype && x.unique() && x.is_contiguous() && x.shape() == shape;
}

bool is_short_choice(const Tensor& out) { return is_short(out.size(), out.size() * out.itemsize()); }

enum class Bound : std::uint8_t { low, high };

/// A bound as an operand of maximum or minimum. A plain integer that no element can exceed bounds like the dtype's own
/// limit.
Operand reachable(const Operand& bound, DType dtype, Bound which) {
  if (!bound.is_number() || !bound.number.is_integer() || !is_integer(dtype)) return bound;
  return visit(dtype, [&]<class T>(Type<T>) {
    Scalar number = bound.number;
    if constexpr (std::is_integral_v<T>) {
      using Wide = decltype(number.integer);
      number.integer = which == Bound::low ? std::max<Wide>(number.integer, std::numeric_limits<T>::min())
                                           : std::min<Wide>(number.integer, std::numeric_limits<T>::max());
    }
    return Operand(number);
  });
}

DType clip_dtype(const Operand& x, const Operand* low, const Operand* high) {
  std::array<const Operand*, 3> operands = {&x};
  std::size_t count = 1;
  for (const Operand* bound : {low, high}) {
    if (bound) operands[count++] = bound;
  }
  return result_type(std::span(operands).first(count));
}

/// The larger or smaller of an element and its bound. Of zeros of either sign the element stays where there is one
/// bound for all, as in NumPy: the functions take their second operand where both are equal.
Tensor bounded(ElementwiseOp extremum, Tensor x, const Operand& bound) {
  const bool is_one = bound.is_number() || bound.tensor.size() == 1;
  if (is_one && itemsize(x.dtype()) > 2) return binary(extremum, bound, std::move(x), {.second = true});
  return binary(extremum, std::move(x), bound, {.first = true});
}

}  // namespace

Tensor where(const Tensor& condition, const Operand& x, const Operand& y, bool reuse_y) {
  const Operand* const sides[] = {&x, &y};
  const DType dtype = result_type(sides);
  const Side from_x(x, dtype), from_y(y, dtype);
  const Shape* const shapes[] = {&condition.shape(), &(*from_x).shape(), &(*from_y).shape()};
  Shape shape = broadcast_shapes(shapes);
  context().charge(static_cast<std::uint64_t>(element_count(shape)), 0);
  const bool takes_over = reuse_y && can_write_over(y.tensor, dtype, shape) && is_short_choice(y.tensor);
  Tensor out = takes_over ? y.tensor : Tensor::empty(dtype, std::move(shape));
  if (takes_over) context().in_place = true;
  run_choice(condition, *from_x, *from_y, out);
  return out;
}

void where_assign(Tensor& y, const Tensor& mask, const Operand& value) {
  const Tensor from = cast_for_assignment(value, y.dtype());
  check_fits(y.shape(), mask.shape(), from.shape());
  context().charge(static_cast<std::uint64_t>(y.size()), 0);
  if (y.unique() && y.is_contiguous() && is_short_choice(y)) {
    y.writable();
    return run_choice(mask, from, y, y);
  }
  Tensor fresh = y.replacement();
  run_choice(mask, from, y, fresh);
  y = std::move(fresh);
}

Tensor clip(const Operand& x, const Operand* low, const Operand* high) {
  const DType dtype = clip_dtype(x, low, high);
  Tensor out = x.is_number() ? to_tensor(x.number, dtype) : cast(x.tensor, dtype);
  if (low) out = bounded(ElementwiseOp::maximum, std::move(out), reachable(*low, dtype, Bound::low));
  if (high) out = bounded(ElementwiseOp::minimum, std::move(out), reachable(*high, dtype, Bound::high));
  return out;
}

}  // namespace inlay
