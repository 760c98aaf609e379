// ops_python.cpp - Python's built-in functions. Types (`int`, `list`, …) are values and construct.cpp calls them; a
// name that NumPy has too (`sum`, `max`, `abs`) is NumPy's. Invariant: what Python makes lazily (zip, enumerate, map)
// is a list here.
#include <algorithm>
#include <bit>

#include "interpreter/machine/machine.h"
#include "interpreter/machine/operators.h"
#include "interpreter/methods/construct.h"
#include "interpreter/methods/dtype_info.h"
#include "interpreter/operations/sort_values.h"
#include "interpreter/random/random_generator.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "interpreter/values/tuple_types.h"

namespace inlay {
namespace {

std::int64_t length(const Value& value) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::string:
      return static_cast<std::int64_t>(text_length(value));
    case Tag::tuple:
    case Tag::list:
      return static_cast<std::int64_t>(value.elements().size());
    case Tag::dict:
      return static_cast<std::int64_t>(value.object<DictObject>().size());
    case Tag::range:
      return value.object<RangeObject>().size();
    case Tag::progress:
      return Iteration(value).size();
    case Tag::scalar:
    case Tag::tensor:
      if (value.tensor_rank() == 0) raise(ErrorKind::TypeError, "len() of unsized object");
      return value.tensor_shape()[0];
    default:
      raise(ErrorKind::TypeError, "object of type '{}' has no len()", type_name(value));
  }
}

Value op_len(OpCall& call) { return Value::of(length(call[0])); }

Value op_enumerate(OpCall& call) {
  Value at = Value::of(as_index(call[1])), one = Value::of(std::int64_t{1});
  GrowingList out;
  Iteration iteration(call[0]);
  for (Value item; iteration.next(item);) {
    if (!out.empty()) at = binary_operation(ast::BinaryOp::add, at, one);
    out.add(Value::tuple({at, std::move(item)}));
  }
  return Value::list(out.take());
}

/// Refuses here, not in the loop, what cannot be gone through.
Value op_progress(OpCall& call) {
  static_cast<void>(Iteration(call[0]));
  auto progress = std::make_unique<ProgressObject>();
  progress->iterable = call[0];
  progress->label = string_argument(call[1], "label");
  return Value::adopt(Value::Tag::progress, progress.release());
}

/// Elements of several iterables side by side.
class Side {
 public:
  explicit Side(const std::vector<Value>& iterables) {
    for (const Value& iterable : iterables) each_.emplace_back(iterable);
  }
  /// False when the shortest is at its end; `strict` refuses unequal lengths.
  bool next(std::vector<Value>& row, bool strict) {
    row.resize(each_.size());
    for (std::size_t at = 0; at < each_.size(); ++at) {
      if (each_[at].next(row[at])) continue;
      if (strict) check_ended(at);
      return false;
    }
    return !each_.empty();
  }

 private:
  void check_ended(std::size_t short_one) {
    if (short_one > 0) raise(ErrorKind::ValueError, "zip() argument {} is shorter than argument 1", short_one + 1);
    Value item;
    for (std::size_t at = 1; at < each_.size(); ++at) {
      if (each_[at].next(item)) raise(ErrorKind::ValueError, "zip() argument {} is longer than argument 1", at + 1);
    }
  }
  std::vector<Iteration> each_;
};

Value op_zip(OpCall& call) {
  const bool strict = truth(call[1]);
  Side side(call[0].elements());
  GrowingList out;
  for (std::vector<Value> row; side.next(row, strict);) out.add(Value::tuple(std::move(row)));
  return Value::list(out.take());
}

Value op_map(OpCall& call) {
  Side side(call[1].elements());
  GrowingList out;
  for (std::vector<Value> row; side.next(row, false);) out.add(call.evaluator.call(call[0], std::move(row)));
  return Value::list(out.take());
}

Value op_filter(OpCall& call) {
  GrowingList out;
  Iteration iteration(call[1]);
  for (Value item; iteration.next(item);) {
    context().charge(1, 0);
    const bool keeps = truth(call[0].is_none() ? item : call.evaluator.call(call[0], {item}));
    if (keeps) out.add(std::move(item));
  }
  return Value::list(out.take());
}

std::string separator(const Value& value, std::string_view parameter, std::string_view otherwise) {
  if (value.is_none()) return std::string(otherwise);
  if (value.is_string()) return value.string();
  raise(ErrorKind::TypeError, "{} must be None or a string, not {}", parameter, type_name(value));
}

Value op_print(OpCall& call) {
  const std::string between = separator(call[1], "sep", " ");
  const std::string end = separator(call[2], "end", "\n");
  std::string text;
  for (const Value& value : call[0].elements()) {
    if (&value != call[0].elements().data()) text += between;
    context().charge(1, text.size());
    append_text(text, to_str(value));
  }
  text += end;
  call.evaluator.print(text);
  return Value::none();
}

Value op_repr(OpCall& call) { return Value::of(std::string_view(to_repr(call[0]))); }
Value op_ascii(OpCall& call) { return Value::of(std::string_view(ascii_only(to_repr(call[0])))); }
Value op_format(OpCall& call) {
  return Value::of(std::string_view(format_value(call[0], string_argument(call[1], "format_spec"))));
}
Value op_type(OpCall& call) { return Value::of(type_of(call[0])); }
Value op_callable(OpCall& call) { return Value::of(call[0].is_callable() && !generator_of(call[0])); }
Value op_hash(OpCall& call) { return Value::of(std::bit_cast<std::int64_t>(hash(call[0]))); }

