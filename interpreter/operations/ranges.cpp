// ranges.cpp - see ranges.h.
#include "interpreter/operations/ranges.h"

#include <cmath>
#include <limits>

#include "interpreter/operations/op_table.h"
#include "interpreter/values/compare.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// ---- arange ---------------------------------------------------------------------------------------------------------

/// A bound of a range, or its step.
struct Bound {
  Scalar number;
  DType dtype;
  bool is_weak = true;  // a plain number
};

Bound bound_of(const Value& value) {
  const std::optional<Scalar> number = number_of(value);
  if (value.is_tensor() && !number) {
    raise(ErrorKind::TypeError, "only 0-dimensional arrays can be converted to Python scalars");
  }
  if (!number || number->kind == Scalar::Kind::complex) {
    raise(ErrorKind::TypeError, "arange() not supported for inputs of type '{}'", type_name(value));
  }
  if (number->kind == Scalar::Kind::wide && !value.is_tensor()) {
    raise(ErrorKind::ValueError, "Maximum allowed size exceeded");
  }
  return {*number, value.is_tensor() ? value.tensor_dtype() : number->default_dtype(), !value.is_tensor()};
}

double as_double(const Scalar& x) { return x.kind == Scalar::Kind::floating ? x.real : static_cast<double>(x.integer); }
bool is_whole(const Scalar& x) { return x.kind != Scalar::Kind::floating; }

struct Range {
  Bound start, stop, step;

  [[nodiscard]] bool is_whole() const {
    return inlay::is_whole(start.number) && inlay::is_whole(stop.number) && inlay::is_whole(step.number);
  }
  [[nodiscard]] DType dtype() const {
    return promote(promote(promote(start.dtype, stop.dtype), step.dtype), DType::int64);
  }
};

std::int64_t checked_length(double length) {
  if (std::isnan(length)) raise(ErrorKind::ValueError, "arange: cannot compute length");
  if (std::abs(length) >= 9.2e18) raise(ErrorKind::ValueError, "Maximum allowed size exceeded");
  return length > 0 ? static_cast<std::int64_t>(length) : 0;
}

std::int64_t length_of(const Range& range) {
  if (!range.is_whole()) {
    const double step = as_double(range.step.number);
    if (step == 0) raise(ErrorKind::ZeroDivisionError, "float division by zero");
    const double distance = as_double(range.stop.number) - as_double(range.start.number), steps = distance / step;
    // A step so large that the quotient is 0 still has the start behind it.
    if (steps == 0 && distance != 0) return std::signbit(steps) ? 0 : 1;
    return checked_length(std::ceil(steps));
  }
  const int128 step = range.step.number.integer;
  if (step == 0) raise(ErrorKind::ZeroDivisionError, "division by zero");
  int128 distance = 0;
  if (__builtin_sub_overflow(range.stop.number.integer, range.start.number.integer, &distance))
    return checked_length((as_double(range.stop.number) - as_double(range.start.number)) /
                          as_double(range.step.number));
  const int128 length = distance / step + ((distance % step != 0 && (distance < 0) == (step < 0)) ? 1 : 0);
  return checked_length(static_cast<double>(length));
}

/// The number as an element of `dtype`, wrapped or saturated rather than refused.
Tensor element(const Scalar& number, DType dtype) { return cast(to_tensor(number), dtype); }

Scalar sum(const Scalar& a, const Scalar& b) {
  int128 sum = 0;
  if (is_whole(a) && is_whole(b) && !__builtin_add_overflow(a.integer, b.integer, &sum)) return Scalar::of_wide(sum);
  return Scalar::of(as_double(a) + as_double(b));
}

/// Refuses plain integers that the dtype cannot hold: the first number, and the second where there is one.
void check_fits(const Range& range, std::int64_t length, DType dtype) {
  if (!is_integer(dtype) || !range.is_whole()) return;
  if (range.start.is_weak) to_tensor(range.start.number, dtype);
  if (range.start.is_weak && range.step.is_weak && length > 1) {
    to_tensor(sum(range.start.number, range.step.number), dtype);
  }
}

/// Elements [begin, end) of start, start + step, …, computed in the type itself.
template <class T>
void fill_range(T first, T second, T* out, std::int64_t begin, std::int64_t end) {
  if constexpr (std::is_integral_v<T>) {
    const auto base = static_cast<std::uint64_t>(first);
    const std::uint64_t step = static_cast<std::uint64_t>(second) - base;
    for (std::int64_t at = begin; at < end; ++at)
      out[at] = static_cast<T>(base + static_cast<std::uint64_t>(at) * step);
  } else {
    const T step = second - first;
    if (begin == 0) out[begin++] = first;  // 0 * inf is not 0
    for (std::int64_t at = begin; at < end; ++at) out[at] = first + static_cast<T>(at) * step;
  }
}

