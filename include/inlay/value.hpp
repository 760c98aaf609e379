// value.hpp - values on their way between a host and its scripts: Value, and arrays of the host's own (ArrayRef, View).
// Part of the public interface; include <inlay/inlay.hpp>.
// Invariant: a Value never changes, so what a host was given stays as it was whatever a script does afterwards - but
// for memory of the host's own, which the host may change.
#pragma once

#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inlay/error.hpp"

namespace inlay {
inline namespace v1 {

/// Element types of tensors. The numbers never change.
enum class DType : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,  ///< 16 bits each, without a C++ type
  float32,
  float64,
  complex64,
  complex128
};
/// NumPy's name: "float32".
INLAY_API std::string_view to_string(DType dtype);
/// Bytes per element.
INLAY_API std::size_t itemsize(DType dtype);

template <class T>
struct dtype_of;
template <>
struct dtype_of<bool> {
  static constexpr DType value = DType::boolean;
};
template <>
struct dtype_of<std::int8_t> {
  static constexpr DType value = DType::int8;
};
template <>
struct dtype_of<std::int16_t> {
  static constexpr DType value = DType::int16;
};
template <>
struct dtype_of<std::int32_t> {
  static constexpr DType value = DType::int32;
};
template <>
struct dtype_of<std::int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct dtype_of<std::uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct dtype_of<std::uint16_t> {
  static constexpr DType value = DType::uint16;
};
template <>
struct dtype_of<std::uint32_t> {
  static constexpr DType value = DType::uint32;
};
template <>
struct dtype_of<std::uint64_t> {
  static constexpr DType value = DType::uint64;
};
template <>
struct dtype_of<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct dtype_of<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct dtype_of<std::complex<float>> {
  static constexpr DType value = DType::complex64;
};
template <>
struct dtype_of<std::complex<double>> {
  static constexpr DType value = DType::complex128;
};
/// A C++ type that can be a tensor's element.
template <class T>
concept Element = requires {
  dtype_of<T>::value;
};

/// Sizes of axes, outermost first: `{rows, columns}` of any integer types.
class Shape {
 public:
  template <std::integral... Sizes>
  Shape(Sizes... sizes) : sizes_{static_cast<std::int64_t>(sizes)...} {}  // NOLINT: implicit on purpose
  Shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {}    // NOLINT

  [[nodiscard]] const std::vector<std::int64_t>& sizes() const { return sizes_; }

