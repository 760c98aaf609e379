// plain_parts.cpp - see plain_parts.h.
#include "interpreter/subscripts/plain_parts.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "interpreter/subscripts/assign_value.h"
#include "runtime/indexing/compress_kernels.h"
#include "runtime/indexing/position.h"
#include "runtime/indexing/selection.h"
#include "runtime/indexing/short_rows.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/reuse.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

using Tag = Value::Tag;

constexpr std::int64_t kFewElements = 4096;  // beyond, filling belongs to the parallel kernels

bool is_vector(const Value& value) { return value.is(Tag::tensor) && value.tensor_data().shape.size() == 1; }

/// Positions of a slice: start, start + step, …, `count` of them.
struct Positions {
  std::int64_t start, step, count;
};

bool read_bound(const Value& value, std::int64_t absent, std::int64_t& out) {
  out = value.is_none() ? absent : value.integer();
  return value.is_none() || value.is(Tag::integer);
}

/// As Python clips them, for forward steps; false for other steps and for bounds that are no plain ints.
bool positions_of(const SliceBounds& bounds, std::int64_t size, Positions& out) {
  std::int64_t stop = 0;
  const bool is_plain = read_bound(bounds.start, 0, out.start) && read_bound(bounds.stop, size, stop) &&
                        read_bound(bounds.step, 1, out.step) && out.step > 0;
  if (!is_plain) return false;
  const auto clip = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
  out.start = clip(out.start);
  const std::int64_t span = clip(stop) - out.start;
  out.count = span <= 0 ? 0 : (span - 1) / out.step + 1;
  return true;
}

/// A part of a tensor, made axis by axis.
class PartMaker {
 public:
  explicit PartMaker(const TensorData& x) : layout{x.dtype, {}, {}, 0}, x_(x) {}

  /// x[index] of the next axis; false if it is out of range.
  bool choose(std::int64_t index) {
    const std::int64_t at = position_of(index, x_.shape[axis_]);
    if (at < 0) return false;
    layout.offset += at * x_.strides[axis_++];
    return true;
  }
  bool slice(const SliceBounds& bounds) {
    Positions at{};
    if (!positions_of(bounds, x_.shape[axis_], at)) return false;
    const std::int64_t stride = x_.strides[axis_++];
    if (at.count > 0) layout.offset += at.start * stride;
    // A step beyond the axis leaves one element: its stride is never used, and might overflow.
    add(at.count, at.count > 1 ? at.step * stride : 0);
    return true;
  }
  /// An axis of one element that x has not.
  void insert() { add(1, 0); }
  /// As many axes as they are.
  void keep(std::size_t count) {
    for (; count > 0; --count, ++axis_) add(x_.shape[axis_], x_.strides[axis_]);
  }

  Layout layout;
  bool has_ellipsis = false;

 private:
  void add(std::int64_t size, std::int64_t stride) {
    layout.shape.push_back(size);
    layout.strides.push_back(stride);
  }
  const TensorData& x_;
  std::size_t axis_ = 0;
};

/// A value that is one element, as it will stand in a tensor of `dtype`; false if it is none, or needs a cast of a
/// tensor.
bool load_element(const Value& value, DType dtype, std::byte* to) {
  if (value.is(Tag::scalar) && value.dtype() == dtype) {
    std::memcpy(to, value.scalar_bytes(), static_cast<std::size_t>(itemsize(dtype)));
    return true;
  }
  const bool is_integer = value.is(Tag::integer);
  if (!is_integer && !value.is(Tag::floating)) return false;
  const bool is_stored =
      is_integer ? store_plain(value.integer(), dtype, to) : store_plain(value.floating(), dtype, to);
  if (!is_stored) store_number(value.number(), dtype, to);
  return true;
}

bool store_element(Value& target, std::int64_t index, const Value& value) {
  const TensorData& x = target.tensor_data();
  const std::int64_t at = position_of(index, x.shape[0]);
  alignas(16) std::byte element[16];
  if (at < 0 || !may_be_written(x) || !load_element(value, x.dtype, element)) return false;
  const auto size = static_cast<std::size_t>(itemsize(x.dtype));
  std::memcpy(x.data + static_cast<std::size_t>(at) * size, element, size);
  ++context().counters.in_place;
  return true;
}

bool is_row_of(const Value& value, DType dtype, const Shape& shape) {
  if (!value.is(Tag::tensor)) return false;
  const TensorData& row = value.tensor_data();
  return row.dtype == dtype && row.contiguous && row.shape == shape;
}

