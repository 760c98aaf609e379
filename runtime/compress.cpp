// compress.cpp - packing and storing by mask.
// Cases: eight mask bytes that are all false are skipped at once; otherwise branch-free, since random masks defeat
// prediction. Invariant: a block writes only between its own rank and the next block's.
#include "runtime/compress.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "runtime/compress_kernels.h"
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
  std::int64_t at = begin;
  // While a whole group fits before both ends, no step needs to ask.
  for (; at + kGroup <= end && rank + kGroup <= count; at += kGroup) {
    std::uint64_t any;
    std::memcpy(&any, mask + at, sizeof any);
    if (any == 0) continue;
    for (std::int64_t in_group = at; in_group < at + kGroup; ++in_group) {
      emit(rank, in_group);
      rank += mask[in_group] != 0;
    }
  }
  for (; rank < count; ++at) {
    emit(rank, at);
    rank += mask[at] != 0;
  }
}

/// An element's bits, to choose by `and` and `or`: a branch on a random mask is mispredicted half of the time.
template <class T>
void fill_block(const Byte* mask, std::byte* x, const std::byte* value, std::int64_t n) {
  T fill;
  std::memcpy(&fill, value, sizeof(T));
  for (std::int64_t at = 0; at < n; ++at) {
    T element;
    std::memcpy(&element, x + at * std::int64_t{sizeof(T)}, sizeof(T));
    if constexpr (std::is_integral_v<T>) {
      const T chosen = static_cast<T>(-static_cast<T>(mask[at] != 0));
      element = static_cast<T>((element & static_cast<T>(~chosen)) | (fill & chosen));
    } else if (mask[at] != 0) {
      element = fill;
    }
    std::memcpy(x + at * std::int64_t{sizeof(T)}, &element, sizeof(T));
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
  const std::byte* from = x.bytes();
  std::byte* to = out.mutable_bytes();
  const WideMaskKernels* wide = wide_mask_kernels(x.itemsize());
  visit_size(x.itemsize(), [&]<class T>(Type<T>) {
    constexpr std::int64_t item = sizeof(T);
    for_each_block([=](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t n) {
      std::byte* block = to + rank * item;
      if (wide) return wide->pack(mask + begin, from + begin * item, block, end - begin);
      emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) {
        std::memcpy(block + at_rank * item, from + at * item, sizeof(T));
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
    if (wide_positions(mask + begin, begin, to + rank, end - begin)) return;
    emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) { to[rank + at_rank] = at; });
  });
  return out;
}

void MaskRanks::store(std::byte* x, const Tensor& values) const {
  const Byte* mask = bytes_of(mask_);
  const std::byte* from = values.bytes();
  const WideMaskKernels* wide = wide_mask_kernels(values.itemsize());
  visit_size(values.itemsize(), [&]<class T>(Type<T>) {
    constexpr std::int64_t item = sizeof(T);
    for_each_block([=](std::int64_t begin, std::int64_t end, std::int64_t rank, std::int64_t n) {
      if (wide) return wide->store(mask + begin, x + begin * item, from + rank * item, end - begin);
      emit_true(mask, begin, end, n, [=](std::int64_t at_rank, std::int64_t at) {
        if (mask[at] != 0) std::memcpy(x + at * item, from + (rank + at_rank) * item, sizeof(T));
      });
    });
  });
}

void masked_fill(std::byte* x, const Tensor& mask, const std::byte* value, int itemsize) {
  const Tensor dense = mask.contiguous();
  const Byte* bytes = bytes_of(dense);
  const WideMaskKernels* wide = wide_mask_kernels(itemsize);
  visit_size(itemsize, [&]<class T>(Type<T>) {
    const auto fill = wide ? wide->fill : fill_block<T>;
    parallel_for(dense.size(), kParallelBlock, dense.size(), [=](std::int64_t begin, std::int64_t end) {
      fill(bytes + begin, x + begin * std::int64_t{sizeof(T)}, value, end - begin);
    });
  });
}

}  // namespace inlay
