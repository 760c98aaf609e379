// ops_files.cpp - rows of save, load, savez, savetxt, loadtxt and tofile, and what library/numpy/text_files.inlay reads
// with, over the file system that the host lends.
// Invariant: nothing is written before all of it is known.
#include <algorithm>

#include "interpreter/array_files.h"
#include "interpreter/evaluator.h"
#include "interpreter/format_percent.h"
#include "interpreter/op_operands.h"
#include "interpreter/tensor_elements.h"
#include "runtime/cast.h"
#include "runtime/context.h"
#include "runtime/nonzero.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

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
  for (const auto& [key, value] : call[3].dictionary().items) {
    Value named = value;
    out.emplace_back(key.string(), tensor_argument(named));
  }
  std::size_t number = 0;
  for (Value value : call[1].elements()) {
    const std::string name = fmt::format("arr_{}", number++);
    if (call[3].dictionary().find(Value::of(std::string_view(name)))) {
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

/// Text is UTF-8, which every ASCII text is.
void check_encoding(const Value& value) {
  if (value.is_none()) return;
  const std::string_view encoding = string_argument(value, "encoding");
  for (const std::string_view known : {"utf-8", "utf8", "UTF-8", "UTF8", "utf_8", "ascii", "bytes"}) {
    if (encoding == known) return;
  }
  raise(ErrorKind::ValueError, "files are read and written as 'utf-8', not as '{}'", encoding);
}

// Parameters: fname, X, fmt, delimiter, newline, header, footer, comments, encoding.
Value op_savetxt(OpCall& call) {
  SaveTextOptions options;
  check_encoding(call[8]);
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

/// The lines of a text file, or lines given as a list, as one text.
std::string text_of(Evaluator& evaluator, const Value& source) {
  if (!source.is_sequence()) return read_file(evaluator, path_argument(source, "fname"));
  std::string out;
  for (const Value& line : source.elements()) {
    out.append(string_argument(line, "a line"));
    if (!out.ends_with('\n')) out += '\n';
  }
  return out;
}

using Converter = std::function<std::string(std::int64_t, std::string_view)>;

/// One function for all columns, or a dict of them by column.
Converter converter_argument(Evaluator& evaluator, const Value& converters) {
  if (converters.is_none()) return {};
  const bool is_dict = converters.is(Value::Tag::dict);
  if (!is_dict && !converters.is_callable()) {
    raise(ErrorKind::TypeError,
          "converters must be a dictionary mapping columns to converter functions or a single "
          "callable.");
  }
  return [&evaluator, converters, is_dict](std::int64_t column, std::string_view field) {
    const Value* function = is_dict ? converters.dictionary().find(Value::of(column)) : &converters;
    if (function == nullptr) return std::string(field);
    const Value number = evaluator.call(*function, {Value::of(field)});
    return number.is(Value::Tag::boolean) ? std::string(number.boolean() ? "1" : "0") : to_str(number);
  };
}

// Parameters: fname, dtype, comments, delimiter, converters, skiprows, usecols, unpack, ndmin, encoding, max_rows,
// quotechar.
LoadTextOptions load_options(OpCall& call) {
  LoadTextOptions options;
  options.dtype = dtype_argument(call[1]).value_or(DType::float64);
  options.comments = texts_argument(call[2], "comments");
  options.delimiter = text_or(call[3], "delimiter", "");
  options.convert = converter_argument(call.evaluator, call[4]);
  options.skiprows = int_argument(call[5]);
  if (!call[6].is_none()) options.usecols = columns_argument(call[6]);
  options.ndmin = int_argument(call[8]);
  check_encoding(call[9]);
  if (!call[10].is_none()) options.max_rows = int_argument(call[10]);
  options.quote = text_or(call[11], "quotechar", "");
  options.name = to_str(call[0]);
  return options;
}

Value op_loadtxt(OpCall& call) {
  const LoadTextOptions options = load_options(call);
  const Tensor table = load_text(text_of(call.evaluator, call[0]), options);
  return Value::of(bool_argument(call[7]) ? transpose(table) : table);
}

/// For library/: the lines of a text file, or of a list, without their ends.
Value op_lines(OpCall& call) {
  const std::string text = text_of(call.evaluator, call[0]);
  std::vector<Value> out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(Value::of(line));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  context().charge(out.size(), text.size());
  return Value::list(std::move(out));
}

/// For library/: texts as numbers of a dtype, and which of them are any.
Value op_parse(OpCall& call) {
  std::vector<std::string_view> texts;
  for (const Value& each : call[0].elements()) texts.push_back(string_argument(each, "a field"));
  const ParsedTexts parsed = parse_texts(texts, dtype_argument(call[1]).value_or(DType::float64));
  return tuple_of({parsed.numbers, parsed.valid});
}

// ---- bare elements --------------------------------------------------------------------------------------------------

// Parameters: self, fid, sep, format.
Value op_tofile(OpCall& call) {
  const Tensor x = tensor_argument(call[0]).contiguous();
  const std::string path = path_argument(call[1], "fid");
  const std::string_view separator = string_argument(call[2], "sep"), format = string_argument(call[3], "format");
  if (separator.empty()) {
    const auto size = static_cast<std::size_t>(x.size() * x.itemsize());
    return write_file(call.evaluator, path, {reinterpret_cast<const char*>(x.bytes()), size});
  }
  std::string out;
  for (std::int64_t at = 0; at < x.size(); ++at) {
    out.append(at > 0 ? separator : "").append(format_percent(format, element_at(x, at)));
  }
  return write_file(call.evaluator, path, out);
}

/// For library/: bytes of a file as elements. Parameters: file, dtype, count, offset.
Value op_elements(OpCall& call) {
  const std::string bytes = read_file(call.evaluator, path_argument(call[0], "file"));
  const DType dtype = dtype_argument(call[1]).value_or(DType::float64);
  const std::int64_t wanted = int_argument(call[2]), offset = int_argument(call[3]);
  if (offset < 0) raise(ErrorKind::RuntimeError, "[Errno 22] Invalid argument");
  const std::int64_t size = std::max<std::int64_t>(static_cast<std::int64_t>(bytes.size()) - offset, 0);
  const std::int64_t available = size / itemsize(dtype), count = wanted < 0 ? available : std::min(wanted, available);
  Tensor out = Tensor::empty(dtype, {count});
  const std::size_t start = std::min<std::size_t>(bytes.size(), offset);
  std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()) + start, count * out.itemsize(), out.mutable_bytes());
  return Value::of(dtype == DType::boolean ? truth(out.view(DType::uint8, out.shape(), out.strides())) : out);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr OpRow kRows[] = {
    {"_elements", "file, dtype, count, offset", kInternal, ResultKind::tensor, op_elements},
    {"_lines", "fname", kInternal, ResultKind::any, op_lines},
    {"_parse", "texts, dtype", kInternal, ResultKind::any, op_parse},
    {"load", "file, mmap_mode=None, allow_pickle=False", kNumpy, ResultKind::any, op_load},
    {"loadtxt",
     "fname, dtype=None, comments='#', delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False, "
     "ndmin=0, encoding=None, max_rows=None, *, quotechar=None",
     kNumpy, ResultKind::any, op_loadtxt},
    {"save", "file, arr, allow_pickle=True", kNumpy, ResultKind::any, op_save},
    {"savetxt",
     "fname, X, fmt='%.18e', delimiter=' ', newline='\\n', header='', footer='', comments='# ', encoding=None", kNumpy,
     ResultKind::any, op_savetxt},
    {"savez", "file, *args, allow_pickle=True, **kwds", kNumpy, ResultKind::any, op_savez, 0},
    {"savez_compressed", "file, *args, allow_pickle=True, **kwds", kNumpy, ResultKind::any, op_savez, 1},
    {"tofile", "self, fid, sep='', format='%s'", kMethod, ResultKind::any, op_tofile},
};

}  // namespace

std::span<const OpRow> file_ops() { return kRows; }

}  // namespace inlay
