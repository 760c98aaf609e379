// npz.cpp - zip archives of .npy files, through minizip.
// Invariant: an entry's announced size is never believed: what is stored is read where it stands, as far as there are
// bytes; the rest is inflated in chunks, each charged to the context.
#include <minizip/unzip.h>
#include <minizip/zip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>

#include "interpreter/files/array_files.h"
#include "interpreter/files/file_output.h"
#include "interpreter/texts/long_text.h"
#include "runtime/memory/context.h"

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

/// An archive that minizip reads.
struct ArchiveBytes {
  std::string_view bytes;
  std::size_t at = 0;
};

/// An archive that minizip writes.
struct ArchiveOutput {
  FileOutput* out;
  std::uint64_t at = 0, size = 0;
  std::exception_ptr failure = nullptr;  // of `out`: nothing may be thrown through minizip
  bool thrown_away = false;  // nothing more is written: an archive of many arrays has a long directory at its end

  void write(std::string_view bytes) {
    const std::string_view known = bytes.substr(0, static_cast<std::size_t>(size - at));
    if (!known.empty()) out->set(at, known);
    if (known.size() < bytes.size()) out->add(bytes.substr(known.size()));
    (void)skip(bytes.size());
  }
  /// As if they had been written: minizip leaks what it holds of an entry whose header it cannot write.
  uLong skip(std::size_t count) {
    at += count;
    size = std::max(size, at);
    return static_cast<uLong>(count);
  }
};

template <class File>
File& file_of(voidpf stream) {
  return *static_cast<File*>(stream);
}

voidpf open_file(voidpf opaque, const void*, int) { return opaque; }
int no_error(voidpf, voidpf) { return 0; }

uLong read_file(voidpf, voidpf stream, void* to, uLong count) {
  auto& file = file_of<ArchiveBytes>(stream);
  const std::size_t got = std::min<std::size_t>(count, file.bytes.size() - file.at);
  if (got > 0) std::memcpy(to, file.bytes.data() + file.at, got);
  file.at += got;
  return static_cast<uLong>(got);
}

uLong write_file(voidpf, voidpf stream, const void* from, uLong count) {
  auto& file = file_of<ArchiveOutput>(stream);
  if (file.thrown_away || file.failure) return file.skip(count);
  try {
    file.write({static_cast<const char*>(from), count});
    return count;
  } catch (...) {
    file.failure = std::current_exception();
    return file.skip(count);
  }
}

uLong no_read(voidpf, voidpf, void*, uLong) { return 0; }
uLong no_write(voidpf, voidpf, const void*, uLong) { return 0; }

template <class File>
ZPOS64_T tell(voidpf, voidpf stream) {
  return file_of<File>(stream).at;
}

std::uint64_t size_of(const ArchiveBytes& file) { return file.bytes.size(); }
std::uint64_t size_of(const ArchiveOutput& file) { return file.size; }

template <class File>
long seek(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  auto& file = file_of<File>(stream);
  const std::uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? file.at
                             : origin == ZLIB_FILEFUNC_SEEK_END ? size_of(file)
                                                                : 0;
  const std::uint64_t target = base + static_cast<std::uint64_t>(offset);
  if (target > size_of(file)) return -1;
  file.at = target;
  return 0;
}

template <class File>
zlib_filefunc64_def functions(File& file) {
  constexpr bool is_read = std::is_same_v<File, ArchiveBytes>;
  return {open_file,
          is_read ? read_file : no_read,
          is_read ? no_write : write_file,
          tell<File>,
          seek<File>,
          no_error,
          no_error,
          &file};
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

/// What minizip says of writing: its own refusals are those of memory.
void check(int status, const ArchiveOutput& file) {
  if (file.failure) std::rethrow_exception(file.failure);
  if (status != ZIP_OK) throw std::bad_alloc();
}

void add_entry(zipFile archive, const ArchiveOutput& file, const std::string& name, const Tensor& tensor,
               bool compressed) {
  zip_fileinfo info{};
  info.dosDate = kDosDate;
  const int method = compressed ? Z_DEFLATED : 0;
  const std::string file_name = name + std::string(kExtension);
  if (file_name.size() >= kMaxName) fail("the name of an array in an archive is too long");
  check(zipOpenNewFileInZip64(archive, file_name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, method,
                              Z_DEFAULT_COMPRESSION, kZip64),
        file);
  write_npy(tensor, [&](std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kChunk))) {
      context().budget.poll();
      const auto size = static_cast<unsigned>(std::min(bytes.size(), kChunk));
      check(zipWriteInFileInZip(archive, bytes.data(), size), file);
    }
  });
  check(zipCloseFileInZip(archive), file);
}

}  // namespace

bool is_npz(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with(kEndRecord); }

void write_npz(const NamedTensors& tensors, bool compressed, FileOutput& out) {
  ArchiveOutput file{&out};
  zlib_filefunc64_def io = functions(file);
  Writer archive(zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &io));
  check(archive ? ZIP_OK : ZIP_INTERNALERROR, file);
  try {
    for (const auto& [name, tensor] : tensors) add_entry(archive.get(), file, name, tensor, compressed);
  } catch (...) {
    file.thrown_away = true;
    throw;
  }
  check(zipClose(archive.release(), nullptr), file);
}

NamedTensors read_npz(std::string_view bytes) {
  // An archive without entries is its end record alone, which minizip does not find at offset 0.
  if (bytes.size() >= kEndRecordSize && bytes.starts_with(kEndRecord)) return {};
  ArchiveBytes file{bytes};
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
