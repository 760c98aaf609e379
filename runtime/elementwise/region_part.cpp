// region_part.cpp - storing a region's result into a part of a tensor that its inputs may lie in too.
// Knows nothing of ops. What an input reads of the part is an old value, so a block's results wait until no block that
// is still to be computed reads where they go. Inputs that lie as the part does, moved by some bytes (the neighbours of
// a stencil), say how long that is; any other overlap is refused, and the caller makes the whole result first.
// Invariant: a byte of the part is written after every block that reads it has been computed, for any number of
// threads. Cases: no input overlaps the part, or only exactly as it lies -> rows are computed where they go | else
// blocks are held back, in as many ranges as threads can use; what a range reads of its neighbours is written when all
// are done.
#include <algorithm>
#include <cstring>

#include "runtime/elementwise/region_blocks.h"
#include "runtime/memory/context.h"
#include "runtime/threads/parallel.h"

namespace inlay {

namespace {

constexpr std::int64_t kMostHeldBytes = 1 << 22;  // of all blocks held back: beyond that, a whole result is no worse
constexpr std::int64_t kMostRanges = 16;

/// Whether row-major order is the order in memory, without a byte in two elements.
bool is_ascending(const Shape& shape, const Strides& strides, std::int64_t item) {
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] == 1) continue;
    if (strides[axis] < item) return false;
    item = strides[axis] * shape[axis];
  }
  return true;
}

/// Whether elements of one shape lie the same way.
bool lies_alike(const Shape& shape, const Strides& a, const Strides& b) {
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] != 1 && a[axis] != b[axis]) return false;
  }
  return true;
}

void copy_row(const std::byte* from, std::byte* to, std::int64_t stride, int item, std::int64_t n) {
  if (stride == item) {
    std::memcpy(to, from, static_cast<std::size_t>(n * item));
    return;
  }
  visit_size(item, [&]<class T>(Type<T>) {
    for (std::int64_t at = 0; at < n; ++at) std::memcpy(to + at * stride, from + at * item, sizeof(T));
  });
}

}  // namespace

/// Blocks [begin, end) of a part that inputs overlap: computed in order, written as soon as that is safe.
class PartRange {
 public:
  /// `space`: for the results that are held back.
  PartRange(const RegionCall& call, std::int64_t begin, std::int64_t end, std::byte* space)
      : call_(call), target_(call.walked_.back()), begin_(begin), end_(end), space_(space) {
    const auto behind = static_cast<std::size_t>(call.part_.held_behind) + 1;
    early_.reserve(begin == 0 ? 0 : static_cast<std::size_t>(call.part_.held_ahead));
    late_.resize(behind);
  }

  /// Space for so many blocks is needed.
  static std::int64_t most_held(const RegionCall& call) { return call.part_.held_behind + call.part_.held_ahead + 1; }

  void run() {
    RegionBlocks blocks(call_);
    blocks.keep_cached();
    std::int64_t early_end = 0;  // before that, the range in front reads
    for (std::int64_t at = begin_, n = 0; at < end_; at += n) {
      n = blocks.seek(at, end_ - at);
      const std::int64_t first = blocks.cursor().offset(target_.strides);
      if (at == begin_) early_end = begin_ == 0 ? first : first + call_.part_.ahead;
      write_until(first - call_.part_.behind);
      Held& held = first < early_end ? hold_early() : hold_late();
      held.at = at;
      held.n = n;
      held.first = first;
      held.end = end_of(held);
      blocks.compute(held.values);
    }
  }

  /// Writes what is left, once no range reads any more.
  void finish() {
    for (const Held& held : early_) write(held);
    for (; count_ > 0; --count_) write(late_[first_++ % late_.size()]);
  }

 private:
  struct Held {
    std::int64_t at = 0, n = 0;       // elements
    std::int64_t first = 0, end = 0;  // where their bytes begin and end in the part
    std::byte* values = nullptr;
  };

  Held& hold_early() {
    Held& held = early_.emplace_back();
    held.values = next_space();
    return held;
  }
  Held& hold_late() {
    Held& held = late_[(first_ + count_++) % late_.size()];
    if (!held.values) held.values = next_space();
    return held;
  }
  std::byte* next_space() { return space_ + RegionPlan::kRegisterBytes * used_++; }

  [[nodiscard]] NestCursor place_of(std::int64_t at) const {
    NestCursor place;
    place.seek(call_.nest_, at);
    return place;
  }

  void write_until(std::int64_t limit) {
    for (; count_ > 0 && late_[first_ % late_.size()].end <= limit; --count_) write(late_[first_++ % late_.size()]);
  }

  [[nodiscard]] std::int64_t stride() const { return target_.strides[call_.nest_.size() - 1]; }

  [[nodiscard]] std::int64_t end_of(const Held& held) const {
    const bool is_row = call_.rows_in_place_;
    const std::int64_t last =
        is_row ? held.first + (held.n - 1) * stride() : place_of(held.at + held.n - 1).offset(target_.strides);
    return last + target_.itemsize;
  }

