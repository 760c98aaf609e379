// reduction.cpp - the loop nest of reductions. See reduction.h.
// A result element is a pairwise tree over leaves: pieces of the innermost reduced axis, of fixed length. Leaves are
// taken in groups of a power of two, so that the tree is the same whether groups run one after the other or in
// parallel. Cases: innermost axis reduced -> one row per result | innermost axis kept -> tiles of neighbouring results,
// whole rows at a time | few neighbours (kMinColumns) -> rows with a stride, since short tiles do not vectorise.
#include "runtime/reductions/reduction.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "runtime/reductions/reduction_leaf.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kColumnLeaf = 32;  // rows added one after the other before the pairwise tree takes over
constexpr std::int64_t kTileBytes =
    4096;                                // accumulators of a tile: they stay in L1 beside the rows that stream through
constexpr std::int64_t kMinColumns = 8;  // fewer neighbours are reduced one by one
constexpr std::int64_t kMinRow = 16;     // shorter contiguous rows are reduced side by side if there are many
constexpr std::int64_t kGroupElements = 1 << 16;  // elements of a unit of parallel work
constexpr int kMaxItemsize = 16;
constexpr int kMaxLevels = 18;  // of the tree within a group: log2(kGroupElements) + 2

struct Axis {
  std::int64_t size, in, out;  // strides: bytes of input, accumulators of output
};

/// Axes of one side (kept or reduced), outermost first, adjacent ones merged.
struct Axes {
  std::array<Axis, kMaxRank> at;
  int count = 0;

  void add(Axis axis) {
    if (axis.size != 1) at[count++] = axis;
  }
  void sort_and_merge();
  Axis take(int index);
  [[nodiscard]] std::int64_t size() const;
};

void Axes::sort_and_merge() {
  std::stable_sort(at.begin(), at.begin() + count,
                   [](const Axis& a, const Axis& b) { return std::abs(a.in) > std::abs(b.in); });
  int merged = 0;
  for (int i = 0; i < count; ++i) {
    Axis* outer = merged > 0 ? &at[merged - 1] : nullptr;
    const Axis& axis = at[i];
    if (outer && outer->in == axis.in * axis.size && outer->out == axis.out * axis.size)
      *outer = {outer->size * axis.size, axis.in, axis.out};
    else
      at[merged++] = axis;
  }
  count = merged;
}

/// Removes an axis; one of size 1 if there is none.
Axis Axes::take(int index) {
  if (index < 0 || index >= count) return {1, 0, 0};
  const Axis axis = at[index];
  std::copy(at.begin() + index + 1, at.begin() + count, at.begin() + index);
  --count;
  return axis;
}

std::int64_t Axes::size() const {
  std::int64_t n = 1;
  for (int i = 0; i < count; ++i) n *= at[i].size;
  return n;
}

struct Plan {
  Axes kept, reduced;  // outer loops
  Axis run{1, 0, 0};   // innermost reduced axis
  Axis tile{1, 0, 0};  // kept axis whose elements are reduced side by side; size 1: row by row
  std::int64_t leaf = 1, leaves_per_run = 1, leaves = 1;
  std::int64_t group = 1, groups = 1;  // leaves per group
  std::int64_t tile_width = 1, tiles = 1, items = 1;
};

bool is_reduced(std::span<const int> axes, int axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }

void split_axes(const Tensor& x, std::span<const int> axes, Plan& plan) {
  std::int64_t out = 1;
  for (int axis = static_cast<int>(x.rank()) - 1; axis >= 0; --axis) {
    const Axis a{x.dim(axis), x.strides()[axis], out};
    if (is_reduced(axes, axis)) {
      plan.reduced.add({a.size, a.in, 0});
    } else {
      plan.kept.add(a);
      out *= a.size;
    }
  }
  // Added innermost first: restore the order of the axes for those of equal stride.
  std::reverse(plan.kept.at.begin(), plan.kept.at.begin() + plan.kept.count);
  std::reverse(plan.reduced.at.begin(), plan.reduced.at.begin() + plan.reduced.count);
  plan.kept.sort_and_merge();
  plan.reduced.sort_and_merge();
}

