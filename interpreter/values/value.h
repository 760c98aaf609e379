// value.h - what a variable holds: a 16-byte tagged value. Numbers and 0-d tensors of up to 8 bytes live inside it;
// everything else is a counted object that is immutable while it is shared (lists and dicts are values too: writers
// copy unless unique). Knows nothing of syntax. Invariant: an object reachable from a Value is changed only by a writer
// that holds it uniquely; cells and random generators are the two exceptions.
#pragma once

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/dtypes/scalar.h"
#include "runtime/memory/budget.h"
#include "runtime/memory/small_blocks.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

struct Object;
struct OpRow;
struct ComplexObject;
struct WideObject;
struct StringObject;
struct TupleObject;
struct TupleType;
struct ListObject;
struct DictObject;
struct RangeObject;
struct SliceObject;
struct FunctionObject;
struct MethodObject;
struct ModuleObject;
struct AtObject;
struct IndexerObject;
struct ProgressObject;
struct HostObject;
struct TrackedObject;

/// Python's types as values: `int`, `list`, …
enum class TypeId : std::uint8_t {
  none,
  boolean,
  integer,
  floating,
  complex,
  string,
  tuple,
  list,
  dict,
  range,
  slice,
  tensor,
  dtype,
  function,
  module,
  ellipsis,
  type,
  generator,
  progress,
  // NumPy's kinds of scalar types: `floating` is every float dtype.
  generic,
  number,
  any_integer,
  signed_integer,
  unsigned_integer,
  inexact,
  any_floating,
  any_complex
};

class Value {
 public:
  enum class Tag : std::uint8_t {
    undefined,  // an unbound name; never seen by a program
    none,
    boolean,
    integer,
    floating,
    ellipsis,
    dtype,
    type,
    op,      // a function of the op table, by its row
    scalar,  // a 0-d tensor of at most 8 bytes
    tensor,  // any other tensor
    complex,
    wide,
    string,
    tuple,
    list,
    dict,
    range,
    slice,
    function,
    method,
    module,
    at,
    indexer,
    progress,
    host,
    iteration,  // of a running loop; never seen by a program
    tracked     // objects; the last stands for a value that is being differentiated (tracked.h)
  };

  Value() = default;
  Value(const Value& other) : tag_(other.tag_), dtype_(other.dtype_), bits_(other.bits_) { retain(); }
  Value(Value&& other) noexcept : tag_(other.tag_), dtype_(other.dtype_), bits_(other.bits_) {
    other.tag_ = Tag::undefined;
  }
  Value& operator=(const Value& other) {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    const bool is_counted = tag_ >= Tag::tensor;
    Value old(is_counted ? std::move(*this) : Value());
    tag_ = other.tag_;
    dtype_ = other.dtype_;
    bits_ = other.bits_;
    other.tag_ = Tag::undefined;
    return *this;
  }
  ~Value() {
    if (tag_ >= Tag::tensor) release();
  }
  /// Becomes a plain number; as an assignment of one, and cheaper.
  void set(std::int64_t v) {
    let_go();
    tag_ = Tag::integer;
    bits_.integer = v;
  }
  void set(double v) {
    let_go();
    tag_ = Tag::floating;
    bits_.floating = v;
  }
  void set(bool v) {
    let_go();
    tag_ = Tag::boolean;
    bits_.integer = v;
  }
  /// Becomes a 0-d tensor of an element; as an assignment of one, and cheaper.
  template <class T>
  void set_element(T element) {
    static_assert(sizeof element <= sizeof bits_);
    let_go();
    tag_ = Tag::scalar;
    dtype_ = dtype_v<T>;
    std::memcpy(&bits_, &element, sizeof element);
  }
  /// Lets go of what it holds: holds nothing counted afterwards.
  void let_go() {
    if (tag_ >= Tag::tensor) Value old(std::move(*this));
  }
  /// The same: undefined afterwards.
  void reset() {
    let_go();
    tag_ = Tag::undefined;
  }
  void swap(Value& other) noexcept {
    std::swap(tag_, other.tag_);
    std::swap(dtype_, other.dtype_);
    std::swap(bits_, other.bits_);
  }

