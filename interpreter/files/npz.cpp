// npz.cpp - zip archives of .npy files: read through minizip, which writes into memory that it did not get where there
// is none, and so does not write them. Invariant: an entry's announced size is never believed: what is stored is read
// where it stands, as far as there are bytes; the rest is inflated in chunks, each charged to the context.
#include <minizip/unzip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>

#include "interpreter/files/array_files.h"
#include "interpreter/files/zip_writer.h"
#include "interpreter/texts/long_text.h"
#include "runtime/memory/context.h"
#include "runtime/memory/memory.h"

namespace inlay {
namespace {

constexpr std::string_view kExtension = ".npy";
constexpr std::size_t kChunk = 1 << 16;
constexpr std::string_view kEndRecord = "PK\x05\x06";
constexpr std::size_t kEndRecordSize = 22;
constexpr std::size_t kMaxName = 4096;

[[noreturn]] void fail(std::string message) { throw Error(ErrorKind::ValueError, std::move(message)); }

/// An archive that minizip reads.
struct ArchiveBytes {
  std::string_view bytes;
  std::size_t at = 0;
};

ArchiveBytes& file_of(voidpf stream) { return *static_cast<ArchiveBytes*>(stream); }

voidpf open_file(voidpf opaque, const void*, int) { return opaque; }
int no_error(voidpf, voidpf) { return 0; }

uLong read_file(voidpf, voidpf stream, void* to, uLong count) {
  ArchiveBytes& file = file_of(stream);
  const std::size_t got = std::min<std::size_t>(count, file.bytes.size() - file.at);
  if (got > 0) std::memcpy(to, file.bytes.data() + file.at, got);
  file.at += got;
  return static_cast<uLong>(got);
}

uLong no_write(voidpf, voidpf, const void*, uLong) { return 0; }

ZPOS64_T tell(voidpf, voidpf stream) { return file_of(stream).at; }

long seek(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  ArchiveBytes& file = file_of(stream);
  const std::uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? file.at
                             : origin == ZLIB_FILEFUNC_SEEK_END ? file.bytes.size()
                                                                : 0;
  const std::uint64_t target = base + static_cast<std::uint64_t>(offset);
  if (target > file.bytes.size()) return -1;
  file.at = target;
  return 0;
}

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

/// Throws std::bad_alloc where a call of minizip's ended for want of memory, with its code or zlib's.
void require_memory(int status) {
  if (status == UNZ_INTERNALERROR || status == Z_MEM_ERROR) throw std::bad_alloc();
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
  require_memory(got);
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
  const int status = unzOpenCurrentFile(archive);
  require_memory(status);
  if (status != UNZ_OK) fail(fmt::format("cannot open '{}' in the archive", entry.name));
  const bool is_stored = entry.info.compression_method == 0;
  return is_stored ? read_npy(stored(archive, entry, source)) : read_npy(inflated(archive, entry));
}

/// minizip does not say whether there was no memory for an archive or it is none: then there is memory, and again none.
Archive open_archive(zlib_filefunc64_def& io) {
  Archive archive(unzOpen2_64("", &io));
  if (archive) return archive;
  void* const as_much = acquire_memory(kChunk);
  if (as_much == nullptr) throw std::bad_alloc();
  release_memory(as_much, kChunk);
  archive.reset(unzOpen2_64("", &io));
  if (!archive) fail("File is not a zip file");
  return archive;
}

}  // namespace

bool is_npz(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with(kEndRecord); }

void write_npz(const NamedTensors& tensors, bool compressed, FileOutput& out) {
  ZipWriter archive(out);
  for (const auto& [name, tensor] : tensors) {
    const std::string file_name = name + std::string(kExtension);
    if (file_name.size() >= kMaxName) fail("the name of an array in an archive is too long");
    archive.open(file_name, compressed);
    write_npy(tensor, [&](std::string_view bytes) { archive.add(bytes); });
    archive.close();
  }
  archive.finish();
}

NamedTensors read_npz(std::string_view bytes) {
  // An archive without entries is its end record alone, which minizip does not find at offset 0.
  if (bytes.size() >= kEndRecordSize && bytes.starts_with(kEndRecord)) return {};
  ArchiveBytes file{bytes};
  zlib_filefunc64_def io = {open_file, read_file, no_write, tell, seek, no_error, no_error, &file};
  const Archive archive = open_archive(io);
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
