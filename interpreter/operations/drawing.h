// drawing.h - a picture on its way to the host. Knows nothing of how it is shown.
// Invariant: `data` are tensors of the shapes that the public Drawing promises.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "interpreter/operations/op_table.h"
#include "interpreter/values/value.h"

namespace inlay {

enum class DrawingKind : std::uint8_t { image, lines, bars };

struct DrawingRequest {
  DrawingKind kind = DrawingKind::image;
  std::vector<Value> data;  // tensors, as the public Drawing has them
  std::vector<std::string> labels;
  std::string title;
  std::string file;
};

/// The rows of this (ORDER FAMILIES in op_table.cpp).
std::span<const OpRow> drawing_ops();

}  // namespace inlay