  // ---- making ----
  static Value none() { return Value(Tag::none); }
  static Value ellipsis() { return Value(Tag::ellipsis); }
  static Value of(bool v) {
    Value r(Tag::boolean);
    r.bits_.integer = v;
    return r;
  }
  static Value of(std::int64_t v) {
    Value r(Tag::integer);
    r.bits_.integer = v;
    return r;
  }
  static Value of(int v) { return of(static_cast<std::int64_t>(v)); }
  static Value of(double v) {
    Value r(Tag::floating);
    r.bits_.floating = v;
    return r;
  }
  static Value of(complex128 v);
  /// An `int` if it fits 64 bits, else a literal too wide for a variable.
  static Value of_wide(int128 v);
  static Value of(const Scalar& number);
  static Value of(std::string_view text);
  static Value of(const char* text) { return of(std::string_view(text)); }
  static Value of(DType dtype) {
    Value r(Tag::dtype);
    r.dtype_ = dtype;
    return r;
  }
  static Value of(TypeId type) {
    Value r(Tag::type);
    r.bits_.integer = static_cast<std::int64_t>(type);
    return r;
  }
  static Value of(const OpRow* op) {
    Value r(Tag::op);
    r.bits_.op = op;
    return r;
  }
  /// A tensor; a small 0-d one moves inside the value.
  static Value of(Tensor tensor);
  /// The same for an element of at most 8 bytes.
  static Value scalar(DType dtype, const void* element);
  /// `type` names the elements, one by one (tuple_types.h).
  static Value tuple(std::vector<Value> elements, const TupleType* type = nullptr);
  static Value list(std::vector<Value> elements);
  static Value dict();
  static Value range(std::int64_t start, std::int64_t stop, std::int64_t step);
  static Value slice(Value start, Value stop, Value step);
  /// Takes over the object's count.
  static Value adopt(Tag tag, Object* object);

  // ---- asking ----
  [[nodiscard]] Tag tag() const { return tag_; }
  [[nodiscard]] bool is(Tag tag) const { return tag_ == tag; }
  [[nodiscard]] bool is_none() const { return tag_ == Tag::none; }
  [[nodiscard]] bool is_undefined() const { return tag_ == Tag::undefined; }
  [[nodiscard]] bool is_tensor() const { return tag_ == Tag::tensor || tag_ == Tag::scalar; }
  /// A plain number: bool, int, float, complex or a wide literal.
  [[nodiscard]] bool is_number() const {
    return tag_ == Tag::integer || tag_ == Tag::floating || tag_ == Tag::boolean || tag_ == Tag::complex ||
           tag_ == Tag::wide;
  }
  [[nodiscard]] bool is_string() const { return tag_ == Tag::string; }
  [[nodiscard]] bool is_sequence() const { return tag_ == Tag::tuple || tag_ == Tag::list; }
  [[nodiscard]] bool is_callable() const {
    return tag_ == Tag::op || tag_ == Tag::function || tag_ == Tag::method || tag_ == Tag::dtype || tag_ == Tag::type ||
           tag_ == Tag::host;
  }
  [[nodiscard]] bool is_object() const { return tag_ > Tag::tensor; }

