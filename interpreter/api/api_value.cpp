// api_value.cpp - Value of the public interface: the interpreter's value behind a shared handle.
// Invariant: the value behind a handle never changes; a tensor is made row-major at most once.
#include <algorithm>
#include <numeric>

#include "interpreter/api/api.h"
#include "runtime/reductions/reduce.h"

namespace inlay {
inline namespace v1 {

static_assert(static_cast<int>(DType::complex128) == static_cast<int>(core::DType::complex128));
static_assert(static_cast<int>(DType::bfloat16) == static_cast<int>(core::DType::bfloat16));

std::string_view to_string(DType dtype) { return name(detail::to_core(dtype)); }
std::size_t itemsize(DType dtype) { return static_cast<std::size_t>(inlay::itemsize(detail::to_core(dtype))); }

namespace {

using Tag = core::Value::Tag;

std::vector<core::Value> to_core(std::span<const Value> values) {
  std::vector<core::Value> out;
  out.reserve(values.size());
  for (const Value& value : values) out.push_back(value.data().value);
  return out;
}

Error type_error(std::string_view wanted, const core::Value& got) {
  return detail::made_error([&] {
    const std::string what =
        got.is_tensor() ? fmt::format("{} tensor of shape {}", name(got.tensor_dtype()), to_string(got.tensor_shape()))
                        : std::string(type_name(got));
    return Error(ErrorKind::TypeError, fmt::format("expected {}, got {}", wanted, what));
  });
}

/// A tensor of one element as its plain number; any other value as it is.
core::Value plain(const core::Value& value) {
  if (!value.is_tensor() || value.tensor_size() != 1) return value;
  const Tensor tensor = value.tensor();
  const core::DType dtype = tensor.dtype();
  if (is_complex(dtype)) return core::Value::of(cast(tensor, core::DType::complex128).item<complex128>());
  if (is_floating(dtype)) return core::Value::of(cast(tensor, core::DType::float64).item<double>());
  if (dtype == core::DType::boolean) return core::Value::of(tensor.item<bool>());
  if (dtype == core::DType::uint64) return core::Value::of_wide(static_cast<int128>(tensor.item<std::uint64_t>()));
  return core::Value::of(cast(tensor, core::DType::int64).item<std::int64_t>());
}

Kind kind_of(const core::Value& value) {
  if (value.is(Tag::complex)) return Kind::complex;
  if (value.is(Tag::wide)) return Kind::integer;
  switch (value.tag()) {
    case Tag::undefined:
    case Tag::none:
      return Kind::none;
    case Tag::boolean:
      return Kind::boolean;
    case Tag::integer:
      return Kind::integer;
    case Tag::floating:
      return Kind::floating;
    case Tag::scalar:
    case Tag::tensor:
      return Kind::tensor;
    case Tag::dtype:
      return Kind::dtype;
    case Tag::string:
      return Kind::string;
    case Tag::tuple:
      return Kind::tuple;
    case Tag::list:
      return Kind::list;
    case Tag::dict:
      return Kind::dict;
    case Tag::range:
      return Kind::range;
    case Tag::slice:
      return Kind::slice;
    case Tag::module:
      return Kind::module;
    default:
      return value.is_callable() ? Kind::function : Kind::other;
  }
}

/// The tensor with its elements in a row.
const Tensor& row_major(const Value::Data& data) {
  const Tensor* made = data.row_major.load(std::memory_order_acquire);
  if (made != nullptr) return *made;
  auto own = std::make_unique<const Tensor>(data.value.tensor().contiguous());
  return data.row_major.compare_exchange_strong(made, own.get(), std::memory_order_acq_rel) ? *own.release() : *made;
}

/// Elements lie where the processor reads them in one piece.
void check_alignment(const ArrayRef& array, const Strides& strides, std::int64_t count) {
  const core::DType dtype = detail::to_core(array.dtype);
  const std::int64_t alignment = inlay::itemsize(dtype) / (is_complex(dtype) ? 2 : 1);
  std::uintptr_t misplaced = reinterpret_cast<std::uintptr_t>(array.data);
  for (const std::int64_t stride : strides) misplaced |= static_cast<std::uintptr_t>(stride);
  if (count > 0 && misplaced % static_cast<std::uintptr_t>(alignment) != 0)
    raise(core::ErrorKind::ValueError, "the memory is not aligned for {}", name(dtype));
}

void check_fit(const ArrayRef& array, const core::Shape& shape, const Strides& strides) {
  for (const std::int64_t size : shape)
    if (size < 0) raise(core::ErrorKind::ValueError, "negative dimensions are not allowed");
  const std::int64_t count = element_count(shape);
  if (strides.size() != shape.size())
    raise(core::ErrorKind::ValueError, "{} strides do not fit shape {}", strides.size(), to_string(shape));
  if (count > 0 && array.data == nullptr)
    raise(core::ErrorKind::ValueError, "no memory for an array of shape {}", to_string(shape));
  check_alignment(array, strides, count);
  if (!array.size || count == 0) return;
  const std::int64_t size = inlay::itemsize(detail::to_core(array.dtype));
  if (array.strides.empty() && count != *array.size)
    raise(core::ErrorKind::ValueError, "cannot view {} elements as shape {}", *array.size, to_string(shape));
  const Extent bytes = extent(shape, strides, size);
  if (bytes.begin < 0 || bytes.end > *array.size * size)
    raise(core::ErrorKind::ValueError, "shape {} with these strides reaches beyond {} elements", to_string(shape),
          *array.size);
}

}  // namespace

namespace detail {

Value from_core(core::Value value, Home home) { return Value(std::make_shared<Value::Data>(std::move(value), home)); }

Value from_core(core::Value value) {
  const Account* const running = running_account();
  return from_core(std::move(value), running == nullptr ? kNobody : running->number());
}

/// Marks what has not been marked: wrapping a value, and unwrapping it, look at one container each.
bool mark(const Value::Data& data) {
  if (data.marked == Value::Data::Marked::whole) return true;
  if (data.marked == Value::Data::Marked::parts)
    share_itself(data.value);
  else if (!share(data.value))
    return false;
  data.marked = Value::Data::Marked::whole;
  return true;
}

const core::Value& admit(const Value& value, Home interpreter) {
  const Value::Data& data = value.data();
  Home home = data.home;
  if (home == kNobody && data.home.compare_exchange_strong(home, interpreter)) home = interpreter;
  if (home != interpreter && home != kEverybody && !mark(data))
    raise(core::ErrorKind::TypeError,
          "this value of type '{}' belongs to another interpreter: functions, modules and generators, and what holds "
          "them, are of use to their own alone",
          type_name(data.value));
  return data.value;
}

Home home_of(std::span<const Value> elements) {
  Home home = kNobody;
  bool is_for_several = false;
  for (const Value& element : elements) {
    const Home own = element.data().home;
    if (own == kEverybody) continue;
    if (own == kNobody) mark(element.data());  // it may be given to one, and the container to another
    if (own != kNobody && home != kNobody && own != home) is_for_several = true;
    if (own != kNobody) home = own;
  }
  if (!is_for_several) return home;
  bool all_shared = true;
  for (const Value& element : elements) all_shared = mark(element.data()) && all_shared;
  return all_shared ? kNobody : kSeveral;
}

/// A new container of these; what belongs to nobody has been marked in it.
Value container_of(std::span<const Value> elements, core::Value container) {
  const Home home = home_of(elements);
  Value out = from_core(std::move(container), home);
  const auto is_marked = [](const Value& each) {
    return each.data().home == kEverybody || each.data().marked == Value::Data::Marked::whole;
  };
  if (home == kNobody && std::all_of(elements.begin(), elements.end(), is_marked))
    out.data().marked = Value::Data::Marked::parts;
  return out;
}

core::Value take(Value value, Home interpreter) {
  const core::Value& admitted = admit(value, interpreter);
  if (!value.is_unique()) return admitted;
  return std::move(const_cast<Value::Data&>(value.data()).value);  // made by from_core, and seen by nobody else
}

std::vector<core::Value> take(std::vector<Value> values, Home interpreter) {
  std::vector<core::Value> out;
  out.reserve(values.size());
  for (Value& value : values) out.push_back(take(std::move(value), interpreter));
  return out;
}

namespace {

/// Calls what it holds at its end.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> call) : call_(std::move(call)) {}
  ~AtEnd() { call_(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  std::function<void()> call_;
};

/// What calls `release` once, at the end of the last copy of it, called or not; or else has called it and throws.
std::function<void()> released_once(const std::function<void()>& release) {
  if (!release) return {};
  std::shared_ptr<const AtEnd> at_end;
  try {
    at_end = std::make_shared<const AtEnd>(release);
  } catch (...) {
    release();
    throw;
  }
  return [at_end] {};
}

/// Kernels count on a bool being 0 or 1, which a host's memory need not hold.
void require_truth_values(const Tensor& tensor) {
  if (tensor.size() == 0) return;
  core::Shape shape = tensor.shape();  // of what is repeated, once
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    if (tensor.strides()[axis] == 0) shape[axis] = 1;
  const Tensor bytes = tensor.view(core::DType::uint8, std::move(shape), tensor.strides());
  std::vector<int> axes(tensor.rank());
  std::iota(axes.begin(), axes.end(), 0);
  const int most = reduce(ReduceOp::max, bytes, axes, false).item<std::uint8_t>();
  if (most > 1) raise(core::ErrorKind::ValueError, "the elements of a bool array must be 0 or 1, not {}", most);
}

}  // namespace

Tensor to_tensor(const ArrayRef& array) {
  std::function<void()> release = released_once(array.release);
  const core::DType dtype = to_core(array.dtype);
  const core::Shape shape(std::span<const std::int64_t>(array.shape.data(), array.shape.size()));
  const Strides strides = array.strides.empty()
                              ? contiguous_strides(shape, inlay::itemsize(dtype))
                              : Strides(std::span<const std::int64_t>(array.strides.data(), array.strides.size()));
  check_fit(array, shape, strides);
  const bool is_copied = array.access == ArrayRef::Access::copy || shape.empty();
  const Tensor tensor =
      Tensor::wrap(array.data, dtype, shape, strides, array.access != ArrayRef::Access::write, std::move(release));
  if (dtype == core::DType::boolean) require_truth_values(tensor);
  return is_copied ? tensor.copy() : tensor;
}

}  // namespace detail

// ---- making ----

Value::Value() : Value(detail::from_core(core::Value::none())) {}
Value::Value(bool value) : Value(detail::from_core(core::Value::of(value))) {}
Value::Value(std::complex<double> value) : Value(detail::from_core(core::Value::of(value))) {}
Value::Value(std::string_view text) : Value(detail::from_core(core::Value::of(text))) {}
Value Value::integer(std::int64_t value) { return detail::from_core(core::Value::of(value)); }
Value Value::number(double value) { return detail::from_core(core::Value::of(value)); }

Value Value::integer(std::uint64_t value) {
  if (std::in_range<std::int64_t>(value)) return integer(static_cast<std::int64_t>(value));
  return detail::from_core(core::Value::of(Tensor::scalar(value)));  // too large for an int: a 0-d uint64
}

Expected<Value> Value::tensor(const ArrayRef& array) {
  return detail::guarded([&] { return detail::from_core(core::Value::of(detail::to_tensor(array))); });
}

Value Value::list(std::span<const Value> elements) {
  return detail::container_of(elements, core::Value::list(to_core(elements)));
}
Value Value::tuple(std::span<const Value> elements) {
  return detail::container_of(elements, core::Value::tuple(to_core(elements)));
}

// ---- asking ----

Kind Value::kind() const { return kind_of(data_->value); }
std::string_view Value::type_name() const { return inlay::type_name(data_->value); }
namespace {

/// A script can make values whose text no memory holds, such as a number broadcast to (2,) * 30.
constexpr std::uint64_t kMostText = std::uint64_t{64} << 20;

/// A value's text, within the limits of the interpreter that runs, or else within kMostText.
template <class Write>
std::string bounded_text(const core::Value& value, const Write& write) {
  if (running_account() != nullptr) return write(value);
  Context own;
  Limits limits = Limits::none();
  limits.memory = kMostText;
  own.budget.limit(limits);
  const ContextScope scope(own);
  try {
    return write(value);
  } catch (const core::Error&) {
    return fmt::format("<{}: its text is longer than {}>", type_name(value), size_text(kMostText));
  }
}

}  // namespace

std::string Value::to_string() const { return bounded_text(data_->value, to_str); }
std::string Value::repr() const { return bounded_text(data_->value, to_repr); }

Expected<DType> Value::dtype() const {
  if (!data_->value.is_tensor()) return type_error("a tensor", data_->value);
  return detail::from_core(data_->value.tensor_dtype());
}

std::span<const std::int64_t> Value::shape() const {
  const core::Value& value = data_->value;
  if (!value.is_tensor() || value.tensor_rank() == 0) return {};
  return {value.tensor_shape().data(), value.tensor_shape().size()};
}

std::size_t Value::size() const {
  const core::Value& value = data_->value;
  switch (kind()) {
    case Kind::tensor:
      return static_cast<std::size_t>(value.tensor_size());
    case Kind::string:
      return utf8_length(value.string());
    case Kind::tuple:
    case Kind::list:
      return value.elements().size();
    case Kind::dict:
      return value.dictionary().items.size();
    case Kind::range:
      return static_cast<std::size_t>(value.object<RangeObject>().size());
    default:
      return 0;
  }
}

// ---- converting ----

Expected<bool> Value::as_bool() const {
  const core::Value value = plain(data_->value);
  if (!value.is(Tag::boolean)) return type_error("a bool", data_->value);
  return value.boolean();
}

Expected<std::int64_t> Value::as_integer() const {
  const core::Value value = plain(data_->value);
  if (value.is(Tag::integer)) return value.integer();
  if (value.is(Tag::boolean)) return std::int64_t{value.boolean()};
  if (value.is(Tag::wide)) return out_of_range(64);
  return type_error("an integer", data_->value);
}

Expected<double> Value::as_double() const {
  const core::Value value = plain(data_->value);
  if (!value.is_number() || value.is(Tag::complex)) return type_error("a real number", data_->value);
  const Scalar number = value.number();
  return number.kind == Scalar::Kind::boolean || number.kind == Scalar::Kind::integer
             ? static_cast<double>(number.integer)
             : number.real;
}

Expected<std::complex<double>> Value::as_complex() const {
  const core::Value value = plain(data_->value);
  if (value.is(Tag::complex)) return value.object<ComplexObject>().value;
  const auto real = as_double();
  if (!real) return type_error("a number", data_->value);
  return std::complex<double>(*real);
}

Expected<std::string> Value::as_text() const {
  if (!data_->value.is_string()) return type_error("a str", data_->value);
  return detail::guarded([&] { return std::string(data_->value.string()); });
}

Error Value::out_of_range(std::size_t bits) const {
  return detail::made_error(
      [&] { return Error(ErrorKind::OverflowError, fmt::format("{} does not fit in {} bits", to_string(), bits)); });
}

Expected<const void*> Value::elements(DType dtype) const {
  const core::Value& value = data_->value;
  if (!value.is_tensor() || value.tensor_dtype() != detail::to_core(dtype))
    return detail::made_error([&] { return type_error(fmt::format("a {} tensor", inlay::to_string(dtype)), value); });
  return detail::guarded([&] { return static_cast<const void*>(row_major(*data_).bytes()); });
}

Expected<void> Value::check_shape(std::initializer_list<std::int64_t> sizes) const {
  const auto fits = [](std::int64_t size, std::int64_t wanted) { return wanted == any || size == wanted; };
  if (std::equal(shape().begin(), shape().end(), sizes.begin(), sizes.end(), fits)) return {};
  return detail::made_error([&] {
    std::vector<std::string> texts;
    for (const std::int64_t size : sizes) texts.push_back(size == any ? "any" : std::to_string(size));
    return type_error(fmt::format("a tensor of shape ({}{})", fmt::join(texts, ", "), texts.size() == 1 ? "," : ""),
                      data_->value);
  });
}

Expected<std::span<const std::byte>> Value::bytes() const {
  if (!data_->value.is_tensor()) return type_error("a tensor", data_->value);
  return detail::guarded([&] {
    const Tensor& tensor = row_major(*data_);
    return std::span<const std::byte>(tensor.bytes(), static_cast<std::size_t>(tensor.size() * tensor.itemsize()));
  });
}

// ---- parts ----

namespace {

/// A part belongs to whom the whole does. What belongs to nobody yet may be given to one interpreter, and its part to
/// another. A row of a tensor and a pair are made here, of what is marked if the whole is.
Value part_of(const Value::Data& whole, core::Value part) {
  const bool was_marked = whole.home == kEverybody || whole.marked != Value::Data::Marked::nothing;
  if (was_marked) share_itself(part);
  const bool is_marked = whole.home == kNobody && (was_marked || share(part));
  Value out = detail::from_core(std::move(part), whole.home);
  if (is_marked) out.data().marked = Value::Data::Marked::whole;
  return out;
}

}  // namespace

Expected<Value> Value::operator[](std::size_t at) const {
  return detail::guarded([&] {
    if (kind() != Kind::dict)
      return part_of(*data_, subscript(data_->value, core::Value::of(static_cast<std::int64_t>(at))));
    const auto& items = data_->value.dictionary().items;
    if (at >= items.size()) raise(core::ErrorKind::IndexError, "item {} of a dict of {}", at, items.size());
    return part_of(*data_, core::Value::tuple({items[at].first, items[at].second}));
  });
}

Expected<Value> Value::item(const Value& key) const {
  if (kind() != Kind::dict) return type_error("a dict", data_->value);
  return detail::guarded([&] { return part_of(*data_, subscript(data_->value, key.data().value)); });
}

// ---- beyond its interpreter ----

Expected<Value> Value::for_any_thread() const {
  return detail::guarded([&] {
    if (data_->home != kEverybody && !share(data_->value))
      raise(core::ErrorKind::TypeError,
            "a value of type '{}' stays with its interpreter: there is a function, a module or a generator in it",
            type_name());
    return detail::from_core(data_->value, kEverybody);
  });
}

}  // namespace v1
}  // namespace inlay
