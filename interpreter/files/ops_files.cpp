// ops_files.cpp - rows of save, load, savez, savetxt, loadtxt and tofile, and what library/numpy/text_files.inlay reads
// with, over the file system that the host lends.
// Invariant: arguments are read before the file is begun; it is replaced when all of it is written.
#include <algorithm>

#include "interpreter/files/array_files.h"
#include "interpreter/files/file_output.h"
#include "interpreter/files/script_files.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/tensor_elements.h"
#include "interpreter/texts/format_percent.h"
#include "interpreter/values/growing.h"
#include "runtime/dtypes/cast.h"
#include "runtime/indexing/nonzero.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

/// What a file's pieces are given to.
AddBytes adding_to(FileOutput& out) {
  return [&out](std::string_view bytes) { out.add(bytes); };
}

// ---- .npy and .npz --------------------------------------------------------------------------------------------------

Value op_save(OpCall& call) {
  const std::string path = writable_path(call, 0, "file", ".npy");
  const Tensor x = tensor_argument(call[1]);
  write_file(call, path, [&](FileOutput& out) { write_npy(x, adding_to(out)); });
  return Value::none();
}

Value dict_of(NamedTensors tensors) {
  Value out = Value::dict();
  for (auto& [name, tensor] : tensors) {
    out.mutable_dictionary().set(Value::of(std::string_view(name)), Value::of(std::move(tensor)));
  }
  return out;
}

