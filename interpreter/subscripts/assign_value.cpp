// assign_value.cpp - shapes and dtypes of assigned values.
// Knows nothing of subscripts or places. Messages are NumPy's.
#include "interpreter/subscripts/assign_value.h"

#include <cstring>

#include "runtime/dtypes/cast.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

[[noreturn]] void refuse_shape(Shape value, const Selection& selection) {
  const std::string to = compact_text(selection.shape());
  if (selection.indexed) {
    raise(ErrorKind::ValueError,
          "shape mismatch: value array of shape {} could not be broadcast to indexing result of shape {}",
          compact_text(value), to);
  }
  while (value.size() > selection.shape().size() && value[0] == 1) value.erase(0);
  raise(ErrorKind::ValueError, "could not broadcast input array from shape {} into shape {}", compact_text(value), to);
}

}  // namespace

Tensor value_to_store(const Operand& value, const Selection& selection) {
  if (!value.is_number()) {
    const Tensor& x = value.tensor;
    // NumPy stores one element by Python's bool(), int(), …, of which only bool() takes an array of one element.
    const bool truth = selection.view.dtype == DType::boolean && x.size() == 1;
    if (selection.scalar && x.rank() > 0 && is_complex(selection.view.dtype)) {
      raise(ErrorKind::TypeError, "only 0-dimensional arrays can be converted to Python scalars");
    }
    if (selection.scalar && x.rank() > 0 && !truth) {
      raise(ErrorKind::ValueError, "setting an array element with a sequence.");
    }
    if (!broadcasts_to(x.shape(), selection.shape())) refuse_shape(x.shape(), selection);
  }
  return cast_for_assignment(value, selection.view.dtype);
}

Tensor value_to_store(const Operand& value, DType dtype, const MaskRanks& ranks) {
  if (!value.is_number()) {
    const Tensor& x = value.tensor;
    if (x.rank() > 1) {
      raise(ErrorKind::TypeError,
            "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has {} dimensions",
            x.rank());
    }
    if (x.size() != 1 && x.size() != ranks.count()) {
      raise(ErrorKind::ValueError,
            "NumPy boolean array indexing assignment cannot assign {} input values to the {} output values where the "
            "mask is true",
            x.size(), ranks.count());
    }
  }
  return cast_for_assignment(value, dtype).contiguous();
}

Tensor value_to_cycle(const Operand& value, DType dtype, std::int64_t count) {
  const Tensor flat = ravel(cast_for_assignment(value, dtype));
  if (flat.size() == 0) return flat;
  Tensor offsets = Tensor::empty(DType::int64, {count});
  std::int64_t* to = offsets.mutable_data<std::int64_t>();
  for (std::int64_t at = 0; at < count; ++at) to[at] = at % flat.size() * flat.strides()[0];
  return gather_selection(take_along(layout_of(flat), 0, std::move(offsets)), flat.bytes());
}

void store_number(const Operand& value, DType dtype, std::byte* to) {
  if (value.is_number() && store_plain(value.number, dtype, to)) return;
  const Tensor element = cast_for_assignment(value, dtype);
  std::memcpy(to, element.bytes(), static_cast<std::size_t>(element.itemsize()));
}

}  // namespace inlay
