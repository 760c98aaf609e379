// index_items.cpp - subscript values as index items.
#include "interpreter/subscripts/index_items.h"

#include <algorithm>
#include <limits>

#include "interpreter/values/compare.h"

namespace inlay {
namespace {

[[noreturn]] void refuse_index() {
  raise(ErrorKind::IndexError,
        "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid "
        "indices");
}

std::optional<std::int64_t> bound(const Value& value) {
  if (value.is(Value::Tag::integer)) return value.integer();
  if (value.is_none()) return std::nullopt;
  const std::optional<Scalar> number = number_of(value);
  const bool is_integer = number && (number->is_integer() || value.is(Value::Tag::boolean));
  if (!is_integer) {
    raise(ErrorKind::TypeError, "slice indices must be integers or None or have an __index__ method");
  }
  using Limits = std::numeric_limits<std::int64_t>;
  return static_cast<std::int64_t>(std::clamp<int128>(number->integer, Limits::min(), Limits::max()));
}

/// Lists are arrays; an empty one is an integer index, though as an array it would be of floats.
Tensor list_index(const Value& value) {
  Tensor out = [&] {
    try {
      return as_tensor(value);
    } catch (const Error& error) {
      // What is no number at all is no index either; a ragged list keeps its own error.
      const bool is_shape = error.message().starts_with("setting an array element");
      if (is_shape) throw;
      refuse_index();
    }
  }();
  return out.size() == 0 && is_floating(out.dtype()) ? Tensor::empty(DType::int64, out.shape()) : out;
}

IndexItem item_of(const Value& value) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::integer:
      return value.integer();
    case Tag::slice:
      return to_slice_item(value.object<SliceObject>());
    case Tag::none:
      return NewAxisItem{};
    case Tag::ellipsis:
      return EllipsisItem{};
    case Tag::boolean:
      return Tensor::scalar(value.boolean());
    case Tag::scalar:
    case Tag::tensor:
      return value.tensor();
    case Tag::tuple:
    case Tag::list:
    case Tag::range:
      return list_index(value);
    default:
      refuse_index();
  }
}

void refuse_tuple_of_bools(const std::vector<Value>& items) {
  const auto is_bool = [](const Value& item) { return item.is(Value::Tag::boolean); };
  if (items.empty() || !std::all_of(items.begin(), items.end(), is_bool)) return;
  raise(ErrorKind::IndexError, "a tuple of bools is no mask: write a list, x[[True, False]], or an array of bools");
}

}  // namespace

SliceItem to_slice_item(const SliceObject& slice) { return {bound(slice.start), bound(slice.stop), bound(slice.step)}; }

IndexItems to_index_items(const Value& index) {
  IndexItems out;
  if (!index.is(Value::Tag::tuple)) {
    out.push_back(item_of(index));
    return out;
  }
  const std::vector<Value>& items = index.elements();
  refuse_tuple_of_bools(items);
  out.reserve(items.size());
  for (const Value& item : items) out.push_back(item_of(item));
  return out;
}

}  // namespace inlay
