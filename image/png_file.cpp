// png_file.cpp - see png_file.h. libpng reports errors by a callback that must not return: it throws, and libpng is
// built with unwinding tables on every system that we know.
#include "image/png_file.h"

#include <png.h>

#include <bit>
#include <cstring>
#include <new>

namespace inlay::image {
namespace {

[[noreturn]] void on_error(png_structp, png_const_charp message) { throw PngError(message); }
void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep out, std::size_t size) {
  auto& rest = *static_cast<std::string_view*>(png_get_io_ptr(png));
  if (rest.size() < size) throw PngError("the file ends too early");
  std::memcpy(out, rest.data(), size);
  rest.remove_prefix(size);
}

void write_bytes(png_structp png, png_bytep data, std::size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), size);
}

struct Reader {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png_create_info_struct(png);
  Reader() {
    if (info == nullptr) throw std::bad_alloc();
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

struct Writer {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png_create_info_struct(png);
  Writer() {
    if (info == nullptr) throw std::bad_alloc();
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

constexpr int kColorTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGBA};

/// Asks libpng for samples of 8 or 16 bits in 1 to 4 channels, whatever the file has.
void ask_for_plain_samples(const Reader& reader) {
  png_set_expand(reader.png);
  if (std::endian::native == std::endian::little) png_set_swap(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
}

std::vector<png_bytep> rows_of(std::uint8_t* samples, std::size_t height, std::size_t row_bytes) {
  std::vector<png_bytep> rows(height);
  for (std::size_t row = 0; row < height; ++row) rows[row] = samples + row * row_bytes;
  return rows;
}

}  // namespace

Image read_png(std::string_view bytes) {
  if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0)
    throw PngError("this is no PNG file");
  const Reader reader;
  png_set_read_fn(reader.png, &bytes, read_bytes);
  png_read_info(reader.png, reader.info);
  Image out;
  out.width = png_get_image_width(reader.png, reader.info);
  out.height = png_get_image_height(reader.png, reader.info);
  if (std::uint64_t{out.width} * out.height > kMostPixels) throw PngError("the picture is too large");
  ask_for_plain_samples(reader);
  out.channels = png_get_channels(reader.png, reader.info);
  out.bits = png_get_bit_depth(reader.png, reader.info);
  const std::size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  out.samples.resize(row_bytes * out.height);
  png_read_image(reader.png, rows_of(out.samples.data(), out.height, row_bytes).data());
  png_read_end(reader.png, nullptr);
  return out;
}

std::string write_png(const Image& image) {
  const Writer writer;
  std::string out;
  png_set_write_fn(writer.png, &out, write_bytes, nullptr);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height),
               image.bits, kColorTypes[image.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  if (image.bits == 16 && std::endian::native == std::endian::little) png_set_swap(writer.png);
  const std::size_t row_bytes = image.width * static_cast<std::size_t>(image.channels * image.bits / 8);
  auto* samples = const_cast<std::uint8_t*>(image.samples.data());  // libpng reads them
  png_write_image(writer.png, rows_of(samples, image.height, row_bytes).data());
  png_write_end(writer.png, nullptr);
  return out;
}

}  // namespace inlay::image
