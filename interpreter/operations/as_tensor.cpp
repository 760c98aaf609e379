// as_tensor.cpp - numpy.asarray: nested lists, tuples and ranges of numbers and tensors as one tensor.
// Two walks: the first finds shape and dtype, the second stores. Plain numbers are checked, tensors inside are cast.
// Invariant: the second walk meets exactly the shape that the first one found.
#include <limits>
#include <utility>

#include "interpreter/texts/format_number.h"
#include "interpreter/values/compare.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"

namespace inlay {
namespace {

bool is_nested(const Value& value) { return value.is_sequence() || value.is(Value::Tag::range); }

[[noreturn]] void refuse_text(const Value& text, DType dtype) {
  const std::string quoted = to_short_repr(text);
  if (is_integer(dtype)) raise(ErrorKind::ValueError, "invalid literal for int() with base 10: {}", quoted);
  if (is_complex(dtype)) raise(ErrorKind::ValueError, "complex() arg is a malformed string");
  raise(ErrorKind::ValueError, "could not convert string to float: {}", quoted);
}

[[noreturn]] void refuse(const Value& value, DType dtype) {
  if (value.is_string()) refuse_text(value, dtype);
  const std::string_view type = type_name(value);
  if (is_integer(dtype)) {
    raise(ErrorKind::TypeError, "int() argument must be a string, a bytes-like object or a real number, not '{}'",
          type);
  }
  raise(ErrorKind::TypeError, "float() argument must be a string or a real number, not '{}'", type);
}

/// The number that a text stands for where a dtype asks for numbers, or None, which is one that is missing.
Value number_for(const Value& value, DType dtype) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  if (value.is_none() && dtype == DType::boolean) return Value::of(false);
  if (value.is_none() && is_floating(dtype)) return Value::of(kMissing);
  if (value.is_none() && is_complex(dtype)) return Value::of(complex128(kMissing, kMissing));
  if (!value.is_string()) refuse(value, dtype);
  const std::string_view text = value.string();
  std::int64_t integer = 0;
  double real = 0;
  complex128 both;
  if (is_integer(dtype) && parse_int(text, 10, integer) == ParseResult::ok) return Value::of(integer);
  if (is_floating(dtype) && parse_float(text, real)) return Value::of(real);
  if (is_complex(dtype) && parse_complex(text, both)) return Value::of(both);
  refuse(value, dtype);
}

bool stands_for_number(const Value& value) { return value.is_string() || value.is_none(); }

/// Finds the shape that all nested sequences share, and the dtype that all elements promote to.
class Discovery {
 public:
  /// If the dtype is known, texts and None stand for numbers.
  Discovery(const Value& root, bool is_dtype_known) : is_dtype_known_(is_dtype_known) {
    visit(root, 0);
    if (ragged_) {
      raise(ErrorKind::ValueError,
            "setting an array element with a sequence. The requested array has an inhomogeneous shape after {} "
            "dimensions. The detected shape was {} + inhomogeneous part.",
            shape_.size(), to_string(shape_));
    }
  }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] DType dtype() const { return has_dtype_ ? dtype_ : DType::float64; }

 private:
  void visit(const Value& value, std::size_t depth) {
    context().charge(1, 0);
    if (value.is_number()) {
      leaf(depth);
      number(value);
    } else if (value.is_tensor()) {
      const Shape& sizes = value.tensor_shape();
      for (std::size_t axis = 0; axis < sizes.size(); ++axis) level(depth + axis, sizes[axis]);
      leaf(depth + sizes.size());
      promote_to(value.tensor_dtype());
    } else if (is_nested(value)) {
      nested(value, depth);
    } else if (is_dtype_known_ && stands_for_number(value)) {
      leaf(depth);
    } else {
      refuse(value, DType::float64);
    }
  }

  void nested(const Value& value, std::size_t depth) {
    if (value.is(Value::Tag::range)) {
      level(depth, value.object<RangeObject>().size());
      leaf(depth + 1);
      if (value.object<RangeObject>().size() > 0) promote_to(DType::int64);
      return;
    }
    level(depth, static_cast<std::int64_t>(value.elements().size()));
    if (value.elements().empty()) leaf(depth + 1);
    for (const Value& element : value.elements()) visit(element, depth + 1);
  }

  /// A sequence of `size` at `depth`.
  void level(std::size_t depth, std::int64_t size) {
    if (depth >= static_cast<std::size_t>(kMaxRank)) {
      raise(ErrorKind::ValueError,
            "setting an array element with a sequence. The requested array would exceed the maximum number of "
            "dimension of {}.",
            kMaxRank);
    }
    if (depth < shape_.size()) {
      if (shape_[depth] != size) cut(depth);
    } else if (!settled_) {
      shape_.push_back(size);
    } else if (depth == shape_.size()) {
      ragged_ = true;
    }
  }

