// memory.h - where the bytes of buffers come from: the C library for small blocks, pages of our own for large ones,
// kept for the next tensor of about that size. A fresh page costs the system about a microsecond, more than computing
// what goes on it, and programs over tensors free and allocate the same sizes over and over. Knows nothing of tensors.
// Thread-safe. Invariant: the blocks kept never exceed the cap, and nothing is kept of programs that make no large
// tensors.
#pragma once

#include <cstddef>

namespace inlay {

/// From this size on blocks are pages of our own; never under AddressSanitizer, which watches the C library's.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::size_t kLargeBlock = static_cast<std::size_t>(-1);
#else
inline constexpr std::size_t kLargeBlock = std::size_t{1} << 17;
#endif

/// At least `bytes` bytes, 64-byte aligned if large, uninitialised. Null if the system has no more.
void* acquire_memory(std::size_t bytes);
/// Gives back what acquire_memory(bytes) gave.
void release_memory(void* block, std::size_t bytes);

/// Bytes kept for later.
std::size_t kept_memory();
/// Gives all of them back to the system.
void trim_memory();

}  // namespace inlay
