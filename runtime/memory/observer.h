// observer.h - what the runtime tells those who want to know more than results: a prompt.
// Knows no interpreter. Invariant: a Context that is an Observer too is told; telling any other costs a look.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/memory/context.h"

namespace inlay {

class Buffer;

class Observer {
 public:
  virtual ~Observer() = default;
  /// What a user may not expect, though it is as NumPy has it.
  virtual void hint(std::string_view message) = 0;
  /// An update could not be done in `memory`, and copied the tensor first.
  virtual void copied(const Buffer& memory, CopyReason reason, std::uint64_t bytes) = 0;
};

/// Who looks on while the current context works; null if nobody does.
inline Observer* observer() { return dynamic_cast<Observer*>(&context()); }

}  // namespace inlay