 private:
  std::vector<std::int64_t> sizes_;
};

/// An array of the host's, as bind() and Value take it: made by view(), writable_view(), adopt() and copy(). ValueError
/// where memory and strides are not aligned for the dtype (of complex, for a half of it), or an element of a bool array
/// is neither 0 nor 1; what the host writes there later must be 0 or 1 too.
struct ArrayRef {
  enum class Access : std::uint8_t { read, write, copy };
  void* data = nullptr;
  DType dtype{};
  std::vector<std::int64_t> shape;
  std::optional<std::int64_t> size;  ///< elements there are behind `data`, where that is known
  Access access = Access::read;
  std::vector<std::int64_t> strides;  ///< bytes from one element to the next along each axis; empty: row-major
  /// May be empty. Called once for each bind() and each Value::tensor() that is given the array: when the last value
  /// over the memory is gone, on whatever thread lets go of it, or before the error is returned.
  std::function<void()> release;
};

namespace detail {
template <Element T>
ArrayRef array_ref(const T* data, Shape shape, ArrayRef::Access access, std::optional<std::int64_t> size) {
  ArrayRef array;
  array.data = const_cast<T*>(data);  // NOLINT: written only with Access::write, which takes a T*
  array.dtype = dtype_of<T>::value;
  array.shape = shape.sizes();
  array.size = size;
  array.access = access;
  return array;
}
}  // namespace detail

/// Borrows memory that scripts may read: nothing is copied, an update in a script goes to a copy. The memory must stay
/// until the interpreter and every Value over it are gone (or until `release` says so).
template <Element T>
ArrayRef view(const T* data, Shape shape) {
  return detail::array_ref(data, std::move(shape), ArrayRef::Access::read, std::nullopt);
}
template <Element T>
ArrayRef view(std::span<const T> data, Shape shape) {
  return detail::array_ref(data.data(), std::move(shape), ArrayRef::Access::read, std::ssize(data));
}
template <Element T>
ArrayRef view(const std::vector<T>& data, Shape shape) {
  return view(std::span<const T>(data), std::move(shape));
}

/// Borrows memory that scripts may write: an update of the variable that it is bound to happens in the host's memory,
/// as long as no other variable or Value holds the same tensor (then, as always, the update goes to a copy).
/// Not for arrays of rank 0, which are copied.
template <Element T>
ArrayRef writable_view(T* data, Shape shape) {
  return detail::array_ref(data, std::move(shape), ArrayRef::Access::write, std::nullopt);
}
template <Element T>
ArrayRef writable_view(std::span<T> data, Shape shape) {
  return detail::array_ref(data.data(), std::move(shape), ArrayRef::Access::write, std::ssize(data));
}
template <Element T>
ArrayRef writable_view(std::vector<T>& data, Shape shape) {
  return writable_view(std::span<T>(data), std::move(shape));
}

/// Copies the elements when it is bound or made a Value; the memory may go after that.
template <Element T>
ArrayRef copy(const T* data, Shape shape) {
  return detail::array_ref(data, std::move(shape), ArrayRef::Access::copy, std::nullopt);
}
template <Element T>
ArrayRef copy(std::span<const T> data, Shape shape) {
  return detail::array_ref(data.data(), std::move(shape), ArrayRef::Access::copy, std::ssize(data));
}
template <Element T>
ArrayRef copy(const std::vector<T>& data, Shape shape) {
  return copy(std::span<const T>(data), std::move(shape));
}

/// Hands memory over: scripts own it, write it in place where nobody else holds it, and call `release` as ArrayRef
/// says, after an error too.
template <Element T>
ArrayRef adopt(T* data, Shape shape, std::function<void()> release) {
  ArrayRef array = detail::array_ref(data, std::move(shape), ArrayRef::Access::write, std::nullopt);
  array.release = std::move(release);
  return array;
}
template <Element T>
requires(!std::same_as<T, bool>) ArrayRef adopt(std::vector<T>&& data, Shape shape) {
  const auto owner = std::make_shared<std::vector<T>>(std::move(data));
  ArrayRef array = writable_view(std::span<T>(*owner), std::move(shape));
  array.release = [owner] {};
  return array;
}

/// What a Value is. The numbers never change.
enum class Kind : std::uint8_t {
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
  other
};

/// A size of View that may be any.
inline constexpr std::int64_t any = -1;

/// Elements of a tensor, read-only and row-major, with their shape: what a function of the host takes. Borrowed: the
/// Value it came from keeps them. Sizes ask for a rank and for these sizes: `View<float, any, 3>` is a matrix of three
/// columns; without them every shape is taken.
template <Element T, std::int64_t... Sizes>
class View {
 public:
  View(const T* data, std::span<const std::int64_t> shape, std::size_t size)
      : data_(data), shape_(shape), size_(size) {}
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::span<const std::int64_t> shape() const { return shape_; }
  [[nodiscard]] std::size_t rank() const { return shape_.size(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  /// Element `at` in row-major order.
  const T& operator[](std::size_t at) const { return data_[at]; }
  /// The element at one index per axis; unchecked.
  template <std::integral... Indices>
  const T& operator()(Indices... indices) const {
    std::size_t at = 0, axis = 0;
    ((at = at * static_cast<std::size_t>(shape_[axis++]) + static_cast<std::size_t>(indices)), ...);
    return data_[at];
  }

 private:
  const T* data_;
  std::span<const std::int64_t> shape_;
  std::size_t size_;
};

/// A value of the language. Cheap to copy. Belongs to the interpreter that it came from, or that it was first given to:
/// it must be used, copied and destroyed by one thread at a time, the one that uses that interpreter. It may outlive
/// the interpreter. Another interpreter takes it as well, except for functions, modules and generators and what holds
/// one: those are a TypeError there, since they live by the variables of theirs. For threads see for_any_thread(). What
/// gives no Expected throws where there is no memory for what it gives; inside a function of the host's that a script
/// calls also where the script's limits refuse it. What is thrown there is an error of the script.
class INLAY_API Value {
 public:
  /// None.
  Value();
  Value(bool value);  // NOLINT: implicit on purpose
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : Value(integer(value)) {}  // NOLINT
  template <std::floating_point T>
  Value(T value) : Value(number(static_cast<double>(value))) {}      // NOLINT
  Value(std::complex<double> value);                                 // NOLINT
  Value(std::string_view text);                                      // NOLINT
  Value(const std::string& text) : Value(std::string_view(text)) {}  // NOLINT
  Value(const char* text) : Value(std::string_view(text)) {}         // NOLINT
  /// A 1-d tensor that holds a copy.
  template <Element T>
  requires(!std::same_as<T, bool>) Value(const std::vector<T>& elements)
      : Value(tensor(inlay::copy(elements, elements.size())).value()) {}  // NOLINT
  /// A tensor; ValueError where shape, strides and size do not agree.
  static Expected<Value> tensor(const ArrayRef& array);
  static Value list(std::span<const Value> elements);
  static Value tuple(std::span<const Value> elements);

  [[nodiscard]] Kind kind() const;
  /// Python's name of the type: "int", "ndarray".
  [[nodiscard]] std::string_view type_name() const;
  [[nodiscard]] bool is_none() const { return kind() == Kind::none; }
  [[nodiscard]] bool is_tensor() const { return kind() == Kind::tensor; }

  /// The value as a bool, an integer type, a floating type, std::complex<double> or std::string. Tensors of one element
  /// are numbers here. TypeError where the kind does not fit (a float is no integer, but an integer is a float);
  /// OverflowError where an integer is out of range.
  template <class T>
  [[nodiscard]] Expected<T> as() const;

  /// Of a tensor; TypeError for anything else.
  [[nodiscard]] Expected<DType> dtype() const;
  /// Sizes of a tensor's axes; empty for anything else.
  [[nodiscard]] std::span<const std::int64_t> shape() const;
  /// Elements of a tensor; length of a string (in characters), tuple, list, dict or range; 0 for anything else.
  [[nodiscard]] std::size_t size() const;
  /// A tensor's elements in row-major order, without a copy if they lie so (and of memory borrowed from the host, that
  /// memory itself). Lives as long as this Value or a copy of it. TypeError if it is no tensor of T. Outside a run no
  /// limit holds for the copy: a script can make a tensor of a few bytes and 10⁹ elements, `broadcast_to(1.0,
  /// (10**9,))`. nbytes() says before how much it is, for this, for bytes() and for copy().
  template <Element T>
  [[nodiscard]] Expected<std::span<const T>> span() const;
  /// The same with the shape.
  template <Element T, std::int64_t... Sizes>
  [[nodiscard]] Expected<View<T, Sizes...>> view() const;
  /// The bytes behind span(), for dtypes without a C++ type. TypeError if it is no tensor.
  [[nodiscard]] Expected<std::span<const std::byte>> bytes() const;

  /// Element `at` of a tuple, list or range, or along a tensor's first axis, or the pair `(key, value)` of a dict.
  /// IndexError beyond size(), TypeError for anything else.
  [[nodiscard]] Expected<Value> operator[](std::size_t at) const;
  /// The item of a dict under `key`; KeyError if there is none, TypeError if it is no dict.
  [[nodiscard]] Expected<Value> item(const Value& key) const;

  /// What tells the memory of a tensor from that of others, while it lives; null for anything else, and for a small
  /// 0-d tensor, which has none of its own.
  [[nodiscard]] const void* memory() const;
  /// Bytes of the elements of all tensors in it, those of lists, tuples and dicts included: what stands in two places
  /// counts twice, up to what 64 bits hold.
  [[nodiscard]] std::uint64_t nbytes() const;
  /// The same value over memory of its own, so that holding it keeps nothing from being updated in place. What is one
  /// tensor in several places is copied once.
  [[nodiscard]] Value copy() const;
  /// Another handle of the same value, for any threads and interpreters, while this one stays with its own: what is
  /// handed to a thread that runs another interpreter. It, its copies and its parts may be used by several threads at
  /// once. Nothing is copied; what it holds is counted atomically from then on. TypeError where a function, a module or
  /// a generator is in it.
  [[nodiscard]] Expected<Value> for_any_thread() const;

  /// The text that print() would show. Outside a run, whose limits hold, "<list: its text is longer than 64.0 MiB>"
  /// stands for one that is: a script can make values whose text no memory holds.
  [[nodiscard]] std::string to_string() const;
  /// The text that repr() would give, likewise.
  [[nodiscard]] std::string repr() const;

  struct Data;
  /// For the library itself.
  explicit Value(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  [[nodiscard]] const Data& data() const { return *data_; }
  [[nodiscard]] bool is_unique() const { return data_.use_count() == 1; }

 private:
  static Value integer(std::int64_t value);
  static Value integer(std::uint64_t value);
  template <std::signed_integral T>
  static Value integer(T value) {
    return integer(std::int64_t{value});
  }
  template <std::unsigned_integral T>
  static Value integer(T value) {
    return integer(std::uint64_t{value});
  }
  static Value number(double value);
  [[nodiscard]] Expected<bool> as_bool() const;
  [[nodiscard]] Expected<std::int64_t> as_integer() const;
  [[nodiscard]] Expected<double> as_double() const;
  [[nodiscard]] Expected<std::complex<double>> as_complex() const;
  [[nodiscard]] Expected<std::string> as_text() const;
  [[nodiscard]] Expected<const void*> elements(DType dtype) const;
  [[nodiscard]] Expected<void> check_shape(std::initializer_list<std::int64_t> sizes) const;
  /// What as() says of an integer that does not fit so many bits.
  [[nodiscard]] Error out_of_range(std::size_t bits) const;

  std::shared_ptr<const Data> data_;
};

template <class T>
Expected<T> Value::as() const {
  if constexpr (std::same_as<T, bool>)
    return as_bool();
  else if constexpr (std::same_as<T, std::string>)
    return as_text();
  else if constexpr (std::same_as<T, std::complex<double>>)
    return as_complex();
  else if constexpr (std::floating_point<T>) {
    const auto number = as_double();
    return number ? Expected<T>(static_cast<T>(*number)) : Expected<T>(number.error());
  } else {
    static_assert(std::integral<T>, "as<T>: bool, an integer or floating type, std::complex<double>, std::string");
    const auto number = as_integer();
    if (!number) return number.error();
    if (!std::in_range<T>(*number)) return out_of_range(8 * sizeof(T));
    return static_cast<T>(*number);
  }
}

template <Element T>
Expected<std::span<const T>> Value::span() const {
  const auto data = elements(dtype_of<T>::value);
  if (!data) return data.error();
  return std::span<const T>(static_cast<const T*>(*data), size());
}

template <Element T, std::int64_t... Sizes>
Expected<View<T, Sizes...>> Value::view() const {
  const auto data = elements(dtype_of<T>::value);
  if (!data) return data.error();
  if constexpr (sizeof...(Sizes) > 0)
    if (const auto fits = check_shape({Sizes...}); !fits) return fits.error();
  return View<T, Sizes...>(static_cast<const T*>(*data), shape(), size());
}

}  // namespace v1
}  // namespace inlay