/// Whether neighbouring results are computed side by side.
bool side_by_side(const Plan& plan) {
  if (plan.kept.count == 0) return false;
  const Axis& kept = plan.kept.at[plan.kept.count - 1];
  if (kept.size < kMinColumns) return false;
  if (plan.reduced.count == 0) return true;
  const Axis& run = plan.reduced.at[plan.reduced.count - 1];
  return std::abs(kept.in) < std::abs(run.in) || run.size < kMinRow;
}

int longest(const Axes& axes) {
  const auto* end = axes.at.begin() + axes.count;
  return static_cast<int>(
      std::max_element(axes.at.begin(), end, [](const Axis& a, const Axis& b) { return a.size < b.size; }) -
      axes.at.begin());
}

/// Cuts the run and the tile, which are chosen, into leaves, groups and items.
void cut(Plan& plan, bool columns, int acc_size) {
  plan.tile_width = columns ? std::min(plan.tile.size, kTileBytes / acc_size) : 1;
  plan.tiles = (plan.tile.size + plan.tile_width - 1) / plan.tile_width;
  plan.leaf = std::min(plan.run.size, columns ? kColumnLeaf : kLongestRow);
  plan.leaves_per_run = (plan.run.size + plan.leaf - 1) / plan.leaf;
  plan.leaves = plan.reduced.size() * plan.leaves_per_run;
  while (plan.group < plan.leaves && plan.group * plan.leaf * plan.tile_width < kGroupElements) plan.group *= 2;
  plan.groups = (plan.leaves + plan.group - 1) / plan.group;
  plan.items = plan.kept.size() * plan.tiles;
}

Plan make_plan(const Tensor& x, std::span<const int> axes, int acc_size) {
  Plan plan;
  split_axes(x, axes, plan);
  const bool columns = side_by_side(plan);
  if (columns) plan.tile = plan.kept.take(plan.kept.count - 1);
  plan.run = plan.reduced.take(columns ? longest(plan.reduced) : plan.reduced.count - 1);
  cut(plan, columns, acc_size);
  return plan;
}

/// Walks the indices of some axes in row-major order, keeping the offsets they address.
class Walk {
 public:
  Walk(const Axes& axes, std::int64_t at) : axes_(axes) {
    for (int i = axes.count - 1; i >= 0; --i) {
      index_[i] = at % axes.at[i].size;
      at /= axes.at[i].size;
      move(i, index_[i]);
    }
  }
  void next() {
    for (int i = axes_.count - 1; i >= 0; --i) {
      move(i, 1);
      if (++index_[i] < axes_.at[i].size) return;
      move(i, -index_[i]);
      index_[i] = 0;
    }
  }
  std::int64_t in = 0, out = 0;

 private:
  void move(int axis, std::int64_t steps) {
    in += steps * axes_.at[axis].in;
    out += steps * axes_.at[axis].out;
  }
  const Axes& axes_;
  std::array<std::int64_t, kMaxRank> index_;  // of the first axes_.count axes
};

/// A run of kernels over one plan. The scratch of a group lives on the stack of the thread that computes it.
class Reduction {
 public:
  Reduction(const Plan& plan, const ReduceKernels& kernels, DType dtype, const std::byte* in, std::byte* out)
      : plan_(plan), kernels_(kernels), leaf_(kernels, dtype), in_(in), out_(out) {
    if (plan.groups > 1)
      partials_ = Buffer::allocate(static_cast<std::size_t>(plan.items * plan.groups * tile_bytes()));
  }
  /// Of one run of elements that are made, a leaf at a time.
  Reduction(const Plan& plan, const ReduceKernels& kernels, DType dtype, const ElementMaker& make, std::byte* out)
      : Reduction(plan, kernels, dtype, nullptr, out) {
    make_ = &make;
  }
  /// `cost`: of an element.
  void run(std::int64_t cost = 1);

 private:
  [[nodiscard]] std::int64_t tile_bytes() const { return plan_.tile_width * kernels_.acc_size; }
  [[nodiscard]] std::int64_t width(std::int64_t tile) const {
    return std::min(plan_.tile_width, plan_.tile.size - tile * plan_.tile_width);
  }
  void items(std::int64_t begin, std::int64_t end) const;
  void groups(std::int64_t begin, std::int64_t end) const;
  void combine_groups(std::int64_t begin, std::int64_t end) const;
  void store(const std::byte* acc, std::int64_t out, std::int64_t width) const;
  void load_seeds(std::int64_t out, std::int64_t width, std::byte* seeds) const;
  void group(const std::byte* in, std::int64_t first, std::int64_t last, std::int64_t width, const std::byte* seeds,
             std::byte* acc) const;
  void leaf(const std::byte* in, std::int64_t at, std::int64_t width, const std::byte* seeds, std::byte* acc) const;
  void made_leaf(std::int64_t start, std::int64_t n, std::byte* acc) const;

