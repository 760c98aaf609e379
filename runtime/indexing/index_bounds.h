// index_bounds.h - whether indices are in range, a piece at a time.
// Knows nothing of what the indices are for. Invariant: only reads.
#pragma once

#include <cstdint>

namespace inlay {

/// Whether all of `n` indices lie in [low, high).
bool indices_within(const std::int64_t* indices, std::int64_t n, std::int64_t low, std::int64_t high);

}  // namespace inlay
