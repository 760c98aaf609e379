// tensor.cpp - making, viewing and copying tensors.
// Knows nothing of operations. Every update of elements goes through Tensor::writable.
// Invariant: `contiguous` and `size` of a TensorData agree with its shape and strides; only make() and empty() set
// them.
#include "runtime/tensors/tensor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <new>

#include "runtime/memory/observer.h"
#include "runtime/memory/small_blocks.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

bool is_row_major(const Shape& shape, const Strides& strides, std::int64_t itemsize) {
  std::int64_t expected = itemsize;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 && strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

[[maybe_unused]] bool lies_inside(const TensorData& x) {
  const Extent bytes = extent(x.shape, x.strides, itemsize(x.dtype));
  const std::byte* begin = x.buffer->data();
  return x.size == 0 || (x.data + bytes.begin >= begin && x.data + bytes.end <= begin + x.buffer->bytes());
}

static_assert(sizeof(TensorData) <= kSmallBlock);

/// A description whose `size` and `contiguous` are still to be set.
[[gnu::always_inline]] inline Ref<TensorData> describe(DType dtype, Shape&& shape, Strides&& strides, std::byte* data,
                                                       Ref<Buffer>&& buffer, Charge&& charge) {
  void* place = acquire_small(sizeof(TensorData));
  if (!place) throw std::bad_alloc();
  Ref<TensorData> description = Ref<TensorData>::adopt(::new (place) TensorData(std::move(charge)));
  description->dtype = dtype;
  description->shape = std::move(shape);
  description->strides = std::move(strides);
  description->data = data;
  description->buffer = std::move(buffer);
  return description;
}

Ref<TensorData> make(DType dtype, Shape shape, Strides strides, std::byte* data, Ref<Buffer> buffer) {
  inlay::context().budget.require_rank(shape.size());
  const std::int64_t size = element_count(shape);
  (void)byte_count(size, itemsize(dtype));  // as NumPy: nobody who multiplies them has to look
  const bool contiguous = size == 0 || is_row_major(shape, strides, itemsize(dtype));
  Ref<TensorData> description =
      describe(dtype, std::move(shape), std::move(strides), data, std::move(buffer), Charge(sizeof(TensorData)));
  description->size = size;
  description->contiguous = contiguous;
  assert(lies_inside(*description));
  return description;
}

/// `size`: the elements of `shape`, which errors show.
Ref<Buffer> allocate(DType dtype, const Shape& shape, std::int64_t size) {
  try {
    const auto bytes = static_cast<std::size_t>(byte_count(size, itemsize(dtype)));
    // One number is none of a tensor's: with 0 elements allowed there are numbers, and tensors of none.
    if (!shape.empty()) context().budget.require_elements(static_cast<std::uint64_t>(size), bytes);
    return Buffer::allocate(bytes);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::LimitExceeded)
      raise(error.kind(), "{} (an array with shape {} and data type {})", error.message(), to_string(shape),
            name(dtype));
    if (error.kind() != ErrorKind::MemoryError) throw;
    raise(ErrorKind::MemoryError, "{} for an array with shape {} and data type {}", error.message(), to_string(shape),
          name(dtype));
  }
}

/// Whether two subscripts may name the same byte, so that a write would show twice. Never false when they do; a layout
/// whose axes interleave without meeting may be taken for one that does.
bool may_overlap_itself(const Tensor& x) {
  if (x.is_contiguous()) return false;
  std::array<std::pair<std::int64_t, std::int64_t>, kMaxRank> axes;  // |stride|, reach
  std::size_t count = 0;
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    const std::int64_t stride = std::abs(x.strides()[axis]);
    if (x.dim(axis) > 1) axes[count++] = {stride, stride * (x.dim(axis) - 1)};
  }
  std::sort(axes.begin(), axes.begin() + count);
  std::int64_t end = x.itemsize();
  for (std::size_t axis = 0; axis < count; ++axis) {
    if (axes[axis].first < end) return true;
    end += axes[axis].second;
  }
  return false;
}