/// x[index] = v for a list of indices into a vector, and one value or as many as there are indices.
bool store_entries(Value& target, const TensorData& index, const Value& value) {
  const TensorData& x = target.tensor_data();
  const bool is_list = index.dtype == DType::int64 && index.shape.size() == 1 && index.contiguous && &index != &x;
  if (!is_list || index.size > kParallelBlock || x.shape.size() != 1 || !may_be_written(x)) return false;
  const Tensor indices(Ref<TensorData>::of(const_cast<TensorData*>(&index)));
  const bool has_negative = !offsets_within(indices, 0, x.size);
  if (has_negative && !offsets_within(indices, -x.size, x.size)) return false;
  const bool is_row = is_row_of(value, x.dtype, index.shape);
  alignas(16) std::byte element[16];
  if (!is_row && !load_element(value, x.dtype, element)) return false;
  context().charge(static_cast<std::uint64_t>(index.size), 0);
  const std::span all(indices.data<std::int64_t>(), static_cast<std::size_t>(index.size));
  store_indexed({x.data, x.size, itemsize(x.dtype), all, has_negative}, is_row ? value.tensor_data().data : element,
                !is_row);
  ++context().counters.in_place;
  return true;
}

/// x[mask] for a mask of x's shape, both row-major and short.
bool plain_chosen(const TensorData& x, const TensorData& mask, Value& out) {
  const bool is_simple =
      x.contiguous && mask.contiguous && x.size <= kParallelBlock && !x.shape.empty() && mask.shape == x.shape;
  if (!is_simple) return false;
  context().charge(static_cast<std::uint64_t>(x.size), 0);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(mask.data);
  const std::int64_t count = mask_table().count(bytes, x.size);
  Tensor chosen = Tensor::empty(x.dtype, {count});
  std::byte* const to = chosen.mutable_bytes();
  const int size = itemsize(x.dtype);
  if (count > 0) mask_kernels(size).pack(bytes, x.data, to, to + count * size, x.size);
  out = Value::of(std::move(chosen));
  return true;
}

/// x[indices] for a list of indices along the first axis of a row-major tensor, where few elements come of it.
bool plain_entries(const TensorData& x, const TensorData& index, Value& out) {
  const bool is_list = index.dtype == DType::int64 && index.shape.size() == 1 && index.contiguous && x.contiguous;
  if (!is_list || x.size == 0 || x.shape.empty()) return false;
  const std::int64_t rows = x.shape[0], row_size = x.size / rows;
  if (index.size > kFewElements || row_size > kFewElements || index.size * row_size > kFewElements) return false;
  const std::span all(reinterpret_cast<const std::int64_t*>(index.data), static_cast<std::size_t>(index.size));
  if (!std::ranges::all_of(all, [&](std::int64_t at) { return at >= -rows && at < rows; })) return false;
  context().charge(static_cast<std::uint64_t>(index.size * row_size), 0);
  Shape shape(x.shape);
  shape[0] = index.size;
  Tensor gathered = Tensor::empty(x.dtype, std::move(shape));
  load_indexed({x.data, rows, row_size * itemsize(x.dtype), all, true}, gathered.mutable_bytes());
  out = Value::of(std::move(gathered));
  return true;
}

template <class T>
void fill_rows(std::byte* first, const Positions& rows, std::int64_t row_size, const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  T* const out = reinterpret_cast<T*>(first);
  for (std::int64_t row = 0; row < rows.count; ++row) std::fill_n(out + row * rows.step * row_size, row_size, value);
}

/// Whether x may be written where it stands, once the value is gone if that is a view of it which nobody needs any
/// more.
bool may_be_written_from(const TensorData& x, const Value& value, bool is_last_use) {
  if (may_be_written(x)) return true;
  const TensorData& from = value.tensor_data();
  if (!is_last_use || &from == &x || !from.unique() || from.buffer.get() != x.buffer.get()) return false;
  const Ref<TensorData> view = value.tensor().ref();
  view->buffer = Ref<Buffer>();
  const bool is_alone = may_be_written(x);
  view->buffer = x.buffer;
  return is_alone;
}

