// c_api_dlpack.cpp - tensors to and from other libraries through DLPack. See <inlay/inlay.h> and dlpack_abi.h.
// What a producer says is checked as far as it can be: versions, device, dtype, rank, sizes and strides; that the
// memory is there is the producer's word. Invariant: a tensor that was lent is counted for several threads, since the
// consumer may let go of it on any.
#include <algorithm>
#include <limits>

#include "interpreter/api/api.h"
#include "interpreter/api/c_api.h"
#include "interpreter/api/dlpack_abi.h"

namespace inlay {
inline namespace v1 {

namespace {

using namespace dlpack;

struct DTypeRow {
  core::DType dtype;
  TypeCode code;
};
constexpr DTypeRow kDTypes[] = {
    {core::DType::boolean, kDLBool},  {core::DType::int8, kDLInt},          {core::DType::int16, kDLInt},
    {core::DType::int32, kDLInt},     {core::DType::int64, kDLInt},         {core::DType::uint8, kDLUInt},
    {core::DType::uint16, kDLUInt},   {core::DType::uint32, kDLUInt},       {core::DType::uint64, kDLUInt},
    {core::DType::float16, kDLFloat}, {core::DType::bfloat16, kDLBfloat},   {core::DType::float32, kDLFloat},
    {core::DType::float64, kDLFloat}, {core::DType::complex64, kDLComplex}, {core::DType::complex128, kDLComplex},
};
constexpr int kMostAxes = 64;

int bits_of(core::DType dtype) { return 8 * static_cast<int>(inlay::itemsize(dtype)); }

template <class... T>
[[noreturn]] void refuse(fmt::format_string<T...> format, T&&... arguments) {
  raise(core::ErrorKind::ValueError, "DLPack: {}", fmt::format(format, std::forward<T>(arguments)...));
}

// ---- out ----

/// What a lent tensor keeps alive.
template <class Managed>
struct Loan {
  Managed managed{};
  Tensor tensor;
  std::vector<std::int64_t> shape, strides;
};

/// Whether DLPack can say where the elements lie: its strides are whole elements.
bool has_whole_strides(const Tensor& tensor) {
  return std::all_of(tensor.strides().begin(), tensor.strides().end(),
                     [&](std::int64_t stride) { return stride % tensor.itemsize() == 0; });
}

DLTensor describe(Tensor& tensor, std::vector<std::int64_t>& shape, std::vector<std::int64_t>& strides) {
  shape.assign(tensor.shape().begin(), tensor.shape().end());
  for (const std::int64_t stride : tensor.strides()) strides.push_back(stride / tensor.itemsize());
  const auto* const row = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                       [&](const DTypeRow& each) { return each.dtype == tensor.dtype(); });
  DLTensor out{};
  out.data = tensor.mutable_bytes();
  out.device = {kDLCPU, 0};
  out.ndim = static_cast<std::int32_t>(shape.size());
  out.dtype = {row->code, static_cast<std::uint8_t>(bits_of(tensor.dtype())), 1};
  out.shape = shape.data();
  out.strides = strides.data();
  return out;
}

template <class Managed>
Managed* lend(const Value& value, bool copy) {
  const core::Value& from = value.data().value;
  if (!from.is_tensor()) raise(core::ErrorKind::TypeError, "expected a tensor, got {}", type_name(from));
  auto loan = std::make_unique<Loan<Managed>>();
  loan->tensor = from.tensor();
  const bool is_copied = copy || !has_whole_strides(loan->tensor);
  if (is_copied) loan->tensor = loan->tensor.copy();
  share(core::Value::of(loan->tensor));
  loan->managed.dl_tensor = describe(loan->tensor, loan->shape, loan->strides);
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    loan->managed.version = {kMajor, kMinor};
    loan->managed.flags = is_copied ? kIsCopied : kReadOnly;
  }
  loan->managed.deleter = [](Managed* self) {
    std::default_delete<Loan<Managed>>()(static_cast<Loan<Managed>*>(self->manager_ctx));
  };
  loan->managed.manager_ctx = loan.get();
  return &loan.release()->managed;
}

// ---- in ----

core::DType dtype_of_tensor(const DLDataType& type) {
  for (const DTypeRow& row : kDTypes)
    if (row.code == type.code && bits_of(row.dtype) == type.bits && type.lanes == 1) return row.dtype;
  refuse("no dtype here has code {}, {} bits and {} lanes", type.code, type.bits, type.lanes);
}

/// Strides in bytes; empty for none, and where there is no element to find by them.
std::vector<std::int64_t> strides_of(const DLTensor& tensor, std::int64_t itemsize) {
  std::vector<std::int64_t> out;
  const bool is_empty = std::find(tensor.shape, tensor.shape + tensor.ndim, 0) != tensor.shape + tensor.ndim;
  if (tensor.strides == nullptr || is_empty) return out;
  std::int64_t reach = 0;  // of all axes, were they to go one way
  for (std::int32_t axis = 0; axis < tensor.ndim; ++axis) {
    std::int64_t bytes = 0, span = 0;
    const std::int64_t steps = std::max<std::int64_t>(tensor.shape[axis], 1) - 1;
    if (__builtin_mul_overflow(tensor.strides[axis], itemsize, &bytes) || __builtin_mul_overflow(bytes, steps, &span) ||
        span == std::numeric_limits<std::int64_t>::min() ||
        __builtin_add_overflow(reach, span < 0 ? -span : span, &reach))
      refuse("stride {} of axis {} is out of range", tensor.strides[axis], axis);
    out.push_back(bytes);
  }
  return out;
}

ArrayRef array_of(const DLTensor& tensor, bool write) {
  if (tensor.device.device_type != kDLCPU) refuse("device type {} is not host memory", tensor.device.device_type);
  if (tensor.ndim < 0 || tensor.ndim > kMostAxes) refuse("{} axes; there may be {}", tensor.ndim, kMostAxes);
  if (tensor.ndim > 0 && tensor.shape == nullptr) refuse("no shape");
  ArrayRef array;
  array.dtype = detail::from_core(dtype_of_tensor(tensor.dtype));
  array.shape.assign(tensor.shape, tensor.shape + tensor.ndim);
  array.strides = strides_of(tensor, static_cast<std::int64_t>(itemsize(array.dtype)));
  if (tensor.data != nullptr) array.data = static_cast<std::byte*>(tensor.data) + tensor.byte_offset;
  array.access = write ? ArrayRef::Access::write : ArrayRef::Access::read;
  return array;
}

/// A producer's tensor on its way here: its deleter is the producer's to call until it has arrived.
template <class Managed>
struct Arrival {
  Managed* managed;
  bool is_ours = false, is_gone = false;

