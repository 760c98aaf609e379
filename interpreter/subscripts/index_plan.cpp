// index_plan.cpp - parsing subscripts: items and a layout become a Selection.
// Knows nothing of syntax, nor of values to be written. The steps are NumPy's: count what the items consume, take axis
// by axis, then broadcast the index arrays together and sum up their offsets. Invariant: messages about axes name the
// axes of the tensor, not of the result.
#include <algorithm>

#include "interpreter/subscripts/index_select.h"
#include "runtime/dtypes/cast.h"
#include "runtime/indexing/nonzero.h"
#include "runtime/memory/observer.h"

namespace inlay {
namespace {

constexpr const char* kInvalidIndex =
    "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid "
    "indices";

/// a * b; it may wrap where a tensor has no elements, so that its strides are any and nothing is found by them.
std::int64_t wrapped_product(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  (void)__builtin_mul_overflow(a, b, &out);
  return out;
}

std::int64_t integer_of(const Tensor& x) {
  return x.dtype() == DType::int64 ? x.item<std::int64_t>() : cast(x, DType::int64).item<std::int64_t>();
}

/// The value of an item that counts as a plain integer.
std::optional<std::int64_t> plain_integer(const IndexItem& item) {
  if (const auto* number = std::get_if<std::int64_t>(&item)) return *number;
  const auto* x = std::get_if<Tensor>(&item);
  if (x && x->rank() == 0 && is_integer(x->dtype())) return integer_of(*x);
  return std::nullopt;
}

bool is_mask(const Tensor& x) { return x.dtype() == DType::boolean; }

void check_index_dtype(const Tensor& x) {
  if (is_mask(x) || is_integer(x.dtype())) return;
  if (x.rank() == 0) raise(ErrorKind::IndexError, "{}", kInvalidIndex);
  raise(ErrorKind::IndexError, "arrays used as indices must be of integer (or boolean) type");
}

[[noreturn]] void refuse_index(std::int64_t index, std::size_t axis, std::int64_t size) {
  raise(ErrorKind::IndexError, "index {} is out of bounds for axis {} with size {}", index, axis, size);
}

/// Where an index out of range lands; nothing where it is dropped. `size` > 0 unless the mode is drop.
std::optional<std::int64_t> landing(std::int64_t index, std::int64_t size, IndexMode mode) {
  if (mode == IndexMode::wrap) return (index % size + size) % size;
  if (mode == IndexMode::clip) return std::clamp<std::int64_t>(index, 0, size - 1);
  if (index < -size || index >= size) return std::nullopt;
  return index < 0 ? index + size : index;
}

void check_not_empty(std::int64_t size, IndexMode mode) {
  if (size == 0 && (mode == IndexMode::wrap || mode == IndexMode::clip)) {
    raise(ErrorKind::IndexError, "cannot do a non-empty take from an empty axes.");
  }
}

/// An axis and where its elements lie.
struct AxisView {
  std::size_t axis;
  std::int64_t size, stride;
};

void check_indices(const Tensor& index, const AxisView& along) {
  if (offsets_within(index, -along.size, along.size)) return;
  const std::int64_t* from = index.data<std::int64_t>();
  const auto* bad =
      std::find_if(from, from + index.size(), [&](std::int64_t i) { return i < -along.size || i >= along.size; });
  refuse_index(*bad, along.axis, along.size);
}

/// Byte offsets of the entries of an int64 index array that must all be in range.
Tensor checked_offsets(const Tensor& index, const AxisView& along) {
  check_indices(index, along);
  Tensor out = Tensor::empty(DType::int64, index.shape());
  std::int64_t* to = out.mutable_data<std::int64_t>();
  const Entries entries{index.data<std::int64_t>(), along.stride, along.size};
  for (std::int64_t at = 0; at < index.size(); ++at) to[at] = entries.byte(at);
  return out;
}

/// The same where the mode says what happens to entries out of range.
Tensor landed_offsets(const Tensor& index, const AxisView& along, IndexMode mode) {
  check_not_empty(along.size, mode);
  Tensor out = Tensor::empty(DType::int64, index.shape());
  const std::int64_t* from = index.data<std::int64_t>();
  std::transform(from, from + index.size(), out.mutable_data<std::int64_t>(), [&](std::int64_t i) {
    const std::optional<std::int64_t> landed = landing(i, along.size, mode);
    return landed ? *landed * along.stride : kDropped;
  });
  return out;
}

/// One of the arrays that are broadcast together: an index of an axis, or offsets that are final.
struct IndexArray {
  Tensor values;  // int64, row-major
  bool is_final = true;
  AxisView along{};        // of an index
  std::size_t n_axes = 1;  // as how many arrays NumPy's messages count it

