// constants.cpp - the table of constants.
#include "interpreter/lowering/constants.h"

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace inlay {
namespace {

enum Where : std::uint8_t { kBare = 1, kNumpyModule = 2, kMathModule = 4, kTensorflowModule = 8 };
constexpr std::uint8_t kArrays = kBare | kNumpyModule;

struct TypeConstant {
  std::string_view name;
  std::uint8_t where;
  TypeId type;
};
constexpr TypeConstant kTypeConstants[] = {
    {"bool", kBare, TypeId::boolean},
    {"int", kBare, TypeId::integer},
    {"float", kBare, TypeId::floating},
    {"complex", kBare, TypeId::complex},
    {"str", kBare, TypeId::string},
    {"tuple", kBare, TypeId::tuple},
    {"list", kBare, TypeId::list},
    {"dict", kBare, TypeId::dict},
    {"range", kBare, TypeId::range},
    {"slice", kBare, TypeId::slice},
    {"ndarray", kArrays, TypeId::tensor},
    {"Tensor", kTensorflowModule, TypeId::tensor},
    {"dtype", kArrays, TypeId::dtype},
    {"generic", kArrays, TypeId::generic},
    {"number", kArrays, TypeId::number},
    {"integer", kArrays, TypeId::any_integer},
    {"signedinteger", kArrays, TypeId::signed_integer},
    {"unsignedinteger", kArrays, TypeId::unsigned_integer},
    {"inexact", kArrays, TypeId::inexact},
    {"floating", kArrays, TypeId::any_floating},
    {"complexfloating", kArrays, TypeId::any_complex},
};

struct DTypeConstant {
  std::string_view name;
  std::uint8_t where;
  DType dtype;
};
constexpr std::uint8_t kEverywhere = kBare | kNumpyModule | kTensorflowModule;
constexpr DTypeConstant kDTypeConstants[] = {
    {"int8", kEverywhere, DType::int8},
    {"int16", kEverywhere, DType::int16},
    {"int32", kEverywhere, DType::int32},
    {"int64", kEverywhere, DType::int64},
    {"uint8", kEverywhere, DType::uint8},
    {"uint16", kEverywhere, DType::uint16},
    {"uint32", kEverywhere, DType::uint32},
    {"uint64", kEverywhere, DType::uint64},
    {"float16", kEverywhere, DType::float16},
    {"bfloat16", kEverywhere, DType::bfloat16},
    {"float32", kEverywhere, DType::float32},
    {"float64", kEverywhere, DType::float64},
    {"complex64", kEverywhere, DType::complex64},
    {"complex128", kEverywhere, DType::complex128},
    {"bool_", kArrays, DType::boolean},
    {"int_", kArrays, DType::int64},
    {"intp", kArrays, DType::int64},
    {"uint", kArrays, DType::uint64},
    {"half", kEverywhere, DType::float16},
    {"single", kArrays, DType::float32},
    {"double", kEverywhere, DType::float64},
    {"byte", kArrays, DType::int8},
    {"short", kArrays, DType::int16},
    {"intc", kArrays, DType::int32},
    {"long", kArrays, DType::int64},
    {"longlong", kArrays, DType::int64},
    {"ubyte", kArrays, DType::uint8},
    {"ushort", kArrays, DType::uint16},
    {"uintc", kArrays, DType::uint32},
    {"uintp", kArrays, DType::uint64},
    {"ulong", kArrays, DType::uint64},
    {"ulonglong", kArrays, DType::uint64},
    {"csingle", kArrays, DType::complex64},
    {"cdouble", kArrays, DType::complex128},
    {"bool", kNumpyModule | kTensorflowModule, DType::boolean},  // bare `bool` is Python's type
};

struct NumberConstant {
  std::string_view name;
  std::uint8_t where;
  double value;
};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr NumberConstant kNumberConstants[] = {
    {"pi", kArrays | kMathModule, std::numbers::pi}, {"e", kArrays | kMathModule, std::numbers::e},
    {"inf", kArrays | kMathModule, kInfinity},       {"nan", kArrays | kMathModule, kNan},
    {"tau", kMathModule, 2 * std::numbers::pi},      {"euler_gamma", kArrays, std::numbers::egamma},
};

struct OtherConstant {
  std::string_view name;
  std::uint8_t where;
  Value (*make)();
};
constexpr OtherConstant kOtherConstants[] = {
    {"newaxis", kEverywhere, Value::none},
    {"Ellipsis", kBare, Value::ellipsis},
    {"True_", kArrays, [] { return Value::of(Tensor::scalar(true)); }},
    {"False_", kArrays, [] { return Value::of(Tensor::scalar(false)); }},
    {"little_endian", kArrays, [] { return Value::of(std::endian::native == std::endian::little); }},
};

template <class Row, std::size_t N>
const Row* find(const Row (&rows)[N], std::string_view name, std::uint8_t where) {
  for (const Row& row : rows) {
    if ((row.where & where) != 0 && row.name == name) return &row;
  }
  return nullptr;
}

Value constant(std::uint8_t where, std::string_view name) {
  if (const auto* row = find(kTypeConstants, name, where)) return Value::of(row->type);
  if (const auto* row = find(kDTypeConstants, name, where)) return Value::of(row->dtype);
  if (const auto* row = find(kNumberConstants, name, where)) return Value::of(row->value);
  if (const auto* row = find(kOtherConstants, name, where)) return row->make();
  return {};
}

std::uint8_t place_of(std::string_view module) {
  if (module.empty()) return kBare;
  if (module == "numpy" || module == "np") return kNumpyModule;
  if (module == "math") return kMathModule;
  if (module == "tensorflow" || module == "tf") return kTensorflowModule;
  return 0;
}

std::vector<std::string_view> names_at(std::uint8_t where) {
  std::vector<std::string_view> out;
  const auto collect = [&](const auto& rows) {
    for (const auto& row : rows) {
      if ((row.where & where) != 0) out.push_back(row.name);
    }
  };
  collect(kTypeConstants);
  collect(kDTypeConstants);
  collect(kNumberConstants);
  collect(kOtherConstants);
  return out;
}

}  // namespace

Value builtin_constant(std::string_view name) { return constant(kBare, name); }

Value module_constant(std::string_view module, std::string_view name) {
  const std::uint8_t where = place_of(module);
  return where == 0 ? Value() : constant(where, name);
}

std::vector<std::string_view> builtin_constant_names() { return names_at(kBare); }
std::vector<std::string_view> module_constant_names(std::string_view module) { return names_at(place_of(module)); }

}  // namespace inlay
