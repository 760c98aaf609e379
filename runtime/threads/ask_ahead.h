// ask_ahead.h - asking for memory before it is needed, so that it works while something else is computed.
// Knows nothing of what lies there. Invariant: any address may be asked for, also beyond what is allocated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inlay {

/// An operand that takes more memory than this comes from outside the caches, of which the last is shared and holds
/// some two of them. From a cache, asking costs a tenth more than it gains.
inline constexpr std::int64_t kCachedBytes = 12 << 20;
inline constexpr std::int64_t kLine = 64;

/// Asks for the lines of [from, end), to be read.
inline void ask_to_read(const std::byte* from, const std::byte* end) {
  for (; from < end; from += kLine) __builtin_prefetch(from, 0, 3);
  asm volatile("");  // GCC leaves out the calls of functions that do nothing else
}

/// Asks for the lines of [from, end), to be written. Processors that cannot do that ignore it.
inline void ask_to_write(const std::byte* from, const std::byte* end) {
  for (; from < end; from += kLine) {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*from));  // the builtin asks to read, where the baseline is compiled for
#else
    __builtin_prefetch(from, 1, 3);
    asm volatile("");
#endif
  }
}

}  // namespace inlay