  // ---- reading; each asserts its tag ----
  [[nodiscard]] bool boolean() const { return bits_.integer != 0; }
  [[nodiscard]] std::int64_t integer() const { return bits_.integer; }
  [[nodiscard]] double floating() const { return bits_.floating; }
  [[nodiscard]] DType dtype() const { return dtype_; }  // of a dtype value, or of a tensor
  [[nodiscard]] TypeId type() const { return static_cast<TypeId>(bits_.integer); }
  [[nodiscard]] const OpRow* op() const { return bits_.op; }
  /// Any tensor, as one (a scalar is materialised).
  [[nodiscard]] Tensor tensor() const;
  /// The tensor moved out; this value is undefined afterwards.
  [[nodiscard]] Tensor take_tensor();
  /// The description of a tensor that is no scalar, borrowed.
  [[nodiscard]] const TensorData& tensor_data() const { return *bits_.tensor; }
  [[nodiscard]] std::int64_t tensor_rank() const {
    return tag_ == Tag::scalar ? 0 : static_cast<std::int64_t>(bits_.tensor->shape.size());
  }
  [[nodiscard]] std::int64_t tensor_size() const { return tag_ == Tag::scalar ? 1 : bits_.tensor->size; }
  [[nodiscard]] DType tensor_dtype() const { return tag_ == Tag::scalar ? dtype_ : bits_.tensor->dtype; }
  [[nodiscard]] const Shape& tensor_shape() const;
  /// The 8 bytes of an inline 0-d tensor.
  [[nodiscard]] const void* scalar_bytes() const { return &bits_; }
  /// A plain number.
  [[nodiscard]] Scalar number() const;
  [[nodiscard]] const std::string& string() const;
  /// Elements of a tuple or list.
  [[nodiscard]] const std::vector<Value>& elements() const;
  /// For writers: the elements of this list or tuple, copied first if anybody else holds it.
  [[nodiscard]] std::vector<Value>& mutable_elements();
  /// Of a dict, without holes among its items; object<DictObject>() is enough for one that only looks for a key.
  [[nodiscard]] const DictObject& dictionary() const;
  [[nodiscard]] DictObject& mutable_dictionary();
  template <class T>
  [[nodiscard]] T& object() const {
    return *static_cast<T*>(bits_.object);
  }
  /// Whether both are the same object (or equal immediates): `is`.
  [[nodiscard]] bool identical(const Value& other) const;
  /// Whether this value is the only holder of what it points to.
  [[nodiscard]] bool unique() const;

 private:
  explicit Value(Tag tag) : tag_(tag) {}
  void retain() const;
  void release();

  Tag tag_ = Tag::undefined;
  DType dtype_ = DType::boolean;
  union Bits {
    std::int64_t integer;
    double floating;
    TensorData* tensor;
    Object* object;
    const OpRow* op;
  } bits_ = {0};
};
static_assert(sizeof(Value) == 16);

/// Bytes that an object is charged with, besides its text or its elements: the largest kinds have so many.
inline constexpr std::uint64_t kObjectBytes = 96;

