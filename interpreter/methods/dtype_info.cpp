// dtype_info.cpp - see dtype_info.h.
#include "interpreter/methods/dtype_info.h"

#include <cmath>
#include <iterator>
#include <limits>

#include "interpreter/machine/evaluator.h"
#include "runtime/dtypes/cast.h"

namespace inlay {
namespace {

// ---- attributes
// ------------------------------------------------------------------------------------------------------

/// NumPy's letter for a dtype and for its kind (ORDER DTYPE; bfloat16 has ml_dtypes' letter).
struct Letters {
  char type;
  char kind;
};
constexpr Letters kLetters[] = {{'?', 'b'}, {'b', 'i'}, {'h', 'i'}, {'i', 'i'}, {'l', 'i'},
                                {'B', 'u'}, {'H', 'u'}, {'I', 'u'}, {'L', 'u'}, {'e', 'f'},
                                {'E', 'f'}, {'f', 'f'}, {'d', 'f'}, {'F', 'c'}, {'D', 'c'}};
static_assert(std::size(kLetters) == kDTypeCount);

const Letters& letters(DType dtype) { return kLetters[static_cast<std::size_t>(dtype)]; }
Value letter(char c) { return Value::of(std::string_view(&c, 1)); }
std::string code(DType dtype) { return fmt::format("{}{}", letters(dtype).kind, itemsize(dtype)); }
/// Elements of one byte have no order of bytes.
char byte_order(DType dtype, char native) { return itemsize(dtype) == 1 ? '|' : native; }

/// The name that gives the dtype back; bfloat16 has no code of NumPy's.
std::string code_in_files(DType dtype) {
  return dtype == DType::bfloat16 ? std::string(name(dtype)) : byte_order(dtype, '<') + code(dtype);
}

struct Attribute {
  std::string_view name;
  Value (*read)(DType);
};
constexpr Attribute kAttributes[] = {
    {"alignment", [](DType d) { return Value::of(itemsize(real_dtype(d))); }},
    {"base", [](DType d) { return Value::of(d); }},
    {"byteorder", [](DType d) { return letter(byte_order(d, '=')); }},
    {"char", [](DType d) { return letter(letters(d).type); }},
    {"hasobject", [](DType) { return Value::of(false); }},
    {"isnative", [](DType) { return Value::of(true); }},
    {"itemsize", [](DType d) { return Value::of(itemsize(d)); }},
    {"kind", [](DType d) { return letter(letters(d).kind); }},
    {"name", [](DType d) { return Value::of(name(d)); }},
    {"ndim", [](DType) { return Value::of(0); }},
    {"shape", [](DType) { return Value::tuple({}); }},
    {"str", [](DType d) { return Value::of(std::string_view(code_in_files(d))); }},
    {"type", [](DType d) { return Value::of(d); }},
};

// ---- kinds ----------------------------------------------------------------------------------------------------------

/// One bit per dtype.
using DTypeSet = std::uint32_t;

constexpr DTypeSet span_of(DType first, DType last) {
  return (DTypeSet{2} << static_cast<int>(last)) - (DTypeSet{1} << static_cast<int>(first));
}
constexpr DTypeSet kSigned = span_of(DType::int8, DType::int64), kUnsigned = span_of(DType::uint8, DType::uint64);
constexpr DTypeSet kFloating = span_of(DType::float16, DType::float64);
constexpr DTypeSet kComplex = span_of(DType::complex64, DType::complex128);

struct KindRow {
  TypeId kind;
  DTypeSet members;
};
constexpr KindRow kKinds[] = {
    {TypeId::generic, span_of(DType::boolean, DType::complex128)},
    {TypeId::number, span_of(DType::int8, DType::complex128)},
    {TypeId::any_integer, kSigned | kUnsigned},
    {TypeId::signed_integer, kSigned},
    {TypeId::unsigned_integer, kUnsigned},
    {TypeId::inexact, kFloating | kComplex},
    {TypeId::any_floating, kFloating},
    {TypeId::any_complex, kComplex},
};

/// No dtype if the type is no kind.
DTypeSet members_of(TypeId kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row.members;
  }
  return 0;
}

DTypeSet members_of(const Value& value) {
  const DTypeSet members = value.is(Value::Tag::type) ? members_of(value.type()) : 0;
  return members != 0 ? members : DTypeSet{1} << static_cast<int>(value.is_none() ? DType::float64 : as_dtype(value));
}

// ---- limits ---------------------------------------------------------------------------------------------------------

class Info {
 public:
  explicit Info(std::string_view name) : module_(std::make_unique<ModuleObject>()) { module_->name = name; }
  void set(std::string_view name, Value value) { module_->variables.slot(name) = std::move(value); }
  [[nodiscard]] std::string operator[](std::string_view name) const { return to_str(*module_->variables.find(name)); }
  void set_texts(std::string str, std::string repr) {
    module_->str = std::move(str);
    module_->repr = std::move(repr);
  }
  Value take() { return Value::adopt(Value::Tag::module, module_.release()); }

