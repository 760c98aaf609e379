// poller.h - a look now and then, for serial loops over many small things, at whether to stop.
// Invariant: between two looks lie at most kTurns turns of the loop.
#pragma once

#include <cstdint>

#include "runtime/memory/context.h"

namespace inlay {

class Poller {
 public:
  /// Once in each turn, while nothing is half done. Throws KeyboardInterrupt or LimitExceeded.
  void operator()() {
    if (++turns_ % kTurns == 0) [[unlikely]]
      look();
  }

 private:
  static void look();
  static constexpr std::uint32_t kTurns = 1 << 12;  // a millisecond where a number is turned into text
  std::uint32_t turns_ = 0;
};

}  // namespace inlay