/// Base of all counted objects but tensors. Destroying deep structures does not recurse (see value.cpp).
struct Object : Counted {
  explicit Object(std::uint64_t bytes = kObjectBytes) : charge(bytes) {}
  virtual ~Object() = default;
  static void* operator new(std::size_t size) {
    void* const memory = size <= kSmallBlock ? acquire_small(size) : std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  static void operator delete(void* memory, std::size_t size) {
    size <= kSmallBlock ? release_small(memory, size) : std::free(memory);
  }
  Charge charge;  // to the interpreter that made it
};
void destroy(Object* object);

/// Charges a container for what it holds and, if that is full, for what one more element will make it. Called before
/// it grows. `more`: bytes that an element takes besides its own.
template <class Element>
void charge_elements(Object& object, const std::vector<Element>& elements, std::uint64_t more = 0) {
  const std::size_t room = elements.size() < elements.capacity() ? elements.capacity() : 2 * elements.capacity();
  object.charge.grow_to(kObjectBytes + room * (sizeof(Element) + more));
}

inline void Value::retain() const {
  if (tag_ > Tag::tensor)
    bits_.object->retain();
  else if (tag_ == Tag::tensor)
    bits_.tensor->retain();
}

struct ComplexObject final : Object {
  explicit ComplexObject(complex128 v) : value(v) {}
  complex128 value;
};
struct WideObject final : Object {
  int128 value = 0;
  double real = 0;
};  // as in Scalar: saturated, and the value itself rounded
struct StringObject final : Object {
  explicit StringObject(std::string_view v);
  /// For its only holder. If it throws, the text is what it was.
  void append(std::string_view more);
  std::string text;
  // What was found out about a long text, so that asking again costs nothing: long_text.h. -1 and 0: nobody asked yet.
  mutable std::atomic<std::int64_t> characters{-1};
  mutable std::atomic<std::size_t> hash{0};
};
struct TupleObject final : Object {
  std::vector<Value> elements;
  const TupleType* type = nullptr;  // of a named tuple
};
struct ListObject final : Object {
  std::vector<Value> elements;
};
struct RangeObject final : Object {
  std::int64_t start = 0, stop = 0, step = 1;
  [[nodiscard]] std::int64_t size() const;
};
struct SliceObject final : Object {
  Value start, stop, step;
};

/// Insertion-ordered map. Keys are compared by Python's ==, 0-d tensors by their value.
struct DictObject final : Object {
  [[nodiscard]] const Value* find(const Value& key) const;
  [[nodiscard]] Value* find(const Value& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  void set(const Value& key, Value value);
  /// False if it was not there. Leaves a hole among the items, so that it takes no longer where there are many.
  bool erase(const Value& key);
  /// Closes the holes: from here on `items` are the items and nothing else.
  void settle() {
    if (holes_ != 0) close_holes();
  }
  /// Before several threads may hold it: one that reads its items must not have to close holes.
  void forbid_holes() {
    settle();
    if (may_have_holes_) may_have_holes_ = false;
  }
  [[nodiscard]] std::size_t size() const { return items.size() - holes_; }
  /// Another dict of the same items.
  [[nodiscard]] Ref<DictObject> copy() const;
  /// Only values may be changed from outside, never keys or their order. A hole's key is undefined; there is none in a
  /// dict that several threads may hold.
  std::vector<std::pair<Value, Value>> items;

 private:
  [[nodiscard]] std::int64_t position(const Value& key) const;
  [[nodiscard]] std::size_t slot_of(std::int32_t position) const;
  void rebuild();
  void enter(std::int32_t position);
  void close_holes();
  std::vector<std::int32_t> index_;  // open addressing: -1 free, -2 erased; empty while items are few
  std::size_t used_ = 0;             // slots of index_ that are not free
  std::size_t holes_ = 0;
  bool may_have_holes_ = true;
};

/// A bound method taken as a value: `f = x.sum`.
struct MethodObject final : Object {
  Value self;
  Value function;
  std::string name;
};
/// `x.at` and `x.at[index]`.
struct AtObject final : Object {
  Value tensor;
  Value index;
};
/// What is subscripted to call a function with the index: `r_[1:4, 0]`, `mgrid[0:3, 0:3]`.
struct IndexerObject final : Object {
  Value function;
};
/// `progress(iterable, label)`: a loop over it is reported (progress.h).
struct ProgressObject final : Object {
  Value iterable;
  std::string label;
};
/// A host's function, called with positional arguments.
struct HostObject final : Object {
  HostObject() = default;
  HostObject(const HostObject&) = delete;
  HostObject& operator=(const HostObject&) = delete;
  ~HostObject() override;
  std::string name;
  std::function<Value(std::vector<Value>)> function;
  int arity = -1;
};

/// The operand a runtime op takes: a tensor or a plain number. TypeError "… must be a number or a tensor, not str"
/// otherwise.
Operand to_operand(const Value& value);
/// numpy.asarray: nested lists and tuples of numbers become a tensor. `dtype` as array(dtype=).
Tensor as_tensor(const Value& value, const DType* dtype = nullptr);
/// What is stored among elements of a dtype: tensors and plain numbers as they are, all else as array(dtype=) has it.
Operand stored_operand(const Value& value, DType dtype);

/// Python's name of the value's type: "int", "ndarray", "NoneType".
std::string_view type_name(const Value& value);
std::string_view type_name(TypeId type);
TypeId type_of(const Value& value);

/// Python's truth; ValueError for tensors of more than one element.
bool truth(const Value& value);
/// Python's == on anything that is not a tensor with elements to compare; 0-d tensors by value.
bool equal(const Value& a, const Value& b);
/// Equal values have equal hashes. TypeError "unhashable type: 'list'".
std::size_t hash(const Value& value);

/// An integer where Python wants one (`__index__`): int, bool, integer 0-d tensor. TypeError "'float' object cannot be
/// interpreted as an integer".
std::int64_t as_index(const Value& value);
/// A number where a float is wanted.
double as_float(const Value& value);
/// The dtype that a dtype, a Python number's type or a name stands for; nothing for any other value.
std::optional<DType> dtype_meant(const Value& value);
/// The same; TypeError otherwise.
DType as_dtype(const Value& value);

/// Python's str() and repr(), NumPy's for tensors.
std::string to_str(const Value& value);
std::string to_repr(const Value& value);
/// The same for messages: of long texts and of many elements only those in front, and "..." behind them.
std::string to_short_repr(const Value& value);

}  // namespace inlay
