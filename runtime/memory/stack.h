// stack.h - how much is left of the calling thread's stack. Knows nothing of what recurses.
// Invariant: where nothing is known of the stack that the caller stands on (a fiber's, another system's), as much is
// left as can be wanted, and nothing is refused.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inlay {

/// The end of a stack, to be asked again and again by one thread.
class StackBound {
 public:
  /// Of no stack: never near.
  StackBound() = default;
  /// Of the calling thread's own stack. The first of a thread takes some 10 µs.
  static StackBound of_this_thread();

  /// Whether what is left should be kept for what does not ask.
  [[nodiscard]] bool is_near() const { return here() - lowest_ < reserve_; }
  /// Bytes left; the largest number if the caller stands on another stack.
  [[nodiscard]] std::size_t left() const {
    const std::uintptr_t left = here() - lowest_;
    return left < size_ ? left : SIZE_MAX;
  }

 private:
  static std::uintptr_t here() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

  std::uintptr_t lowest_ = 0, size_ = 0, reserve_ = 0;
};

/// Throws RecursionError if the end of the calling thread's stack is near: "maximum recursion depth exceeded in
/// comparison: the thread has no more stack".
void require_stack(const char* doing);

}  // namespace inlay