  void let_go() {
    is_gone = true;
    if (is_ours && managed->deleter != nullptr) managed->deleter(managed);
  }
  void arrive() {
    is_ours = true;
    if (is_gone) let_go();  // it was copied
  }
};

/// A handle of the tensor taken over: its deleter is called when nobody holds it any more.
template <class Managed>
inlay_value* take_over(Managed* managed, bool write) {
  ArrayRef array = array_of(managed->dl_tensor, write);
  const auto arrival = std::make_shared<Arrival<Managed>>(Arrival<Managed>{managed});
  array.release = [arrival] { arrival->let_go(); };
  inlay_value* const handle = c_api::make_value(Value::tensor(array).value());
  arrival->arrive();  // nothing can fail from here on
  return handle;
}

inlay_value* take_over_versioned(DLManagedTensorVersioned* managed, bool write) {
  if (managed->version.major != kMajor)
    refuse("version {}.{}; {}.x is understood", managed->version.major, managed->version.minor, kMajor);
  if (write && (managed->flags & kReadOnly) != 0) refuse("the tensor is read-only");
  const bool is_ours = (managed->flags & kIsCopied) != 0 && (managed->flags & kReadOnly) == 0;
  return take_over(managed, write || is_ours);
}

/// Gives what `make` makes through `out`.
template <class T, class Make>
int hand_out(T** out, inlay_error** error, const Make& make) {
  return c_api::guarded(
      error, [&] { return detail::guarded(make); }, [&](T* made) { *out = made; });
}

}  // namespace
}  // namespace v1
}  // namespace inlay

extern "C" {

int inlay_to_dlpack(const inlay_value* value, int copy, DLManagedTensorVersioned** tensor, inlay_error** error) {
  return inlay::hand_out(tensor, error, [&] { return inlay::lend<DLManagedTensorVersioned>(value->value, copy != 0); });
}

int inlay_to_dlpack_unversioned(const inlay_value* value, DLManagedTensor** tensor, inlay_error** error) {
  return inlay::hand_out(tensor, error, [&] { return inlay::lend<DLManagedTensor>(value->value, true); });
}

int inlay_from_dlpack(DLManagedTensorVersioned* tensor, int write, inlay_value** value, inlay_error** error) {
  return inlay::hand_out(value, error, [&] { return inlay::take_over_versioned(tensor, write != 0); });
}

int inlay_from_dlpack_unversioned(DLManagedTensor* tensor, int write, inlay_value** value, inlay_error** error) {
  return inlay::hand_out(value, error, [&] { return inlay::take_over(tensor, write != 0); });
}

}  // extern "C"