 private:
  std::unique_ptr<ModuleObject> module_;
};

/// Bits of a float's mantissa (without the one that is not stored) and of its exponent.
struct Format {
  DType dtype;
  int mantissa;
  int exponent;
};
constexpr Format kFormats[] = {
    {DType::float16, 10, 5}, {DType::bfloat16, 7, 8}, {DType::float32, 23, 8}, {DType::float64, 52, 11}};

const Format& format_of(DType dtype) {
  for (const Format& format : kFormats) {
    if (format.dtype == real_dtype(dtype)) return format;
  }
  raise(ErrorKind::ValueError, "data type <class 'numpy.{}'> not inexact", name(dtype));
}

/// The line above and below NumPy's tables of limits.
std::string rule() { return std::string(63, '-') + '\n'; }

void set_integer_texts(Info& info) {
  info.set_texts(fmt::format("Machine parameters for {}\n{}min = {}\nmax = {}\n{}", info["dtype"], rule(), info["min"],
                             info["max"], rule()),
                 fmt::format("iinfo(min={}, max={}, dtype={})", info["min"], info["max"], info["dtype"]));
}

void set_float_texts(Info& info) {
  std::string out = fmt::format("Machine parameters for {}\n{}", info["dtype"], rule());
  out += fmt::format("precision = {}   resolution = {}\n", info["precision"], info["resolution"]);
  out += fmt::format("machep = {}   eps =        {}\n", info["machep"], info["eps"]);
  out += fmt::format("negep =  {}   epsneg =     {}\n", info["negep"], info["epsneg"]);
  out += fmt::format("minexp = {}   tiny =       {}\n", info["minexp"], info["tiny"]);
  out += fmt::format("maxexp = {}   max =        {}\n", info["maxexp"], info["max"]);
  out += fmt::format("nexp =   {}   min =        -max\n", info["nexp"]);
  out += fmt::format("smallest_normal = {}   smallest_subnormal = {}\n{}", info["smallest_normal"],
                     info["smallest_subnormal"], rule());
  info.set_texts(std::move(out), fmt::format("finfo(resolution={}, min={}, max={}, dtype={})", info["resolution"],
                                             info["min"], info["max"], info["dtype"]));
}

}  // namespace

Value integer_info(DType dtype) {
  if (!is_integer(dtype)) raise(ErrorKind::ValueError, "Invalid integer data type '{}'.", letters(dtype).kind);
  const int bits = 8 * itemsize(dtype);
  const bool is_signed = kind(dtype) == Kind::signed_integer;
  const int128 least = is_signed ? -(int128{1} << (bits - 1)) : 0, most = (int128{1} << (bits - is_signed)) - 1;
  Info info("iinfo");
  info.set("bits", Value::of(bits));
  info.set("min", Value::of_wide(least));
  info.set("max", dtype == DType::uint64 ? Value::of(to_tensor(Scalar::of_wide(most), dtype)) : Value::of_wide(most));
  info.set("dtype", Value::of(dtype));
  info.set("kind", letter(letters(dtype).kind));
  info.set("key", Value::of(std::string_view(code(dtype))));
  set_integer_texts(info);
  return info.take();
}

Value float_info(DType dtype) {
  const Format& format = format_of(dtype);
  const int bias = (1 << (format.exponent - 1)) - 1;
  const double eps = std::ldexp(1.0, -format.mantissa);
  const double most = std::ldexp(2 - eps, bias), normal = std::ldexp(1.0, 1 - bias);
  const int precision = static_cast<int>(format.mantissa * std::log10(2.0));
  const auto number = [&](double value) { return Value::of(cast(Tensor::scalar(value), format.dtype)); };
  Info info("finfo");
  info.set("bits", Value::of(8 * itemsize(format.dtype)));
  info.set("eps", number(eps));
  info.set("epsneg", number(eps / 2));
  info.set("max", number(most));
  info.set("min", number(-most));
  info.set("tiny", number(normal));
  info.set("smallest_normal", number(normal));
  info.set("smallest_subnormal", number(std::ldexp(normal, -format.mantissa)));
  info.set("precision", Value::of(precision));
  info.set("resolution", number(std::pow(10.0, -precision)));
  info.set("nmant", Value::of(format.mantissa));
  info.set("nexp", Value::of(format.exponent));
  info.set("iexp", Value::of(format.exponent));
  info.set("machep", Value::of(-format.mantissa));
  info.set("negep", Value::of(-format.mantissa - 1));
  info.set("maxexp", Value::of(bias + 1));
  info.set("minexp", Value::of(1 - bias));
  info.set("dtype", Value::of(format.dtype));
  set_float_texts(info);
  return info.take();
}

Value dtype_attribute(DType dtype, std::string_view attribute) {
  for (const Attribute& row : kAttributes) {
    if (row.name == attribute) return row.read(dtype);
  }
  return {};
}

bool is_subdtype(const Value& dtype, const Value& kind) { return (members_of(dtype) & ~members_of(kind)) == 0; }

bool kind_has(TypeId kind, DType dtype) { return (members_of(kind) >> static_cast<int>(dtype) & 1) != 0; }

}  // namespace inlay
