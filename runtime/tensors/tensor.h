// tensor.h - the tensor: dtype x shape x elements, a cheap handle to an immutable description over a shared buffer.
// A `const Tensor&` parameter borrows; a `Tensor&` parameter of an update is read, then written where it stands if
// nobody else holds it and copied first if somebody does; if the update throws, it is unchanged. Invariant: every
// element addressed by shape and strides (in bytes, any sign, 0 for broadcast axes) lies inside the buffer.
#pragma once

#include <cstdint>

#include "runtime/dtypes/dtype.h"
#include "runtime/memory/buffer.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/shape.h"

namespace inlay {

/// The description a Tensor points to. Private to Tensor and Value.
struct TensorData : Counted {
  explicit TensorData(Charge paid) : charge(std::move(paid)) {}

  DType dtype{};
  bool contiguous = true;  // row-major without gaps: strides[i] == strides[i+1] * shape[i+1] wherever shape[i] > 1, and
                           // the last is the itemsize; also every empty tensor
  std::int64_t size = 1;   // product of shape
  Shape shape;
  Strides strides;            // bytes
  std::byte* data = nullptr;  // element (0, …, 0)
  Ref<Buffer> buffer;
  Charge charge;  // of a view; what came with its buffer is paid with that
};
void destroy(TensorData* data);

class Tensor {
 public:
  /// No tensor at all.
  Tensor() = default;
  explicit Tensor(Ref<TensorData> data) : data_(std::move(data)) {}

  /// Row-major, uninitialised: the caller writes every element before anybody sees it.
  static Tensor empty(DType dtype, Shape shape);
  static Tensor zeros(DType dtype, Shape shape);
  /// 0-d tensor of a C++ value.
  template <class T>
  static Tensor scalar(T value) {
    Tensor t = empty(dtype_v<T>, {});
    *t.mutable_data<T>() = value;
    return t;
  }
  /// 1-d tensor of C++ values.
  template <class T>
  static Tensor of(std::initializer_list<T> values) {
    Tensor t = empty(dtype_v<T>, {static_cast<std::int64_t>(values.size())});
    T* out = t.mutable_data<T>();
    for (T v : values) *out++ = v;
    return t;
  }
  /// Over memory of the host. `release` runs when the last tensor over it is gone. Throws ValueError, without taking
  /// `release` over, where the elements reach beyond any address.
  static Tensor wrap(void* data, DType dtype, Shape shape, Strides strides, bool read_only,
                     std::function<void()> release);

  explicit operator bool() const { return static_cast<bool>(data_); }
  [[nodiscard]] DType dtype() const { return data_->dtype; }
  [[nodiscard]] const Shape& shape() const { return data_->shape; }
  [[nodiscard]] const Strides& strides() const { return data_->strides; }
  [[nodiscard]] std::size_t rank() const { return data_->shape.size(); }
  [[nodiscard]] std::int64_t size() const { return data_->size; }
  [[nodiscard]] std::int64_t dim(std::size_t axis) const { return data_->shape[axis]; }
  [[nodiscard]] int itemsize() const { return inlay::itemsize(data_->dtype); }
  [[nodiscard]] bool is_contiguous() const { return data_->contiguous; }

  [[nodiscard]] const std::byte* bytes() const { return data_->data; }
  template <class T>
  [[nodiscard]] const T* data() const {
    return reinterpret_cast<const T*>(data_->data);
  }
  /// The one element of a tensor of size 1, without conversion.
  template <class T>
  [[nodiscard]] T item() const {
    return *data<T>();
  }

  /// Another description of the same buffer. `offset` in bytes from element (0, …, 0).
  [[nodiscard]] Tensor view(DType dtype, Shape shape, Strides strides, std::int64_t offset = 0) const;
  [[nodiscard]] Tensor view(Shape shape, Strides strides, std::int64_t offset = 0) const {
    return view(dtype(), std::move(shape), std::move(strides), offset);
  }
  /// Itself if row-major, else a row-major copy.
  [[nodiscard]] Tensor contiguous() const;
  /// A row-major copy nobody else holds.
  [[nodiscard]] Tensor copy() const;

  /// Whether this handle is the only way to these bytes, and they may be written.
  [[nodiscard]] bool unique() const {
    return data_->unique() && data_->buffer->unique() && !data_->buffer->read_only();
  }
  /// Whether both look into the same buffer.
  [[nodiscard]] bool shares_buffer(const Tensor& other) const {
    return data_->buffer.get() == other.data_->buffer.get();
  }
  /// THE doorway to mutation: afterwards this handle is unique, copied first (and counted, with the reason) if it was
  /// not. Returns element (0, …, 0).
  std::byte* writable();
  /// For an update that is not done in place: the copy that it changes, counted with the reason.
  [[nodiscard]] Tensor copy_to_update() const;
  /// The same for an update that writes every element: a tensor like empty(), to become this handle's once it is
  /// full.
  [[nodiscard]] Tensor replacement() const;
  /// For tensors fresh from empty(): no check beyond an assertion.
  template <class T>
  T* mutable_data() {
    return reinterpret_cast<T*>(data_->data);
  }
  std::byte* mutable_bytes() { return data_->data; }

  [[nodiscard]] const Ref<TensorData>& ref() const { return data_; }
  [[nodiscard]] Ref<TensorData> take() && { return std::move(data_); }
  [[nodiscard]] bool same_handle(const Tensor& other) const { return data_.get() == other.data_.get(); }

 private:
  Ref<TensorData> data_;
};

/// Copies elements of equal dtype and shape between any two layouts (no overlap).
void copy_elements(const Tensor& from, std::byte* to, std::span<const std::int64_t> to_strides);

}  // namespace inlay
