// npz.cpp - zip archives of .npy files, through minizip over memory.
// Invariant: an entry's announced size is never believed: it is inflated in chunks, each charged to the context.
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

std::string entry_name(unzFile archive) {
  std::array<char, kMaxName> name{};
  unz_file_info64 info{};
  if (unzGetCurrentFileInfo64(archive, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
      info.size_filename >= kMaxName)
    fail("File is not a zip file");
  return {name.data(), info.size_filename};
}

std::string entry_bytes(unzFile archive, const std::string& name) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) fail(fmt::format("cannot open '{}' in the archive", name));
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
  if (unzCloseCurrentFile(archive) != UNZ_OK || got < 0) fail(fmt::format("Bad CRC-32 for file '{}'", name));
  return bytes;
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
    std::string name = entry_name(archive.get());
    if (!name.ends_with(kExtension)) continue;
    Tensor tensor = read_npy(entry_bytes(archive.get(), name));
    name.resize(name.size() - kExtension.size());
    tensors.emplace_back(std::move(name), std::move(tensor));
  }
  return tensors;
}

}  // namespace inlay