CopyReason copy_reason(const Tensor& x) {
  if (inlay::context().is_scratch) return CopyReason::stoppable;
  if (!x.ref()->unique()) return CopyReason::shared_value;
  if (!x.ref()->buffer->unique()) return CopyReason::shared_buffer;
  if (x.ref()->buffer->read_only()) return CopyReason::read_only;
  return may_overlap_itself(x) ? CopyReason::layout : CopyReason::stoppable;
}

void note_copy(const Tensor& x) {
  Context& context = inlay::context();
  const CopyReason reason = copy_reason(x);
  const auto bytes = static_cast<std::uint64_t>(x.size() * x.itemsize());
  ++context.counters.copies;
  ++context.counters.copies_by_reason[static_cast<int>(reason)];
  context.counters.copied_bytes += bytes;
  if (Observer* looking = observer()) looking->copied(*x.ref()->buffer, reason, bytes);
}

}  // namespace

void destroy(TensorData* data) {
  data->~TensorData();
  release_small(data, sizeof(TensorData));
}

Tensor Tensor::empty(DType dtype, Shape shape) {
  const std::int64_t size = element_count(shape);
  Ref<Buffer> buffer = allocate(dtype, shape, size);
  inlay::context().budget.require_rank(shape.size());
  std::byte* data = buffer->data();
  Strides strides = contiguous_strides(shape, inlay::itemsize(dtype));
  Ref<TensorData> description =
      describe(dtype, std::move(shape), std::move(strides), data, std::move(buffer), Charge());
  description->size = size;
  return Tensor(std::move(description));
}

Tensor Tensor::zeros(DType dtype, Shape shape) {
  Tensor out = empty(dtype, std::move(shape));
  inlay::context().charge(static_cast<std::uint64_t>(out.size()), 0);
  const std::int64_t item = out.itemsize();
  std::byte* data = out.mutable_bytes();
  parallel_for(out.size(), kParallelBlock, out.size(), [=](std::int64_t begin, std::int64_t end) {
    std::memset(data + begin * item, 0, static_cast<std::size_t>((end - begin) * item));
  });
  return out;
}

Tensor Tensor::wrap(void* data, DType dtype, Shape shape, Strides strides, bool read_only,
                    std::function<void()> release) {
  const Extent bytes = extent(shape, strides, inlay::itemsize(dtype));
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  std::uintptr_t end = 0;
  if (__builtin_add_overflow(address, bytes.begin, &end) || __builtin_add_overflow(address, bytes.end, &end))
    raise_too_big();
  auto* origin = static_cast<std::byte*>(data);
  Ref<Buffer> buffer = Buffer::wrap(origin + bytes.begin, static_cast<std::size_t>(bytes.end - bytes.begin), read_only,
                                    std::move(release));
  return Tensor(make(dtype, std::move(shape), std::move(strides), origin, std::move(buffer)));
}

Tensor Tensor::view(DType dtype, Shape shape, Strides strides, std::int64_t offset) const {
  return Tensor(make(dtype, std::move(shape), std::move(strides), data_->data + offset, data_->buffer));
}

Tensor Tensor::contiguous() const { return is_contiguous() ? *this : copy(); }

Tensor Tensor::copy() const {
  inlay::context().charge(static_cast<std::uint64_t>(size()), 0);
  Tensor out = empty(dtype(), shape());
  copy_elements(*this, out.mutable_bytes(), out.strides());
  return out;
}

std::byte* Tensor::writable() {
  Context& owner = inlay::context();
  if (unique() && !may_overlap_itself(*this)) {
    ++owner.counters.in_place;
  } else {
    *this = copy_to_update();
  }
  owner.in_place = !owner.is_scratch;
  return data_->data;
}

Tensor Tensor::copy_to_update() const {
  Tensor fresh = copy();
  note_copy(*this);
  return fresh;
}

Tensor Tensor::replacement() const {
  Tensor fresh = empty(dtype(), shape());
  note_copy(*this);
  return fresh;
}

}  // namespace inlay
