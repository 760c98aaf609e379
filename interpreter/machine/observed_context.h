// observed_context.h - the context of an interpreter whose host looks on: hints, copies and pictures on their way to
// it. Knows nothing of how anything is shown. Invariant: an absent callback is nothing said; without `draw` pictures
// are refused.
#pragma once

#include <functional>
#include <string_view>

#include "interpreter/texts/print_options.h"
#include "runtime/memory/context.h"
#include "runtime/memory/observer.h"

namespace inlay {

struct DrawingRequest;

/// What a host is told of a run, and draws.
struct Observers {
  std::function<void(std::string_view)> hint;
  std::function<void(const Buffer&, CopyReason, std::uint64_t bytes)> copied;
  std::function<void(const DrawingRequest&)> draw;
};

class ObservedContext : public PrintContext, public Observer {
 public:
  void hint(std::string_view message) override {
    if (!observers.hint) return;
    const TellingScope scope(*this);
    observers.hint(message);
  }
  void copied(const Buffer& memory, CopyReason reason, std::uint64_t bytes) override {
    if (!observers.copied) return;
    const TellingScope scope(*this);
    observers.copied(memory, reason, bytes);
  }

  Observers observers;
};

}  // namespace inlay
