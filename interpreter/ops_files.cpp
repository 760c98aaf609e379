// ops_files.cpp - rows of save, load, savez, savetxt and loadtxt, over the file system that the host lends.
// Invariant: nothing is written before all of it is known.
#include "interpreter/array_files.h"
#include "interpreter/evaluator.h"
#include "interpreter/op_operands.h"
#include "runtime/context.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

std::string path_argument(const Value& value, std::string_view parameter) {
  return std::string(string_argument(value, parameter));
}

std::string with_extension(std::string path, std::string_view extension) {
  if (!path.ends_with(extension)) path += extension;
  return path;
}

std::string read_file(Evaluator& evaluator, const std::string& path) {
  const FileSystem& files = evaluator.host().files;
  if (!files.read) raise(ErrorKind::RuntimeError, "files cannot be read here: '{}'", path);
  return files.read(path);
}

Value write_file(Evaluator& evaluator, const std::string& path, std::string_view bytes) {
  const FileSystem& files = evaluator.host().files;
  if (!files.write) raise(ErrorKind::RuntimeError, "files cannot be written here: '{}'", path);
  files.write(path, bytes);
  return Value::none();
}

// ---- .npy and .npz --------------------------------------------------------------------------------------------------

Value op_save(OpCall& call) {
  const std::string path = with_extension(path_argument(call[0], "file"), ".npy");
  return write_file(call.evaluator, path, write_npy(tensor_argument(call[1])));
}

Value dict_of(NamedTensors tensors) {
  Value out = Value::dict();
  for (auto& [name, tensor] : tensors) {
    out.mutable_dictionary().set(Value::of(std::string_view(name)), Value::of(std::move(tensor)));
  }
  return out;
}

Value op_load(OpCall& call) {
  const std::string bytes = read_file(call.evaluator, path_argument(call[0], "file"));
  return is_npz(bytes) ? dict_of(read_npz(bytes)) : Value::of(read_npy(bytes));
}

/// Tensors given by position are called arr_0, arr_1, …
NamedTensors named_tensors(OpCall& call) {
  NamedTensors out;
  for (const auto& [key, value] : call[2].dictionary().items) {
    Value named = value;
    out.emplace_back(key.string(), tensor_argument(named));
  }
  std::size_t number = 0;
  for (Value value : call[1].elements()) {
    const std::string name = fmt::format("arr_{}", number++);
    if (call[2].dictionary().find(Value::of(std::string_view(name)))) {
      raise(ErrorKind::ValueError, "Cannot use un-named variables and keyword {}", name);
    }
    out.emplace_back(name, tensor_argument(value));
  }
  return out;
}

/// numpy.savez and, with data 1, numpy.savez_compressed.
Value op_savez(OpCall& call) {
  const std::string path = with_extension(path_argument(call[0], "file"), ".npz");
  return write_file(call.evaluator, path, write_npz(named_tensors(call), call.row.data != 0));
}

// ---- text -----------------------------------------------------------------------------------------------------------

std::vector<std::string> texts_argument(const Value& value, std::string_view parameter) {
  if (value.is_none()) return {};
  if (!value.is_sequence()) return {std::string(string_argument(value, parameter))};
  std::vector<std::string> out;
  for (const Value& each : value.elements()) out.emplace_back(string_argument(each, parameter));
  return out;
}

std::string text_or(const Value& value, std::string_view parameter, std::string_view otherwise) {
  return std::string(value.is_none() ? otherwise : string_argument(value, parameter));
}

// Parameters: fname, X, fmt, delimiter, newline, header, footer, comments.
Value op_savetxt(OpCall& call) {
  SaveTextOptions options;
  options.formats = texts_argument(call[2], "fmt");
  options.is_sequence = call[2].is_sequence();
  options.delimiter = string_argument(call[3], "delimiter");
  options.newline = text_or(call[4], "newline", "\n");
  options.header = string_argument(call[5], "header");
  options.footer = string_argument(call[6], "footer");
  options.comments = text_or(call[7], "comments", "# ");
  return write_file(call.evaluator, path_argument(call[0], "fname"), save_text(tensor_argument(call[1]), options));
}

std::vector<std::int64_t> columns_argument(const Value& value) {
  std::vector<std::int64_t> out;
  if (!value.is_sequence() && !value.is(Value::Tag::range) && !value.is_tensor()) return {int_argument(value)};
  for (const Value& each : elements_of(value)) out.push_back(int_argument(each));
  return out;
}

// Parameters: fname, dtype, comments, delimiter, skiprows, usecols, unpack, ndmin, max_rows.
LoadTextOptions load_options(OpCall& call) {
  LoadTextOptions options;
  options.dtype = dtype_argument(call[1]).value_or(DType::float64);
  options.comments = texts_argument(call[2], "comments");
  options.delimiter = text_or(call[3], "delimiter", "");
  options.skiprows = int_argument(call[4]);
  if (!call[5].is_none()) options.usecols = columns_argument(call[5]);
  options.ndmin = int_argument(call[7]);
  if (!call[8].is_none()) options.max_rows = int_argument(call[8]);
  options.name = path_argument(call[0], "fname");
  return options;
}

Value op_loadtxt(OpCall& call) {
  const LoadTextOptions options = load_options(call);
  const Tensor table = load_text(read_file(call.evaluator, options.name), options);
  return Value::of(bool_argument(call[6]) ? transpose(table) : table);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr OpRow kRows[] = {
    {"load", "file", kNumpy, ResultKind::any, op_load},
    {"loadtxt",
     "fname, dtype=None, comments='#', delimiter=None, *, skiprows=0, usecols=None, unpack=False, ndmin=0, "
     "max_rows=None",
     kNumpy, ResultKind::tensor, op_loadtxt},
    {"save", "file, arr", kNumpy, ResultKind::any, op_save},
    {"savetxt", "fname, X, fmt='%.18e', delimiter=' ', newline=None, header='', footer='', comments=None", kNumpy,
     ResultKind::any, op_savetxt},
    {"savez", "file, *args, **kwds", kNumpy, ResultKind::any, op_savez, 0},
    {"savez_compressed", "file, *args, **kwds", kNumpy, ResultKind::any, op_savez, 1},
};

}  // namespace

std::span<const OpRow> file_ops() { return kRows; }

}  // namespace inlay