  /// An element at `depth`: no axis is deeper. From the first one on it is known how many there would have to be: lists
  /// that hold the same list again and again may ask for any number.
  void leaf(std::size_t depth) {
    if (!settled_) {
      const auto elements = static_cast<std::uint64_t>(element_count(shape_));
      context().budget.require_elements(elements, elements);  // of a byte each at least
      context().budget.require(elements);
    }
    settled_ = true;
    if (depth < shape_.size()) cut(depth);
  }

  void cut(std::size_t rank) {
    ragged_ = true;
    settled_ = true;
    while (shape_.size() > rank) shape_.erase(shape_.size() - 1);
  }

  void number(const Value& value) {
    switch (value.tag()) {
      case Value::Tag::boolean:
        return promote_to(DType::boolean);
      case Value::Tag::integer:
        return promote_to(DType::int64);
      case Value::Tag::floating:
        return promote_to(DType::float64);
      case Value::Tag::complex:
        return promote_to(DType::complex128);
      default:
        return promote_to(DType::uint64);
    }
  }

  void promote_to(DType dtype) {
    if (has_dtype_ && dtype == dtype_) return;
    dtype_ = has_dtype_ ? promote(dtype_, dtype) : dtype;
    has_dtype_ = true;
  }

  bool is_dtype_known_;
  Shape shape_;
  DType dtype_{};
  bool has_dtype_ = false;
  bool settled_ = false;  // the rank is known
  bool ragged_ = false;
};

/// Of a range, between two looks at whether to stop.
constexpr std::int64_t kNumbersPerPoll = 1 << 18;
constexpr std::int64_t kFew = 1024;  // that are copied before loops over them could begin

/// Stores elements in row-major order.
template <class T>
class Store {
 public:
  explicit Store(Tensor& out) : out_(out.mutable_data<T>()), dtype_(out.dtype()) {}

  void value(const Value& value) {
    if (value.is_number())
      *out_++ = number(value);
    else if (value.is_tensor())
      tensor(value.tensor());
    else if (value.is(Value::Tag::range))
      range(value.object<RangeObject>());
    else if (value.is_sequence())
      for (const Value& element : value.elements()) this->value(element);
    else
      *out_++ = number(number_for(value, dtype_));
  }

 private:
  T number(const Value& value) {
    if constexpr (std::is_same_v<T, bool>) {
      if (value.is(Value::Tag::boolean)) return value.boolean();
    } else if constexpr (std::is_integral_v<T>) {
      const bool fits = value.is(Value::Tag::integer) && std::in_range<T>(value.integer());
      if (fits) return static_cast<T>(value.integer());
    } else if constexpr (std::is_floating_point_v<T>) {
      if (value.is(Value::Tag::floating)) return static_cast<T>(value.floating());
      if (value.is(Value::Tag::integer)) return static_cast<T>(static_cast<double>(value.integer()));
    }
    return to_tensor(value.number(), dtype_).template item<T>();
  }

  void tensor(const Tensor& x) {
    context().charge(static_cast<std::uint64_t>(x.size()), 0);
    const Tensor from = cast(x, dtype_);
    if (from.is_contiguous() && x.size() <= kFew)
      std::copy_n(from.data<T>(), x.size(), out_);
    else
      copy_elements(from, reinterpret_cast<std::byte*>(out_), contiguous_strides(x.shape(), sizeof(T)));
    out_ += x.size();
  }

  void range(const RangeObject& range) {
    const std::int64_t size = range.size();
    context().charge(static_cast<std::uint64_t>(size), 0);
    for (std::int64_t at = 0; at < size; ++at) {
      if (at % kNumbersPerPoll == 0) context().poll();
      *out_++ = number(Value::of(range.start + at * range.step));
    }
  }

  T* out_;
  DType dtype_;
};

Tensor nested_tensor(const Value& value, const DType* dtype) {
  const Discovery found(value, dtype != nullptr);
  Tensor out = Tensor::empty(dtype ? *dtype : found.dtype(), found.shape());
  visit(out.dtype(), [&]<class T>(Type<T>) { Store<T>(out).value(value); });
  return out;
}

}  // namespace

Tensor as_tensor(const Value& value, const DType* dtype) {
  if (value.is_tensor()) return dtype ? cast(value.tensor(), *dtype) : value.tensor();
  if (value.is_number()) return dtype ? to_tensor(value.number(), *dtype) : to_tensor(value.number());
  if (dtype && stands_for_number(value)) return to_tensor(number_for(value, *dtype).number(), *dtype);
  if (is_nested(value)) return nested_tensor(value, dtype);
  refuse(value, dtype ? *dtype : DType::float64);
}

Operand stored_operand(const Value& value, DType dtype) {
  return value.is_tensor() || value.is_number() ? to_operand(value) : Operand(as_tensor(value, &dtype));
}

}  // namespace inlay
