// gemm.cpp - see gemm.h. For each part of the columns, of the depth and of the rows, both sides are copied into panels
// as wide as a tile, so that the inner loop reads memory in order whatever the strides were; then tiles are computed,
// block by block. Where b has few columns, a's rows would be read from their panels hardly more often than it takes to
// copy them: they are read where they lie. Packing and blocks are shared out among threads; where there are rows
// enough, whoever computes a block packs its rows. Invariant: a panel is filled up with zeros, and only the part of its
// tiles that exists is stored. Which products are added up one after the other depends on the depth alone.
#include "runtime/matrices/gemm.h"

#include <algorithm>
#include <concepts>
#include <cstring>

#include "runtime/kernels/instruction_set.h"
#include "runtime/matrices/gemm_kernel.h"
#include "runtime/memory/buffer.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kDepth = 512;     // of a panel at most: decision 030
constexpr std::int64_t kRows = 4096;     // of a that are packed at once
constexpr std::int64_t kColumns = 2048;  // of b that are packed at once
constexpr std::int64_t kBlockRows =
    96;  // of a unit of work, a multiple of every tile's rows: its share of a stays in L2
constexpr std::int64_t kBlockColumns = 128;  // where there are few rows
constexpr std::int64_t kManyBlocks = 8;      // of rows: enough for threads to share out evenly
// Work of packing an element, in multiplications: copied with its neighbours, or alone.
constexpr std::int64_t kCopyCost = 2, kTransposeCost = 6;
constexpr std::int64_t kNarrow = 4;              // tiles of b, up to which a is not packed
constexpr std::int64_t kNarrowUnits = 4;         // of work, at least, if there are tiles enough
constexpr std::int64_t kAliased = 4096;          // bytes: rows so far apart share their places in L1, and are packed
constexpr std::int64_t kStackBytes = 192 << 10;  // of gemm_alone's panels; threads have megabytes

template <class T>
const GemmKernel<T>& kernel_of(const GemmKernel<float>& single, const GemmKernel<double>& twice) {
  if constexpr (std::same_as<T, float>)
    return single;
  else
    return twice;
}

template <class T>
const GemmKernel<T>& gemm_kernel() {
#if defined(__x86_64__)
  if (instruction_set() == InstructionSet::avx512) return kernel_of<T>(avx512::kGemm32, avx512::kGemm64);
  if (instruction_set() == InstructionSet::avx2) return kernel_of<T>(avx2::kGemm32, avx2::kGemm64);
#endif
  return kernel_of<T>(baseline::kGemm32, baseline::kGemm64);
}

constexpr std::int64_t panels(std::int64_t n, std::int64_t width) { return (n + width - 1) / width; }

/// Some rows (or columns) of a matrix: `lines` of them `line_step` elements apart, along a depth with `depth_step`.
template <class T>
struct Lines {
  const T* at;
  std::int64_t lines, line_step, depth, depth_step;

  /// n elements in order. No call for so few bytes.
  static void copy(const T* from, std::int64_t n, T* to) {
    constexpr std::int64_t kChunk = 16 / sizeof(T);
    for (; n >= kChunk; n -= kChunk, from += kChunk, to += kChunk) std::memcpy(to, from, 16);
    for (; n > 0; --n) *to++ = *from++;
  }
  /// One panel of `width` lines from line `first` on.
  void pack(std::int64_t first, std::int64_t width, T* to) const {
    const std::int64_t n = std::min(width, lines - first);
    const T* from = at + first * line_step;
    if (n < width) std::fill_n(to, width * depth, T{});
    if (line_step == 1)
      for (std::int64_t k = 0; k < depth; ++k) copy(from + k * depth_step, n, to + k * width);
    else
      for (std::int64_t line = 0; line < n; ++line)
        for (std::int64_t k = 0; k < depth; ++k) to[k * width + line] = from[line * line_step + k * depth_step];
  }
  [[nodiscard]] std::int64_t cost() const { return lines * depth * (line_step == 1 ? kCopyCost : kTransposeCost); }
};