/// Stores elements in rows that follow each other, of a row-major tensor: as many as there are, or one row in each.
bool store_rows(const TensorData& x, const Positions& rows, const Value& value, bool is_last_use) {
  const TensorData& from = value.tensor_data();
  const std::size_t own_axes = x.shape.size() - 1, more_axes = from.shape.size() - own_axes;
  const bool is_whole = more_axes == 1 && from.shape[0] == rows.count, is_row = more_axes == 0;
  const bool fits = (is_whole || is_row) && from.dtype == x.dtype && from.contiguous && rows.step == 1 &&
                    std::equal(x.shape.begin() + 1, x.shape.end(), from.shape.end() - own_axes);
  if (!fits || x.size > kFewElements || !may_be_written_from(x, value, is_last_use)) return false;
  const bool is_shared = from.buffer.get() == x.buffer.get();
  if (is_shared && !is_whole) return false;
  context().charge(static_cast<std::uint64_t>(is_whole ? from.size : rows.count * from.size), 0);
  if (from.size == 0 || rows.count == 0) return true;
  const auto bytes = static_cast<std::size_t>(from.size * itemsize(x.dtype));
  std::byte* to = x.data + rows.start * (x.size / x.shape[0]) * itemsize(x.dtype);
  for (std::int64_t row = 0; row < (is_whole ? 1 : rows.count); ++row, to += bytes) std::memmove(to, from.data, bytes);
  ++context().counters.in_place;
  return true;
}

/// Stores elements in a part of a tensor that they broadcast to; false if they may lie in it, or are to be converted.
bool store_elements(const TensorData& x, const Layout& part, const Value& value) {
  const TensorData& from = value.tensor_data();
  const std::int64_t size = element_count(part.shape);
  if (size > kFewElements || from.dtype != x.dtype || from.buffer.get() == x.buffer.get()) return false;
  const Tensor elements = from.shape == part.shape ? value.tensor() : broadcast_value(value.tensor(), part.shape);
  if (!elements) return false;
  context().charge(static_cast<std::uint64_t>(size), 0);
  if (size > 0) copy_elements(elements, x.data + part.offset, part.strides);
  ++context().counters.in_place;
  return true;
}

}  // namespace

Value* plain_entry(Value& target, const Value& key) {
  if (target.is(Tag::dict)) {
    Value* const found = target.object<DictObject>().find(key);
    return found == nullptr || target.unique() ? found : target.mutable_dictionary().find(key);
  }
  if (!target.is(Tag::list) || !key.is(Tag::integer)) return nullptr;
  const std::int64_t at = position_of(key.integer(), static_cast<std::int64_t>(target.elements().size()));
  return at < 0 ? nullptr : &target.mutable_elements()[static_cast<std::size_t>(at)];
}

std::byte* plain_element(const Value& value, std::span<const Value* const> indices) {
  if (!value.is(Tag::tensor)) return nullptr;
  const TensorData& x = value.tensor_data();
  if (x.shape.size() != indices.size() || itemsize(x.dtype) > 8) return nullptr;
  std::byte* out = x.data;
  for (std::size_t axis = 0; axis < indices.size(); ++axis) {
    if (!indices[axis]->is(Tag::integer)) return nullptr;
    const std::int64_t at = position_of(indices[axis]->integer(), x.shape[axis]);
    if (at < 0) return nullptr;
    out += at * x.strides[axis];
  }
  return out;
}

bool plain_item(const Value& object, const Value& index, Value& out) {
  if (object.is(Tag::dict)) {
    const Value* const found = object.object<DictObject>().find(index);
    if (found != nullptr) out = *found;
    return found != nullptr;
  }
  if (index.is(Tag::tensor) && object.is(Tag::tensor)) {
    const bool is_mask = index.tensor_dtype() == DType::boolean;
    return (is_mask ? plain_chosen : plain_entries)(object.tensor_data(), index.tensor_data(), out);
  }
  if (object.is(Tag::tensor) && (object.tensor_data().shape.size() > 1 || index.is_none())) {
    const PlainItem item{&index, nullptr, nullptr, nullptr};
    return plain_view(object, {&item, 1}, out);
  }
  if (!index.is(Tag::integer)) return false;
  if (object.is_sequence()) {
    const auto& elements = object.elements();
    const std::int64_t at = position_of(index.integer(), static_cast<std::int64_t>(elements.size()));
    if (at >= 0) out = elements[static_cast<std::size_t>(at)];
    return at >= 0;
  }
  if (!is_vector(object)) return false;
  const TensorData& x = object.tensor_data();
  const std::int64_t at = position_of(index.integer(), x.shape[0]);
  if (at < 0 || itemsize(x.dtype) > 8) return false;
  out = Value::scalar(x.dtype, x.data + at * x.strides[0]);
  return true;
}

bool plain_element(const Value& x, std::span<const Value* const> indices, Value& out) {
  std::byte* const at = plain_element(x, indices);
  if (at == nullptr) return false;
  out = Value::scalar(x.tensor_dtype(), at);
  return true;
}

bool store_plain_element(Value& target, std::span<const Value* const> indices, const Value& value) {
  std::byte* const at = plain_element(target, indices);
  alignas(16) std::byte element[16];
  if (at == nullptr || !may_be_written(target.tensor_data()) || !load_element(value, target.tensor_dtype(), element))
    return false;
  std::memcpy(at, element, static_cast<std::size_t>(itemsize(target.tensor_dtype())));
  ++context().counters.in_place;
  return true;
}

