// elementwise_loop.cpp - see elementwise_loop.h. The order is: merge axes, classify operands, then walk ranges in
// parallel.
#include "runtime/elementwise/elementwise_loop.h"

#include <algorithm>
#include <cstring>

#include "runtime/indexing/gather_row.h"
#include "runtime/tensors/merge_axes.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// Rows of a nest shorter than this are gathered into blocks, so that (n, 3) data do not run kernels of three elements.
constexpr std::int64_t kShortRow = 64;
constexpr std::int64_t kBlockBytes = ElementwiseLoop::kBlock * 16;

/// Blocks of one thread, on its stack.
struct Workspace {
  alignas(64) std::byte gathered[kBlockBytes];
  alignas(64) std::byte inputs[ElementwiseLoop::kMaxInputs][kBlockBytes];
  alignas(64) std::byte output[kBlockBytes];
};

void gather(const std::byte* from, std::int64_t stride, int itemsize, std::byte* to, std::int64_t n) {
  gather_tile(from, 0, stride, itemsize, to, 1, n);
}

}  // namespace

/// Hands out the rows of one range of a loop, in order.
class BlockWalker {
 public:
  BlockWalker(const ElementwiseLoop& loop, RowBody body, const void* kernels)
      : loop_(loop), body_(body), kernels_(kernels) {}

  void run(std::int64_t begin, std::int64_t end) {
    seek(begin);
    for (std::int64_t at = begin; at < end;) {
      const std::int64_t n = next_count(end - at);
      gather_short_rows(n);
      for (int input = 0; input < loop_.n_inputs_; ++input) rows_[input] = row(input, at, n);
      spread_first_if_all_scalar(n);
      emit(at, n);
      if (loop_.rows_in_place_) advance(n);
      at += n;
    }
  }

 private:
  using Input = ElementwiseLoop::Input;
  using Layout = ElementwiseLoop::Layout;

  [[nodiscard]] std::int64_t row_length() const { return loop_.shape_.back(); }

  [[nodiscard]] std::int64_t next_count(std::int64_t left) const {
    const std::int64_t n = loop_.rows_in_place_ ? std::min(left, row_length() - column_) : left;
    return loop_.blocked_ ? std::min(n, ElementwiseLoop::kBlock) : n;
  }

  /// Places the cursor on the element at a flat position.
  void seek(std::int64_t at) {
    column_ = at % row_length();
    at /= row_length();
    offsets_ = {};
    for (std::size_t axis = loop_.shape_.size() - 1; axis-- > 0;) {
      outer_[axis] = at % loop_.shape_[axis];
      at /= loop_.shape_[axis];
      for (int input = 0; input < loop_.n_inputs_; ++input) {
        offsets_[input] += outer_[axis] * loop_.inputs_[input].strides[axis];
      }
    }
  }

  /// Moves the cursor within its row, or to the start of the next.
  void advance(std::int64_t n) {
    column_ += n;
    if (column_ < row_length()) return;
    column_ = 0;
    for (std::size_t axis = loop_.shape_.size() - 1; axis-- > 0;) {
      step(axis, 1);
      if (++outer_[axis] < loop_.shape_[axis]) return;
      step(axis, -outer_[axis]);
      outer_[axis] = 0;
    }
  }

  void step(std::size_t axis, std::int64_t count) {
    for (int input = 0; input < loop_.n_inputs_; ++input) {
      offsets_[input] += count * loop_.inputs_[input].strides[axis];
    }
  }

  /// Where the cursor stands in an operand.
  [[nodiscard]] const std::byte* position(int input) const {
    const Input& from = loop_.inputs_[input];
    return from.data + offsets_[input] + column_ * from.strides.back();
  }

  /// Whole rows ahead of the cursor along the axis outside the rows, 1 where it stands within a row or near the end.
  [[nodiscard]] std::int64_t rows_ahead(std::int64_t left) const {
    if (column_ != 0 || left < row_length()) return 1;
    const std::size_t axis = loop_.shape_.size() - 2;
    return std::min(left / row_length(), loop_.shape_[axis] - outer_[axis]);
  }

