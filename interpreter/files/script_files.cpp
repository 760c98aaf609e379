// script_files.cpp - see script_files.h.
#include "interpreter/files/script_files.h"

#include "interpreter/files/file_output.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/op_operands.h"

namespace inlay {

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
  if (files.write_parts) return files.write_parts(path, contents);
  MemoryOutput whole;
  contents(whole);
  files.write(path, whole.text());
}

}  // namespace inlay