/// The depth in equal parts, the last one a little shorter.
constexpr std::int64_t part_of_depth(std::int64_t depth) {
  return panels(depth, std::max<std::int64_t>(1, panels(depth, kDepth)));
}

/// Elements of the panels of both sides.
struct PanelSizes {
  std::int64_t left, right;
};

template <class T>
PanelSizes panel_sizes(const ProductShape& s) {
  const GemmKernel<T>& kernel = gemm_kernel<T>();
  const std::int64_t depth = part_of_depth(s.depth);
  return {panels(std::min(s.rows, kRows), kernel.rows) * kernel.rows * depth,
          panels(std::min(s.columns, kColumns), kernel.columns) * kernel.columns * depth};
}

/// Calls f(i) for i in [0, n).
struct OnAllThreads {
  template <class F>
  void operator()(std::int64_t n, std::int64_t cost, F f) const {
    parallel_for(n, 1, cost, [&](std::int64_t at, std::int64_t) { f(at); });
  }
};
struct OnThisThread {
  template <class F>
  void operator()(std::int64_t n, std::int64_t, F f) const {
    for (std::int64_t at = 0; at < n; ++at) f(at);
  }
};

template <class T, class ForEach>
class Gemm {
 public:
  Gemm(const ProductShape& shape, const T* a, const T* b, T* c, T* panels)
      : s_(shape), a_(a), b_(b), c_(c), left_(panels + panel_sizes<T>(shape).right), right_(panels) {}
  void run() const {
    const std::int64_t part = part_of_depth(s_.depth);
    for (std::int64_t column = 0; column < s_.columns; column += kColumns)
      for (std::int64_t k = 0; k < s_.depth; k += part) {
        const Lines<T> right{b_ + k * s_.b_row + column * s_.b_column, std::min(kColumns, s_.columns - column),
                             s_.b_column, std::min(part, s_.depth - k), s_.b_row};
        for_each_(panels(right.lines, kernel_.columns), right.cost(),
                  [&](std::int64_t panel) { pack(right, panel, kernel_.columns, right_); });
        for (std::int64_t row = 0; row < s_.rows; row += kRows) {
          const Lines<T> left{a_ + row * s_.a_row + k * s_.a_column, std::min(kRows, s_.rows - row), s_.a_row,
                              right.depth, s_.a_column};
          multiply(left, right.lines, c_ + row * s_.c_row + column, k == 0);
        }
      }
  }

