// region_packed.cpp - see region_packed.h. Blocks of the plan's size are counted and packed apart, so that any of them
// may be done by any thread, and a leaf of a reduction begins in the middle of one at the price of computing that
// again.
#include "runtime/elementwise/region_packed.h"

#include <algorithm>
#include <cstring>

#include "runtime/elementwise/region_blocks.h"
#include "runtime/threads/parallel.h"

namespace inlay {

/// A mask that costs more additions is worth its passes over memory.
constexpr int kDearMask = 8;

PackedRegion::PackedRegion(RegionCall& call) : call_(call), plan_(call.plan_) {}

bool PackedRegion::is_single(int slot) const {
  return call_.layouts_[static_cast<std::size_t>(slot)] == RegionCall::Layout::uniform;
}

/// Whether single elements do not spread over axes that packed ones have not.
bool PackedRegion::keeps_one_axis() const {
  return std::none_of(plan_.sources.begin(), plan_.sources.end(), [&](const RegionPlan::Source& source) {
    const RegionInput& input = call_.inputs_[static_cast<std::size_t>(source.input)];
    return !input.weak && input.size == 1 && call_.size_ > 1 && input.shape->size() > 1;
  });
}

bool PackedRegion::fits() const {
  if (call_.shape_ == &call_.broadcast_ || call_.shape_->empty() || plan_.mask_cost > kDearMask) return false;
  return keeps_one_axis() && plan_.takes_chosen([this](int slot) { return is_single(slot); });
}

std::int64_t PackedRegion::count() {
  const std::int64_t size = call_.size_, block = plan_.block;
  call_.compute_uniform();
  begins_.assign(static_cast<std::size_t>((size + block - 1) / block) + 1, 0);
  expect_work(size * plan_.cost);
  parallel_for(size, kParallelBlock, size, [&](std::int64_t begin, std::int64_t end) {
    RegionBlocks blocks(call_);
    for (std::int64_t at = begin, n = 0; at < end; at += n) {
      n = blocks.seek(at, std::min(block - at % block, end - at));
      begins_[static_cast<std::size_t>(at / block) + 1] += blocks.choose();
    }
  });
  for (std::size_t at = 1; at < begins_.size(); ++at) begins_[at] += begins_[at - 1];
  return begins_.back();
}

void PackedRegion::run(std::byte* out) const {
  const std::int64_t size = call_.size_, block = plan_.block, item = plan_.ops.back().size;
  parallel_for(size, kParallelBlock, size * plan_.cost, [&](std::int64_t begin, std::int64_t end) {
    RegionBlocks blocks(call_);
    std::byte* to = out + begins_[static_cast<std::size_t>(begin / block)] * item;
    const std::byte* const to_end = out + begins_[static_cast<std::size_t>((end + block - 1) / block)] * item;
    for (std::int64_t at = begin, n = 0; at < end && to < to_end; at += n) {
      n = blocks.seek(at, end - at);
      const std::int64_t count = blocks.choose(known_count(at, n));
      blocks.compute_chosen(to, to_end);
      to += count * item;
    }
  });
}

/// How many of `n` elements are chosen, if they are a block; negative if they are a part of one.
std::int64_t PackedRegion::known_count(std::int64_t at, std::int64_t n) const {
  if (n != std::min<std::int64_t>(plan_.block, call_.size_ - at) || at % plan_.block != 0) return -1;
  const auto block = static_cast<std::size_t>(at / plan_.block);
  return begins_[block + 1] - begins_[block];
}

/// Chosen elements [begin, begin + n) of the result.
void PackedRegion::make(std::int64_t begin, std::int64_t n, std::byte* to) const {
  alignas(64) std::byte part[RegionPlan::kRegisterBytes];
  const std::int64_t block = plan_.block, item = plan_.ops.back().size, end = begin + n;
  const auto first = std::upper_bound(begins_.begin(), begins_.end(), begin) - begins_.begin() - 1;
  RegionBlocks blocks(call_);
  std::int64_t rank = begins_[static_cast<std::size_t>(first)];
  for (std::int64_t at = first * block, moved = 0; rank < end; at += moved) {
    moved = blocks.seek(at, std::min(block - at % block, call_.size_ - at));
    const std::int64_t count = blocks.choose(known_count(at, moved)), from = std::max(begin - rank, std::int64_t{0}),
                       until = std::min(end - rank, count);
    std::byte* const place = to + (rank + from - begin) * item;
    if (from == 0 && until == count) {
      blocks.compute_chosen(place, to + n * item);
    } else if (from < until) {
      blocks.compute_chosen(part, part + sizeof part);
      std::memcpy(place, part + from * item, static_cast<std::size_t>((until - from) * item));
    }
    rank += count;
  }
}

Tensor PackedRegion::reduce(ReduceOp op) const {
  const auto elements_read = static_cast<int>(call_.size_ / begins_.back());  // for one that is chosen
  return reduce_made(op, plan_.result, begins_.back(), plan_.cost * std::max(1, std::min(elements_read, 1 << 16)),
                     [this](std::int64_t begin, std::int64_t n, std::byte* to) { make(begin, n, to); });
}

}  // namespace inlay
