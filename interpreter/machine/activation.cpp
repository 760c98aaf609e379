// activation.cpp - the rare parts of activations: a full chunk of registers, too deep a recursion. See activation.h.
#include "interpreter/machine/activation.h"

#include <algorithm>

namespace inlay {

namespace {

/// Registers of the first chunk of the evaluator's stack of registers, which is all that most programs need, and of the
/// others; a function that needs more has a chunk of its own.
constexpr std::ptrdiff_t kFirstChunk = 1 << 10, kChunk = 1 << 14;

}  // namespace

void Depth::refuse(std::uint64_t most) const {
  if (static_cast<std::uint64_t>(depth_) >= most)
    raise(ErrorKind::RecursionError, "maximum recursion depth exceeded ({} calls)", most);
  raise(ErrorKind::RecursionError, "maximum recursion depth exceeded: the thread has no stack for more than {} calls",
        depth_);
}

void Registers::next_chunk() {
  const std::ptrdiff_t size = std::max(state_.register_chunks.empty() ? kFirstChunk : kChunk, count_);
  const bool fits_spare = size == kChunk && state_.spare_registers != nullptr;
  state_.register_chunks.push_back(fits_spare ? std::move(state_.spare_registers)
                                              : std::make_unique<Value[]>(static_cast<std::size_t>(size)));
  state_.next_register = state_.register_chunks.back().get();
  state_.end_register = state_.next_register + size;
}

/// Back to the caller's chunk. The first one stays: programs are run over and over.
void Registers::previous_chunk() {
  if (end_ == nullptr) {
    state_.next_register = state_.register_chunks.back().get();
    return;
  }
  if (state_.end_register - state_.register_chunks.back().get() == kChunk)
    state_.spare_registers = std::move(state_.register_chunks.back());
  state_.register_chunks.pop_back();
  state_.end_register = end_;
}

}  // namespace inlay