bool plain_layout(const TensorData& x, std::span<const PlainItem> items, Layout& out) {
  PartMaker part(x);
  const auto is_axis = [](const PlainItem& item) {
    return item.index == nullptr || !(item.index->is_none() || item.index->is(Tag::ellipsis));
  };
  const std::size_t named = static_cast<std::size_t>(std::ranges::count_if(items, is_axis)), rank = x.shape.size();
  if (named > rank || rank + items.size() > kMaxRank) return false;
  std::size_t unnamed = rank - named;
  for (const PlainItem& item : items) {
    if (item.index == nullptr) {
      if (!part.slice({*item.start, *item.stop, *item.step})) return false;
    } else if (item.index->is_none()) {
      part.insert();
    } else if (item.index->is(Tag::ellipsis)) {
      if (part.has_ellipsis) return false;
      part.has_ellipsis = true;
      part.keep(std::exchange(unnamed, 0));
    } else if (!item.index->is(Tag::integer) || !part.choose(item.index->integer())) {
      return false;
    }
  }
  part.keep(unnamed);
  out = std::move(part.layout);
  return true;
}

bool plain_view(const Value& x, std::span<const PlainItem> items, Value& out) {
  Layout view;
  if (!x.is(Tag::tensor) || !plain_layout(x.tensor_data(), items, view) || view.shape.empty()) return false;
  out = Value::of(x.tensor().view(view.dtype, std::move(view.shape), std::move(view.strides), view.offset));
  return true;
}

bool store_plain_item(Value& target, const Value& index, Value& value) {
  if (target.is(Tag::list)) {
    if (!index.is(Tag::integer)) return false;
    const std::int64_t at = position_of(index.integer(), static_cast<std::int64_t>(target.elements().size()));
    if (at >= 0) target.mutable_elements()[static_cast<std::size_t>(at)] = std::move(value);
    return at >= 0;
  }
  if (target.is(Tag::dict)) {
    if (!target.unique()) (void)hash(index);  // no copy for a key that is refused
    target.mutable_dictionary().set(index, std::move(value));
    return true;
  }
  if (!target.is(Tag::tensor)) return false;
  if (index.is(Tag::integer) && is_vector(target)) return store_element(target, index.integer(), value);
  if (index.is(Tag::tensor)) return store_entries(target, index.tensor_data(), value);
  if (index.is(Tag::ellipsis)) return store_plain_parts(target, {}, value);
  const PlainItem row{&index, nullptr, nullptr, nullptr};
  return index.is(Tag::integer) && store_plain_parts(target, {&row, 1}, value);
}

bool store_plain_parts(Value& target, std::span<const PlainItem> items, const Value& value) {
  if (!target.is(Tag::tensor)) return false;
  const TensorData& x = target.tensor_data();
  alignas(16) std::byte element[16];
  Layout part;
  if (!may_be_taken_over(x) || !plain_layout(x, items, part) || part.shape.size() > PartAxes::kMost) return false;
  const PartAxes walked(part);
  if (walked.size > kParallelThreshold) return false;
  if (value.is(Tag::tensor)) return store_elements(x, part, value);
  if (!load_element(value, x.dtype, element)) return false;
  context().charge(static_cast<std::uint64_t>(walked.size), 0);
  if (walked.size > 0) fill_axes(x.data + part.offset, {walked.axes.data(), walked.count}, element, itemsize(x.dtype));
  ++context().counters.in_place;
  return true;
}

bool store_plain_slice(Value& target, const SliceBounds& bounds, const Value& value, bool is_last_use) {
  if (!target.is(Tag::tensor) || target.tensor_data().shape.empty()) return false;
  const TensorData& x = target.tensor_data();
  Positions rows;
  alignas(16) std::byte element[16];
  if (x.size > kFewElements || !positions_of(bounds, x.shape[0], rows)) return false;
  if (value.is(Tag::tensor)) return store_rows(x, rows, value, is_last_use);
  if (!may_be_written(x)) return false;
  if (!load_element(value, x.dtype, element)) return false;
  if (rows.count == 0 || x.size == 0) return true;
  const std::int64_t row_size = x.size / x.shape[0];
  context().charge(static_cast<std::uint64_t>(rows.count * row_size), 0);
  std::byte* const first = x.data + rows.start * row_size * itemsize(x.dtype);
  visit_size(itemsize(x.dtype), [&]<class T>(Type<T>) { fill_rows<T>(first, rows, row_size, element); });
  ++context().counters.in_place;
  return true;
}

}  // namespace inlay
