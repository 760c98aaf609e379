// small_blocks.h - memory for descriptions of tensors and for small buffers: lists of freed blocks, one list per size
// and thread, so that making and dropping a small tensor costs a few instructions. Knows nothing of tensors. A block
// may be freed by another thread than the one that acquired it. Invariant: a thread keeps a bounded number of blocks of
// each size, and none once it has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace inlay {

/// The largest block that comes from here.
inline constexpr std::size_t kSmallBlock = 1024;

namespace small_blocks {

constexpr std::size_t kStep = 64;  // sizes are multiples of it
constexpr std::size_t kClasses = kSmallBlock / kStep + 1;
constexpr std::uint32_t kMostKept = 256;  // of each size
#ifdef __SANITIZE_ADDRESS__
constexpr bool kKeeps = false;  // it watches the C library's blocks
#else
constexpr bool kKeeps = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};
struct FreeLists {
  FreeBlock* first[kClasses];
  std::uint32_t count[kClasses];
  std::uint32_t limit;  // 0 before the first block, and after the thread's end
};
extern constinit thread_local FreeLists lists;

inline std::size_t size_class(std::size_t bytes) { return (bytes + kStep - 1) / kStep; }
/// For where the list has nothing to give: from the C library.
void* acquire(std::size_t size_class);

}  // namespace small_blocks

/// At least `bytes` <= kSmallBlock bytes, aligned as malloc aligns; null if the system has no more.
inline void* acquire_small(std::size_t bytes) {
  if constexpr (!small_blocks::kKeeps) return std::malloc(bytes);
  const std::size_t at = small_blocks::size_class(bytes);
  auto& lists = small_blocks::lists;
  small_blocks::FreeBlock* const block = lists.first[at];
  if (block == nullptr) return small_blocks::acquire(at);
  lists.first[at] = block->next;
  --lists.count[at];
  return block;
}

/// Gives back what acquire_small(bytes) gave.
inline void release_small(void* memory, std::size_t bytes) {
  if constexpr (!small_blocks::kKeeps) return std::free(memory);
  const std::size_t at = small_blocks::size_class(bytes);
  auto& lists = small_blocks::lists;
  if (lists.count[at] >= lists.limit) return std::free(memory);
  auto* const block = static_cast<small_blocks::FreeBlock*>(memory);
  block->next = lists.first[at];
  lists.first[at] = block;
  ++lists.count[at];
}

}  // namespace inlay
