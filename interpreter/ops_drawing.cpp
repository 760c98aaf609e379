// ops_drawing.cpp - pictures: imread, and the rows behind imsave, show, plot and hist, whose arguments
// library/numpy/pictures.inlay checks. PNG is image/'s business, files and drawing are the host's.
// Invariant: what the host is given has the shapes that DrawingRequest promises.
#include <algorithm>
#include <array>
#include <cstring>

#include "image/png_file.h"
#include "interpreter/drawing.h"
#include "interpreter/evaluator.h"
#include "interpreter/op_operands.h"
#include "interpreter/op_table.h"
#include "runtime/context.h"

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
  context->observers.draw(request);
  return Value::none();
}

Value op_imread(OpCall& call) {
  const std::string path = path_argument(call[0], "fname");
  const FileSystem& files = call.evaluator.host().files;
  if (!files.read) raise(ErrorKind::RuntimeError, "files cannot be read here: '{}'", path);
  try {
    const image::Image image = image::read_png(files.read(path));
    Shape shape = {static_cast<std::int64_t>(image.height), static_cast<std::int64_t>(image.width)};
    if (image.channels > 1) shape.push_back(image.channels);
    Tensor out = Tensor::empty(image.bits == 16 ? DType::uint16 : DType::uint8, std::move(shape));
    std::memcpy(out.mutable_bytes(), image.samples.data(), image.samples.size());
    return Value::of(std::move(out));
  } catch (const image::PngError& error) {
    raise(ErrorKind::ValueError, "'{}' cannot be read as a picture: {}", path, error.what());
  }
}

/// For library/: parameters fname, samples: uint8 or uint16 of (height, width) or (height, width, 1 to 4), not empty.
Value op_write_png(OpCall& call) {
  const std::string path = path_argument(call[0], "fname");
  const FileSystem& files = call.evaluator.host().files;
  if (!files.write) raise(ErrorKind::RuntimeError, "files cannot be written here: '{}'", path);
  const Tensor x = call[1].tensor().contiguous();
  image::Image image;
  image.height = static_cast<std::size_t>(x.dim(0));
  image.width = static_cast<std::size_t>(x.dim(1));
  image.channels = x.rank() == 3 ? static_cast<int>(x.dim(2)) : 1;
  image.bits = x.dtype() == DType::uint16 ? 16 : 8;
  image.samples.resize(static_cast<std::size_t>(x.size() * x.itemsize()));
  std::memcpy(image.samples.data(), x.bytes(), image.samples.size());
  try {
    files.write(path, image::write_png(image));
  } catch (const image::PngError& error) {
    raise(ErrorKind::ValueError, "the picture cannot be written to '{}': {}", path, error.what());
  }
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
