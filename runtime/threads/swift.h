// swift.h - how long updates take that do hardly more than wait for memory. Knows costs and dtypes only.
// Invariant: what is swift takes no longer, by its bytes, than is_short() (parallel.h) grants to its steps.
#pragma once

#include <cstdint>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// Whether an op of this cost, in additions, takes a few instructions of vectors for elements of this dtype: what costs
/// more may be a call per element, and 16-bit floats are converted.
inline bool is_swift(int cost, DType dtype) {
  return cost <= 2 && !is_complex(dtype) && dtype != DType::float16 && dtype != DType::bfloat16;
}

/// The element-steps, as is_short() counts them, of so many steps over elements of `itemsize` bytes.
constexpr std::int64_t counted_steps(bool is_swift, std::int64_t steps, std::int64_t itemsize) {
  constexpr std::int64_t kBytes = 16;  // what a swift op does in the time that is_short() grants to a step
  return is_swift ? steps * itemsize / kBytes : steps;
}

}  // namespace inlay
