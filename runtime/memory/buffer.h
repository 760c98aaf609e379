// buffer.h - the bytes behind tensors, shared until somebody writes.
// Knows nothing of dtypes or shapes.
// Invariant: bytes are written only while the buffer is unique() and not read_only(); Tensor::writable is the one
// doorway.
#pragma once

#include <cstddef>
#include <functional>

#include "runtime/memory/context.h"
#include "runtime/memory/counted.h"

namespace inlay {

class Buffer : public Counted {
 public:
  /// 64-byte aligned, uninitialised, with 64 bytes of slack behind. Throws MemoryError when the system has none,
  /// LimitExceeded beyond the context's bound.
  static Ref<Buffer> allocate(std::size_t bytes);
  /// Memory of somebody else, given back through `release` (may be empty).
  static Ref<Buffer> wrap(void* data, std::size_t bytes, bool read_only, std::function<void()> release);

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool read_only() const { return read_only_; }
  /// Whether allocate() made it: nobody outside looks at the bytes.
  [[nodiscard]] bool is_ours() const { return owned_; }

  friend void destroy(Buffer* buffer);

 private:
  explicit Buffer(Charge charge) : charge_(std::move(charge)) {}
  ~Buffer() = default;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  bool read_only_ = false;
  bool owned_ = false;
  std::function<void()> release_;
  Charge charge_;  // to the interpreter that made it
};

}  // namespace inlay
