// region_blocks.h - one range of a region's result, a block at a time. Private to the region*.cpp files.
// Knows nothing of where results go: whoever runs it says so for each block.
// Invariant: registers and cursor belong to one thread; a block that has been computed has read its inputs entirely.
#pragma once

#include <algorithm>

#include "runtime/elementwise/region.h"

namespace inlay {

/// Makes the source's element of a plain number. Throws what numbers out of the dtype's range do.
void make_element(RegionPlan::Source& source, const RegionInput& number);
/// The same, anew only when it is another number than last time.
inline void load_number(RegionPlan::Source& source, const RegionInput& number) {
  if (!source.holds(number)) make_element(source, number);
}

/// A place in a nest of axes, by a flat position.
struct NestCursor {
  std::int64_t column = 0;                   // in its row …
  std::array<std::int64_t, kMaxRank> index;  // … and the row among the axes outside

  void seek(const Shape& nest, std::int64_t at) {
    column = at % nest.back();
    at /= nest.back();
    for (std::size_t axis = nest.size() - 1; axis-- > 0; at /= nest[axis]) index[axis] = at % nest[axis];
  }
  /// Goes `n` elements ahead, at most to the start of the next row.
  void advance(const Shape& nest, std::int64_t n) {
    column += n;
    if (column < nest.back()) return;
    column = 0;
    for (std::size_t axis = nest.size() - 1; axis-- > 0; index[axis] = 0)
      if (++index[axis] < nest[axis]) return;
  }
  /// Bytes from element (0, …, 0).
  [[nodiscard]] std::int64_t offset(const Strides& strides) const {
    const std::size_t last = strides.size() - 1;
    std::int64_t bytes = column * strides[last];
    for (std::size_t axis = 0; axis < last; ++axis) bytes += index[axis] * strides[axis];
    return bytes;
  }
  /// Steps from the start of a row to that of the next: how far that is in bytes.
  std::int64_t next_row(const Shape& nest, const Strides& strides) {
    std::int64_t bytes = 0;
    for (std::size_t axis = nest.size() - 1; axis-- > 0;) {
      bytes += strides[axis];
      if (++index[axis] < nest[axis]) break;
      bytes -= index[axis] * strides[axis];
      index[axis] = 0;
    }
    return bytes;
  }
};

/// Calls `f(from, done, count)` for the parts of rows that make up `n` elements from a place on: `from` is where such a
/// part lies relative to element (0, …, 0), `done` how many elements came before it.
template <class F>
void for_each_row(const NestCursor& place, const Shape& nest, const Strides& strides, std::int64_t n, const F& f) {
  std::int64_t from = place.offset(strides);
  std::int64_t count = std::min(n, nest.back() - place.column);
  f(from, std::int64_t{0}, count);
  if (count == n) return;
  from -= place.column * strides[nest.size() - 1];
  NestCursor cursor = place;
  for (std::int64_t done = count; done < n; done += count) {
    from += cursor.next_row(nest, strides);
    count = std::min(n - done, nest.back());
    f(from, done, count);
  }
}

class RegionBlocks {
 public:
  explicit RegionBlocks(const RegionCall& call);

  /// Computes elements [begin, end), the first to `out`.
  void run(std::int64_t begin, std::int64_t end, std::byte* out);
  /// The same to memory that the caller has in the cache and reads there.
  void run_cached(std::int64_t begin, std::int64_t end, std::byte* out);

  /// Says that results go to memory that is in the cache.
  void keep_cached() {
    stays_cached_ = true;
    asks_ahead_ = asks_ahead_ && asked_count_ > 0;
  }

  /// Goes to the block at a flat position: how many elements it has, at most `most`.
  std::int64_t seek(std::int64_t at, std::int64_t most);
  /// Where that is; only kept up to date while something is walked.
  [[nodiscard]] const NestCursor& cursor() const { return cursor_; }
  /// Computes the block to `to`.
  void compute(std::byte* to);
  /// The same for an assignment through a mask, of which only the chosen elements are needed: `to` lies over the
  /// target.
  void assign_chosen(std::byte* to);
  /// Computes the block's mask, of a region that packs: how many elements it chooses. `known`: that, if not negative.
  std::int64_t choose(std::int64_t known = -1);
  /// Then computes those elements to `to`. What lies between them and `end` may be overwritten too.
  void compute_chosen(std::byte* to, const std::byte* end);

  /// Runs one op of a region over rows of the plan's slots.
  static void run_op(const RegionPlan::Op& op, const Row* rows, std::byte* to, std::int64_t n);

 private:
  using Layout = RegionCall::Layout;

  /// A source whose lines are asked for a block ahead.
  struct Asked {
    const std::byte* data;
    const RegionCall::Walked* walked;  // null: flat
    int size;                          // bytes of an element
    std::int64_t share;                // of a block's bytes, before each op
    const std::byte* next;             // where the next block begins
  };

  void find_asked();
  [[nodiscard]] bool is_asked(std::size_t slot) const;
  [[nodiscard]] bool trails(std::size_t slot) const;
  [[nodiscard]] const RegionCall::Walked* walk_of(std::size_t slot) const;
  [[nodiscard]] const std::byte* data_of(std::size_t slot) const;
  void look_ahead();
  void load(std::size_t begin, std::size_t end);
  void ask_ahead(std::size_t op, const std::byte* to) const;
  void load_chosen(const std::uint8_t* mask, std::int64_t count);
  [[nodiscard]] bool pays_to_pack(std::int64_t count) const;
  const std::byte* walked(std::size_t slot, bool converts);

  const RegionCall& call_;
  const RegionPlan& plan_;
  std::int64_t at_ = 0, n_ = 0;  // the block
  std::int64_t chosen_ = 0;      // of its elements
  bool asks_ahead_ = false;      // for what the next one reads and writes
  bool stays_cached_ = false;    // where it writes
  std::size_t asked_count_ = 0;
  std::array<Asked, RegionPlan::kMaxSlots> asked_;
  std::int64_t result_share_ = 0;
  NestCursor cursor_;
  std::array<Row, RegionPlan::kMaxSlots> rows_;
  std::array<std::byte*, RegionPlan::kMaxSlots> buffers_;  // of sources that are gathered, converted or packed
  alignas(64) std::byte staging_[RegionPlan::kRegisterBytes];
  alignas(64) std::byte registers_[RegionPlan::kMaxRegisters][RegionPlan::kRegisterBytes];
};

}  // namespace inlay
