// png_file.cpp - see png_file.h. libpng reports errors by a callback that must not return: it throws, and libpng is
// built with unwinding tables on every system that we know.
#include "image/png_file.h"

#include <png.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace inlay::image {
namespace {

/// libpng's memory, since it says of its errors only in words which of them are for want of it.
struct Memory {
  bool is_short = false;
};

Memory& memory_of(png_structp png) { return *static_cast<Memory*>(png_get_mem_ptr(png)); }

png_voidp allocate(png_structp png, png_alloc_size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) memory_of(png).is_short = true;
  return block;
}
void give_back(png_structp, png_voidp block) { std::free(block); }

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  if (memory_of(png).is_short) throw std::bad_alloc();
  throw PngError(message);
}
void on_warning(png_structp, png_const_charp) {}

/// What is left of a file, and whom to ask whether to go on.
struct Source {
  std::string_view rest;
  const Poll& poll;
};

void read_bytes(png_structp png, png_bytep out, std::size_t size) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  source.poll();
  if (source.rest.size() < size) throw PngError("the file ends too early");
  std::memcpy(out, source.rest.data(), size);
  source.rest.remove_prefix(size);
}

using Write = std::function<void(std::string_view)>;

void write_bytes(png_structp png, png_bytep data, std::size_t size) {
  (*static_cast<const Write*>(png_get_io_ptr(png)))({reinterpret_cast<const char*>(data), size});
}

struct Reader {
  Memory memory;
  png_structp png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning, &memory, allocate, give_back);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  Reader() {
    if (info != nullptr) return;
    png_destroy_read_struct(&png, nullptr, nullptr);
    throw std::bad_alloc();
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

struct Writer {
  Memory memory;
  png_structp png =
      png_create_write_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning, &memory, allocate, give_back);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  Writer() {
    if (info != nullptr) return;
    png_destroy_write_struct(&png, nullptr);
    throw std::bad_alloc();
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

constexpr int kColorTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGBA};

/// Asks libpng for samples of 8 or 16 bits in 1 to 4 channels, whatever the file has. How many times it goes over the
/// rows.
int ask_for_plain_samples(const Reader& reader) {
  png_set_expand(reader.png);
  if (std::endian::native == std::endian::little) png_set_swap(reader.png);
  const int passes = png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return passes;
}

Format format_of(const Reader& reader) {
  return {.height = png_get_image_height(reader.png, reader.info),
          .width = png_get_image_width(reader.png, reader.info),
          .channels = png_get_channels(reader.png, reader.info),
          .bits = png_get_bit_depth(reader.png, reader.info)};
}

}  // namespace

void read_png(std::string_view bytes, const std::function<std::uint8_t*(const Format&)>& room, const Poll& poll) {
  if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0)
    throw PngError("this is no PNG file");
  Source source{bytes, poll};
  const Reader reader;
  png_set_read_fn(reader.png, &source, read_bytes);
  // Texts and profiles are passed over: they could be inflated to a thousand times the file.
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(reader.png, reader.info);
  const int passes = ask_for_plain_samples(reader);
  const Format format = format_of(reader);
  std::uint8_t* const samples = room(format);
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t row = 0; row < format.height; ++row) {
      poll();
      png_read_row(reader.png, samples + row * format.row_bytes(), nullptr);
    }
  }
  png_read_end(reader.png, nullptr);
}

void write_png(const Format& format, const std::uint8_t* samples, const Write& write, const Poll& poll) {
  const Writer writer;
  png_set_write_fn(writer.png, const_cast<Write*>(&write), write_bytes, nullptr);  // which reads it
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(format.width), static_cast<png_uint_32>(format.height),
               format.bits, kColorTypes[format.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  if (format.bits == 16 && std::endian::native == std::endian::little) png_set_swap(writer.png);
  for (std::size_t row = 0; row < format.height; ++row) {
    poll();
    png_write_row(writer.png, samples + row * format.row_bytes());
  }
  png_write_end(writer.png, nullptr);
}

}  // namespace inlay::image
