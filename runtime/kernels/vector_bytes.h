// vector_bytes.h - how wide the vectors of the target are, for loops that say so. Only kernel files include this.
#pragma once

#include "runtime/kernels/kernel_target.h"

namespace inlay {
inline namespace INLAY_TARGET {

#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
inline constexpr int kVectorBytes = 32;
#else
inline constexpr int kVectorBytes = 16;
#endif

}  // namespace INLAY_TARGET
}  // namespace inlay
