// failing_allocations.cpp - stands in front of the C library's malloc and mmap, through which all memory comes in the
// end.
#include "unit/failing_allocations.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
}

namespace {

constinit thread_local AllocationPlan plan;

bool fails() {
  if (plan.left == 0 || --plan.left > 0) return false;
  plan.has_failed = true;
  if (plan.for_ever) plan.left = 1;
  return true;
}

}  // namespace

AllocationPlan& allocation_plan() { return plan; }

// Libraries find these only where they are not hidden, as all else in here is.
#pragma GCC visibility push(default)
extern "C" {
void* malloc(std::size_t bytes) {
  if (!fails()) return __libc_malloc(bytes);
  errno = ENOMEM;
  return nullptr;
}
void* calloc(std::size_t count, std::size_t bytes) { return fails() ? nullptr : __libc_calloc(count, bytes); }
void* realloc(void* block, std::size_t bytes) { return fails() ? nullptr : __libc_realloc(block, bytes); }
void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  if (fails()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}
}
#pragma GCC visibility pop
