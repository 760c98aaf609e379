// buffer.cpp - where the memory of tensors comes from and goes to.
// Invariant: a Buffer of ours and its bytes are one block of memory, the header first: freeing it frees both.
#include "runtime/memory/buffer.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <new>

#include "runtime/memory/context.h"
#include "runtime/memory/error.h"
#include "runtime/memory/memory.h"
#include "runtime/memory/small_blocks.h"

namespace inlay {
namespace {

constexpr std::size_t kAlignment = 64;  // a cache line, and the widest vector register
constexpr std::size_t kSlack = 64;      // kernels may load and store a full register at the end
constexpr std::size_t kOverhead = sizeof(Buffer) + kAlignment + kSlack;

void* acquire_block(std::size_t size) { return size <= kSmallBlock ? acquire_small(size) : acquire_memory(size); }
void release_block(void* block, std::size_t size) {
  return size <= kSmallBlock ? release_small(block, size) : release_memory(block, size);
}

[[noreturn]] void refuse(std::size_t bytes) {
  raise(ErrorKind::MemoryError, "Unable to allocate {}", size_text(bytes));
}

}  // namespace

Ref<Buffer> Buffer::allocate(std::size_t bytes) {
  Context& owner = context();
  owner.in_place = false;
  if (bytes > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) - kOverhead) [[unlikely]] {
    owner.budget.require(bytes);
    refuse(bytes);
  }
  Charge charge(owner.budget, bytes + kOverhead);
  void* block = acquire_block(bytes + kOverhead);
  if (!block) refuse(bytes);
  ++owner.counters.allocations;
  owner.counters.allocated_bytes += bytes;

  auto* buffer = ::new (block) Buffer(std::move(charge));
  const auto behind = reinterpret_cast<std::uintptr_t>(buffer + 1);
  buffer->data_ = reinterpret_cast<std::byte*>(buffer + 1) + (kAlignment - behind % kAlignment) % kAlignment;
  buffer->bytes_ = bytes;
  buffer->owned_ = true;
  return Ref<Buffer>::adopt(buffer);
}

Ref<Buffer> Buffer::wrap(void* data, std::size_t bytes, bool read_only, std::function<void()> release) {
  void* block = acquire_block(sizeof(Buffer));
  if (!block) refuse(bytes);
  auto* buffer = ::new (block) Buffer(Charge());
  buffer->data_ = static_cast<std::byte*>(data);
  buffer->bytes_ = bytes;
  buffer->read_only_ = read_only;
  buffer->release_ = std::move(release);
  return Ref<Buffer>::adopt(buffer);
}

void destroy(Buffer* buffer) {
  if (buffer->release_) {
    const ReleasingScope scope;
    buffer->release_();
    buffer->release_ = nullptr;  // what the function holds may be the host's too
  }
  const std::size_t size = buffer->owned_ ? buffer->bytes_ + kOverhead : sizeof(Buffer);
  buffer->~Buffer();
  release_block(buffer, size);
}

}  // namespace inlay
