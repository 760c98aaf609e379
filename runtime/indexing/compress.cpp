// compress.cpp - packing and storing by mask, block by block and, inside a block, row by row.
// Invariant: a block writes only between its own rank and the next block's.
#include "runtime/indexing/compress.h"

#include "runtime/indexing/compress_kernels.h"
#include "runtime/tensors/dense_rows.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

const std::uint8_t* bytes_of(const Tensor& mask) { return reinterpret_cast<const std::uint8_t*>(mask.bytes()); }

}  // namespace

MaskRanks::MaskRanks(const Tensor& mask) : mask_(mask.contiguous()) {
  const std::int64_t n = mask_.size();
  context().charge(static_cast<std::uint64_t>(n), 0);
  begins_.assign(static_cast<std::size_t>(n / kParallelBlock + (n % kParallelBlock != 0)) + 1, 0);
  const std::uint8_t* bytes = bytes_of(mask_);
  parallel_for(n, kParallelBlock, n, [&](std::int64_t begin, std::int64_t end) {
    begins_[static_cast<std::size_t>(begin / kParallelBlock) + 1] = mask_table().count(bytes + begin, end - begin);
  });
  for (std::size_t block = 1; block < begins_.size(); ++block) begins_[block] += begins_[block - 1];
}

/// Calls `body(begin, end, rank, rank_end)` for the blocks that hold true elements.
template <class F>
void MaskRanks::for_each_block(const F& body) const {
  const std::int64_t n = mask_.size();
  parallel_for(n, kParallelBlock, n, [&](std::int64_t begin, std::int64_t end) {
    const auto block = static_cast<std::size_t>(begin / kParallelBlock);
    if (begins_[block] != begins_[block + 1]) body(begin, end, begins_[block], begins_[block + 1]);
  });
}

Tensor MaskRanks::pack(const Layout& x, const std::byte* base) const {
  Tensor out = Tensor::empty(x.dtype, {count()});
  const DenseRows rows(x);
  const std::uint8_t* mask = bytes_of(mask_);
  const auto pack = mask_kernels(out.itemsize()).pack;
  const std::int64_t item = out.itemsize();
  std::byte* const all = out.mutable_bytes();
  for_each_block([&](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t rank_end) {
    std::byte* to = all + rank * item;
    const std::byte* to_end = all + rank_end * item;
    rows.for_each(begin, end, [&](std::int64_t at, std::int64_t offset, std::int64_t n) {
      to = pack(mask + at, base + offset, to, to_end, n);
    });
  });
  return out;
}

Tensor MaskRanks::positions() const {
  Tensor out = Tensor::empty(DType::int64, {count()});
  const std::uint8_t* mask = bytes_of(mask_);
  const auto positions = mask_table().positions;
  std::int64_t* const all = out.mutable_data<std::int64_t>();
  for_each_block([&](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t rank_end) {
    positions(mask + begin, begin, all + rank, all + rank_end, end - begin);
  });
  return out;
}

void MaskRanks::store(const Layout& x, std::byte* base, const Tensor& values) const {
  const DenseRows rows(x);
  const std::uint8_t* mask = bytes_of(mask_);
  const auto store = mask_kernels(values.itemsize()).store;
  const std::int64_t item = values.itemsize();
  const std::byte* const all = values.bytes();
  for_each_block([&](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t rank_end) {
    const std::byte* from = all + rank * item;
    const std::byte* from_end = all + rank_end * item;
    rows.for_each(begin, end, [&](std::int64_t at, std::int64_t offset, std::int64_t n) {
      from = store(mask + at, base + offset, from, from_end, n);
    });
  });
}

void MaskRanks::fill(const Layout& x, std::byte* base, const std::byte* value) const {
  const DenseRows rows(x);
  const std::uint8_t* mask = bytes_of(mask_);
  const auto fill = mask_kernels(itemsize(x.dtype)).fill;
  for_each_block([&](std::int64_t begin, std::int64_t end, std::int64_t, std::int64_t) {
    rows.for_each(begin, end, [&](std::int64_t at, std::int64_t offset, std::int64_t n) {
      fill(mask + at, base + offset, value, n);
    });
  });
}

}  // namespace inlay