  [[nodiscard]] Tensor offsets(IndexMode mode) const {
    if (is_final) return values;
    return mode == IndexMode::raise ? checked_offsets(values, along) : landed_offsets(values, along, mode);
  }
};

Shape broadcast_arrays(const std::vector<IndexArray>& arrays) {
  std::vector<const Shape*> shapes;
  for (const IndexArray& array : arrays) shapes.push_back(&array.values.shape());
  try {
    return broadcast_shapes(shapes);
  } catch (const Error&) {
    std::string text;
    for (const IndexArray& array : arrays) {
      for (std::size_t at = 0; at < array.n_axes; ++at) text += compact_text(array.values.shape()) + " ";
    }
    raise(ErrorKind::IndexError, "shape mismatch: indexing arrays could not be broadcast together with shapes {}",
          text);
  }
}

/// The offsets as a fresh tensor of the group's shape.
Tensor stretched(const Tensor& offsets, const Shape& shape) {
  if (offsets.shape() == shape) return offsets;
  return broadcast_value(offsets, shape).copy();
}

void add_offsets(Tensor& sum, const Tensor& more) {
  std::int64_t* to = sum.mutable_data<std::int64_t>();
  const std::int64_t* from = more.data<std::int64_t>();
  for (std::int64_t at = 0; at < sum.size(); ++at) {
    to[at] = to[at] == kDropped || from[at] == kDropped ? kDropped : to[at] + from[at];
  }
}

/// How many axes the items take, checked against the tensor's.
struct Census {
  std::size_t consumed = 0;
  bool has_arrays = false;

  Census(const Layout& x, std::span<const IndexItem> items) {
    bool has_ellipsis = false;
    for (const IndexItem& item : items) {
      if (std::holds_alternative<EllipsisItem>(item)) {
        if (has_ellipsis) raise(ErrorKind::IndexError, "an index can only have a single ellipsis ('...')");
        has_ellipsis = true;
      }
      count(item);
    }
    if (consumed <= x.shape.size()) return;
    raise(ErrorKind::IndexError, "too many indices for array: array is {}-dimensional, but {} were indexed",
          x.shape.size(), consumed);
  }

 private:
  void count(const IndexItem& item) {
    const auto* x = std::get_if<Tensor>(&item);
    if (!x) {
      consumed += std::holds_alternative<std::int64_t>(item) || std::holds_alternative<SliceItem>(item);
      return;
    }
    check_index_dtype(*x);
    consumed += is_mask(*x) ? x->rank() : 1;
    has_arrays |= is_mask(*x) || x->rank() > 0;
  }
};

/// A slice of an axis of `size` elements, as Python clips it.
struct Slice {
  std::int64_t start, step, count;

  Slice(const SliceItem& item, std::int64_t size) : step(item.step.value_or(1)) {
    if (step == 0) raise(ErrorKind::ValueError, "slice step cannot be zero");
    const std::int64_t low = step < 0 ? -1 : 0;
    const std::int64_t high = step < 0 ? size - 1 : size;
    const auto bound = [&](const std::optional<std::int64_t>& at, std::int64_t absent) {
      if (!at) return absent;
      return std::clamp(*at < 0 ? *at + size : *at, low, high);
    };
    start = bound(item.start, step < 0 ? high : low);
    const std::int64_t stop = bound(item.stop, step < 0 ? low : high);
    const std::int64_t span = step < 0 ? start - stop : stop - start;
    // Unsigned: the negation of the least step has no signed value.
    const std::uint64_t stride = step < 0 ? 0 - static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
    count = span <= 0 ? 0 : static_cast<std::int64_t>((static_cast<std::uint64_t>(span) - 1) / stride) + 1;
  }
};

constexpr std::string_view kSeparated =
    "index arrays with a slice between them put their axes first, as in NumPy; for them in place, index one axis after "
    "the other: x[i][:, :, j]";

void tell_separated() {
  if (Observer* looking = observer()) looking->hint(kSeparated);
}

/// Walks the items along the axes.
class Selector {
 public:
  Selector(const Layout& x, std::span<const IndexItem> items, IndexMode mode)
      : x_(x), items_(items), mode_(mode), census_(x, items) {
    out_.view.dtype = x.dtype;
    out_.view.offset = x.offset;
  }

  Selection run() {
    bool only_integers = true;
    for (const IndexItem& item : items_) {
      if (const std::optional<std::int64_t> index = plain_integer(item)) {
        take_integer(*index);
        continue;
      }
      only_integers = false;
      std::visit([this](const auto& kind) { take(kind); }, item);
    }
    while (axis_ < x_.shape.size()) keep_axis();
    out_.scalar = only_integers && out_.view.shape.empty();
    if (!arrays_.empty()) insert_group();
    if (is_separated_) tell_separated();
    return std::move(out_);
  }

 private:
  void move_by(std::int64_t steps, std::int64_t stride) {
    (void)__builtin_add_overflow(out_.view.offset, wrapped_product(steps, stride), &out_.view.offset);
  }

  void take_integer(std::int64_t index) {
    const AxisView along = next_axis();
    if (census_.has_arrays) mark_advanced();
    check_not_empty(along.size, mode_);
    const std::optional<std::int64_t> landed = landing(index, along.size, mode_);
    if (landed) {
      move_by(*landed, along.stride);
    } else if (mode_ == IndexMode::raise) {
      refuse_index(index, along.axis, along.size);
    } else {
      arrays_.push_back({Tensor::scalar(kDropped)});
    }
  }