Value op_load(OpCall& call) {
  const std::string bytes = read_file(call, 0, "file");
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
  const std::vector<Value>& unnamed = call[1].elements();
  context().charge(0, unnamed.size() * sizeof(NamedTensors::value_type));
  out.reserve(out.size() + unnamed.size());
  for (Value value : unnamed) {
    context().charge(1, 0);
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
  const std::string path = writable_path(call, 0, "file", ".npz");
  const NamedTensors tensors = named_tensors(call);
  write_file(call, path, [&](FileOutput& out) { write_npz(tensors, call.row.data != 0, out); });
  return Value::none();
}

// ---- text -----------------------------------------------------------------------------------------------------------

/// Parts of the argument, which the call holds.
std::vector<std::string_view> texts_argument(const Value& value, std::string_view parameter) {
  if (value.is_none()) return {};
  if (!value.is_sequence()) return {string_argument(value, parameter)};
  const std::vector<Value>& texts = value.elements();
  context().charge(texts.size(), texts.size() * sizeof(std::string_view));
  std::vector<std::string_view> out;
  out.reserve(texts.size());
  for (const Value& each : texts) out.push_back(string_argument(each, parameter));
  return out;
}

std::string_view text_or(const Value& value, std::string_view parameter, std::string_view otherwise) {
  return value.is_none() ? otherwise : string_argument(value, parameter);
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
  const std::string path = writable_path(call, 0, "fname");
  SaveTextOptions options;
  check_encoding(call[8]);
  options.formats = texts_argument(call[2], "fmt");
  options.is_sequence = call[2].is_sequence();
  options.delimiter = string_argument(call[3], "delimiter");
  options.newline = text_or(call[4], "newline", "\n");
  options.header = string_argument(call[5], "header");
  options.footer = string_argument(call[6], "footer");
  options.comments = text_or(call[7], "comments", "# ");
  const Tensor table = tensor_argument(call[1]);
  write_file(call, path, [&](FileOutput& out) { save_text(table, options, adding_to(out)); });
  return Value::none();
}

std::vector<std::int64_t> columns_argument(const Value& value) {
  std::vector<std::int64_t> out;
  if (!value.is_sequence() && !value.is(Value::Tag::range) && !value.is_tensor()) return {int_argument(value)};
  for (const Value& each : elements_of(value)) out.push_back(int_argument(each));
  return out;
}

/// A text that is charged while it is held.
struct HeldText {
  explicit HeldText(std::string whole) : text(std::move(whole)), charge(text.size()) {}
  const std::string text;
  const Charge charge;
};

/// The lines of a text file, or lines given as a list, as one text.
HeldText text_of(OpCall& call) {
  if (!call[0].is_sequence()) return HeldText(read_file(call, 0, "fname"));
  GrowingText out;
  for (const Value& each : call[0].elements()) {
    const std::string_view line = string_argument(each, "a line");
    out.add(line);
    if (!line.ends_with('\n')) out.add("\n");
  }
  return HeldText(out.take());
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
  return options;
}

Value op_loadtxt(OpCall& call) {
  const LoadTextOptions options = load_options(call);
  const Tensor table = load_text(text_of(call).text, options);
  if (table.size() == 0) {
    const std::string name = call[0].is_string() ? call[0].string() : to_short_repr(call[0]);
    context().warn(fmt::format("loadtxt: input contained no data: \"{}\"", name));
  }
  return Value::of(bool_argument(call[7]) ? transpose(table) : table);
}

void add_lines(GrowingList& out, std::string_view text) {
  while (!text.empty()) out.add(Value::of(take_line(text)));
}

/// For library/: the lines of a text file, or of a list, without their ends.
Value op_lines(OpCall& call) {
  GrowingList out;
  if (!call[0].is_sequence()) {
    add_lines(out, HeldText(read_file(call, 0, "fname")).text);
    return Value::list(out.take());
  }
  for (const Value& each : call[0].elements()) {
    const std::string_view line = string_argument(each, "a line");
    if (count_until(line, ends_line) < line.size())
      add_lines(out, line);
    else
      out.add(each);
  }
  return Value::list(out.take());
}

/// For library/: texts as numbers of a dtype, and which of them are any.
Value op_parse(OpCall& call) {
  const std::vector<std::string_view> texts = texts_argument(call[0], "a field");
  const ParsedTexts parsed = parse_texts(texts, dtype_argument(call[1]).value_or(DType::float64));
  return tuple_of({parsed.numbers, parsed.valid});
}

// ---- bare elements --------------------------------------------------------------------------------------------------

/// The elements as texts with a separator between them.
void add_texts(const Tensor& x, std::string_view separator, std::string_view format, FileOutput& out) {
  for (std::int64_t at = 0; at < x.size(); ++at) {
    context().charge(1, 0);
    if (at > 0) out.add(separator);
    out.add(format_percent(format, element_at(x, at)));
  }
}

// Parameters: self, fid, sep, format.
Value op_tofile(OpCall& call) {
  const std::string path = writable_path(call, 1, "fid");
  const Tensor x = tensor_argument(call[0]);
  const std::string_view separator = string_argument(call[2], "sep"), format = string_argument(call[3], "format");
  write_file(call, path, [&](FileOutput& out) {
    separator.empty() ? add_elements(x, adding_to(out)) : add_texts(x.contiguous(), separator, format, out);
  });
  return Value::none();
}

/// For library/: bytes of a file as elements. Parameters: file, dtype, count, offset.
Value op_elements(OpCall& call) {
  const std::string bytes = read_file(call, 0, "file");
  const DType dtype = dtype_argument(call[1]).value_or(DType::float64);
  const std::int64_t wanted = int_argument(call[2]), offset = int_argument(call[3]);
  if (offset < 0) raise(ErrorKind::RuntimeError, "[Errno 22] Invalid argument");
  const std::int64_t size = std::max<std::int64_t>(static_cast<std::int64_t>(bytes.size()) - offset, 0);
  const std::int64_t available = size / itemsize(dtype), count = wanted < 0 ? available : std::min(wanted, available);
  Tensor out = Tensor::empty(dtype, {count});
  const std::size_t start = std::min<std::size_t>(bytes.size(), offset), taken = count * out.itemsize();
  copy_in_parts(std::string_view(bytes).substr(start, taken), out.mutable_bytes());
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
