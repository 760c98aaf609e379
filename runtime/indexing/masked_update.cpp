// masked_update.cpp - a block at a time: the op over all elements into a scratch block, which is blended back by mask.
// Computing what is then thrown away costs less than packing, as long as the op is cheap.
// Invariant: a block is written by one thread, and only where the mask is true.
#include "runtime/indexing/masked_update.h"

#include <array>

#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/indexing/compress_kernels.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/dense_rows.h"
#include "runtime/threads/ask_ahead.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Additions that an op may cost: beyond that, packing the chosen elements first is faster where few are chosen.
constexpr int kCheap = 2;
/// Elements of the scratch block, of up to 16 bytes: half of a first-level cache.
constexpr std::int64_t kScratch = 1024;

bool is_one_value(const Operand& value) { return value.is_number() || value.tensor.rank() == 0; }

/// Whether an op has a result for all elements, and reads and writes x's own dtype.
bool is_blind(const OpInfo& op, const ElementwisePlan& plan, DType dtype) {
  const bool is_total = op.check == ValueCheck::none || !is_integer(plan.compute);
  return is_total && keeps_dtype(op, plan, dtype);
}

Tensor element_of(const Operand& value, DType dtype) {
  return value.is_number() ? to_tensor(value.number, dtype) : cast(value.tensor, dtype);
}

/// Asks for the block behind one of x and its mask, where they do not fit the caches.
void ask_for_next(const std::byte* x, std::int64_t bytes, const std::uint8_t* mask, std::int64_t n) {
  const auto* const chosen = reinterpret_cast<const std::byte*>(mask);
  ask_to_write(x + bytes, x + 2 * bytes);
  ask_to_read(chosen + n, chosen + 2 * n);
}

bool lies_beside(const Tensor& value, const Tensor& root, const Layout& x) {
  return value.is_contiguous() && value.dtype() == x.dtype && value.shape() == x.shape && !value.shares_buffer(root);
}

}  // namespace

bool update_chosen(ElementwiseOp op, Tensor& root, const Layout& x, const Tensor& mask, const Operand& value) {
  if (!is_one_value(value)) return false;
  const ElementwisePlan plan = resolve(op, x.dtype, OperandType(value));
  if (info(op).cost > kCheap || !is_blind(info(op), plan, x.dtype)) return false;
  const Tensor element = element_of(value, x.dtype);
  const Tensor dense = mask.contiguous();
  const std::int64_t size = dense.size();
  context().charge(static_cast<std::uint64_t>(size), 0);
  if (size == 0) return true;
  const auto blend = mask_kernels(element.itemsize()).blend;
  const auto* chosen = dense.data<std::uint8_t>();
  const DenseRows rows(x);
  std::byte* const base = root.writable();
  const std::int64_t item = element.itemsize();
  const bool asks_ahead = size * item > kCachedBytes;
  parallel_for(size, kParallelBlock, size, [&](std::int64_t begin, std::int64_t end) {
    alignas(64) std::array<std::byte, kScratch * 16> scratch;
    rows.for_each(begin, end, [&](std::int64_t at, std::int64_t offset, std::int64_t n) {
      for (std::int64_t done = 0; done < n; done += kScratch) {
        std::byte* const part = base + offset + done * item;
        const std::int64_t count = std::min(kScratch, n - done);
        run_update(kernel_row(plan), part, element.bytes(), true, scratch.data(), count);
        if (asks_ahead) ask_for_next(part, count * item, chosen + at + done, count);
        blend(chosen + at + done, part, scratch.data(), count);
      }
    });
  });
  return true;
}

bool update_rows(ElementwiseOp op, Tensor& root, const Layout& x, const Operand& value) {
  const bool is_one = is_one_value(value);
  if (!is_one && !lies_beside(value.tensor, root, x)) return false;
  const ElementwisePlan plan = resolve(op, x.dtype, OperandType(value));
  if (!is_blind(info(op), plan, x.dtype)) return false;
  const Tensor values = is_one ? element_of(value, x.dtype) : value.tensor;
  const std::int64_t size = element_count(x.shape), item = values.itemsize();
  context().charge(static_cast<std::uint64_t>(size), 0);
  if (size == 0) return true;
  const DenseRows rows(x);
  std::byte* const base = root.writable();
  parallel_for(size, kParallelBlock, size * info(op).cost, [&](std::int64_t begin, std::int64_t end) {
    rows.for_each(begin, end, [&](std::int64_t at, std::int64_t offset, std::int64_t n) {
      const std::byte* const from = values.bytes() + (is_one ? 0 : at * item);
      run_update(kernel_row(plan), base + offset, from, is_one, base + offset, n);
    });
  });
  return true;
}

}  // namespace inlay
