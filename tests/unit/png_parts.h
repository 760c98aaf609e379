// png_parts.h - PNG files put together by hand: what libpng would not write.
// Invariant: checksums are right, whatever the parts mean.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>

namespace inlay {

inline std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

inline std::string png_chunk(const std::string& name, const std::string& data) {
  const std::string body = name + data;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(sum));
}

inline std::string deflated(const std::string& data) {
  uLongf size = compressBound(data.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()), data.size());
  return out.substr(0, size);
}

/// A grey picture of 8 bits that claims a size, whatever its filtered rows are.
inline std::string png_of(std::uint32_t width, std::uint32_t height, bool is_interlaced, const std::string& rows,
                          const std::string& before = "") {
  const std::string header =
      big_endian(width) + big_endian(height) + std::string{8, 0, 0, 0} + static_cast<char>(is_interlaced);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + before + png_chunk("IDAT", deflated(rows)) +
         png_chunk("IEND", "");
}

}  // namespace inlay
