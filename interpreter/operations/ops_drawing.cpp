// ops_drawing.cpp - pictures: imread, and the rows behind imsave, show, plot and hist, whose arguments
// library/numpy/pictures.inlay checks. PNG is image/'s business, files and drawing are the host's.
// Invariant: what the host is given has the shapes that DrawingRequest promises.
#include <algorithm>
#include <array>

#include "image/png_file.h"
#include "interpreter/files/file_output.h"
#include "interpreter/files/script_files.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/observed_context.h"
#include "interpreter/operations/drawing.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/op_table.h"
#include "runtime/memory/context.h"

namespace inlay {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"image", "lines", "bars"};

/// For library/: parameters kind, data, labels, title, file.
Value op_draw(OpCall& call) {
  auto* context = dynamic_cast<ObservedContext*>(&inlay::context());
  if (context == nullptr || !context->observers.draw) raise(ErrorKind::RuntimeError, "this host shows no pictures");
  DrawingRequest request;
  const auto kind = std::find(kKinds.begin(), kKinds.end(), call[0].string());
  request.kind = static_cast<DrawingKind>(kind - kKinds.begin());
  request.data = call[1].elements();
  for (const Value& label : call[2].elements()) request.labels.emplace_back(string_argument(label, "a label"));
  request.title = string_argument(call[3], "title");
  request.file = call[4].is_none() ? "" : string_argument(call[4], "file");
  Machine(call.evaluator).keep_whole();  // the host may hold on to what it is shown
  context->observers.draw(request);
  return Value::none();
}

void poll() { context().budget.poll(); }

Value op_imread(OpCall& call) {
  const std::string bytes = read_file(call, 0, "fname");
  Tensor out;
  const auto room = [&](const image::Format& format) {
    Shape shape = {static_cast<std::int64_t>(format.height), static_cast<std::int64_t>(format.width)};
    if (format.channels > 1) shape.push_back(format.channels);
    context().charge(static_cast<std::uint64_t>(element_count(shape)), 0);
    out = Tensor::empty(format.bits == 16 ? DType::uint16 : DType::uint8, std::move(shape));
    return reinterpret_cast<std::uint8_t*>(out.mutable_bytes());
  };
  try {
    image::read_png(bytes, room, poll);
  } catch (const image::PngError& error) {
    raise(ErrorKind::ValueError, "'{}' cannot be read as a picture: {}", call[0].string(), error.what());
  }
  return Value::of(std::move(out));
}

/// For library/: parameters fname, samples: uint8 or uint16 of (height, width) or (height, width, 1 to 4), not empty.
Value op_write_png(OpCall& call) {
  const std::string path = writable_path(call, 0, "fname");
  const Tensor x = call[1].tensor().contiguous();
  const image::Format format{.height = static_cast<std::size_t>(x.dim(0)),
                             .width = static_cast<std::size_t>(x.dim(1)),
                             .channels = x.rank() == 3 ? static_cast<int>(x.dim(2)) : 1,
                             .bits = x.dtype() == DType::uint16 ? 16 : 8};
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  write_file(call, path, [&](FileOutput& out) {
    try {
      image::write_png(
          format, reinterpret_cast<const std::uint8_t*>(x.bytes()), [&](std::string_view piece) { out.add(piece); },
          poll);
    } catch (const image::PngError& error) {
      raise(ErrorKind::ValueError, "the picture cannot be written to '{}': {}", path, error.what());
    }
  });
  return Value::none();
}

constexpr OpRow kRows[] = {
    {"_draw", "kind, data, labels, title, file", kInternal, ResultKind::any, op_draw},
    {"_write_png", "fname, samples", kInternal, ResultKind::any, op_write_png},
    {"imread", "fname", kPython, ResultKind::tensor, op_imread},
};

}  // namespace

std::span<const OpRow> drawing_ops() { return kRows; }

}  // namespace inlay