  const Plan& plan_;
  const ReduceKernels& kernels_;
  ReductionLeaf leaf_;
  const std::byte* in_;
  const ElementMaker* make_ = nullptr;  // or what makes them
  std::byte* out_;
  Ref<Buffer> partials_;
};

void Reduction::made_leaf(std::int64_t start, std::int64_t n, std::byte* acc) const {
  alignas(64) std::byte elements[kLongestRow * kMaxItemsize];
  (*make_)(start, n, elements);
  leaf_.row(elements, plan_.run.in, n, start, acc);
}

/// `in`: the reduced run of a tile, at its first element.
void Reduction::leaf(const std::byte* in, std::int64_t at, std::int64_t width, const std::byte* seeds,
                     std::byte* acc) const {
  const std::int64_t start = at * plan_.leaf, n = std::min(plan_.leaf, plan_.run.size - start);
  if (make_) return made_leaf(start, n, acc);
  if (kernels_.seeded) std::memcpy(acc, seeds, width * kernels_.acc_size);
  in += start * plan_.run.in;
  if (plan_.tile.size == 1)
    leaf_.row(in, plan_.run.in, n, start, acc);
  else
    leaf_.columns(in, plan_.run.in, n, start, plan_.tile.in, width, acc);
}

/// Reduces leaves [first, last) by a binary counter: a node is combined as soon as its sibling is there.
void Reduction::group(const std::byte* in, std::int64_t first, std::int64_t last, std::int64_t width,
                      const std::byte* seeds, std::byte* acc) const {
  alignas(64) std::byte scratch[kMaxLevels * kTileBytes];
  const std::int64_t bytes = tile_bytes();
  Walk outer(plan_.reduced, first / plan_.leaves_per_run);
  std::int64_t at = first % plan_.leaves_per_run;
  int depth = 0;
  for (std::int64_t done = 1; first < last; ++first, ++done) {
    leaf(in + outer.in, at, width, seeds, scratch + depth++ * bytes);
    for (std::int64_t level = done; level % 2 == 0; level /= 2, --depth)
      kernels_.combine(scratch + (depth - 2) * bytes, scratch + (depth - 1) * bytes, width);
    if (++at == plan_.leaves_per_run) {
      at = 0;
      outer.next();
    }
  }
  for (; depth > 1; --depth) kernels_.combine(scratch + (depth - 2) * bytes, scratch + (depth - 1) * bytes, width);
  std::memcpy(acc, scratch, width * kernels_.acc_size);
}

void Reduction::store(const std::byte* acc, std::int64_t out, std::int64_t width) const {
  const std::int64_t size = kernels_.acc_size, step = plan_.tile.out * size;
  std::byte* to = out_ + out * size;
  if (step == size || width == 1)
    std::memcpy(to, acc, width * size);
  else
    for (std::int64_t column = 0; column < width; ++column) std::memcpy(to + column * step, acc + column * size, size);
}

/// What the places of a tile's results hold, one after the other; nothing where kernels do not read it.
void Reduction::load_seeds(std::int64_t out, std::int64_t width, std::byte* seeds) const {
  if (!kernels_.seeded) return;
  const std::int64_t size = kernels_.acc_size, step = plan_.tile.out * size;
  for (std::int64_t column = 0; column < width; ++column)
    std::memcpy(seeds + column * size, out_ + out * size + column * step, size);
}

/// One group per item: results go straight to their places.
void Reduction::items(std::int64_t begin, std::int64_t end) const {
  alignas(64) std::byte acc[kTileBytes], seeds[kTileBytes];
  Walk kept(plan_.kept, begin / plan_.tiles);
  std::int64_t tile = begin % plan_.tiles;
  for (; begin < end; ++begin) {
    const std::int64_t column = tile * plan_.tile_width, n = width(tile);
    const std::byte* in = in_ + kept.in + column * plan_.tile.in;
    load_seeds(kept.out + column * plan_.tile.out, n, seeds);
    if (plan_.leaves == 1)
      leaf(in, 0, n, seeds, acc);
    else
      group(in, 0, plan_.leaves, n, seeds, acc);
    store(acc, kept.out + column * plan_.tile.out, n);
    if (++tile == plan_.tiles) {
      tile = 0;
      kept.next();
    }
  }
}