  void write(const Held& held) const {
    if (call_.rows_in_place_)
      return copy_row(held.values, call_.part_.first + held.first, stride(), target_.itemsize, held.n);
    for_each_row(place_of(held.at), call_.nest_, target_.strides, held.n, [&](auto to, auto done, auto count) {
      copy_row(held.values + done * target_.itemsize, call_.part_.first + to, stride(), target_.itemsize, count);
    });
  }

  const RegionCall& call_;
  const RegionCall::Walked& target_;
  std::int64_t begin_, end_;
  std::byte* space_;
  std::size_t used_ = 0;
  std::vector<Held> early_;  // until all ranges are done
  std::vector<Held> late_;   // in a ring: `count_` blocks from `first_` on
  std::size_t first_ = 0, count_ = 0;
};

void RegionCall::aim(const inlay::Layout& part, std::byte* base) {
  part_.first = base + part.offset;
  part_.strides = &part.strides;
  part_.shape = &part.shape;
}

/// Notes how far an input looks to other elements of the part; false if it lies across them in another way.
bool RegionCall::note_reach(const RegionInput& input) {
  const Shape& shape = *part_.shape;
  const int item = plan_.ops.back().size;
  const Extent part = extent(shape, *part_.strides, item);
  const Extent read = extent(*input.shape, *input.strides, itemsize(input.dtype));
  if (input.data + read.end <= part_.first + part.begin || part_.first + part.end <= input.data + read.begin)
    return true;
  const bool alike =
      itemsize(input.dtype) == item && *input.shape == shape && lies_alike(shape, *input.strides, *part_.strides);
  if (!alike) return false;
  part_.behind = std::max(part_.behind, part_.first - input.data);
  part_.ahead = std::max(part_.ahead, input.data - part_.first);
  return true;
}

bool RegionCall::reaches_are_known() {
  if (!(*shape_ == *part_.shape) || !is_ascending(*part_.shape, *part_.strides, plan_.ops.back().size)) return false;
  return std::all_of(plan_.sources.begin(), plan_.sources.end(), [&](const RegionPlan::Source& source) {
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    return input.weak || note_reach(input);
  });
}

/// How many blocks at most have elements within so many bytes of the part.
std::int64_t RegionCall::blocks_within(std::int64_t bytes) const {
  if (bytes == 0) return 0;
  if (size_ == 1) return 1;
  const Strides& strides = walked_.back().strides;
  if (nest_.size() == 1 || !rows_in_place_) return bytes / (plan_.block * strides.back()) + 3;
  const std::int64_t blocks_per_row = nest_.back() / plan_.block + 2;
  return (bytes / strides[nest_.size() - 2] + 2) * blocks_per_row;
}

bool RegionCall::holds_little() {
  part_.held_behind = blocks_within(part_.behind);
  part_.held_ahead = blocks_within(part_.ahead);
  return PartRange::most_held(*this) * RegionPlan::kRegisterBytes * kMostRanges <= kMostHeldBytes;
}

/// Rows are computed where they go, but for a result whose elements do not lie side by side.
void RegionCall::run_part_direct() {
  const Walked& target = walked_.back();
  const bool in_rows = rows_in_place_ && target.strides[nest_.size() - 1] == target.itemsize;
  parallel_for(size_, kParallelBlock, size_ * plan_.cost, [&](std::int64_t begin, std::int64_t end) {
    alignas(64) std::byte values[RegionPlan::kRegisterBytes];
    RegionBlocks blocks(*this);
    for (std::int64_t at = begin, n = 0; at < end; at += n) {
      n = blocks.seek(at, end - at);
      if (in_rows) {
        blocks.compute(part_.first + blocks.cursor().offset(target.strides));
        continue;
      }
      blocks.compute(values);
      for_each_row(blocks.cursor(), nest_, target.strides, n, [&](auto to, auto done, auto count) {
        copy_row(values + done * target.itemsize, part_.first + to, target.strides[nest_.size() - 1], target.itemsize,
                 count);
      });
    }
  });
}

void RegionCall::run_part_ranges() {
  const std::int64_t stride = std::max<std::int64_t>(1, walked_.back().strides[nest_.size() - 1]);
  const bool is_short = context().threads == 1 || size_ * plan_.cost < kParallelThreshold;
  const std::int64_t wide = 2 * (part_.behind + part_.ahead) / stride + 1;  // elements that reach over a neighbour
  const std::int64_t length = is_short ? size_ : std::max({kParallelBlock, wide, size_ / kMostRanges + 1});
  const std::int64_t space = PartRange::most_held(*this) * RegionPlan::kRegisterBytes;
  const std::int64_t ranges = (size_ + length - 1) / length;
  const Ref<Buffer> held = Buffer::allocate(static_cast<std::size_t>(ranges * space));
  std::vector<PartRange> all;
  all.reserve(static_cast<std::size_t>(ranges));
  for (std::int64_t at = 0; at < ranges; ++at)
    all.emplace_back(*this, at * length, std::min(size_, (at + 1) * length), held->data() + at * space);
  parallel_for(ranges, 1, size_ * plan_.cost, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) all[static_cast<std::size_t>(begin)].run();
  });
  for (PartRange& range : all) range.finish();
}

void RegionCall::run_part() {
  compute_uniform();
  if (part_.behind == 0 && part_.ahead == 0)
    run_part_direct();
  else
    run_part_ranges();
}

}  // namespace inlay