  /// Fills the blocks of walked operands from as many rows as `n` elements span, and moves the cursor over them.
  void gather_short_rows(std::int64_t n) {
    if (loop_.rows_in_place_ || !loop_.walks_) return;
    for (std::int64_t done = 0; done < n;) {
      const std::int64_t rows = rows_ahead(n - done), columns = std::min(n - done, row_length() - column_);
      gather_inputs(done, rows, columns);
      const std::size_t axis = loop_.shape_.size() - 2;
      step(axis, rows - 1);
      outer_[axis] += rows - 1;
      advance(columns);
      done += rows * columns;
    }
  }

  void gather_inputs(std::int64_t done, std::int64_t rows, std::int64_t columns) {
    for (int input = 0; input < loop_.n_inputs_; ++input) {
      const Input& from = loop_.inputs_[input];
      if (from.layout != Layout::walked) continue;
      const std::int64_t row_stride = from.strides[loop_.shape_.size() - 2];
      std::byte* to = space_.inputs[input] + done * from.itemsize;
      gather_tile(position(input), row_stride, from.strides.back(), from.itemsize, to, rows, columns);
    }
  }

  Row row(int input, std::int64_t at, std::int64_t n) {
    const Input& from = loop_.inputs_[input];
    switch (from.layout) {
      case Layout::scalar:
        return {from.element.data(), true};
      case Layout::flat:
        return {converted(input, from.data + at * from.itemsize, n), false};
      case Layout::walked:
        break;
    }
    return loop_.rows_in_place_ ? walked_row(input, n) : Row{converted_block(input, n), false};
  }

  /// The rest of the operand's row under the cursor.
  Row walked_row(int input, std::int64_t n) {
    const Input& from = loop_.inputs_[input];
    const std::int64_t stride = from.strides.back();
    if (stride == 0) return {converted(input, position(input), 1), true};
    if (stride == from.itemsize) return {converted(input, position(input), n), false};
    std::byte* to = from.convert ? space_.gathered : space_.inputs[input];
    gather(position(input), stride, from.itemsize, to, n);
    return {converted(input, to, n), false};
  }

  const std::byte* converted(int input, const std::byte* from, std::int64_t n) {
    if (!loop_.inputs_[input].convert) return from;
    loop_.inputs_[input].convert(from, space_.inputs[input], n);
    return space_.inputs[input];
  }

  /// Converts what has been gathered.
  const std::byte* converted_block(int input, std::int64_t n) {
    const Input& from = loop_.inputs_[input];
    if (!from.convert) return space_.inputs[input];
    std::memcpy(space_.gathered, space_.inputs[input], static_cast<std::size_t>(n * from.itemsize));
    return converted(input, space_.gathered, n);
  }

  /// Kernels have no loop over nothing but scalars: the first becomes a row.
  void spread_first_if_all_scalar(std::int64_t n) {
    for (int input = 0; input < loop_.n_inputs_; ++input) {
      if (!rows_[input].scalar) return;
    }
    const int itemsize = loop_.inputs_[0].load_size;
    std::memcpy(space_.gathered, rows_[0].data, static_cast<std::size_t>(itemsize));
    gather(space_.gathered, 0, itemsize, space_.inputs[0], n);
    rows_[0] = {space_.inputs[0], false};
  }

  void emit(std::int64_t at, std::int64_t n) {
    std::byte* out = loop_.out_ + at * loop_.out_size_;
    if (!loop_.convert_out_) return body_(kernels_, rows_.data(), out, n);
    body_(kernels_, rows_.data(), space_.output, n);
    loop_.convert_out_(space_.output, out, n);
  }

  const ElementwiseLoop& loop_;
  RowBody body_;
  const void* kernels_;
  std::int64_t column_ = 0;                                          // the cursor's place in its row …
  std::array<std::int64_t, kMaxRank> outer_;                         // … and the row's in the nest
  std::array<std::int64_t, ElementwiseLoop::kMaxInputs> offsets_{};  // bytes to the start of each operand's row
  std::array<Row, ElementwiseLoop::kMaxInputs> rows_{};
  Workspace space_;
};