 private:
  static void pack(const Lines<T>& lines, std::int64_t panel, std::int64_t width, T* to) {
    lines.pack(panel * width, width, to + panel * width * lines.depth);
  }
  /// The rows of a by the columns of b that have been packed.
  void multiply(const Lines<T>& left, std::int64_t columns, T* c, bool fresh) const {
    const std::int64_t tiles = panels(left.lines, kernel_.rows);
    if (narrow_) return multiply_in_place(left, columns, c, fresh);
    if (tiles >= kManyBlocks) return multiply_rows(left, columns, c, fresh);
    for_each_(tiles, left.cost(), [&](std::int64_t panel) { pack(left, panel, kernel_.rows, left_); });
    for_each_(panels(columns, kBlockColumns), left.lines * columns * left.depth, [&](std::int64_t at) {
      const std::int64_t column = at * kBlockColumns;
      block(left, 0, left.lines, column, std::min(columns, column + kBlockColumns), c, fresh);
    });
  }
  /// Of the rows of a only the last ones are packed, if they do not fill a tile.
  void multiply_in_place(const Lines<T>& left, std::int64_t columns, T* c, bool fresh) const {
    const std::int64_t rows = left.lines;
    if (rows % kernel_.rows != 0) pack(left, rows / kernel_.rows, kernel_.rows, left_);
    const std::int64_t height = std::min(kBlockRows, panels(rows, kNarrowUnits * kernel_.rows) * kernel_.rows);
    for_each_(panels(rows, height), rows * columns * left.depth, [&](std::int64_t at) {
      block(left, at * height, std::min(rows, (at + 1) * height), 0, columns, c, fresh);
    });
  }
  /// Blocks of about as many tiles each, packed by whoever computes them.
  void multiply_rows(const Lines<T>& left, std::int64_t columns, T* c, bool fresh) const {
    const std::int64_t tiles = panels(left.lines, kernel_.rows), most = kBlockRows / kernel_.rows;
    const std::int64_t blocks = std::min(tiles, panels(panels(tiles, most), kManyBlocks) * kManyBlocks);
    for_each_(blocks, left.lines * columns * left.depth + left.cost(), [&](std::int64_t at) {
      const std::int64_t begin = at * tiles / blocks, end = (at + 1) * tiles / blocks;
      for (std::int64_t panel = begin; panel < end; ++panel) pack(left, panel, kernel_.rows, left_);
      block(left, begin * kernel_.rows, std::min(left.lines, end * kernel_.rows), 0, columns, c, fresh);
    });
  }
  void block(const Lines<T>& left, std::int64_t row_begin, std::int64_t row_end, std::int64_t column_begin,
             std::int64_t column_end, T* c, bool fresh) const {
    for (std::int64_t column = column_begin; column < column_end; column += kernel_.columns)
      for (std::int64_t row = row_begin; row < row_end; row += kernel_.rows)
        tile(left, row, std::min<std::int64_t>(kernel_.rows, row_end - row), right_ + column * left.depth,
             c + row * s_.c_row + column,
             static_cast<int>(std::min<std::int64_t>(kernel_.columns, column_end - column)), fresh);
  }
  void tile(const Lines<T>& left, std::int64_t row, std::int64_t rows, const T* b, T* c, int columns,
            bool fresh) const {
    if (narrow_ && rows == kernel_.rows)
      kernel_.tile_in_place(left.at + row * left.line_step, left.line_step, left.depth_step, b, left.depth, c, s_.c_row,
                            columns, fresh);
    else
      kernel_.tile(left_ + row * left.depth, b, left.depth, c, s_.c_row, static_cast<int>(rows), columns, fresh);
  }

  const ProductShape& s_;
  const T* a_;
  const T* b_;
  T* c_;
  T *left_, *right_;
  ForEach for_each_{};
  const GemmKernel<T>& kernel_ = gemm_kernel<T>();
  bool narrow_ =
      s_.columns <= kNarrow * kernel_.columns && s_.a_row * static_cast<std::int64_t>(sizeof(T)) % kAliased != 0;
};

}  // namespace

template <class T>
void gemm(const ProductShape& shape, const T* a, const T* b, T* c) {
  const PanelSizes sizes = panel_sizes<T>(shape);
  const Ref<Buffer> memory = Buffer::allocate(static_cast<std::size_t>(sizes.left + sizes.right) * sizeof(T));
  Gemm<T, OnAllThreads>(shape, a, b, c, reinterpret_cast<T*>(memory->data())).run();
}

template <class T>
bool is_small_gemm(const ProductShape& shape) {
  const PanelSizes sizes = panel_sizes<T>(shape);
  return (sizes.left + sizes.right) * static_cast<std::int64_t>(sizeof(T)) <= kStackBytes;
}

template <class T>
void gemm_alone(const ProductShape& shape, const T* a, const T* b, T* c) {
  alignas(64) T panels[kStackBytes / sizeof(T)];
  Gemm<T, OnThisThread>(shape, a, b, c, panels).run();
}

template void gemm(const ProductShape&, const float*, const float*, float*);
template void gemm(const ProductShape&, const double*, const double*, double*);
template bool is_small_gemm<float>(const ProductShape&);
template bool is_small_gemm<double>(const ProductShape&);
template void gemm_alone(const ProductShape&, const float*, const float*, float*);
template void gemm_alone(const ProductShape&, const double*, const double*, double*);

}  // namespace inlay
