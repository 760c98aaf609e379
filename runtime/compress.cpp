// compress.cpp - packing and storing by mask.
// Cases: eight mask bytes that are all false are skipped at once; otherwise branch-free, since random masks defeat prediction.
// Invariant: a block writes only between its own rank and the next block's.
#include "runtime/compress.h"

#include <algorithm>
#include <cstring>

#include "runtime/parallel.h"

namespace inlay {
namespace {

using Byte = std::uint8_t;

const Byte* bytes_of(const Tensor& mask) { return reinterpret_cast<const Byte*>(mask.bytes()); }

std::int64_t count_true(const Byte* mask, std::int64_t n) {
  std::int64_t count = 0;
  for (std::int64_t at = 0; at < n; ++at) count += mask[at] != 0;
  return count;
}

/// Calls `emit(rank, at)` for the `count` true elements of [begin, end), in order. It is also called, and must be
/// harmless, for false ones in between: the rank advances only past true ones.
template <class F>
void emit_true(const Byte* mask, std::int64_t begin, std::int64_t end, std::int64_t count, const F& emit) {
  constexpr std::int64_t kGroup = 8;
  std::int64_t rank = 0;
  for (std::int64_t group = begin; rank < count; group += kGroup) {
    std::uint64_t any = 1;
    if (group + kGroup <= end) std::memcpy(&any, mask + group, sizeof any);
    if (any == 0) continue;
    for (std::int64_t at = group; at < group + kGroup && rank < count; ++at) {
      emit(rank, at);
      rank += mask[at] != 0;
    }
  }
}

}  // namespace

MaskRanks::MaskRanks(const Tensor& mask) : mask_(mask.contiguous()) {
  const std::int64_t n = mask_.size();
  begins_.assign(static_cast<std::size_t>(n / kParallelBlock + (n % kParallelBlock != 0)) + 1, 0);
  const Byte* bytes = bytes_of(mask_);
  parallel_for(n, kParallelBlock, n, [&](std::int64_t begin, std::int64_t end) {
    begins_[static_cast<std::size_t>(begin / kParallelBlock) + 1] = count_true(bytes + begin, end - begin);
  });
  for (std::size_t block = 1; block < begins_.size(); ++block) begins_[block] += begins_[block - 1];
}

template <class F>
void MaskRanks::for_each_block(const F& body) const {
  const std::int64_t n = mask_.size();
  parallel_for(n, kParallelBlock, n, [&](std::int64_t begin, std::int64_t end) {
    const auto block = static_cast<std::size_t>(begin / kParallelBlock);
    body(begin, end, begins_[block], begins_[block + 1] - begins_[block]);
  });
}

Tensor MaskRanks::pack(const Tensor& x) const {
  Tensor out = Tensor::empty(x.dtype(), {count()});
  const Byte* mask = bytes_of(mask_);
  visit_size(x.itemsize(), [&]<class T>(Type<T>) {
    const std::byte* from = x.bytes();
    std::byte* to = out.mutable_bytes();
    for_each_block([=](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t n) {
      std::byte* block = to + rank * std::int64_t{sizeof(T)};
      emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) {
        std::memcpy(block + at_rank * std::int64_t{sizeof(T)}, from + at * std::int64_t{sizeof(T)}, sizeof(T));
      });
    });
  });
  return out;
}

Tensor MaskRanks::positions() const {
  Tensor out = Tensor::empty(DType::int64, {count()});
  const Byte* mask = bytes_of(mask_);
  std::int64_t* to = out.mutable_data<std::int64_t>();
  for_each_block([=](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t n) {
    emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) { to[rank + at_rank] = at; });
  });
  return out;
}

void MaskRanks::store(std::byte* x, const Tensor& values) const {
  const Byte* mask = bytes_of(mask_);
  visit_size(values.itemsize(), [&]<class T>(Type<T>) {
    constexpr std::int64_t item = sizeof(T);
    const std::byte* from = values.bytes();
    for_each_block([=](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t n) {
      emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) {
        if (mask[at] != 0) std::memcpy(x + at * item, from + (rank + at_rank) * item, sizeof(T));
      });
    });
  });
}

void masked_fill(std::byte* x, const Tensor& mask, const std::byte* value, int itemsize) {
  const Tensor dense = mask.contiguous();
  const Byte* bytes = bytes_of(dense);
  visit_size(itemsize, [&]<class T>(Type<T>) {
    constexpr std::int64_t item = sizeof(T);
    T fill;
    std::memcpy(&fill, value, sizeof(T));
    parallel_for(dense.size(), kParallelBlock, dense.size(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        T element;
        std::memcpy(&element, x + at * item, sizeof(T));
        element = bytes[at] != 0 ? fill : element;
        std::memcpy(x + at * item, &element, sizeof(T));
      }
    });
  });
}

}  // namespace inlay