  void take(std::int64_t) {}  // plain integers are taken above

  void take(const SliceItem& item) {
    const AxisView along = next_axis();
    const Slice slice(item, along.size);
    if (slice.count > 0) move_by(slice.start, along.stride);
    // A step beyond the axis leaves one element: its stride is never used, and might overflow.
    push(slice.count, slice.count > 1 ? wrapped_product(slice.step, along.stride) : 0);
  }

  void take(EllipsisItem) {
    gap_ = true;
    for (std::size_t left = x_.shape.size() - census_.consumed; left > 0; --left) keep_axis();
  }

  void take(NewAxisItem) { push(1, 0); }

  void take(const Tensor& index) {
    mark_advanced();
    if (is_mask(index)) {
      check_mask(x_, axis_, index);
      const std::span<const std::int64_t> strides(x_.strides.begin() + axis_, index.rank());
      arrays_.push_back({mask_offsets(index, strides), true, {}, std::max<std::size_t>(1, index.rank())});
      axis_ += index.rank();
    } else {
      arrays_.push_back({cast(index, DType::int64).contiguous(), false, next_axis()});
    }
  }

  AxisView next_axis() {
    const std::size_t axis = axis_++;
    return {axis, x_.shape[axis], x_.strides[axis]};
  }

  void keep_axis() {
    const AxisView along = next_axis();
    push(along.size, along.stride);
  }

  void push(std::int64_t size, std::int64_t stride) {
    gap_ = true;
    out_.view.shape.push_back(size);
    out_.view.strides.push_back(stride);
  }

  /// Adjacent advanced indices leave their axes in place; separated ones put them first.
  void mark_advanced() {
    if (!out_.indexed) {
      out_.group = out_.view.shape.size();
    } else if (gap_) {
      out_.group = 0;
      is_separated_ = true;
    }
    out_.indexed = true;
    gap_ = false;
  }

  void insert_group() {
    const Shape shape = broadcast_arrays(arrays_);
    out_.indexed = true;
    out_.group_rank = shape.size();
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      out_.view.shape.insert(out_.group + axis, shape[axis]);
      out_.view.strides.insert(out_.group + axis, 0);
    }
    const IndexArray& first = arrays_[0];
    if (arrays_.size() == 1 && !first.is_final && mode_ == IndexMode::raise) {
      // A lone index serves as it is, once it is checked.
      check_indices(first.values, first.along);
      out_.offsets = first.values;
      out_.step = first.along.stride;
      out_.size = first.along.size;
    } else {
      out_.offsets = group_offsets(shape);
    }
  }

  Tensor group_offsets(const Shape& shape) const {
    // Indices that were broadcast away are not looked at.
    if (element_count(shape) == 0) return Tensor::empty(DType::int64, shape);
    Tensor sum = stretched(arrays_[0].offsets(mode_), shape);
    for (std::size_t at = 1; at < arrays_.size(); ++at) {
      add_offsets(sum, stretched(arrays_[at].offsets(mode_), shape));
    }
    return sum;
  }

  const Layout& x_;
  std::span<const IndexItem> items_;
  IndexMode mode_;
  Census census_;
  std::size_t axis_ = 0;
  bool is_separated_ = false;
  bool gap_ = false;  // something that is not advanced came since the last advanced index
  std::vector<IndexArray> arrays_;
  Selection out_;
};

}  // namespace

void check_mask(const Layout& x, std::size_t axis, const Tensor& mask) {
  for (std::size_t at = 0; at < mask.rank(); ++at) {
    if (mask.dim(at) == x.shape[axis + at]) continue;
    raise(ErrorKind::IndexError,
          "boolean index did not match indexed array along axis {}; size of axis is {} but size of corresponding "
          "boolean axis is {}",
          axis + at, x.shape[axis + at], mask.dim(at));
  }
}

const Tensor* whole_mask(const Layout& x, std::span<const IndexItem> items) {
  const auto* mask = items.size() == 1 ? std::get_if<Tensor>(&items[0]) : nullptr;
  return mask && is_mask(*mask) && mask->rank() == x.shape.size() ? mask : nullptr;
}

Selection select(const Layout& x, std::span<const IndexItem> items, IndexMode mode) {
  return Selector(x, items, mode).run();
}

std::optional<std::int64_t> element_offset(const Tensor& x, std::span<const IndexItem> items) {
  if (items.size() != x.rank()) return std::nullopt;
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < items.size(); ++axis) {
    const std::optional<std::int64_t> index = plain_integer(items[axis]);
    if (!index) return std::nullopt;
    const std::optional<std::int64_t> landed = landing(*index, x.dim(axis), IndexMode::raise);
    if (!landed) refuse_index(*index, axis, x.dim(axis));
    offset += *landed * x.strides()[axis];
  }
  return offset;
}

}  // namespace inlay