void Reduction::groups(std::int64_t begin, std::int64_t end) const {
  alignas(64) std::byte seeds[kTileBytes];
  for (; begin < end; ++begin) {
    const std::int64_t item = begin / plan_.groups, tile = item % plan_.tiles,
                       first = begin % plan_.groups * plan_.group;
    const Walk kept(plan_.kept, item / plan_.tiles);
    const std::int64_t column = tile * plan_.tile_width;
    load_seeds(kept.out + column * plan_.tile.out, width(tile), seeds);
    group(in_ + kept.in + column * plan_.tile.in, first, std::min(first + plan_.group, plan_.leaves), width(tile),
          seeds, partials_->data() + begin * tile_bytes());
  }
}

/// The upper levels of the tree, in place over the partial results of each item.
void Reduction::combine_groups(std::int64_t begin, std::int64_t end) const {
  for (; begin < end; ++begin) {
    const std::int64_t tile = begin % plan_.tiles;
    std::byte* nodes = partials_->data() + begin * plan_.groups * tile_bytes();
    for (std::int64_t step = 1; step < plan_.groups; step *= 2)
      for (std::int64_t node = 0; node + step < plan_.groups; node += 2 * step)
        kernels_.combine(nodes + node * tile_bytes(), nodes + (node + step) * tile_bytes(), width(tile));
    const Walk kept(plan_.kept, begin / plan_.tiles);
    store(nodes, kept.out + tile * plan_.tile_width * plan_.tile.out, width(tile));
  }
}

void Reduction::run(std::int64_t cost) {
  const std::int64_t per_leaf = plan_.leaf * plan_.tile_width;
  cost *= plan_.items * plan_.leaves * per_leaf;
  expect_work(cost);
  if (plan_.groups == 1) {
    const std::int64_t block = std::max<std::int64_t>(1, kParallelBlock / (plan_.leaves * per_leaf));
    parallel_for(plan_.items, block, cost, [this](std::int64_t begin, std::int64_t end) { items(begin, end); });
    return;
  }
  parallel_for(plan_.items * plan_.groups, 1, cost,
               [this](std::int64_t begin, std::int64_t end) { groups(begin, end); });
  const std::int64_t nodes = plan_.items * plan_.groups * plan_.tile_width;
  parallel_for(plan_.items, 1, nodes, [this](std::int64_t begin, std::int64_t end) { combine_groups(begin, end); });
}

}  // namespace

Shape reduced_shape(const Shape& shape, std::span<const int> axes, bool keepdims) {
  Shape out;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (!is_reduced(axes, static_cast<int>(axis)))
      out.push_back(shape[axis]);
    else if (keepdims)
      out.push_back(1);
  }
  return out;
}

/// All elements of a short row-major tensor are one leaf of the tree, which needs no plan; false if it is not that.
static bool reduce_leaf(const Tensor& x, std::span<const int> axes, const ReduceKernels& kernels, std::byte* out) {
  alignas(64) std::byte acc[64];
  const bool is_leaf = axes.size() == x.rank() && x.is_contiguous() && x.size() <= kLongestRow;
  if (!is_leaf || kernels.seeded || kernels.acc_size > static_cast<int>(sizeof acc)) return false;
  ReductionLeaf(kernels, x.dtype()).row(x.bytes(), x.itemsize(), x.size(), 0, acc);
  std::memcpy(out, acc, static_cast<std::size_t>(kernels.acc_size));
  return true;
}

void run_reduction(const Tensor& x, std::span<const int> axes, const ReduceKernels& kernels, std::byte* out) {
  if (reduce_leaf(x, axes, kernels, out)) return;
  const Plan plan = make_plan(x, axes, kernels.acc_size);
  Reduction(plan, kernels, x.dtype(), x.bytes(), out).run();
}

void run_made_reduction(std::int64_t size, DType dtype, const ElementMaker& make, int cost,
                        const ReduceKernels& kernels, std::byte* out) {
  Plan plan;
  plan.run = {size, itemsize(dtype), 0};
  cut(plan, false, kernels.acc_size);
  Reduction(plan, kernels, dtype, make, out).run(cost);
}

}  // namespace inlay
