// tensor_elements.cpp - see tensor_elements.h.
#include "interpreter/operations/tensor_elements.h"

#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

/// A dtype that is read as one C++ type per kind of plain number.
DType plain_dtype(DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
      return DType::boolean;
    case Kind::signed_integer:
      return DType::int64;
    case Kind::unsigned_integer:
      return DType::uint64;
    case Kind::floating:
      return DType::float64;
    case Kind::complex:
      break;
  }
  return DType::complex128;
}

Value plain(const Tensor& x, std::int64_t at) {
  switch (x.dtype()) {
    case DType::boolean:
      return Value::of(x.data<bool>()[at]);
    case DType::int64:
      return Value::of(x.data<std::int64_t>()[at]);
    case DType::uint64:
      return Value::of_wide(static_cast<int128>(x.data<std::uint64_t>()[at]));
    case DType::float64:
      return Value::of(x.data<double>()[at]);
    default:
      return Value::of(x.data<complex128>()[at]);
  }
}

Value lists_from(const Tensor& x, std::size_t axis, std::int64_t& at) {
  if (axis == x.rank()) return plain(x, at++);
  GrowingList out;
  out.reserve(static_cast<std::uint64_t>(x.dim(axis)));
  for (std::int64_t i = 0; i < x.dim(axis); ++i) out.add(lists_from(x, axis + 1, at));
  return Value::list(out.take());
}

}  // namespace

Value to_lists(const Tensor& x) {
  std::int64_t at = 0;
  return lists_from(cast(x, plain_dtype(x.dtype())).contiguous(), 0, at);
}

Value element_at(const Tensor& x, std::int64_t position) {
  return plain(cast(x, plain_dtype(x.dtype())).contiguous(), position);
}

}  // namespace inlay
