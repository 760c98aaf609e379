// position.h - which position an index names. Knows nothing of axes or errors.
#pragma once

#include <cstdint>

namespace inlay {

/// Of `size` elements, of which negative indices count from the end; -1 if there is none of that index.
[[nodiscard]] constexpr std::int64_t position_of(std::int64_t index, std::int64_t size) {
  const std::int64_t at = index < 0 ? index + size : index;
  return at >= 0 && at < size ? at : -1;
}

}  // namespace inlay
