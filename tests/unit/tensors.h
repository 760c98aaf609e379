// tensors.h - what unit tests need to make tensors and to look at them.
#pragma once

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "runtime/dtypes/cast.h"
#include "runtime/tensors/tensor.h"

namespace inlay::testing {

using Values = std::vector<std::int64_t>;

/// 0, 1, 2, … in a shape.
inline Tensor iota(Shape shape) {
  Tensor out = Tensor::empty(DType::int64, std::move(shape));
  std::iota(out.mutable_data<std::int64_t>(), out.mutable_data<std::int64_t>() + out.size(), 0);
  return out;
}

/// The elements in row-major order, as int64.
inline Values values(const Tensor& x) {
  const Tensor dense = cast(x, DType::int64).contiguous();
  return {dense.data<std::int64_t>(), dense.data<std::int64_t>() + dense.size()};
}

inline Tensor make(DType dtype, Shape shape, const Values& elements) {
  Tensor out = Tensor::empty(DType::int64, std::move(shape));
  std::copy(elements.begin(), elements.end(), out.mutable_data<std::int64_t>());
  return cast(out, dtype);
}

inline Tensor ints(Shape shape, const Values& elements) { return make(DType::int64, std::move(shape), elements); }
inline Tensor mask(Shape shape, const Values& elements) { return make(DType::boolean, std::move(shape), elements); }

/// "ValueError: message", or "no error".
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(name(error.kind())) + ": " + error.message();
  }
  return "no error";
}

/// A context of the test's own, so that counters start at 0.
struct Watch {
  Context own;
  ContextScope scope{own};
  [[nodiscard]] std::uint64_t copies() const { return own.counters.copies; }
};

}  // namespace inlay::testing
