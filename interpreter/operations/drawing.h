// drawing.h - what an interpreter does for the tools around it: pictures on their way to the host, and what the host is
// told of a run. Knows nothing of how anything is shown. Invariant: an absent callback is nothing said; without `draw`
// pictures are refused.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/operations/op_table.h"
#include "interpreter/texts/print_options.h"
#include "interpreter/values/value.h"
#include "runtime/memory/observer.h"

namespace inlay {

enum class DrawingKind : std::uint8_t { image, lines, bars };

struct DrawingRequest {
  DrawingKind kind = DrawingKind::image;
  std::vector<Value> data;  // tensors, as the public Drawing has them
  std::vector<std::string> labels;
  std::string title;
  std::string file;
};

/// What a host is told of a run, and draws.
struct Observers {
  std::function<void(std::string_view)> hint;
  std::function<void(const Buffer&, CopyReason, std::uint64_t bytes)> copied;
  std::function<void(const DrawingRequest&)> draw;
};

/// The context of an interpreter as its host may look on.
class ObservedContext : public PrintContext, public Observer {
 public:
  void hint(std::string_view message) override {
    if (observers.hint) observers.hint(message);
  }
  void copied(const Buffer& memory, CopyReason reason, std::uint64_t bytes) override {
    if (observers.copied) observers.copied(memory, reason, bytes);
  }

  Observers observers;
};

/// The rows of this (ORDER FAMILIES in op_table.cpp).
std::span<const OpRow> drawing_ops();

}  // namespace inlay