/// Dtypes without arithmetic are filled in float64 and converted: complex ones, and the 16-bit floats.
DType fill_dtype(DType dtype) {
  if (is_integer(dtype) || dtype == DType::boolean) return DType::int64;
  return dtype == DType::float32 ? dtype : DType::float64;
}

Scalar one() { return Scalar::of(std::int64_t{1}); }

}  // namespace

Tensor arange(const Value& start, const Value& stop, const Value& step, std::optional<DType> dtype) {
  const Bound zero{Scalar::of(std::int64_t{0}), DType::int64};
  Range range{bound_of(start), zero, step.is_none() ? Bound{one(), DType::int64} : bound_of(step)};
  range.stop = stop.is_none() ? std::exchange(range.start, zero) : bound_of(stop);
  const std::int64_t length = length_of(range);
  const DType result = dtype.value_or(range.dtype());
  if (result == DType::boolean && length > 2) {
    raise(ErrorKind::TypeError, "arange() is only supported for booleans when the result has at most length 2.");
  }
  const DType fill = fill_dtype(result);
  Tensor out = Tensor::empty(fill, {length});
  context().charge(static_cast<std::uint64_t>(length), 0);
  if (length == 0) return cast(out, result);
  check_fits(range, length, result);
  const Tensor first = element(range.start.number, fill);
  const Tensor second = element(sum(range.start.number, range.step.number), fill);
  visit(fill, [&]<class T>(Type<T>) {
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
      parallel_for(length, kParallelBlock, length,
                   [first = first.item<T>(), second = second.item<T>(), to = out.mutable_data<T>()](
                       std::int64_t begin, std::int64_t end) { fill_range(first, second, to, begin, end); });
    }
  });
  return cast(out, result);
}

// ---- linspace -------------------------------------------------------------------------------------------------------

namespace {

/// The operand in the float that the numbers are computed in.
Tensor in_float(const Operand& x, DType dtype) { return cast(to_tensor(x), dtype); }

DType line_dtype(const Operand& start, const Operand& stop) {
  const Operand count(Scalar::of(1.0));
  const Operand* const operands[] = {&start, &stop, &count};
  return result_type(operands);
}

}  // namespace

Linspace::Linspace(const Operand& start, const Operand& stop, std::int64_t count, bool has_endpoint)
    : count_(count), has_endpoint_(has_endpoint) {
  if (count < 0) raise(ErrorKind::ValueError, "Number of samples, {}, must be non-negative.", count);
  const DType dtype = line_dtype(start, stop);
  start_ = in_float(start, dtype);
  stop_ = in_float(stop, dtype);
  distance_ = binary(ElementwiseOp::subtract, stop_, start_);
}

Tensor Linspace::step() const {
  const std::int64_t gaps = has_endpoint_ ? count_ - 1 : count_;
  if (gaps <= 0) return Tensor::scalar(std::numeric_limits<double>::quiet_NaN());
  return binary(ElementwiseOp::divide, distance_, Scalar::of(static_cast<double>(gaps)));
}

/// i * step for each i, along a new first axis.
Tensor Linspace::offsets() const {
  Shape column(distance_.rank() + 1, 1);
  column[0] = count_;
  const Value count = Value::of(count_);
  const Tensor steps = reshape(arange(count, Value::none(), Value::none(), DType::float64), column);
  const Tensor indices = cast(steps, distance_.dtype());
  const std::int64_t gaps = has_endpoint_ ? count_ - 1 : count_;
  return binary(ElementwiseOp::multiply, indices, gaps > 0 ? step() : distance_);
}

Tensor Linspace::values(std::optional<DType> dtype, std::int64_t axis) const {
  Tensor out = binary(ElementwiseOp::add, offsets(), start_);
  if (has_endpoint_ && count_ > 1) {
    out.writable();
    const Tensor last = broadcast_to(stop_, distance_.shape());
    const auto strides = std::span<const std::int64_t>(out.strides()).subspan(1);
    copy_elements(last, out.writable() + (count_ - 1) * out.strides()[0], strides);
  }
  const DType result = dtype.value_or(out.dtype());
  if (is_integer(result)) out = unary(ElementwiseOp::floor, out);
  const std::int64_t first[] = {0}, wanted[] = {axis};
  return cast(axis == 0 ? out : moveaxis(out, first, wanted), result);
}

}  // namespace inlay
