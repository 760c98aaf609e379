// plain_parts.h - the commonest subscripts without index plans: x[i], d[k], x[i, j], x[a:b], and numbers set there.
// Knows nothing of instructions. Where a subscript or a value asks for more, or for an error, these functions say so by
// their result and have done nothing: index_plan.h has all the rules and messages.
// Invariant: what is done is what index_get and path_update do.
#pragma once

#include <cstring>
#include <span>

#include "interpreter/values/value.h"
#include "runtime/indexing/position.h"
#include "runtime/tensors/layout.h"
#include "runtime/tensors/reuse.h"

namespace inlay {

/// The values between the colons of one slice.
struct SliceBounds {
  const Value& start;
  const Value& stop;
  const Value& step;
};

/// What stands between two commas: an index, `...`, None, or a slice.
struct PlainItem {
  const Value* index;  // null: a slice
  const Value *start, *stop, *step;
};

/// object[index] for an int into a list, a tuple or a tensor, for a key that a dict has, for a mask, a list of indices,
/// and None.
bool plain_item(const Value& object, const Value& index, Value& out);
/// The element at one int per axis, of at most 8 bytes; null if it is not that simple, or out of range.
std::byte* plain_element(const Value& x, std::span<const Value* const> indices);
/// x[i, j, …] for an int per axis of a tensor.
bool plain_element(const Value& x, std::span<const Value* const> indices, Value& out);
/// x[i, j, …] = number in place, in a tensor nobody else holds.
bool store_plain_element(Value& target, std::span<const Value* const> indices, const Value& value);
/// x[index] of a vector of float32, float64 or int64.
inline bool load_from_vector(const TensorData& x, std::int64_t index, Value& out) {
  if (x.shape.size() != 1) return false;
  const std::int64_t at = position_of(index, x.size);
  if (at < 0) return false;
  const auto load = [&]<class T>(Type<T>) {
    T element;
    std::memcpy(&element, x.data + at * x.strides[0], sizeof element);
    out.set_element(element);  // which may end x
    return true;
  };
  if (x.dtype == DType::float64) return load(Type<double>{});
  if (x.dtype == DType::int64) return load(Type<std::int64_t>{});
  return x.dtype == DType::float32 && load(Type<float>{});
}
/// x[index] = value in place, for such a vector nobody else holds, and an element of it or a number that is stored
/// there as it is.
inline bool store_in_vector(const TensorData& x, std::int64_t index, const Value& value) {
  if (x.shape.size() != 1 || !may_be_written(x)) return false;
  const std::int64_t at = position_of(index, x.size);
  if (at < 0) return false;
  const auto store = [&](auto number) {
    std::memcpy(x.data + at * static_cast<std::int64_t>(sizeof number), &number, sizeof number);
    return true;
  };
  const bool is_integer = value.is(Value::Tag::integer);
  const bool is_element = value.is(Value::Tag::scalar) && value.dtype() == x.dtype;
  const auto element = [&]<class T>(Type<T>) {
    T out;
    std::memcpy(&out, value.scalar_bytes(), sizeof out);
    return out;
  };
  const auto store_float = [&]<class T>(Type<T> type) {
    if (is_element) return store(element(type));
    const double number = is_integer ? static_cast<double>(value.integer()) : value.floating();
    return (is_integer || value.is(Value::Tag::floating)) && store(static_cast<T>(number));
  };
  if (x.dtype == DType::float64) return store_float(Type<double>{});
  if (x.dtype == DType::float32) return store_float(Type<float>{});
  return x.dtype == DType::int64 && (is_element || is_integer) && store(value.integer());
}
/// What target[key] is, for writing: an element of a list or an entry of a dict, copied first where somebody else holds
/// it; null if there is none.
Value* plain_entry(Value& target, const Value& key);
/// Where x[a:b, i, ::2] lies, of ints, slices, `...` and None of which one at least is no int.
bool plain_layout(const TensorData& x, std::span<const PlainItem> items, Layout& out);
/// x[a:b, i, ::2] likewise: a view.
bool plain_view(const Value& x, std::span<const PlainItem> items, Value& out);
/// target[index] = value in place: an element of a list, an entry of a dict, a number into a 1-d tensor nobody else
/// holds, a number or as many elements where a list of indices into one says, x[i] and x[...] as store_plain_parts. The
/// dict's key may be unhashable, which throws before anything changes.
bool store_plain_item(Value& target, const Value& index, Value& value);
/// x[i, j] = v, x[a:b, ::2] = v in place, for an int or a slice per axis, the last ones left out, in a tensor that is
/// ours alone and where few elements are set: to one value, or to elements of x's dtype that broadcast to the part and
/// lie elsewhere.
bool store_plain_parts(Value& target, std::span<const PlainItem> items, const Value& value);
/// x[start:stop:step] = number in place, along the first axis of a row-major tensor nobody else holds; and
/// x[start:stop] = y of a small row-major tensor of x's dtype, with the slice's shape or that of a row. `is_last_use`:
/// nobody reads the value afterwards, which may be a view of x.
bool store_plain_slice(Value& target, const SliceBounds& bounds, const Value& value, bool is_last_use);

}  // namespace inlay
