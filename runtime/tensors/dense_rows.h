// dense_rows.h - a layout as rows without gaps: loops over them need no stride.
// Knows nothing of masks or of what is done with a row.
// Invariant: rows come in the row-major order of the layout, and are as long as its innermost dense axes allow.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/tensors/layout.h"

namespace inlay {

/// Whether the elements of the innermost axis lie one after the other.
inline bool has_dense_rows(const Layout& x) {
  for (std::size_t axis = x.shape.size(); axis-- > 0;) {
    if (x.shape[axis] != 1) return x.strides[axis] == itemsize(x.dtype);
  }
  return true;
}

class DenseRows {
 public:
  /// `x` has dense rows.
  explicit DenseRows(const Layout& x) : item_(itemsize(x.dtype)), offset_(x.offset) {
    for (std::size_t axis = x.shape.size(); axis-- > 0;) {
      const Axis outer{x.shape[axis], x.strides[axis]};
      if (outer.size == 1) continue;
      if (count_ == 0 && outer.stride == row_ * item_)
        row_ *= outer.size;
      else
        axes_[count_++] = outer;
    }
  }

  /// Calls `f(at, offset, n)` for the parts of rows that make up elements [begin, end), in order: element `at` lies at
  /// byte `offset`, and n - 1 others follow it.
  template <class F>
  void for_each(std::int64_t begin, std::int64_t end, const F& f) const {
    if (begin >= end) return;
    if (count_ == 0) return f(begin, offset_ + begin * item_, end - begin);
    Cursor cursor = seek(begin / row_);
    for (std::int64_t skip = begin % row_; begin < end; skip = 0) {
      const std::int64_t n = std::min(row_ - skip, end - begin);
      f(begin, cursor.offset + skip * item_, n);
      begin += n;
      advance(cursor);
    }
  }

 private:
  struct Axis {
    std::int64_t size, stride;
  };
  struct Cursor {
    std::array<std::int64_t, kMaxRank> at{};
    std::int64_t offset = 0;
  };

  [[nodiscard]] Cursor seek(std::int64_t row) const {
    Cursor out;
    out.offset = offset_;
    for (std::size_t axis = 0; axis < count_; ++axis) {
      out.at[axis] = row % axes_[axis].size;
      row /= axes_[axis].size;
      out.offset += out.at[axis] * axes_[axis].stride;
    }
    return out;
  }

  void advance(Cursor& cursor) const {
    for (std::size_t axis = 0; axis < count_; ++axis) {
      cursor.offset += axes_[axis].stride;
      if (++cursor.at[axis] < axes_[axis].size) return;
      cursor.at[axis] = 0;
      cursor.offset -= axes_[axis].stride * axes_[axis].size;
    }
  }

  std::array<Axis, kMaxRank> axes_;  // innermost first, without those inside a row
  std::size_t count_ = 0;
  std::int64_t row_ = 1, item_, offset_;
};

}  // namespace inlay