void ElementwiseLoop::add_input(const Tensor& x, DType load) {
  Input& input = inputs_[n_inputs_++];
  input.data = x.bytes();
  input.itemsize = x.itemsize();
  input.load_size = itemsize(load);
  input.convert = x.dtype() == load ? nullptr : cast_kernel(x.dtype(), load);
  input.is_flat = !input.convert && x.is_contiguous() && x.shape() == shape_;
  input.is_single = !input.convert && x.size() == 1;
  input.strides = Strides(shape_.size(), 0);
  const std::size_t lead = shape_.size() - x.rank();
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    if (x.dim(axis) != 1) input.strides[lead + axis] = x.strides()[axis];
  }
}

void ElementwiseLoop::add_scalar(const std::byte* element, int itemsize) {
  Input& input = inputs_[n_inputs_++];
  input.data = element;
  input.itemsize = input.load_size = itemsize;
  input.is_single = true;
  input.strides = Strides(shape_.size(), 0);
}

void ElementwiseLoop::set_output(std::byte* data, DType store, DType dtype) {
  out_ = data;
  out_size_ = itemsize(dtype);
  convert_out_ = store == dtype ? nullptr : cast_kernel(store, dtype);
}

void ElementwiseLoop::classify(Input& input) const {
  const Strides& strides = input.strides;
  if (size_ == 1 || strides == contiguous_strides(shape_, input.itemsize)) {
    input.layout = Layout::flat;
  } else if (std::all_of(strides.begin(), strides.end(), [](std::int64_t stride) { return stride == 0; })) {
    input.layout = Layout::scalar;
    if (input.convert)
      input.convert(input.data, input.element.data(), 1);
    else
      std::memcpy(input.element.data(), input.data, static_cast<std::size_t>(input.itemsize));
  } else {
    input.layout = Layout::walked;
  }
}

/// Decides between rows in place and gathered blocks, and whether blocks bound the length of a row.
void ElementwiseLoop::choose_rows() {
  bool gathers = false, still = true, converts = convert_out_ != nullptr;
  walks_ = false;
  for (int at = 0; at < n_inputs_; ++at) {
    const Input& input = inputs_[at];
    const std::int64_t stride = input.strides.back();
    const bool walked = input.layout == Layout::walked;
    walks_ |= walked;
    gathers |= walked && stride != 0 && stride != input.itemsize;
    still &= stride == 0;
    converts |= input.convert && input.layout != Layout::scalar;
  }
  rows_in_place_ = walks_ && (shape_.size() == 1 || shape_.back() >= kShortRow);
  blocked_ = converts || gathers || still || (walks_ && !rows_in_place_);
}

bool ElementwiseLoop::run_flat(RowBody body, const void* kernels) const {
  if (size_ > kParallelBlock || convert_out_) return false;
  std::array<Row, kMaxInputs> rows;
  bool has_row = false;
  for (int at = 0; at < n_inputs_; ++at) {
    const Input& input = inputs_[at];
    if (!input.is_flat && !input.is_single) return false;
    rows[at] = {input.data, !input.is_flat};
    has_row |= input.is_flat;
  }
  if (has_row) body(kernels, rows.data(), out_, size_);
  return has_row;
}

void ElementwiseLoop::run(RowBody body, const void* kernels, int cost) {
  if (size_ == 0 || run_flat(body, kernels)) return;
  inlay::merge_axes(shape_, std::span(inputs_.data(), static_cast<std::size_t>(n_inputs_)));
  for (int at = 0; at < n_inputs_; ++at) classify(inputs_[at]);
  choose_rows();
  if (size_ <= kParallelBlock) return BlockWalker(*this, body, kernels).run(0, size_);
  expect_work(size_ * cost);
  parallel_for(size_, kParallelBlock, size_ * cost,
               [&](std::int64_t begin, std::int64_t end) { BlockWalker(*this, body, kernels).run(begin, end); });
}

}  // namespace inlay
