// zip_writer.cpp - see zip_writer.h. Fields are little-endian and named as in PKWARE's APPNOTE.
#include "interpreter/files/zip_writer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <new>

#include "runtime/memory/context.h"

namespace inlay {
namespace {

constexpr std::size_t kChunk = 1 << 16;
constexpr std::uint64_t kVersion = 45;                // that knows sizes of 64 bits
constexpr std::uint64_t kMadeBy = kVersion | 3 << 8;  // on Unix
constexpr std::uint64_t kAttributes = 0600 << 16;     // what the owner may read and write
constexpr std::uint64_t kDosDate = 0x0021;            // 1980-01-01: the same arrays make the same bytes
constexpr std::uint64_t kUtf8 = 1 << 11;              // the name is
constexpr std::uint64_t kExtraSize = 20;              // of an entry's own header: both its sizes in 64 bits
constexpr std::uint64_t kElsewhere = 0xffffffff;      // in place of a number that stands in the extra field
constexpr std::uint64_t kMostPlain = 0x7fffffff;      // what is larger stands there

struct Field {
  std::size_t bytes;
  std::uint64_t value;
};

std::string fields(std::initializer_list<Field> all) {
  std::string out;
  for (const Field& each : all)
    for (std::size_t byte = 0; byte < each.bytes; ++byte) out += static_cast<char>(each.value >> 8 * byte);
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Deflater::Deflater() {
  constexpr int kRaw = -MAX_WBITS, kMemoryLevel = 8;
  if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRaw, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
}

void Deflater::add(std::string_view bytes, int flush, ZipWriter& out) {
  std::array<char, 1 << 13> room;
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    deflate(&stream_, flush);
    out.put({room.data(), room.size() - stream_.avail_out});
  } while (stream_.avail_out == 0);
}

void ZipWriter::put(std::string_view bytes) {
  out_.add(bytes);
  at_ += bytes.size();
}

std::string ZipWriter::shared_fields(std::uint64_t stored, std::uint64_t size, std::size_t extra_size) const {
  return fields({{2, kVersion},
                 {2, is_ascii(entry_.name) ? 0 : kUtf8},
                 {2, entry_.compressed ? std::uint64_t{Z_DEFLATED} : 0},
                 {2, 0},
                 {2, kDosDate},
                 {4, entry_.checksum},
                 {4, stored},
                 {4, size},
                 {2, entry_.name.size()},
                 {2, extra_size}});
}

void ZipWriter::open(std::string_view name, bool compressed) {
  entry_ = {.name = std::string(name), .compressed = compressed, .offset = at_};
  put(fields({{4, 0x04034b50}}) + shared_fields(kElsewhere, kElsewhere, kExtraSize) + entry_.name);
  put(fields({{2, 1}, {2, kExtraSize - 4}, {8, 0}, {8, 0}}));
  entry_.begin = at_;
  if (compressed) deflater_.emplace();
}

void ZipWriter::add(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kChunk))) {
    context().budget.poll();
    const std::string_view piece = bytes.substr(0, kChunk);
    entry_.checksum =
        crc32(entry_.checksum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    entry_.size += piece.size();
    deflater_ ? deflater_->add(piece, Z_NO_FLUSH, *this) : put(piece);
  }
}

void ZipWriter::close() {
  if (deflater_) deflater_->add({}, Z_FINISH, *this);
  deflater_.reset();
  const std::uint64_t stored = at_ - entry_.begin, size = entry_.size;
  out_.set(entry_.offset + 14, fields({{4, entry_.checksum}}));
  out_.set(entry_.begin - 16, fields({{8, size}, {8, stored}}));

  std::string extra;
  const bool is_large = std::max(stored, size) > kMostPlain, is_far = entry_.offset > kMostPlain;
  if (is_large) extra += fields({{8, size}, {8, stored}});
  if (is_far) extra += fields({{8, entry_.offset}});
  if (!extra.empty()) extra = fields({{2, 1}, {2, extra.size()}}) + extra;
  directory_.add(fields({{4, 0x02014b50}, {2, kMadeBy}}) +
                 shared_fields(is_large ? kElsewhere : stored, is_large ? kElsewhere : size, extra.size()) +
                 fields({{2, 0}, {2, 0}, {2, 0}, {4, kAttributes}, {4, is_far ? kElsewhere : entry_.offset}}) +
                 entry_.name + extra);
  ++count_;
}

void ZipWriter::finish() {
  constexpr std::uint64_t kMostCounted = 0xffff;
  const std::uint64_t offset = at_, size = directory_.text().size();
  put(directory_.text());
  if (count_ > kMostCounted || std::max(offset, size) > kMostPlain) {
    const std::uint64_t end = at_;
    put(fields({{4, 0x06064b50}, {8, 44}, {2, kVersion}, {2, kVersion}, {4, 0}, {4, 0}}));
    put(fields({{8, count_}, {8, count_}, {8, size}, {8, offset}}));
    put(fields({{4, 0x07064b50}, {4, 0}, {8, end}, {4, 1}}));
  }
  const std::uint64_t counted = std::min(count_, kMostCounted);
  put(fields({{4, 0x06054b50}, {2, 0}, {2, 0}, {2, counted}, {2, counted}, {4, std::min(size, kElsewhere)}}));
  put(fields({{4, std::min(offset, kElsewhere)}, {2, 0}}));
}

}  // namespace inlay