bool is_instance(const Value& value, const Value& type) {
  if (type.is(Value::Tag::tuple)) {
    const auto matches = [&](const Value& each) { return is_instance(value, each); };
    return std::any_of(type.elements().begin(), type.elements().end(), matches);
  }
  // A dtype stands for the type of its 0-d tensors, as NumPy's scalar types do.
  if (type.is(Value::Tag::dtype))
    return value.is_tensor() && value.tensor_rank() == 0 && value.tensor_dtype() == type.dtype();
  if (!type.is(Value::Tag::type)) raise(ErrorKind::TypeError, "isinstance() arg 2 must be a type or a tuple of types");
  if (value.is_tensor() && value.tensor_rank() == 0 && kind_has(type.type(), value.tensor_dtype())) return true;
  const TypeId actual = type_of(value);
  return actual == type.type() || (actual == TypeId::boolean && type.type() == TypeId::integer);
}

Value op_isinstance(OpCall& call) { return Value::of(is_instance(call[0], call[1])); }

Value op_sorted(OpCall& call) {
  return Value::list(sort_values(call.evaluator, elements_of(call[0]), call[1], truth(call[2])));
}

Value op_reversed(OpCall& call) {
  const bool is_collection = call[0].is_sequence() || call[0].is(Value::Tag::dict) || call[0].is(Value::Tag::range);
  if (!is_collection && !call[0].is_string() && !call[0].is_tensor())
    raise(ErrorKind::TypeError, "'{}' object is not reversible", type_name(call[0]));
  std::vector<Value> out = elements_of(call[0]);
  std::reverse(out.begin(), out.end());
  return Value::list(std::move(out));
}

Value op_chr(OpCall& call) {
  const std::int64_t code = as_index(call[0]);
  if (code < 0 || code >= 0x110000) raise(ErrorKind::ValueError, "chr() arg not in range(0x110000)");
  return Value::of(std::string_view(utf8_encode(static_cast<char32_t>(code))));
}

Value op_ord(OpCall& call) {
  if (!call[0].is_string()) {
    raise(ErrorKind::TypeError, "ord() expected string of length 1, but {} found", type_name(call[0]));
  }
  const std::size_t size = text_length(call[0]);
  if (size != 1) raise(ErrorKind::TypeError, "ord() expected a character, but string of length {} found", size);
  return Value::of(static_cast<std::int64_t>(utf8_decode(call[0].string())));
}

struct Base {
  std::string_view prefix;
  unsigned base;
};
constexpr Base kBases[] = {{"0b", 2}, {"0o", 8}, {"0x", 16}};

/// hex, oct and bin: the row's data picks the base.
Value op_digits(OpCall& call) {
  const std::int64_t value = as_index(call[0]);
  const Base& base = kBases[call.row.data];
  std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits;
  do {
    digits += "0123456789abcdef"[rest % base.base];
    rest /= base.base;
  } while (rest > 0);
  std::reverse(digits.begin(), digits.end());
  return Value::of(std::string_view(fmt::format("{}{}{}", value < 0 ? "-" : "", base.prefix, digits)));
}

/// For library/: a tuple as one of a type of tuple_types.cpp.
Value op_named(OpCall& call) { return Value::tuple(call[1].elements(), find_tuple_type(call[0].string())); }

Value op_exit(OpCall& call) {
  if (call[0].is_none()) throw ExitRequest{0};
  throw ExitRequest{static_cast<int>(as_index(call[0]))};
}

constexpr OpRow kRows[] = {
    {"len", "obj", kPython, ResultKind::any, op_len},
    {"enumerate", "iterable, start=0", kPython, ResultKind::any, op_enumerate},
    {"progress", "iterable, label=''", kPython, ResultKind::any, op_progress},
    {"zip", "*iterables, strict=False", kPython, ResultKind::any, op_zip},
    {"map", "function, *iterables", kPython, ResultKind::any, op_map},
    {"filter", "function, iterable", kPython, ResultKind::any, op_filter},
    {"print", "*values, sep=' ', end='\n'", kPython, ResultKind::any, op_print},
    {"repr", "obj", kPython, ResultKind::any, op_repr},
    {"ascii", "obj", kPython, ResultKind::any, op_ascii},
    {"format", "value, format_spec=''", kPython, ResultKind::any, op_format},
    {"type", "object", kPython, ResultKind::any, op_type},
    {"isinstance", "obj, class_or_tuple", kPython, ResultKind::any, op_isinstance},
    {"callable", "obj", kPython, ResultKind::any, op_callable},
    {"hash", "obj", kPython, ResultKind::any, op_hash},
    {"sorted", "iterable, *, key=None, reverse=False", kPython, ResultKind::any, op_sorted},
    {"reversed", "sequence", kPython, ResultKind::any, op_reversed},
    {"chr", "i", kPython, ResultKind::any, op_chr},
    {"ord", "c", kPython, ResultKind::any, op_ord},
    {"bin", "number", kPython, ResultKind::any, op_digits, 0},
    {"oct", "number", kPython, ResultKind::any, op_digits, 1},
    {"hex", "number", kPython, ResultKind::any, op_digits, 2},
    {"_named", "type, elements", kInternal, ResultKind::any, op_named},
    {"exit", "code=0", kPython, ResultKind::any, op_exit},
};

}  // namespace

std::span<const OpRow> python_ops() { return kRows; }

}  // namespace inlay
