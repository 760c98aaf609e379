// value.cpp - making, reading and letting go of values.
// Knows nothing of what operations mean: comparison is in compare.cpp, text in value_text.cpp, conversion in
// value_convert.cpp. Invariant: an object is written only by mutable_elements() and mutable_dictionary(), which copy it
// first if it is shared.
#include "interpreter/values/value.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "interpreter/texts/long_text.h"
#include "interpreter/values/growing.h"

namespace inlay {
namespace {

// Objects nested deeper than this wait until the stack has unwound: a list of a million levels has no depth of ours.
constexpr int kDestroyDepth = 64;
constinit thread_local int destroy_depth = 0;

/// Those that wait. Without a destructor: registering one with the thread takes memory, and ends the process where
/// there is none. Invariant: empty and without memory whenever the stack has unwound.
struct Pending {
  Object** objects;
  std::size_t count, room;
};
constinit thread_local Pending pending = {nullptr, 0, 0};

/// False where there is no memory for that: what is nested then takes the stack, a hundred bytes a level.
bool is_put_off(Object* object) {
  if (pending.count == pending.room) {
    const std::size_t room = std::max<std::size_t>(16, 2 * pending.room);
    auto* const objects = static_cast<Object**>(std::realloc(pending.objects, room * sizeof(Object*)));
    if (objects == nullptr) return false;
    pending.objects = objects;
    pending.room = room;
  }
  pending.objects[pending.count++] = object;
  return true;
}

void destroy_pending() {
  while (pending.count > 0) delete pending.objects[--pending.count];
  std::free(std::exchange(pending, {}).objects);
}

constexpr std::size_t kInlineBytes = 8;

/// Replaces a shared sequence by a copy of its own.
template <class Sequence>
std::vector<Value>& own_elements(Value& value, Value::Tag tag) {
  if (!value.unique()) {
    auto copy = std::make_unique<Sequence>();
    const std::vector<Value>& elements = value.object<Sequence>().elements;
    copy->charge.grow_to(kObjectBytes + elements.size() * sizeof(Value));
    copy->elements = copied_elements(elements);
    if constexpr (std::is_same_v<Sequence, TupleObject>) copy->type = value.object<Sequence>().type;
    value = Value::adopt(tag, copy.release());
  }
  auto& object = value.object<Sequence>();
  charge_elements(object, object.elements);
  return object.elements;
}

template <class Sequence>
Value make_sequence(Value::Tag tag, std::vector<Value> elements) {
  auto object = std::make_unique<Sequence>();
  object->charge.grow_to(kObjectBytes + elements.capacity() * sizeof(Value));
  object->elements = std::move(elements);
  return Value::adopt(tag, object.release());
}

}  // namespace

void destroy(Object* object) {
  if (destroy_depth >= kDestroyDepth && is_put_off(object)) return;
  ++destroy_depth;
  delete object;
  if (destroy_depth == 1 && pending.room > 0) destroy_pending();
  --destroy_depth;
}

void Value::release() {
  if (tag_ == Tag::tensor) {
    if (bits_.tensor->release()) destroy(bits_.tensor);
  } else if (bits_.object->release()) {
    destroy(bits_.object);
  }
}

HostObject::~HostObject() {
  const ReleasingScope scope;
  function = nullptr;  // what it holds may call back
}

// ---- elements ----

void append_elements(std::vector<Value>& out, std::span<const Value> more) {
  constexpr std::size_t kElementsPerLook = 1 << 16;
  context().charge(more.size(), 0);
  for (std::size_t at = 0; at < more.size(); at += kElementsPerLook) {
    if (at > 0) context().budget.poll();
    const std::size_t size = std::min(kElementsPerLook, more.size() - at);
    const auto first = more.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
}

std::vector<Value> copied_elements(const std::vector<Value>& elements, std::size_t room) {
  std::vector<Value> out;
  out.reserve(std::max(room, elements.size()));
  append_elements(out, elements);
  return out;
}

// ---- texts ----

StringObject::StringObject(std::string_view v) : Object(kObjectBytes + v.size()) {
  if (v.size() >= kTextBytesPerStep) {
    text.reserve(v.size());  // which is charged
    append_text(text, v);
  } else {
    text = v;
  }
}

void StringObject::append(std::string_view more) {
  const std::size_t size = text.size() + more.size(), room = text.capacity();
  const std::size_t wanted = size <= room ? room : std::max(size, 2 * room);
  charge.grow_to(kObjectBytes + wanted);
  move_text(text, wanted);
  append_text(text, more);
  characters.store(-1, std::memory_order_relaxed);
  hash.store(0, std::memory_order_relaxed);
}

// ---- making ----

Value Value::adopt(Tag tag, Object* object) {
  Value out(tag);
  out.bits_.object = object;
  return out;
}

Value Value::of(complex128 v) { return adopt(Tag::complex, std::make_unique<ComplexObject>(v).release()); }

Value Value::of_wide(int128 v) { return of(Scalar::of_wide(v)); }

Value Value::of(const Scalar& number) {
  switch (number.kind) {
    case Scalar::Kind::boolean:
      return of(number.integer != 0);
    case Scalar::Kind::floating:
      return of(number.real);
    case Scalar::Kind::complex:
      return of(complex128(number.real, number.imaginary));
    case Scalar::Kind::integer:
    case Scalar::Kind::wide:
      break;
  }
  const auto narrow = static_cast<std::int64_t>(number.integer);
  if (narrow == number.integer) return of(narrow);
  auto wide = std::make_unique<WideObject>();
  wide->value = number.integer;
  wide->real = number.real;
  return adopt(Tag::wide, wide.release());
}

Value Value::of(std::string_view text) { return adopt(Tag::string, std::make_unique<StringObject>(text).release()); }

Value Value::of(Tensor tensor) {
  if (tensor.rank() == 0 && static_cast<std::size_t>(tensor.itemsize()) <= kInlineBytes)
    return scalar(tensor.dtype(), tensor.bytes());
  Value out(Tag::tensor);
  out.dtype_ = tensor.dtype();
  out.bits_.tensor = std::move(tensor).take().detach();
  return out;
}

Value Value::scalar(DType dtype, const void* element) {
  Value out(Tag::scalar);
  out.dtype_ = dtype;
  std::memcpy(&out.bits_, element, static_cast<std::size_t>(itemsize(dtype)));
  return out;
}

Value Value::tuple(std::vector<Value> elements, const TupleType* type) {
  Value out = make_sequence<TupleObject>(Tag::tuple, std::move(elements));
  out.object<TupleObject>().type = type;
  return out;
}

Value Value::list(std::vector<Value> elements) { return make_sequence<ListObject>(Tag::list, std::move(elements)); }
Value Value::dict() { return adopt(Tag::dict, std::make_unique<DictObject>().release()); }

Value Value::range(std::int64_t start, std::int64_t stop, std::int64_t step) {
  auto object = std::make_unique<RangeObject>();
  object->start = start;
  object->stop = stop;
  object->step = step;
  return adopt(Tag::range, object.release());
}

Value Value::slice(Value start, Value stop, Value step) {
  auto object = std::make_unique<SliceObject>();
  object->start = std::move(start);
  object->stop = std::move(stop);
  object->step = std::move(step);
  return adopt(Tag::slice, object.release());
}

// ---- reading ----

Tensor Value::tensor() const {
  assert(is_tensor());
  if (tag_ == Tag::tensor) return Tensor(Ref<TensorData>::of(bits_.tensor));
  Tensor out = Tensor::empty(dtype_, {});
  std::memcpy(out.mutable_bytes(), &bits_, static_cast<std::size_t>(out.itemsize()));
  return out;
}

Tensor Value::take_tensor() {
  assert(is_tensor());
  Tensor out = tag_ == Tag::tensor ? Tensor(Ref<TensorData>::adopt(bits_.tensor)) : tensor();
  tag_ = Tag::undefined;
  return out;
}

const Shape& Value::tensor_shape() const {
  static const Shape kNone;
  return tag_ == Tag::scalar ? kNone : bits_.tensor->shape;
}

Scalar Value::number() const {
  assert(is_number());
  switch (tag_) {
    case Tag::boolean:
      return Scalar::of(boolean());
    case Tag::floating:
      return Scalar::of(floating());
    case Tag::complex:
      return Scalar::of(object<ComplexObject>().value);
    case Tag::wide:
      return Scalar::of_wide(object<WideObject>().value, object<WideObject>().real);
    default:
      return Scalar::of(integer());
  }
}

const std::string& Value::string() const {
  assert(is_string());
  return object<StringObject>().text;
}

const std::vector<Value>& Value::elements() const {
  assert(is_sequence());
  return tag_ == Tag::list ? object<ListObject>().elements : object<TupleObject>().elements;
}

std::vector<Value>& Value::mutable_elements() {
  assert(is_sequence());
  return tag_ == Tag::list ? own_elements<ListObject>(*this, tag_) : own_elements<TupleObject>(*this, tag_);
}

const DictObject& Value::dictionary() const {
  assert(is(Tag::dict));
  auto& dict = object<DictObject>();
  dict.settle();
  return dict;
}

DictObject& Value::mutable_dictionary() {
  assert(is(Tag::dict));
  if (!unique()) *this = adopt(Tag::dict, dictionary().copy().detach());
  return object<DictObject>();
}

bool Value::identical(const Value& other) const {
  if (tag_ != other.tag_) return false;
  switch (tag_) {
    case Tag::undefined:
    case Tag::none:
    case Tag::ellipsis:
      return true;
    case Tag::dtype:
      return dtype_ == other.dtype_;
    case Tag::scalar:
      return dtype_ == other.dtype_ && bits_.integer == other.bits_.integer;
    default:
      return bits_.integer == other.bits_.integer;
  }
}

bool Value::unique() const {
  if (tag_ > Tag::tensor) return bits_.object->unique();
  return tag_ != Tag::tensor || bits_.tensor->unique();
}

std::int64_t RangeObject::size() const {
  const bool is_empty = step > 0 ? start >= stop : start <= stop;
  if (is_empty) return 0;
  // Unsigned: the distance of two int64 may not be one.
  const auto first = static_cast<std::uint64_t>(start), last = static_cast<std::uint64_t>(stop);
  const std::uint64_t distance = step > 0 ? last - first : first - last;
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  const std::uint64_t count = (distance - 1) / stride + 1;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(count < kMost ? count : kMost);
}

}  // namespace inlay
