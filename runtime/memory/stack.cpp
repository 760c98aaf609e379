// stack.cpp - see stack.h.
#include "runtime/memory/stack.h"

#include <pthread.h>

#include <algorithm>

#include "runtime/memory/error.h"

namespace inlay {

namespace {

/// What calls of the library and of the system take below the last one that asks: 127 KiB measured, of reading a file
/// of the library and running it.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uintptr_t kReserve = std::uintptr_t{640} << 10;
#else
constexpr std::uintptr_t kReserve = std::uintptr_t{160} << 10;
#endif

/// The lowest address and the size; 0 and 0 if the system does not tell.
struct Extent {
  std::uintptr_t lowest = 0, size = 0;
};

Extent extent_of_this_thread() {
  Extent out;
#ifdef __linux__
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return out;
  void* lowest = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &lowest, &size) == 0) out = {reinterpret_cast<std::uintptr_t>(lowest), size};
  pthread_attr_destroy(&attributes);
#endif
  return out;
}

}  // namespace

StackBound StackBound::of_this_thread() {
  static thread_local const Extent extent = extent_of_this_thread();
  StackBound out;
  out.lowest_ = extent.lowest;
  out.size_ = extent.size;
  out.reserve_ = std::min(kReserve, extent.size / 2);
  return out;
}

void require_stack(const char* doing) {
  if (StackBound::of_this_thread().is_near())
    raise(ErrorKind::RecursionError, "maximum recursion depth exceeded {}: the thread has no more stack", doing);
}

}  // namespace inlay
