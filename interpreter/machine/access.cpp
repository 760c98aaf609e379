// access.cpp - reading parts of values: subscripts, iteration, formatting by type. Knows nothing of instructions.
#include <algorithm>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/machine.h"
#include "interpreter/subscripts/index_items.h"
#include "interpreter/subscripts/index_plan.h"
#include "interpreter/subscripts/plain_parts.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/texts/format_tensor.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/growing.h"
#include "runtime/indexing/position.h"

namespace inlay {

namespace {

std::size_t position(std::int64_t at, std::size_t size, std::string_view what) {
  const std::int64_t found = position_of(at, static_cast<std::int64_t>(size));
  if (found < 0) raise(ErrorKind::IndexError, "{} index out of range: index {}, size {}", what, at, size);
  return static_cast<std::size_t>(found);
}

std::int64_t slice_bound(const Value& value, std::int64_t absent) {
  if (value.is_none()) return absent;
  if (value.is(Value::Tag::wide)) return value.object<WideObject>().value < 0 ? INT64_MIN : INT64_MAX;
  if (value.is(Value::Tag::floating) || !(value.is_number() || value.is_tensor()))
    raise(ErrorKind::TypeError, "slice indices must be integers or None or have an __index__ method");
  return as_index(value);
}

Value slice_text(const Value& text, std::int64_t start, std::int64_t step, std::int64_t count) {
  if (count == 0) return Value::of(std::string_view());
  const std::int64_t last = start + (count - 1) * step;
  const std::size_t begin = text_offset(text, static_cast<std::size_t>(std::min(start, last)));
  const std::size_t end = text_offset(text, static_cast<std::size_t>(std::max(start, last) + 1));
  const std::string_view part = std::string_view(text.string()).substr(begin, end - begin);
  if (step == 1 || count == 1) return Value::of(part);  // of one character any step, which may have no opposite
  return Value::of(std::string_view(utf8_slice(part, step > 0 ? 0 : start - last, step, count)));
}

std::vector<Value> chosen_elements(const std::vector<Value>& from, std::int64_t start, std::int64_t step,
                                   std::int64_t count) {
  if (step == 1) {
    std::vector<Value> out;
    context().charge(0, static_cast<std::uint64_t>(count) * sizeof(Value));
    out.reserve(static_cast<std::size_t>(count));
    append_elements(out, std::span(from).subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(count)));
    return out;
  }
  GrowingList out;
  out.reserve(static_cast<std::uint64_t>(count));
  for (std::int64_t i = 0; i < count; ++i) out.add(from[static_cast<std::size_t>(start + i * step)]);
  return out.take();
}

Value slice_sequence(const Value& object, const SliceObject& slice) {
  const auto size = object.is_string() ? text_length(object) : object.elements().size();
  std::int64_t start = 0, step = 1, count = 0;
  slice_range(slice, static_cast<std::int64_t>(size), start, step, count);
  if (object.is_string()) return slice_text(object, start, step, count);
  std::vector<Value> out = chosen_elements(object.elements(), start, step, count);
  return object.is(Value::Tag::list) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

bool fits_64_bits(int128 number) { return number == static_cast<std::int64_t>(number); }

/// Its end, and the step of one element, may lie beyond what 64 bits hold.
Value slice_of_range(const RangeObject& range, const SliceObject& slice) {
  std::int64_t start = 0, step = 1, count = 0;
  slice_range(slice, range.size(), start, step, count);
  const int128 first = range.start + int128{range.step} * start, by = int128{range.step} * step;
  const int128 stop = first + by * count;
  const auto narrow = [](int128 number) { return static_cast<std::int64_t>(number); };
  if (fits_64_bits(first) && fits_64_bits(by) && fits_64_bits(stop))
    return Value::range(narrow(first), narrow(stop), narrow(by));
  if (count == 0) return Value::range(0, 0, 1);
  if (count == 1 && first > 0) return Value::range(narrow(first), narrow(first) - 1, -1);
  if (count == 1) return Value::range(narrow(first), narrow(first) + 1, 1);
  const int128 end = stop - by + (by > 0 ? 1 : -1);
  if (!fits_64_bits(by) || !fits_64_bits(end))
    raise(ErrorKind::OverflowError, "this range has a step or an end that 64 bits do not hold");
  return Value::range(narrow(first), narrow(end), narrow(by));
}

Value subscript_range(const RangeObject& range, const Value& index) {
  if (!index.is(Value::Tag::slice))
    return Value::of(range.start +
                     range.step * static_cast<std::int64_t>(position(
                                      as_index(index), static_cast<std::size_t>(range.size()), "range object")));
  return slice_of_range(range, index.object<SliceObject>());
}

Value subscript_sequence(const Value& object, const Value& index, std::string_view what) {
  if (index.is(Value::Tag::slice)) return slice_sequence(object, index.object<SliceObject>());
  const bool integer = index.is(Value::Tag::integer) || index.is(Value::Tag::boolean) ||
                       (index.is_tensor() && index.tensor_rank() == 0 && is_integer(index.tensor_dtype()));
  if (!integer) raise(ErrorKind::TypeError, "{} indices must be integers or slices, not {}", what, type_name(index));
  if (object.is_string()) {
    const std::size_t at = text_offset(object, position(as_index(index), text_length(object), what));
    return Value::of(utf8_at(std::string_view(object.string()).substr(at), 0));
  }
  return object.elements()[position(as_index(index), object.elements().size(), what)];
}

/// One plain integer into a tensor, the commonest subscript of all.
Value subscript_integer(const Tensor& tensor, std::int64_t index) {
  const std::int64_t size = tensor.dim(0), at = position_of(index, size);
  if (at < 0) raise(ErrorKind::IndexError, "index {} is out of bounds for axis 0 with size {}", index, size);
  Shape shape = tensor.shape();
  Strides strides = tensor.strides();
  const std::int64_t offset = at * strides[0];
  shape.erase(0);
  strides.erase(0);
  const Tensor part = tensor.view(std::move(shape), std::move(strides), offset);
  return Value::of(part.rank() == 0 ? part.copy() : part);
}

}  // namespace

void slice_range(const SliceObject& slice, std::int64_t size, std::int64_t& start, std::int64_t& step,
                 std::int64_t& count) {
  step = slice_bound(slice.step, 1);
  if (step == 0) raise(ErrorKind::ValueError, "slice step cannot be zero");
  const std::int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
  const auto clip = [&](std::int64_t at) {
    return std::clamp(at < 0 ? (at < -size ? low : at + size) : at, low, high);
  };
  start = slice.start.is_none() ? (step < 0 ? high : low) : clip(slice_bound(slice.start, 0));
  const std::int64_t stop = slice.stop.is_none() ? (step < 0 ? low : high) : clip(slice_bound(slice.stop, 0));
  if (step > 0)
    count = stop > start ? (stop - start - 1) / step + 1 : 0;
  else
    count = start > stop ? static_cast<std::int64_t>((static_cast<std::uint64_t>(start - stop) - 1) /
                                                     (0 - static_cast<std::uint64_t>(step))) +
                               1
                         : 0;
}

Value subscript(const Value& object, const Value& index) {
  using Tag = Value::Tag;
  switch (object.tag()) {
    case Tag::tensor:
      if (index.is(Tag::integer) && object.tensor_rank() > 0)
        return subscript_integer(object.tensor(), index.integer());
      return Value::of(index_get(object.tensor(), to_index_items(index)));
    case Tag::scalar:
      return Value::of(index_get(object.tensor(), to_index_items(index)));
    case Tag::tracked:
      return tracked_subscript(object, index);
    case Tag::list:
      return subscript_sequence(object, index, "list");
    case Tag::tuple:
      return subscript_sequence(object, index, "tuple");
    case Tag::string:
      return subscript_sequence(object, index, "string");
    case Tag::range:
      return subscript_range(object.object<RangeObject>(), index);
    case Tag::dict: {
      const Value* found = object.object<DictObject>().find(index);
      if (found == nullptr) raise(ErrorKind::KeyError, "{}", to_short_repr(index));
      return *found;
    }
    case Tag::at: {
      auto at = std::make_unique<AtObject>();
      at->tensor = object.object<AtObject>().tensor;
      at->index = index;
      return Value::adopt(Tag::at, at.release());
    }
    default:
      raise(ErrorKind::TypeError, "'{}' object is not subscriptable", type_name(object));
  }
}

std::string format_value(const Value& value, std::string_view spec) {
  using Tag = Value::Tag;
  if (is_tracked(value)) return format_value(primal_of(value), spec);
  // NumPy formats a 0-d tensor as the plain number: more digits than str() for the short floats.
  if (spec.empty() && value.is_tensor() && value.tensor_rank() == 0 && is_floating(value.tensor_dtype()))
    return to_str(Value::of(as_float(value)));
  if (spec.empty()) return to_str(value);
  if (value.is(Tag::integer)) return format(value.integer(), spec);
  if (value.is(Tag::boolean)) return format(value.boolean(), spec);
  if (value.is(Tag::floating)) return format(value.floating(), spec);
  if (value.is(Tag::complex)) return format(value.object<ComplexObject>().value, spec);
  if (value.is_string()) return format(std::string_view(value.string()), spec);
  if (value.is_tensor()) return format(value.tensor(), spec);
  raise(ErrorKind::TypeError, "unsupported format string passed to {}.__format__", type_name(value));
}

// ---- iteration ----

Iteration::Iteration(Value iterable, bool unpacks) : iterable_(std::move(iterable)) {
  using Tag = Value::Tag;
  switch (iterable_.tag()) {
    case Tag::tensor:
      if (iterable_.tensor_rank() == 0) raise(ErrorKind::TypeError, "iteration over a 0-d array");
      size_ = iterable_.tensor_shape()[0];
      break;
    case Tag::scalar:
      raise(ErrorKind::TypeError, "iteration over a 0-d array");
    case Tag::tracked:
      size_ = Iteration(primal_of(iterable_)).size_;
      break;
    case Tag::list:
    case Tag::tuple:
      size_ = static_cast<std::int64_t>(iterable_.elements().size());
      break;
    case Tag::range: {
      const auto& range = iterable_.object<RangeObject>();
      size_ = range.size();
      start_ = range.start;
      step_ = range.step;
      break;
    }
    case Tag::dict:
      size_ = static_cast<std::int64_t>(iterable_.dictionary().items.size());
      break;
    case Tag::progress:
      *this = Iteration(iterable_.object<ProgressObject>().iterable);
      break;
    case Tag::string:
      size_ = static_cast<std::int64_t>(iterable_.string().size());
      break;  // counted in bytes: next() steps over characters
    default:
      if (unpacks) raise(ErrorKind::TypeError, "cannot unpack non-iterable {} object", type_name(iterable_));
      raise(ErrorKind::TypeError, "'{}' object is not iterable", type_name(iterable_));
  }
}

void Iteration::next_element(Value& item) {
  using Tag = Value::Tag;
  const std::int64_t at = at_++;
  switch (iterable_.tag()) {
    case Tag::tensor:
      if (!plain_item(iterable_, Value::of(at), item)) item = subscript_integer(iterable_.tensor(), at);
      break;
    case Tag::tracked:
      item = tracked_subscript(iterable_, Value::of(at));
      break;
    case Tag::dict:
      item = iterable_.dictionary().items[static_cast<std::size_t>(at)].first;
      break;
    case Tag::string: {
      const auto rest = std::string_view(iterable_.string()).substr(static_cast<std::size_t>(at));
      const std::size_t bytes = utf8_size(rest);
      item = Value::of(rest.substr(0, bytes));
      at_ = at + static_cast<std::int64_t>(bytes);
      break;
    }
    default:
      item = iterable_.elements()[static_cast<std::size_t>(at)];
  }
}

std::int64_t Iteration::size() const {
  return iterable_.is_string() ? static_cast<std::int64_t>(text_length(iterable_)) : size_;
}

std::vector<Value> elements_of(const Value& iterable) {
  if (iterable.is_sequence()) {
    context().budget.require(iterable.elements().size() * sizeof(Value));
    return copied_elements(iterable.elements());
  }
  Iteration iteration(iterable);
  GrowingList out;
  if (!iterable.is(Value::Tag::progress)) out.reserve(static_cast<std::uint64_t>(iteration.size()));
  for (Value item; iteration.next(item);) out.add(std::move(item));
  return out.take();
}

}  // namespace inlay
