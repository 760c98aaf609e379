// static_kind.h - what lowering knows of a value without running: enough to choose the update ops of the lowering
// table. Invariant: a kind never claims what may be false; `unknown` is always right.
#pragma once

#include <cstdint>

#include "interpreter/values/value.h"

namespace inlay {

struct StaticKind {
  enum class Base : std::uint8_t { unknown, number, tensor, other };
  Base base = Base::unknown;
  bool mask = false;        // a tensor of bools
  bool integers = false;    // a tensor of integers
  bool vector = false;      // a tensor of rank 1
  std::int32_t shape = -1;  // two tensors with the same number here have equal shapes; -1: nothing known

  [[nodiscard]] bool is_tensor() const { return base == Base::tensor; }
  [[nodiscard]] bool is_number() const { return base == Base::number; }
  /// A mask of exactly `other`'s shape.
  [[nodiscard]] bool is_mask_of(const StaticKind& other) const {
    return is_tensor() && mask && other.is_tensor() && shape >= 0 && shape == other.shape;
  }

  static StaticKind number() {
    StaticKind k;
    k.base = Base::number;
    return k;
  }
  static StaticKind tensor(std::int32_t shape) {
    StaticKind k;
    k.base = Base::tensor;
    k.shape = shape;
    return k;
  }
  static StaticKind of(const Value& value) {
    StaticKind k;
    k.base = value.is_number() ? Base::number : Base::other;
    return k;
  }
};

}  // namespace inlay
