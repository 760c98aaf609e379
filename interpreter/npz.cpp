// npz.cpp - zip archives of .npy files, through minizip over memory.
// Invariant: an entry's announced size is never believed: what is stored is read where it stands, as far as there are
// bytes; the rest is inflated in chunks, each charged to the context.
#include <minizip/unzip.h>
#include <minizip/zip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "interpreter/array_files.h"
#include "interpreter/long_text.h"
#include "runtime/context.h"

namespace inlay {
namespace {

constexpr std::string_view kExtension = ".npy";
constexpr std::size_t kChunk = 1 << 16;
constexpr std::string_view kEndRecord = "PK\x05\x06";
constexpr std::size_t kEndRecordSize = 22;
constexpr std::size_t kMaxName = 4096;
// 1980-01-01, the date that NumPy's archives carry: the same arrays make the same bytes.
constexpr uLong kDosDate = 0x00210000;
constexpr int kZip64 = 1;

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// A file in memory. minizip writes into `bytes`, or reads `source`.
struct MemoryFile {
  std::string bytes;
  std::string_view source;
  std::size_t at = 0;
  bool writing = false;
  bool thrown_away = false;  // nothing more is written: an archive of many arrays has a long directory at its end

  [[nodiscard]] std::size_t size() const { return writing ? bytes.size() : source.size(); }
};

MemoryFile& memory(voidpf stream) { return *static_cast<MemoryFile*>(stream); }

voidpf open_memory(voidpf opaque, const void*, int) { return opaque; }

uLong read_memory(voidpf, voidpf stream, void* to, uLong count) {
  MemoryFile& file = memory(stream);
  const std::size_t got = std::min<std::size_t>(count, file.size() - file.at);
  if (got > 0) std::memcpy(to, file.source.data() + file.at, got);
  file.at += got;
  return static_cast<uLong>(got);
}

uLong write_memory(voidpf, voidpf stream, const void* from, uLong count) {
  MemoryFile& file = memory(stream);
  if (file.thrown_away) return 0;
  if (file.at + count > file.bytes.size()) file.bytes.resize(file.at + count);
  std::memcpy(file.bytes.data() + file.at, from, count);
  file.at += count;
  return count;
}

ZPOS64_T tell_memory(voidpf, voidpf stream) { return memory(stream).at; }

long seek_memory(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  MemoryFile& file = memory(stream);
  const std::size_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? file.at
                           : origin == ZLIB_FILEFUNC_SEEK_END ? file.size()
                                                              : 0;
  const std::size_t target = base + static_cast<std::size_t>(offset);
  if (target > file.size()) return -1;
  file.at = target;
  return 0;
}

int no_error(voidpf, voidpf) { return 0; }

zlib_filefunc64_def functions(MemoryFile& file) {
  return {open_memory, read_memory, write_memory, tell_memory, seek_memory, no_error, no_error, &file};
}

struct CloseWriter {
  void operator()(void* archive) const { zipClose(archive, nullptr); }
};
using Writer = std::unique_ptr<void, CloseWriter>;
struct CloseArchive {
  void operator()(void* archive) const { unzClose(archive); }
};
using Archive = std::unique_ptr<void, CloseArchive>;

struct Entry {
  std::string name;
  unz_file_info64 info{};
};

Entry current_entry(unzFile archive) {
  std::array<char, kMaxName> name{};
  Entry entry;
  if (unzGetCurrentFileInfo64(archive, &entry.info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
      entry.info.size_filename >= kMaxName)
    fail("File is not a zip file");
  entry.name.assign(name.data(), entry.info.size_filename);
  return entry;
}

[[noreturn]] void bad_checksum(const Entry& entry) { fail(fmt::format("Bad CRC-32 for file '{}'", entry.name)); }

std::string inflated(unzFile archive, const Entry& entry) {
  std::string bytes;
  int got = 0;
  do {
    context().charge(0, bytes.size() + kChunk);
    context().budget.poll();
    const std::size_t before = bytes.size();
    bytes.resize(before + kChunk);
    got = unzReadCurrentFile(archive, bytes.data() + before, kChunk);
    bytes.resize(before + static_cast<std::size_t>(std::max(got, 0)));
  } while (got > 0);
  if (unzCloseCurrentFile(archive) != UNZ_OK || got < 0) bad_checksum(entry);
  return bytes;
}

/// The open entry's bytes where they stand in the archive.
std::string_view stored(unzFile archive, const Entry& entry, std::string_view source) {
  const std::size_t begin = std::min<std::size_t>(unzGetCurrentFileZStreamPos64(archive), source.size());
  const std::string_view bytes = source.substr(begin, entry.info.uncompressed_size);
  uLong sum = crc32(0, nullptr, 0);
  in_text_parts(bytes, [&](std::string_view part) {
    sum = crc32(sum, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
  });
  if (bytes.size() != entry.info.uncompressed_size || sum != entry.info.crc) bad_checksum(entry);
  return bytes;
}

Tensor entry_tensor(unzFile archive, const Entry& entry, std::string_view source) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) fail(fmt::format("cannot open '{}' in the archive", entry.name));
  const bool is_stored = entry.info.compression_method == 0;
  return is_stored ? read_npy(stored(archive, entry, source)) : read_npy(inflated(archive, entry));
}

/// Writes an entry into `file`, which the archive fills.
void add_entry(zipFile archive, MemoryFile& file, const std::string& name, std::string_view bytes, bool compressed) {
  zip_fileinfo info{};
  info.dosDate = kDosDate;
  const int method = compressed ? Z_DEFLATED : 0;
  const std::string file_name = name + std::string(kExtension);
  if (file_name.size() >= kMaxName) fail("the name of an array in an archive is too long");
  int status = zipOpenNewFileInZip64(archive, file_name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, method,
                                     Z_DEFAULT_COMPRESSION, kZip64);
  for (std::size_t at = 0; status == ZIP_OK && at < bytes.size(); at += kChunk) {
    context().budget.poll();
    reserve_text(file.bytes, 2 * kChunk);  // here, since nothing may be thrown through minizip
    status =
        zipWriteInFileInZip(archive, bytes.data() + at, static_cast<unsigned>(std::min(kChunk, bytes.size() - at)));
  }
  INLAY_CHECK(status == ZIP_OK && zipCloseFileInZip(archive) == ZIP_OK);
}

}  // namespace

bool is_npz(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with(kEndRecord); }

std::string write_npz(const NamedTensors& tensors, bool compressed) {
  MemoryFile file;
  file.writing = true;
  zlib_filefunc64_def io = functions(file);
  Writer archive(zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &io));
  INLAY_CHECK(archive);
  try {
    for (const auto& [name, tensor] : tensors) add_entry(archive.get(), file, name, write_npy(tensor), compressed);
  } catch (...) {
    file.thrown_away = true;
    throw;
  }
  INLAY_CHECK(zipClose(archive.release(), nullptr) == ZIP_OK);
  return std::move(file.bytes);
}

NamedTensors read_npz(std::string_view bytes) {
  // An archive without entries is its end record alone, which minizip does not find at offset 0.
  if (bytes.size() >= kEndRecordSize && bytes.starts_with(kEndRecord)) return {};
  MemoryFile file;
  file.source = bytes;
  zlib_filefunc64_def io = functions(file);
  const Archive archive(unzOpen2_64("", &io));
  if (!archive) fail("File is not a zip file");
  NamedTensors tensors;
  for (int status = unzGoToFirstFile(archive.get()); status != UNZ_END_OF_LIST_OF_FILE;
       status = unzGoToNextFile(archive.get())) {
    context().charge(1, 0);
    context().budget.poll();
    if (status != UNZ_OK) fail("File is not a zip file");
    const Entry entry = current_entry(archive.get());
    if (!entry.name.ends_with(kExtension)) continue;
    Tensor tensor = entry_tensor(archive.get(), entry, bytes);
    tensors.emplace_back(entry.name.substr(0, entry.name.size() - kExtension.size()), std::move(tensor));
  }
  return tensors;
}

}  // namespace inlay
