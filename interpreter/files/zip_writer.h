// zip_writer.h - a zip archive that goes into a file as it is made, in the layout and with the dates of np.savez.
// Knows nothing of arrays. Invariant: nothing is held of an entry but where it stands; the directory of all is charged.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/files/file_output.h"

namespace inlay {

class ZipWriter;

/// zlib's state. It is never copied, since it knows where it is.
class Deflater {
 public:
  Deflater();
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Gives `out` what has become of these bytes and those before; with Z_FINISH, of all.
  void add(std::string_view bytes, int flush, ZipWriter& out);

 private:
  z_stream stream_{};
};

class ZipWriter {
 public:
  explicit ZipWriter(FileOutput& out) : out_(out) {}

  /// Begins an entry, whose name has less than 64 KiB.
  void open(std::string_view name, bool compressed);
  /// Adds bytes to it; looks now and then whether to stop.
  void add(std::string_view bytes);
  /// Ends it.
  void close();
  /// Writes the directory: behind the last entry.
  void finish();

  /// Bytes as they are stored.
  void put(std::string_view bytes);

 private:
  struct Entry {
    std::string name;
    bool compressed = false;
    std::uint64_t offset = 0, begin = 0, size = 0;  // of the header, of what is stored, and of what was added
    uLong checksum = 0;
  };
  /// What the headers in front of an entry and in the directory share.
  [[nodiscard]] std::string shared_fields(std::uint64_t stored, std::uint64_t size, std::size_t extra_size) const;

  FileOutput& out_;
  std::uint64_t at_ = 0, count_ = 0;
  Entry entry_;
  std::optional<Deflater> deflater_;
  MemoryOutput directory_;
};

}  // namespace inlay
