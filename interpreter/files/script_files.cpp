// script_files.cpp - see script_files.h.
#include "interpreter/files/script_files.h"

#include "interpreter/files/file_output.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_operands.h"
#include "runtime/memory/context.h"

namespace inlay {
namespace {

/// What a file costs besides its bytes: empty ones fill a disk too.
constexpr std::uint64_t kFileBytes = 4096;

/// A file whose bytes are charged before they are written.
class ChargedOutput final : public FileOutput {
 public:
  explicit ChargedOutput(FileOutput& out) : out_(out) {}
  void add(std::string_view bytes) override {
    context().budget.write(bytes.size());
    out_.add(bytes);
  }
  void set(std::uint64_t at, std::string_view bytes) override { out_.set(at, bytes); }

 private:
  FileOutput& out_;
};

}  // namespace

std::string read_file(OpCall& call, std::size_t at, std::string_view parameter) {
  const std::string path = path_argument(call[at], parameter);
  const FileSystem& files = call.evaluator.host().files;
  if (!files.read) raise(ErrorKind::RuntimeError, "files cannot be read here: '{}'", path);
  return files.read(path);
}

std::string writable_path(OpCall& call, std::size_t at, std::string_view parameter, std::string_view extension) {
  std::string path = path_argument(call[at], parameter);
  if (!path.ends_with(extension)) path += extension;
  const FileSystem& files = call.evaluator.host().files;
  if (!files.write && !files.write_parts) raise(ErrorKind::RuntimeError, "files cannot be written here: '{}'", path);
  if (files.check_write) files.check_write(path);
  return path;
}

void write_file(OpCall& call, const std::string& path, const std::function<void(FileOutput&)>& contents) {
  const FileSystem& files = call.evaluator.host().files;
  const auto charged = [&contents](FileOutput& out) {
    ChargedOutput each(out);
    contents(each);
  };
  context().budget.write(kFileBytes);
  if (files.write_parts) return files.write_parts(path, charged);
  MemoryOutput whole;
  charged(whole);
  files.write(path, whole.text());
}

}  // namespace inlay
