// dlpack_abi.h - DLPack's structures as its specification 1.1 publishes them (dmlc/dlpack, dlpack.h): the part of the
// binary interface that tensors in host memory need. Written out here because Debian packages version 0.6, which has no
// versioned tensor. Invariant: members, types and order are the specification's; nothing else is in here.
#pragma once

#include <cstdint>

extern "C" {

struct DLPackVersion {
  std::uint32_t major, minor;
};
struct DLDevice {
  std::int32_t device_type;  // kDLCPU: host memory
  std::int32_t device_id;
};
struct DLDataType {
  std::uint8_t code;  // kDLInt …
  std::uint8_t bits;
  std::uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  std::int32_t ndim;
  DLDataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: row-major without gaps
  std::uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};
struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  std::uint64_t flags;
  DLTensor dl_tensor;
};

}  // extern "C"

namespace inlay::dlpack {

inline constexpr std::uint32_t kMajor = 1, kMinor = 1;
inline constexpr std::int32_t kDLCPU = 1;
enum TypeCode : std::uint8_t { kDLInt = 0, kDLUInt = 1, kDLFloat = 2, kDLBfloat = 4, kDLComplex = 5, kDLBool = 6 };
inline constexpr std::uint64_t kReadOnly = 1, kIsCopied = 2;

static_assert(sizeof(DLTensor) == 48 && sizeof(DLManagedTensor) == 64 && sizeof(DLManagedTensorVersioned) == 80);

}  // namespace inlay::dlpack
