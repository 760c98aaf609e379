// c_api_value.cpp - values of the C interface. See c_api.h.
#include "interpreter/api/c_api.h"

#include <cstdlib>

using inlay::DType;
using inlay::Expected;
using inlay::Kind;
using inlay::Value;
using inlay::c_api::guarded;
using inlay::c_api::make_text;
using inlay::c_api::make_value;
using inlay::c_api::or_null;
using inlay::c_api::values_of;

static_assert(INLAY_OTHER == static_cast<int>(Kind::other));
static_assert(INLAY_COMPLEX128 == static_cast<int>(DType::complex128));
static_assert(INLAY_COPY == static_cast<int>(inlay::ArrayRef::Access::copy));

namespace inlay::v1::c_api {

inlay_value* make_value(Value value) { return std::make_unique<inlay_value>(inlay_value{std::move(value)}).release(); }

std::vector<Value> values_of(const inlay_value* const* elements, std::size_t count) {
  std::vector<Value> out;
  out.reserve(count);
  for (std::size_t at = 0; at < count; ++at) out.push_back(elements[at]->value);
  return out;
}

}  // namespace inlay::v1::c_api

namespace {

constexpr int kMostAxes = 64;

bool is_dtype(int dtype) { return dtype >= INLAY_BOOL && dtype <= INLAY_COMPLEX128; }

/// The host's array; `owner` is what its memory is handed over to.
Expected<inlay::ArrayRef> array_of(const inlay_array& from, const std::shared_ptr<void>& owner) {
  const auto refuse = [](const char* what) { return inlay::Error(inlay::ErrorKind::ValueError, what); };
  if (!INLAY_HAS(from, access)) return refuse("inlay_array: struct_size is not set");
  if (!is_dtype(from.dtype)) return refuse("inlay_array: no such dtype");
  if (from.rank < 0 || from.rank > kMostAxes) return refuse("inlay_array: rank is not within 0 and 64");
  if (from.rank > 0 && from.shape == nullptr) return refuse("inlay_array: no shape");
  if (from.access < INLAY_READ || from.access > INLAY_COPY) return refuse("inlay_array: no such access");
  inlay::ArrayRef array;
  array.data = from.data;
  array.dtype = static_cast<DType>(from.dtype);
  array.shape.assign(from.shape, from.shape + from.rank);
  if (from.strides != nullptr) array.strides.assign(from.strides, from.strides + from.rank);
  array.access = static_cast<inlay::ArrayRef::Access>(from.access);
  if (owner != nullptr) array.release = [owner] {};
  return array;
}

/// A number of the value as a T, through `out`.
template <class T, class To>
int convert(const inlay_value* value, To* out, inlay_error** error) {
  return guarded(
      error, [&] { return value->value.as<T>(); }, [&](T number) { *out = static_cast<To>(number); });
}

}  // namespace

extern "C" {

const char* inlay_dtype_name(int dtype) {
  return is_dtype(dtype) ? inlay::to_string(static_cast<DType>(dtype)).data() : nullptr;
}
size_t inlay_dtype_size(int dtype) { return is_dtype(dtype) ? inlay::itemsize(static_cast<DType>(dtype)) : 0; }

inlay_value* inlay_none(void) {
  return or_null([] { return make_value(Value()); });
}
inlay_value* inlay_bool(int value) {
  return or_null([&] { return make_value(Value(value != 0)); });
}
inlay_value* inlay_int(int64_t value) {
  return or_null([&] { return make_value(Value(value)); });
}
inlay_value* inlay_float(double value) {
  return or_null([&] { return make_value(Value(value)); });
}
inlay_value* inlay_complex(double real, double imaginary) {
  return or_null([&] { return make_value(Value(std::complex<double>(real, imaginary))); });
}
inlay_value* inlay_string(const char* text) {
  return or_null([&] { return make_value(Value(text)); });
}
inlay_value* inlay_list(const inlay_value* const* elements, size_t count) {
  return or_null([&] { return make_value(Value::list(values_of(elements, count))); });
}
inlay_value* inlay_tuple(const inlay_value* const* elements, size_t count) {
  return or_null([&] { return make_value(Value::tuple(values_of(elements, count))); });
}

int inlay_tensor(const inlay_array* array, inlay_value** value, inlay_error** error) {
  const auto make = [&]() -> Expected<Value> {
    std::shared_ptr<void> owner;
    if (INLAY_HAS(*array, user) && array->release != nullptr)
      owner = inlay::c_api::owner_of(array->user, array->release);
    const auto from = array_of(*array, owner);
    if (!from) return from.error();
    return Value::tensor(*from);
  };
  return guarded(error, make, [&](Value made) { *value = make_value(std::move(made)); });
}

inlay_value* inlay_value_share(const inlay_value* value) {
  return or_null([&] { return make_value(value->value); });
}
int inlay_value_for_any_thread(const inlay_value* value, inlay_value** handle, inlay_error** error) {
  return guarded(
      error, [&] { return value->value.for_any_thread(); },
      [&](Value shared) { *handle = make_value(std::move(shared)); });
}
void inlay_value_free(inlay_value* value) { std::default_delete<inlay_value>()(value); }

int inlay_value_kind(const inlay_value* value) { return static_cast<int>(value->value.kind()); }
size_t inlay_value_size(const inlay_value* value) { return value->value.size(); }

int inlay_value_bool(const inlay_value* value, int* out, inlay_error** error) {
  return convert<bool>(value, out, error);
}
int inlay_value_int(const inlay_value* value, int64_t* out, inlay_error** error) {
  return convert<std::int64_t>(value, out, error);
}
int inlay_value_float(const inlay_value* value, double* out, inlay_error** error) {
  return convert<double>(value, out, error);
}
int inlay_value_complex(const inlay_value* value, double* real, double* imaginary, inlay_error** error) {
  return guarded(
      error, [&] { return value->value.as<std::complex<double>>(); },
      [&](std::complex<double> number) { *real = number.real(), *imaginary = number.imag(); });
}

char* inlay_value_text(const inlay_value* value) {
  return or_null([&] { return make_text(value->value.to_string()); });
}
char* inlay_value_repr(const inlay_value* value) {
  return or_null([&] { return make_text(value->value.repr()); });
}
void inlay_text_free(char* text) { std::free(text); }

int inlay_value_view(const inlay_value* value, inlay_tensor_view* view, inlay_error** error) {
  const auto use = [&](std::span<const std::byte> bytes) {
    const Value& from = value->value;
    const auto shape = from.shape();
    inlay::c_api::fill(*view, {0, bytes.data(), static_cast<int>(*from.dtype()), static_cast<int>(shape.size()),
                               shape.data(), from.size()});
  };
  return guarded(
      error, [&] { return value->value.bytes(); }, use);
}

int inlay_value_at(const inlay_value* value, size_t at, inlay_value** element, inlay_error** error) {
  return guarded(
      error, [&] { return value->value[at]; }, [&](Value found) { *element = make_value(std::move(found)); });
}
int inlay_value_item(const inlay_value* value, const inlay_value* key, inlay_value** item, inlay_error** error) {
  return guarded(
      error, [&] { return value->value.item(key->value); }, [&](Value found) { *item = make_value(std::move(found)); });
}

}  // extern "C"
