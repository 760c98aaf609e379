// cast.cpp - tensors of another dtype.
// Invariant: what is refused is refused before memory is asked for.
#include "runtime/dtypes/cast.h"

#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

void check_castable(DType from, DType to) {
  if (!is_complex(from) || is_complex(to) || to == DType::boolean) return;
  raise(ErrorKind::TypeError,
        "cannot cast {} to {}: Casting complex values to real discards the imaginary part; use .real to do so",
        name(from), name(to));
}

}  // namespace

Tensor cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  check_castable(x.dtype(), dtype);
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const Tensor source = x.contiguous();
  Tensor out = Tensor::empty(dtype, x.shape());
  const CastKernel kernel = cast_kernel(x.dtype(), dtype);
  const std::byte* from = source.bytes();
  std::byte* to = out.mutable_bytes();
  const std::int64_t from_size = x.itemsize(), to_size = out.itemsize();
  parallel_for(x.size(), kParallelBlock, x.size(), [=](std::int64_t begin, std::int64_t end) {
    kernel(from + begin * from_size, to + begin * to_size, end - begin);
  });
  return out;
}

Tensor cast_for_assignment(const Operand& value, DType dtype) {
  return value.is_number() ? to_tensor(value.number, dtype) : cast(value.tensor, dtype);
}

}  // namespace inlay
