// activation.cpp - the rare parts of activations: a full chunk of registers, too deep a recursion. See activation.h.
#include "interpreter/activation.h"

#include <algorithm>

namespace inlay {

namespace {

/// Registers per chunk of the evaluator's stack of registers; a function that needs more has a chunk of its own.
constexpr std::ptrdiff_t kChunk = 1 << 14;

}  // namespace

void Depth::refuse(std::uint64_t most) const {
  if (static_cast<std::uint64_t>(depth_) >= most)
    raise(ErrorKind::RecursionError, "maximum recursion depth exceeded ({} calls)", most);
  raise(ErrorKind::RecursionError, "maximum recursion depth exceeded: the thread has no stack for more than {} calls",
        depth_);
}

void Registers::next_chunk() {
  const std::ptrdiff_t size = std::max(kChunk, count_);
  state_.register_chunks.push_back(std::make_unique<Value[]>(static_cast<std::size_t>(size)));
  state_.next_register = state_.register_chunks.back().get();
  state_.end_register = state_.next_register + size;
}

/// Back to the caller's chunk. The first one stays: programs are run over and over.
void Registers::previous_chunk() {
  if (end_ == nullptr) {
    state_.next_register = state_.register_chunks.back().get();
    return;
  }
  state_.end_register = end_;
  state_.register_chunks.pop_back();
}

}  // namespace inlay
